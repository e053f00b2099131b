"""Time as the rest of the core sees it: numbers that come in as arguments."""

from __future__ import annotations

from typing import Protocol

from typedrun.records import frozen


class Clock(Protocol):
    """What the driver needs of time. The real one is in drivers/blocking.py, a virtual one in typedrun.testing."""

    def now(self) -> float:
        """Seconds on a clock that never jumps; only differences mean anything."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait that long."""
        ...


class AsyncClock(Protocol):
    """The same for asyncio."""

    def now(self) -> float:
        """Seconds on a clock that never jumps; only differences mean anything."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait that long."""
        ...


@frozen()
class Deadline:
    """A moment on the clock after which nothing may still be going on; None is no limit."""

    at: float | None = None
    seconds: float | None = None
    """How long it was when it was set, for messages."""

    def left(self, now: float) -> float | None:
        """Seconds until then, never negative; None without a limit."""
        return None if self.at is None else max(0.0, self.at - now)

    def is_past(self, now: float) -> bool:
        """Whether the time is over."""
        return self.at is not None and now >= self.at


NEVER = Deadline(None)
"""No limit."""
