"""HTTP's chunked transfer coding (RFC 9112, section 7.1): bytes of the connection -> bytes of the body.

http.client gives one chunk a call, for three calls into its buffer. Streams put each event into a chunk of its own, so this decoder
takes whatever one read of the socket brought and gives all of its chunks at once; what has arrived never waits for the rest of its
chunk.
"""

from __future__ import annotations

from typing import Literal

from typedrun.core.head import LONGEST_LINE


class ChunkedBody:
    """Incremental decoder of one body."""

    def __init__(self) -> None:
        self.is_over: bool = False
        """Whether the last chunk was read, with its trailer and the empty line after it."""
        self.has_surplus: bool = False
        """Whether bytes came that belong to no chunk."""
        self._left: int = 0  # bytes of the current chunk that are still to come
        self._line: bytes = b""  # the beginning of an unfinished line
        self._expects: Literal["size", "end", "trailer"] = "size"

    def feed(self, block: bytes) -> bytes:
        """Decode the next bytes.

        Args:
            block: What was read, any part of the coded body.

        Returns:
            The bytes of the body in it; may be empty.

        Raises:
            ValueError: This is no chunked coding.
        """
        if self._line:
            block, self._line = self._line + block, b""
        pieces: list[bytes] = []
        at = 0
        while at < len(block) and not self.is_over:
            if self._left:
                piece = block[at : at + self._left]
                pieces.append(piece)
                at += len(piece)
                self._left -= len(piece)
                continue
            if self._expects == "size":
                at = _take_whole(block, at, pieces)
            stop = block.find(b"\n", at)
            if stop < 0:
                self._line = block[at:]
                break
            self._read_line(block[at:stop].removesuffix(b"\r"))
            at = stop + 1
        self.has_surplus = self.is_over and at < len(block)
        if len(self._line) > LONGEST_LINE:
            raise ValueError("a line of the chunked coding is too long")
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    @property
    def is_whole(self) -> bool:
        """Whether every chunk was read: a peer that closes without the last empty line has still said that nothing follows."""
        return self.is_over or self._expects == "trailer"

    def _read_line(self, line: bytes) -> None:
        if self._expects == "size":
            self._left = _size(line)
            self._expects = "end" if self._left else "trailer"
        elif self._expects == "trailer":
            self.is_over = not line
        elif line:
            raise ValueError("a chunk is longer than its size")
        else:
            self._expects = "size"


def _size(line: bytes) -> int:
    size = line.partition(b";")[0].rstrip(b" \t")
    if not size.isalnum():  # int() would take a sign, and underscores
        raise ValueError(f"{size[:20]!r} is no chunk size")
    return int(size, 16)


def _take_whole(block: bytes, at: int, pieces: list[bytes]) -> int:
    """The short way for chunks that are whole and plain, from `at` on; returns where the rest begins."""
    while (stop := block.find(b"\r\n", at)) > at:
        size = block[at:stop]
        end = stop + 2 + (int(size, 16) if size.isalnum() else 0)
        if end == stop + 2 or block[end : end + 2] != b"\r\n":
            break  # the last one, a cut one, one with an extension, or a wrong one
        pieces.append(block[stop + 2 : end])
        at = end + 2
    return at
