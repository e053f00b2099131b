"""Heads of HTTP/1 messages (RFC 9112): a request's to bytes, a reply's from lines. Pure; a third of the standard library's cost.

The library parses heads as e-mail. Here: a status line, then `name: value` lines, then an empty one. A folded line continues the
one before (section 5.2), a line without a colon says nothing and is skipped, interim replies (section 15.2 of RFC 9110) are skipped.
It writes them field by field, each checked by itself; here all of a head is checked at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar, overload

from typedrun.core.request import Failure, Stage

if TYPE_CHECKING:
    from typedrun.core.bodies import Body

LONGEST_LINE = 65536
"""Bytes of a status line, a header field, a trailer field, or a chunk's size with its extensions, as in http.client."""
LONGEST_HEAD = 300 * 1024
"""Bytes of all fields of one head, as in curl; the number of fields is not bounded apart from that."""
MOST_INTERIM_REPLIES = 100

_BLANKS = " \t\r\n"

_REQUEST: Final = re.compile(r"[!-~]+ [!-~]+ HTTP/1\.1\r\n(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+: [\t -~\x80-\xff]*\r\n)+\r\n")
"""A target and names hold no blanks, and nothing holds a line end: so nobody's value can begin another field, or another request."""

T = TypeVar("T")
ReadLine = Callable[[int], bytes]
"""Reads up to and with the next LF, at most so many bytes; `b""` when the peer has closed."""


_BODILESS: Final = frozenset({"GET", "HEAD", "DELETE", "TRACE", "OPTIONS", "CONNECT"})
"""Methods whose requests say nothing about a body that they do not have; of others a length is expected (RFC 9110, 8.6)."""


def head_of(method: str, target: str, host: str, fields: Mapping[str, str], body: bytes | Body | None) -> bytes:
    """The head of a request with that body, whose length it tells unless the fields do.

    Raises:
        Failure: Something in it cannot be sent.
    """
    if isinstance(body, bytes):
        fields = {"Content-Length": str(len(body)), **fields}
    elif body is None and method not in _BODILESS:
        fields = {"Content-Length": "0", **fields}
    try:
        return write_head(method, target, host, fields)
    except ValueError:  # which does not quote what it refuses
        raise Failure(
            Stage.NEVER_SENT, "a header or the address holds characters that cannot be sent", is_final=True
        ) from None


def write_head(method: str, target: str, host: str, fields: Mapping[str, str]) -> bytes:
    """Write the head of a request, with the empty line that ends it.

    Args:
        method: `GET`, `POST` …
        target: What is asked for: path and query; the whole address where a proxy is asked.
        host: Who is asked. A `Host` among the fields goes before it.
        fields: The header fields, by name.

    Raises:
        ValueError: Something in it cannot be sent. What is not said: it may be a secret.
    """
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "\r\n"]
    if not any(name.lower() == "host" for name in fields):
        lines.insert(1, f"Host: {host}")
    text = "\r\n".join(lines)
    if text.count("\r\n") != len(lines) or not _REQUEST.fullmatch(text):
        raise ValueError("a head that cannot be sent")
    return text.encode("latin-1")


class Fields(Mapping[str, str]):
    """Header fields of a reply by name, in any spelling; of a repeated one, all values in one."""

    __slots__ = ("_found",)

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        found: dict[str, tuple[str, str]] = {}  # `dict[…]()` takes ten times as long
        for name, value in pairs:
            known = found.get(key := name.lower())
            found[key] = (name, value) if known is None else (known[0], f"{known[1]}, {value}")
        self._found = found

    def __getitem__(self, name: str) -> str:
        return self._found[name.lower()][1]

    @overload
    def get(self, name: str, /) -> str | None: ...
    @overload
    def get(self, name: str, /, default: str) -> str: ...
    @overload
    def get(self, name: str, /, default: T) -> str | T: ...
    def get(self, name: str, /, default: object = None) -> object:
        """Get a field, or the default; what a mapping has by itself raises for each field that is not there."""
        found = self._found.get(name.lower())
        return default if found is None else found[1]

    def first(self, names: Iterable[str]) -> str | None:
        """The first of these fields (in small letters) that says something; one call for all that may be there."""
        found = self._found
        for name in names:  # a generator would take three times as long, and mostly there is none
            if name in found and (value := found[name][1]):
                return value
        return None

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._found

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._found.values())

    def __len__(self) -> int:
        return len(self._found)

    def __repr__(self) -> str:
        return f"Fields({dict(self)})"


class Closed(Exception):
    """The peer closed before a reply began."""


class Head(NamedTuple):
    """A status line and its fields, in order and as they were spelt."""

    minor: int
    """0 for HTTP/1.0, 1 for every later 1.x."""
    status: int
    reason: str
    fields: list[tuple[str, str]]


def read_head(readline: ReadLine) -> Head:
    """Read the head of the final reply.

    Raises:
        Closed: There was nothing to read.
        ValueError: This is no HTTP/1 reply; the message says why.
    """
    for _ in range(MOST_INTERIM_REPLIES):
        head = _read_one(readline)
        if head.status >= 200 or head.status == 101:
            return head
    raise ValueError("too many interim replies")


def _read_one(readline: ReadLine) -> Head:
    line = readline(LONGEST_LINE + 1)
    if not line:
        raise Closed
    minor, status, reason = _read_status_line(line)
    fields: list[tuple[str, str]] = []  # `list[…]()` takes ten times as long
    left = LONGEST_HEAD
    while left >= 0:
        line = readline(LONGEST_LINE + 1)
        if line in (b"\r\n", b"\n"):
            return Head(minor, status, reason, fields)
        left -= len(line)
        _add_field(line, fields)
    raise ValueError(f"its header fields are longer than {LONGEST_HEAD} bytes")


def _read_status_line(line: bytes) -> tuple[int, int, str]:
    version, _, rest = line.decode("latin-1").rstrip().partition(" ")
    digits, _, reason = rest.partition(" ")
    if len(line) > LONGEST_LINE or not version.startswith("HTTP/1.") or not version[7:].isdigit():
        raise ValueError("it has no status line")
    if len(digits) != 3 or not digits.isdecimal() or not digits.isascii() or digits < "100":
        raise ValueError("its first line has no status code")
    return min(1, int(version[7:])), int(digits), reason


def _add_field(line: bytes, fields: list[tuple[str, str]]) -> None:
    if len(line) > LONGEST_LINE or not line.endswith(b"\n"):
        too_long = f"a header line is longer than {LONGEST_LINE} bytes"
        raise ValueError(too_long if len(line) > LONGEST_LINE else "its head is cut short")
    name, colon, value = line.decode("latin-1").partition(":")
    if name[:1] in (" ", "\t"):
        if fields:
            known, beginning = fields[-1]
            fields[-1] = known, f"{beginning} {line.decode('latin-1').strip(_BLANKS)}".strip(_BLANKS)
    elif colon and (name := name.rstrip()):
        fields.append((name, value.strip(_BLANKS)))
