"""Server-Sent Events: bytes -> events, as the WHATWG text says and nothing else (HTML standard, 9.2.5 and 9.2.6).

Contract of `Decoder.feed`: it takes any piece of the stream, returns the events that this piece completed, and keeps the rest; it
never blocks. How the bytes are cut changes nothing. What stands after the last blank line is no event (the standard discards it);
it can be seen in `pending` for those who know more about their stream than the standard does.

Each byte is looked at a constant number of times: an unfinished line is kept in pieces and joined once.
"""

from __future__ import annotations

from codecs import utf_8_decode
from typing import Final

from typedrun.errors import DecodingError
from typedrun.records import define

MAX_EVENT_SIZE: Final = 64 * 1024 * 1024
"""Default limit of one event, in characters. Larger than any known answer; its purpose is to end a stream that never ends a line."""

_MAX_RETRY_DIGITS = 15  # the standard sets no limit; ten thousand years in milliseconds fit


@define()
class Event:
    """One event of the stream."""

    lines: tuple[str, ...]
    """Its `data` lines, at least one. The standard joins them with a newline; a dialect may know better."""
    type: str = "message"
    """Value of `event`."""
    id: str = ""
    """The last `id` of the stream so far."""

    @property
    def data(self) -> str:
        """The data as the standard joins it."""
        return "\n".join(self.lines)


class Decoder:
    """Incremental decoder of one stream.

    Args:
        max_event_size: Largest event, in characters, before `feed` raises `DecodingError`.
    """

    def __init__(self, max_event_size: int = MAX_EVENT_SIZE) -> None:
        self.max_event_size = max_event_size
        self.last_event_id: str = ""
        """What a client would send as `Last-Event-ID`; set when an event is complete."""
        self.retry: int | None = None
        """Reconnection time that the server asked for, in milliseconds."""
        self._undecoded = b""  # the first bytes of a character
        self._at_start = True  # a byte order mark may come
        self._after_cr = False  # a line feed now belongs to the line end that was already seen
        self._line: list[str] = []  # pieces of the unfinished line
        self._is_between = False  # nothing at all is carried over from the blocks before
        self._inside = False  # some line of the unfinished event was read
        self._held = 0  # characters kept: data lines of the unfinished event and the unfinished line
        self._data: list[str] = []
        self._type = ""
        self._id = ""

    @property
    def pending(self) -> tuple[str, ...]:
        """The `data` lines of the unfinished last event, its unfinished line included."""
        name, value = _split_field("".join(self._line))
        return (*self._data, value) if name == "data" else tuple(self._data)

    def feed(self, block: bytes) -> list[Event]:
        """Decode the next bytes.

        Args:
            block: Any piece of the stream, of any size.

        Returns:
            The events that are complete now, in order.

        Raises:
            DecodingError: One event is larger than `max_event_size`. Events before it in the same block go with it.
        """
        events: list[Event] = []
        if self._is_between:
            text, used = utf_8_decode(block, "replace", False)
            if used == len(block) and "\r" not in text and used <= self.max_event_size:
                self._feed_frames(text, events)
                return events
        text = self._decode(block)
        if self._after_cr or "\r" in text:
            text = self._unify_line_ends(text)
        if len(text) > self.max_event_size:
            self._feed_lines(text, events)
        else:
            start = self._feed_event(text, 0, events) if self._inside or self._line else 0
            self._feed_frames(text[start:], events)
        self._is_between = not (self._undecoded or self._at_start or self._after_cr or self._inside or self._line)
        return events

    def _decode(self, block: bytes) -> str:
        if self._undecoded:
            block = self._undecoded + block
        text, used = utf_8_decode(block, "replace", False)
        self._undecoded = block[used:]
        if self._at_start and text:
            self._at_start = False
            return text.removeprefix("\ufeff")
        return text

    def _unify_line_ends(self, text: str) -> str:
        if self._after_cr and text:
            # A carriage return ended its line at once, so that its event did not wait for this block.
            text = text.removeprefix("\n")
            self._after_cr = False
        if text:
            self._after_cr = text.endswith("\r")
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def _feed_frames(self, text: str, events: list[Event]) -> None:
        """Read text that begins with a fresh event. The common one, of one data line, goes the short way: ten times as fast."""
        frames = text.split("\n\n")
        rest = frames.pop()
        for frame in frames:
            if frame.startswith("data: ") and "\n" not in frame:
                events.append(Event((frame[6:],), "message", self.last_event_id))
            else:
                self._feed_lines(frame + "\n\n", events)
        if rest:
            self._feed_lines(rest, events)
            self._is_between = False

    def _feed_lines(self, text: str, events: list[Event]) -> None:
        start = 0
        while start < len(text):
            start = self._feed_event(text, start, events)

    def _feed_event(self, text: str, start: int, events: list[Event]) -> int:
        """Read lines from `start` up to the first blank one; return where the next event begins."""
        while (end := text.find("\n", start)) >= 0:
            self._keep(text[start:end])
            start = end + 1
            line = "".join(self._line)
            self._line.clear()
            if not line:
                self._dispatch(events)
                return start
            self._held -= len(line)
            self._inside = True
            self._read_line(line)
        if start < len(text):
            self._keep(text[start:])
        return len(text)

    def _keep(self, piece: str) -> None:
        self._line.append(piece)
        self._grow(len(piece))

    def _grow(self, size: int) -> None:
        self._held += size
        if self._held > self.max_event_size:
            raise DecodingError(
                f"One event of the stream is larger than {self.max_event_size} characters. "
                "Next: ask the model for less at a time, or run it without streaming"
            )

    def _read_line(self, line: str) -> None:
        name, value = _split_field(line)
        if name == "data":
            self._data.append(value)
            self._grow(len(value) + 1)
        elif name == "event":
            self._type = value
        elif name == "id":
            if "\0" not in value:
                self._id = value
        elif name == "retry" and value.isascii() and value.isdigit() and len(value) <= _MAX_RETRY_DIGITS:
            self.retry = int(value)

    def _dispatch(self, events: list[Event]) -> None:
        self.last_event_id = self._id
        if self._data:
            events.append(Event(tuple(self._data), self._type or "message", self._id))
            self._data.clear()
        self._type = ""
        self._held = 0
        self._inside = False


def _split_field(line: str) -> tuple[str, str]:
    """Name and value; a comment has the name ""."""
    name, _, value = line.partition(":")
    return name, value.removeprefix(" ")
