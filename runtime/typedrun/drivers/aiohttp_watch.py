"""How long a connection may be silent: one timer for all that is waited for on it, which is set anew only when it fires."""

from __future__ import annotations

from asyncio import AbstractEventLoop, TimerHandle
from collections.abc import Callable
from math import inf
from time import monotonic
from weakref import ref


class Silence(Exception):
    """Nothing came in time."""


class Watch:
    """Watches over one connection; whoever waits says for how long, and who is to be told."""

    __slots__ = ("__weakref__", "_due", "_looks", "_loop", "_tell", "_timer")

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._loop = loop
        self._due = inf
        self._looks = inf  # when the timer fires
        self._tell: Callable[[Exception], object] | None = None
        self._timer: TimerHandle | None = None

    def begin(self, seconds: float, tell: Callable[[Exception], object]) -> None:
        """Watch from now on: unless `rest` or another `begin` comes first, the silence is told of.

        Args:
            seconds: How long it may be silent.
            tell: Called with `Silence` when it was.

        Raises:
            Silence: There are no seconds left.
        """
        if seconds <= 0:
            raise Silence
        self._due, self._tell = monotonic() + seconds, tell
        if self._looks > self._due:
            self.end()
            self._look_in(seconds)

    def rest(self, tell: Callable[[Exception], object]) -> None:
        """Stop waiting, if it is still this one that waits: the connection may be another request's by now."""
        if self._tell == tell:
            self._due, self._tell = inf, None

    def end(self) -> None:
        """Let go of the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer, self._looks = None, inf

    def look(self) -> None:
        """See whether it takes too long."""
        self._timer, self._looks = None, inf
        left = self._due - monotonic()
        if left == inf:
            return
        if left > 0:
            self._look_in(left)
        elif self._tell is not None:
            self._tell(Silence())

    def _look_in(self, seconds: float) -> None:
        self._looks = self._due
        self._timer = self._loop.call_later(seconds, _look, ref(self))


def _look(watch: Callable[[], Watch | None]) -> None:
    found = watch()
    if found is not None:
        found.look()
