"""Run controls of fal's models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from typedrun.controls import COMMON_CONTROLS, CommonControls

Mode: TypeAlias = Literal["queue", "direct"]
Priority: TypeAlias = Literal["normal", "low"]

_SHORTEST_START: Final = 1.0
"""Seconds; the published client takes no less, and the service refuses it."""


class FalControls(CommonControls, total=False):
    """Run controls that models take beside `timeout`, `wait_time`, `stream` and `extra`."""

    mode: Mode
    """How `run` runs: "queue" submits and asks until the result is there, "direct" waits for the answer of one request, which nobody can
    pick up again. Default "queue"."""
    priority: Priority | None
    """Place in the queue: "normal" or "low". Default: as the service does."""
    start_timeout: float | None
    """Seconds, more than 1, within which the run must have begun; else the service gives it up, and nothing is billed. Default: none."""
    webhook: str | None
    """HTTPS address that is told of the result; runs in the queue only."""


CONTROLS: Final = COMMON_CONTROLS.union(FalControls.__annotations__)
"""Every name that a run control has: a parameter of such a name is written with a trailing underscore."""


def control_problems(controls: Mapping[str, object]) -> list[tuple[str, str]]:
    """What is wrong with the run controls of this marketplace: name and sentence each."""
    problems: list[tuple[str, str]] = []
    mode, priority = controls.get("mode", "queue"), controls.get("priority")
    if mode not in ("queue", "direct"):
        problems.append(("mode", f"Run control 'mode' must be 'queue' or 'direct', got {mode!r}"))
    if priority is not None and priority not in ("normal", "low"):
        problems.append(("priority", f"Run control 'priority' must be 'normal' or 'low', got {priority!r}"))
    start = controls.get("start_timeout")
    if start is not None and (
        isinstance(start, bool) or not isinstance(start, int | float) or not start > _SHORTEST_START
    ):
        problems.append(("start_timeout", f"Run control 'start_timeout' must be more than 1 second, got {start!r}"))
    webhook = controls.get("webhook")
    if webhook is not None and not (isinstance(webhook, str) and webhook.startswith(("https://", "http://"))):
        problems.append(("webhook", f"Run control 'webhook' must be an HTTPS address, got {webhook!r}"))
    if mode == "direct":
        problems += [
            (name, f"Run control '{name}' is for runs in the queue; mode='direct' has none")
            for name in ("priority", "webhook")
            if controls.get(name) is not None
        ]
    return problems
