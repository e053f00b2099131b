"""Answers that arrive as server-sent events or as one JSON value after another, and what sends: protocols that the drivers fulfil."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Generic, Protocol, Self, TypeVar

from typedrun.core.reply import Reply
from typedrun.core.request import Request
from typedrun.core.sse import Decoder, Event
from typedrun.operations.records import EVENTS, RecordDecoder, is_records

if TYPE_CHECKING:
    from typedrun.core.deadline import Deadline

T_co = TypeVar("T_co", covariant=True)


class LiveReply(Protocol):
    """A reply that is still arriving, as a driver gives it."""

    @property
    def status(self) -> int:
        """HTTP status."""
        ...

    def blocks(self) -> Iterator[bytes]:
        """The body as it arrives."""
        ...

    def close(self) -> None:
        """Free the connection."""
        ...


class KeepsTime(Protocol):
    """The part that the drivers of both clients have in common."""

    def deadline(self, seconds: float | None) -> Deadline:
        """The deadline that many seconds from now."""
        ...


class Sender(KeepsTime, Protocol):
    """The part of a driver that operations need."""

    def send(self, request: Request, *, deadline: Deadline | None = None) -> Reply:
        """Send, read the reply, raise for a status that is no success."""
        ...

    def open_stream(self, request: Request, *, deadline: Deadline | None = None) -> LiveReply:
        """Send, and return when the head of the reply is there."""
        ...


class ValueReader(Generic[T_co]):
    """Blocks of a body → typed values: server-sent events, JSON Lines or a JSON sequence. Reads nothing itself."""

    def __init__(self, read: Callable[[str], T_co], media_type: str) -> None:
        """Args: what makes a value of an event's data or of a record, and what the body is."""
        self.last_event: Event | None = None
        """The event behind the last value: its type, id and lines."""
        self.is_over: bool = False
        """Whether the server said that nothing follows."""
        self._read = read
        self._events = None if is_records(media_type) else Decoder()
        self._records = RecordDecoder(media_type)

    def feed(self, block: bytes) -> Iterator[T_co]:
        """Give the values that a block completes, each made when it is asked for."""
        if self._events is None:
            yield from map(self._read, self._records.feed(block))
            return
        for event in self._events.feed(block):
            if event.data == "[DONE]":
                self.is_over = True
                return
            self.last_event = event
            yield self._read(event.data)

    def finish(self) -> Iterator[T_co]:
        """Give what stands after the last separator, at the end of the body."""
        yield from map(self._read, self._records.finish())


class EventStream(Generic[T_co]):
    """Server-sent events, JSON Lines or a JSON sequence as typed values: iterate it once, best inside `with`.

    Ends at the end of the stream or at the event `[DONE]`. What a server names with `event:` is in `last_event`.
    """

    def __init__(self, live: LiveReply, read: Callable[[str], T_co], media_type: str = EVENTS) -> None:
        """Args: the reply, what makes a value of an event's data or of a record, and what the body is."""
        self._live = live
        self._reader = ValueReader(read, media_type)
        self._values = self._iterate()

    @property
    def last_event(self) -> Event | None:
        """The event behind the last value: its type, id and lines."""
        return self._reader.last_event

    def __iter__(self) -> Iterator[T_co]:
        return self._values

    def __next__(self) -> T_co:
        return next(self._values)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Free the connection; what has not been read is lost."""
        self._live.close()

    def _iterate(self) -> Iterator[T_co]:
        try:
            for block in self._live.blocks():
                yield from self._reader.feed(block)
                if self._reader.is_over:
                    return
            yield from self._reader.finish()
        finally:
            self._live.close()
