"""Reading a broken stream on from the last event that came: which events are new, and how often it is tried.

That is harmless where the stream is read apart from the run that it tells of: asking again is a GET and starts nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import typedrun.errors as errors
from typedrun.records import define

if TYPE_CHECKING:
    from typedrun.core.sse import Event

TRIES: Final = 3
"""How often in a row a stream is asked for again that brings nothing new."""

_FIRST_WAIT: Final = 0.5
_LONGEST_WAIT: Final = 30.0
"""Seconds before it is asked for again, at most, whatever it asks for."""


@define(eq=False)
class Place:
    """How far a stream has been read."""

    last: str = ""
    """Id of the last event, which `Last-Event-ID` names."""
    tries: int = 0
    """Since the last new event."""
    _first: str = ""
    _has_any: bool = False
    _is_fresh: bool = False
    _is_behind: bool = False

    def may_go_on(self, cause: BaseException | None) -> bool:
        """Whether to ask again: the connection broke or ended early, tries are left, and it is known where to go on."""
        broke = cause is None or isinstance(cause, errors.TransportError)
        return broke and self.tries < TRIES and (bool(self.last) or not self._has_any)

    def asked_again(self) -> None:
        """Note that another reply begins. One that begins with the first event has not been told where to go on."""
        self._is_fresh, self._is_behind = True, False

    def is_new(self, event: Event) -> bool:
        """Whether an event has not been read before; it is noted."""
        if self._is_fresh:
            self._is_fresh = False
            self._is_behind = self._has_any and event.id == self._first
        if self._is_behind:
            self._is_behind = event.id != self.last
            return False
        self.last = event.id or self.last
        self._first = self._first or event.id
        self._has_any, self.tries = True, 0
        return True

    def wait(self, asked: int | None) -> float:
        """Seconds before the next try, which is counted.

        Args:
            asked: Milliseconds that the stream asks for.
        """
        self.tries += 1
        return min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** (self.tries - 1) if asked is None else asked / 1000)
