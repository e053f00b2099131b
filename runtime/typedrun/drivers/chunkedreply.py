"""The body of a reply that comes in chunks (RFC 9112, 7.1). Imported with the first."""

from __future__ import annotations

from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Final

from typedrun.core.chunked import ChunkedBody
from typedrun.core.head import Head
from typedrun.core.request import Failure
from typedrun.drivers.frames import is_of_libraries
from typedrun.drivers.replybody import ReplyBody, cut_short

if TYPE_CHECKING:
    from typedrun.drivers.sockets import Reader

LAST_LINE: Final = 1.0
"""Seconds in which the empty line after the last chunk may still come."""


class ChunkedReply(ReplyBody):
    """A reply whose end its last chunk tells."""

    is_whole: bool

    def __init__(self, head: Head, reader: Reader, method: str) -> None:
        self._chunks = ChunkedBody()
        super().__init__(head, reader, method)

    def read1(self, most: int, /) -> bytes:
        """As `ReplyBody.read1`."""
        chunks, found = self._chunks, b""
        if self.closed:
            return found
        try:
            while not found and not chunks.is_over:
                # What the buffer holds, else one read of the socket; no more than that, and the coding only makes it less.
                block = self._read_last_line(most) if chunks.is_whole else self._reader.read1(most)
                if not block:
                    self._end_early(chunks)
                    return b""
                found = chunks.feed(block)
        except ValueError as error:
            if not is_of_libraries(error):
                raise
            raise cut_short() from error
        if chunks.is_over:
            self.is_whole = not chunks.has_surplus
            self.finish()
        return found

    def _read_last_line(self, most: int) -> bytes:
        """What comes after the last chunk; b"" if nothing does within a moment, for the body is whole without it."""
        self.wire.until = min(inf if self.wire.until is None else self.wire.until, monotonic() + LAST_LINE)
        try:
            return self._reader.read1(most)
        except Failure:
            return b""

    def _end_early(self, chunks: ChunkedBody) -> None:
        if not chunks.is_whole:
            raise cut_short()
        self.is_whole = False
        self.finish()
