"""Time as the rest of the core sees it: numbers that come in as arguments."""

from __future__ import annotations

from typing import NamedTuple


class Deadline(NamedTuple):
    """A moment on the clock after which nothing may still be going on; None is no limit."""

    at: float | None = None
    seconds: float | None = None
    """How long it was when it was set, for messages."""

    @property
    def limit(self) -> str:
        """The limit as it was set, not what is left of it, for messages."""
        return "the time given" if self.seconds is None else f"the {self.seconds:g} s given"

    def left(self, now: float) -> float | None:
        """Seconds until then, never negative; None without a limit."""
        return None if self.at is None else max(0.0, self.at - now)

    def is_past(self, now: float) -> bool:
        """Whether the time is over."""
        return self.at is not None and now >= self.at


NEVER = Deadline(None)
"""No limit."""
