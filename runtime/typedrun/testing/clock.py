"""A clock that moves when somebody sleeps."""

from __future__ import annotations


class VirtualClock:
    """Time that passes by being waited for; a test of an hour's polling takes no time."""

    def __init__(self, now: float = 0.0) -> None:
        """Start at `now` seconds."""
        self._now = now
        self.sleeps: list[float] = []
        """Every `sleep`, in order."""

    @property
    def awaited(self) -> AsyncVirtualClock:
        """This clock for asyncio clients."""
        return AsyncVirtualClock(self)

    def now(self) -> float:
        """Seconds since the clock's start."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Move the clock and note the wait."""
        self.sleeps.append(seconds)
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Move the clock without a note: what the network takes."""
        self._now += max(0.0, seconds)


class AsyncVirtualClock:
    """A virtual clock whose waiting is awaited. There is one time for all tasks: what one waits for has passed for the others, too."""

    def __init__(self, clock: VirtualClock) -> None:
        """Shows that clock's time."""
        self._clock = clock

    def now(self) -> float:
        """Seconds since the clock's start."""
        return self._clock.now()

    async def sleep(self, seconds: float) -> None:
        """Let other tasks go on, move the clock and note the wait."""
        import asyncio  # tests of blocking clients have no event loop

        await asyncio.sleep(0)
        self._clock.sleep(seconds)
