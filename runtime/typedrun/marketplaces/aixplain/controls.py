"""Run controls of aiXplain's models: on whose behalf they run, in headers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from typedrun.controls import COMMON_CONTROLS, CommonControls

IDENTITY_HEADERS: Final = {"identifier": "x-user-id", "session_id": "x-session-id", "agent_name": "x-agent"}
"""Run control -> header."""


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


CONTROLS: Final = COMMON_CONTROLS.union(IDENTITY_HEADERS)
"""Every name that a run control has: a parameter of such a name is written with a trailing underscore."""


def run_headers(controls: Mapping[str, object]) -> dict[str, str]:
    """The per-run headers; absent or None means no header.

    Raises:
        ValueError: a value holds characters outside ASCII; the first argument names the run control.
    """
    given = {name: str(value) for name in IDENTITY_HEADERS if (value := controls.get(name)) is not None}
    for name, value in given.items():
        if not (value.isascii() and value.isprintable()):
            raise ValueError(name)
    return {IDENTITY_HEADERS[name]: value for name, value in given.items()}
