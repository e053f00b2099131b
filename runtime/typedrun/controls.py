"""Run controls: arguments of `run` that steer the client and are no parameters of the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from typedrun.commoncontrols import CommonControls


class RunControls(CommonControls, total=False):
    """Run controls that models take beside `timeout`, `wait_time`, `stream` and `extra`."""

    identifier: str | None
    """End user on whose behalf the model runs (header `x-user-id`, ASCII)."""
    session_id: str | None
    """Conversation that the run belongs to (header `x-session-id`, ASCII)."""
    agent_name: str | None
    """Calling agent (header `x-agent`, ASCII)."""


class ModelRunParams(RunControls, total=False):
    """Every run control, for code that passes them on as a dictionary."""

    timeout: float
    """Seconds for the whole run, waiting included. Default 300."""
    wait_time: float
    """Seconds before the second poll. Default 0.5, at least 0.2."""
    stream: bool
    """True gives a streamer instead of a result."""
    extra: Mapping[str, Any] | None
    """Body members that the catalog does not list."""


RUN_CONTROLS: Final = frozenset(ModelRunParams.__annotations__)
"""Their names: a parameter of such a name is written with a trailing underscore."""
