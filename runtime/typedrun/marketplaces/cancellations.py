"""What becomes of the wish to cancel a run."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from typedrun.jsontypes import JSON
from typedrun.records import define, field


class CancelOutcome(StrEnum):
    """What became of the wish to cancel a run."""

    CANCELLED = "cancelled"
    """It was stopped, or taken out of the queue."""
    REQUESTED = "requested"
    """The backend has been asked to stop it, and has not done so yet."""
    ALREADY_COMPLETED = "already_completed"
    """It was over before."""
    NOT_FOUND = "not_found"
    """The backend knows no such run (any more)."""


@define()
class Cancellation:
    """What a backend said to the wish to cancel a run."""

    outcome: CancelOutcome
    status: str = ""
    """In the backend's own word; empty where nothing was asked."""
    raw: Mapping[str, JSON] = field(factory=dict[str, JSON], repr=False, eq=False)
    """The answer as received."""
