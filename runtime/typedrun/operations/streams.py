"""Answers that arrive as server-sent events or as one JSON value after another, and what sends: protocols that the drivers fulfil."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Generic, Protocol, Self, TypeVar

from typedrun.core.reply import Reply
from typedrun.core.request import Request
from typedrun.core.sse import Decoder, Event
from typedrun.operations.records import EVENTS, RecordDecoder, is_records

if TYPE_CHECKING:
    from typedrun.core.clock import Deadline

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
        """Frees the connection."""
        ...


class Sender(Protocol):
    """The part of a driver that operations need."""

    def send(self, request: Request, *, deadline: Deadline | None = None) -> Reply:
        """Sends, reads the reply, raises for a status that is no success."""
        ...

    def open_stream(self, request: Request, *, deadline: Deadline | None = None) -> LiveReply:
        """Sends, and returns when the head of the reply is there."""
        ...

    def deadline(self, seconds: float | None) -> Deadline:
        """The deadline that many seconds from now."""
        ...


class EventStream(Generic[T_co]):
    """Server-sent events, JSON Lines or a JSON sequence as typed values: iterate it once, best inside `with`.

    Ends at the end of the stream or at the event `[DONE]`. What a server names with `event:` is in `last_event`.
    """

    def __init__(self, live: LiveReply, read: Callable[[str], T_co], media_type: str = EVENTS) -> None:
        """Args: the reply, what makes a value of an event's data or of a record, and what the body is."""
        self._live = live
        self._read = read
        self._events = self._records(media_type) if is_records(media_type) else self._decode()
        self.last_event: Event | None = None
        """The event behind the last value: its type, id and lines."""

    def __iter__(self) -> Iterator[T_co]:
        return self._events

    def __next__(self) -> T_co:
        return next(self._events)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Frees the connection; what has not been read is lost."""
        self._live.close()

    def _decode(self) -> Iterator[T_co]:
        decoder = Decoder()
        try:
            for block in self._live.blocks():
                for event in decoder.feed(block):
                    if event.data == "[DONE]":
                        return
                    self.last_event = event
                    yield self._read(event.data)
        finally:
            self._live.close()

    def _records(self, media_type: str) -> Iterator[T_co]:
        decoder = RecordDecoder(media_type)
        try:
            for block in self._live.blocks():
                yield from map(self._read, decoder.feed(block))
            yield from map(self._read, decoder.finish())
        finally:
            self._live.close()
