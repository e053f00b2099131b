"""The body of a reply as its head frames it: by a length, by chunks, or by the end of the connection."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import TYPE_CHECKING, Final

from typedrun.core.head import Fields, Head
from typedrun.core.request import Failure, Stage

if TYPE_CHECKING:
    from typedrun.drivers.sockets import Reader, Wire

_MOST_DIGITS: Final = 18
"""Of a length; Python reads numbers of a few thousand digits, and raises at more."""


class ReplyBody:
    """A reply whose head was read. What it gives is still compressed where the head says so."""

    def __init__(self, head: Head, reader: Reader, method: str) -> None:
        """Where the body ends (RFC 9112, 6.3), and whether the connection goes on after it (9.3).

        Raises:
            Failure: The head declares several ends.
        """
        self.status: int = head.status
        self.headers: Fields = Fields(head.fields)
        self.wire: Wire = reader.wire
        self.closed: bool = False
        """Whether it was read to its end, or is not to be read any further."""
        self.is_whole: bool = True
        """Whether nothing came after its end, and its end as it should."""
        self._reader = reader
        get = self.headers.get
        has_no_body = head.status in {101, 204, 304} or method == "HEAD"
        self.is_chunked: bool = not has_no_body and get("transfer-encoding", "").lower() == "chunked"
        declared = _length(value for name, value in head.fields if name.lower() == "content-length")
        self._left: float = 0 if has_no_body else inf if self.is_chunked or declared is None else declared
        """Bytes that are still to come, where a length says how many; it ends with the connection where none does."""
        wishes = get("connection", "").lower()
        self.is_kept: bool = "close" not in wishes if head.minor else "keep-alive" in wishes
        """Whether the connection goes on after it."""
        if self._left == inf and not self.is_chunked:
            self.is_kept = False
        if self._left == 0:
            self.finish()

    def read(self, most: int = -1, /) -> bytes:
        """As `read1`; urllib3 takes what has this for a file."""
        return self.read1(most)

    def read1(self, most: int, /) -> bytes:
        """What one read of the socket brings, with all of its chunks; `b""` at the end.

        Raises:
            Failure: It broke off before its end, or took too long.
        """
        if self.closed:
            return b""
        block = self._reader.read1(int(min(most, self._left)))
        if not block and self._left != inf:
            raise cut_short()
        self._left -= len(block)
        if not block or self._left == 0:
            self.finish()
        return block

    def finish(self) -> None:
        """Take leave of the connection, which may go on."""
        self.is_whole = self.is_whole and not self._reader.has_surplus
        self.closed = True

    def close(self) -> None:
        """Read no more."""
        self.closed = True


def cut_short() -> Failure:
    """The failure of a reply that ended before its end."""
    return Failure(Stage.NO_REPLY, "the reply was cut short")


def _length(declared: Iterable[str]) -> int | None:
    """The length that a head declares; None where it declares none that can be read (RFC 9112, 6.3).

    Raises:
        Failure: It declares several.
    """
    lengths = {length.strip() for field in declared for length in field.split(",")}
    if len(lengths) > 1:
        raise Failure(Stage.NO_REPLY, "not an HTTP reply: it declares several lengths")
    length = next(iter(lengths), "")
    if not (length.isascii() and length.isdecimal()):
        return None
    if len(length) > _MOST_DIGITS:
        raise Failure(Stage.NO_REPLY, "not an HTTP reply: the length that it declares is absurd")
    return int(length)
