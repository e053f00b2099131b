"""Run controls of fal's models."""

from __future__ import annotations

from typing import Final, Literal

from typedrun.commoncontrols import COMMON_CONTROLS, CommonControls


class FalControls(CommonControls, total=False):
    """Run controls that models take beside `timeout`, `wait_time`, `stream` and `extra`."""

    mode: Literal["queue", "direct"]
    """How a run goes: through the queue, which forgets nothing, or straight to a runner. Default `queue`."""
    priority: Literal["normal", "low"] | None
    """Its place in the queue (header `X-Fal-Queue-Priority`). Default: the service's."""
    start_timeout: float | None
    """Seconds in which it must have begun, more than 0.1 (header `X-Fal-Request-Start-Timeout`). Default: none."""
    webhook: str | None
    """HTTPS address that is told when it has ended."""


OWN_CONTROLS: Final = frozenset(FalControls.__annotations__) - COMMON_CONTROLS

CONTROLS: Final = COMMON_CONTROLS | OWN_CONTROLS
"""Every name that a run control has: a parameter of such a name is written with a trailing underscore."""
