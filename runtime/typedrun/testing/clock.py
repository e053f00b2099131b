"""A clock that moves when somebody sleeps."""

from __future__ import annotations


class VirtualClock:
    """Time that passes by being waited for; a test of an hour's polling takes no time."""

    def __init__(self, now: float = 0.0) -> None:
        """Starts at ``now`` seconds."""
        self._now = now
        self.sleeps: list[float] = []
        """Every `sleep`, in order."""

    def now(self) -> float:
        """Seconds since the clock's start."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Moves the clock and notes the wait."""
        self.sleeps.append(seconds)
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Moves the clock without a note: what the network takes."""
        self._now += max(0.0, seconds)
