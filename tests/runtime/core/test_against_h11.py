"""Heads and chunked bodies beside h11: whatever that reads whole, ours reads alike, in pieces of any size; what ours writes, it reads.

Ours takes more (lines without a colon, bare LF, spaces before a colon): what h11 refuses may be read or be a ValueError, and nothing else.
"""

import io
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import h11
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import LATIN, TOKENS, examples, heads, odd_codings
from typedrun.core.chunked import ChunkedBody
from typedrun.core.head import Closed, Head, read_head, write_head


def client() -> h11.Connection:
    """h11's side of a connection on which a request was sent."""
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="GET", target="/", headers=[("Host", "example.com")]))
    connection.send(h11.EndOfMessage())
    return connection


def head_by_h11(data: bytes) -> h11.Response | None:
    """The final head as h11 reads it; None for one that it refuses or that is not whole."""
    connection = client()
    connection.receive_data(data)
    try:
        while isinstance(event := connection.next_event(), h11.InformationalResponse):
            pass
    except h11.RemoteProtocolError:
        return None
    return event if isinstance(event, h11.Response) else None


def body_by_h11(coded: bytes) -> bytes | None:
    """A whole chunked body as h11 reads it; None for one that it refuses or that is not whole."""
    connection, body = client(), b""
    connection.receive_data(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + coded)
    try:
        while isinstance(event := connection.next_event(), h11.Response | h11.Data):
            body += event.data if isinstance(event, h11.Data) else b""
    except h11.RemoteProtocolError:
        return None
    return body if isinstance(event, h11.EndOfMessage) else None


def head_by_ours(data: bytes) -> Head | None:
    try:
        return read_head(io.BytesIO(data).readline)
    except (Closed, ValueError):
        return None


def squeezed(value: str) -> str:
    """A field's value with one space where a folded line may leave several (RFC 9112, 5.2)."""
    return re.sub("[ \t]+", " ", value)


def pieces(data: bytes, cuts: Sequence[int]) -> Iterator[bytes]:
    """The data, cut there."""
    edges = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    return (data[start:stop] for start, stop in pairwise(edges))


@settings(deadline=None, max_examples=examples(2))
@given(target=LATIN.map("/{}".format), fields=st.dictionaries(TOKENS, LATIN, max_size=5))
def test_a_head_that_is_sent_is_read_by_h11_as_it_was_meant(target: str, fields: dict[str, str]) -> None:
    try:
        head = write_head("GET", target, "example.com", fields)
    except ValueError:
        return
    server = h11.Connection(h11.SERVER)
    server.receive_data(head + b"GET /next")
    asked, end = server.next_event(), server.next_event()
    assert isinstance(asked, h11.Request)
    assert isinstance(end, h11.EndOfMessage)
    assert asked.target.decode() == target
    assert server.trailing_data == (b"GET /next", False)
    sent = {"Host": "example.com", **fields}
    assert [(name.decode(), value.decode("latin-1")) for name, value in asked.headers] == [
        (name.lower(), value.strip(" \t")) for name, value in sent.items()
    ]


@settings(deadline=None, max_examples=examples(2))
@given(heads())
def test_a_head_that_h11_reads_is_read_alike(data: bytes) -> None:
    ours, theirs = head_by_ours(data), head_by_h11(data)
    if theirs is not None:
        assert ours is not None
        assert (ours.status, ours.reason.encode("latin-1")) == (theirs.status_code, theirs.reason)
        assert [(name.lower(), squeezed(value)) for name, value in ours.fields] == [
            (name.decode(), squeezed(value.decode("latin-1"))) for name, value in theirs.headers
        ]


@settings(deadline=None, max_examples=examples(2))
@given(coded=odd_codings(), cuts=st.lists(st.integers(1, 120), max_size=8))
def test_a_chunked_body_that_h11_reads_is_read_alike(coded: bytes, cuts: list[int]) -> None:
    theirs = body_by_h11(coded)
    decoder, ours = ChunkedBody(), b""
    try:
        for piece in pieces(coded, cuts):
            if decoder.is_over:  # a connection is read no further
                break
            ours += decoder.feed(piece)
    except ValueError:
        assert theirs is None
        return
    if theirs is not None:
        assert (decoder.is_over, ours) == (True, theirs)
