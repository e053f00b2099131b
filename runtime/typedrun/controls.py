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


COMMON_CONTROLS: Final = frozenset(CommonControls.__annotations__) | {"timeout", "wait_time", "stream", "extra"}
"""Their names, and those of the four that signatures spell out."""
