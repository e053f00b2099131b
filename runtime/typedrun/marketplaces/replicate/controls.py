"""Run controls of Replicate's models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeAlias

from typedrun.controls import COMMON_CONTROLS, CommonControls

WebhookEvent: TypeAlias = Literal["start", "output", "logs", "completed"]
"""What Replicate calls a webhook for."""

EVENTS: Final = ("start", "output", "logs", "completed")


class ReplicateControls(CommonControls, total=False):
    """Run controls that models take beside `timeout`, `wait_time`, `stream` and `extra`."""

    prefer_wait: bool | int
    """How long the first request is held open for the answer: True as long as the service will (60 s), a number of seconds from 1 to 60,
    False not at all. Default True for `run`, False for `run_async`, for streams and with `cancel_on_timeout`; never longer than
    `timeout` allows."""
    cancel_after: float | None
    """Seconds after which Replicate itself cancels the run, at least 5. Default: none, and with `cancel_on_timeout` the `timeout`."""
    webhook: str | None
    """HTTPS address that is told of the run."""
    webhook_events_filter: Sequence[WebhookEvent] | None
    """What it is told of. Default: everything."""
    deployment: str | None
    """A deployment, `owner/name`, that runs the model in place of the shared hardware."""


CONTROLS: Final = COMMON_CONTROLS.union(ReplicateControls.__annotations__)
"""Every name that a run control has: a parameter of such a name is written with a trailing underscore."""


def control_problems(controls: Mapping[str, object]) -> list[tuple[str, str]]:
    """What is wrong with the run controls of this marketplace: name and sentence each."""
    problems: list[tuple[str, str]] = []
    wait = controls.get("prefer_wait", True)
    if not isinstance(wait, int) or (not isinstance(wait, bool) and not 1 <= wait <= 60):
        problems.append(
            (
                "prefer_wait",
                f"Run control 'prefer_wait' must be True, False or whole seconds from 1 to 60, got {wait!r}",
            )
        )
    after = controls.get("cancel_after")
    if after is not None and (isinstance(after, bool) or not isinstance(after, int | float) or not after >= 5):
        problems.append(("cancel_after", f"Run control 'cancel_after' must be at least 5 seconds, got {after!r}"))
    events = controls.get("webhook_events_filter")
    if events is not None and (isinstance(events, str) or not _are_events(events)):
        known = ", ".join(EVENTS)
        problems.append(
            ("webhook_events_filter", f"Run control 'webhook_events_filter' must list some of {known}; got {events!r}")
        )
    deployment = controls.get("deployment")
    if deployment is not None and not (isinstance(deployment, str) and _is_name(deployment)):
        problems.append(("deployment", f"Run control 'deployment' must be 'owner/name', got {deployment!r}"))
    webhook = controls.get("webhook")
    if webhook is not None and not (isinstance(webhook, str) and webhook.startswith(("https://", "http://"))):
        problems.append(("webhook", f"Run control 'webhook' must be an HTTPS address, got {webhook!r}"))
    return problems


def _are_events(value: object) -> bool:
    return isinstance(value, Sequence) and all(one in EVENTS for one in value)  # pyright: ignore[reportUnknownVariableType]  # a caller's


def _is_name(text: str) -> bool:
    owner, _, name = text.partition("/")
    return bool(owner and name) and "/" not in name
