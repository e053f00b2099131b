"""The head of an HTTP/1 reply: lines -> status and fields (RFC 9112). Pure; a third of the standard library's cost.

The library parses heads as e-mail. Here: a status line, then `name: value` lines, then an empty one. A folded line continues the
one before (section 5.2), a line without a colon says nothing and is skipped, interim replies (section 15.2 of RFC 9110) are skipped.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

LONGEST_LINE = 65536
LONGEST_HEAD = 300 * 1024
"""Bytes of all fields of one head, as in curl; the number of fields is not bounded apart from that."""
MOST_INTERIM_REPLIES = 100

_BLANKS = " \t\r\n"

ReadLine = Callable[[int], bytes]
"""Reads up to and with the next LF, at most so many bytes; ``b""`` when the peer has closed."""


class Closed(Exception):
    """The peer closed before a reply began."""


@frozen
class Head:
    """A status line and its fields, in order and as they were spelt."""

    minor: int
    """0 for HTTP/1.0, 1 for every later 1.x."""
    status: int
    reason: str
    fields: list[tuple[str, str]]


def read_head(readline: ReadLine) -> Head:
    """Reads the head of the final reply.

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
    fields = list[tuple[str, str]]()
    left = LONGEST_HEAD
    while left > 0:
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
    if not line.endswith(b"\n"):
        too_long = f"a header line is longer than {LONGEST_LINE} bytes"
        raise ValueError(too_long if len(line) > LONGEST_LINE else "its head is cut short")
    name, colon, value = line.decode("latin-1").partition(":")
    if name[:1] in (" ", "\t"):
        if fields:
            known, beginning = fields[-1]
            fields[-1] = known, f"{beginning} {line.decode('latin-1').strip(_BLANKS)}".strip(_BLANKS)
    elif colon and (name := name.rstrip()):
        fields.append((name, value.strip(_BLANKS)))
