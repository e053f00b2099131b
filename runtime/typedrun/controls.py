"""Run controls: arguments of `run` that steer the client and are no parameters of the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypedDict


class CommonControls(TypedDict, total=False):
    """Run controls that the models of every marketplace take, beside `timeout`, `wait_time`, `stream` and `extra`."""

    run_retries: int
    """How often a run whose outcome is unknown may be sent, and billed, again. Default 0."""
    run_retry_wait: float
    """Seconds before each of these. Default 1.0."""
    validate: bool
    """False sends the values without checking them. Default True."""
    show_progress: bool
    """True shows uploads and waiting on stderr: a moving line on a terminal and in notebooks (extra `progress`), else plain ones."""
    extra_headers: Mapping[str, str] | None
    """Further headers of this call."""
    on_upload: Callable[[str, int, int], object] | None
    """Called while a local file is uploaded, with the parameter's name, the bytes sent so far and the bytes in all."""
    on_poll: Callable[[Any], object] | None
    """Called by `run` with the job, each time the backend was asked how far it is. A run that is answered at once is never asked about."""
    cancel_on_timeout: bool
    """True cancels a run whose `timeout` has passed, where the marketplace can; on asyncio that of a cancelled task, too. Default False."""


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


COMMON_CONTROLS: Final = frozenset(CommonControls.__annotations__) | {"timeout", "wait_time", "stream", "extra"}
"""Their names, and those of the four that signatures spell out."""

RUN_CONTROLS: Final = frozenset(ModelRunParams.__annotations__)
"""Their names: a parameter of such a name is written with a trailing underscore."""
