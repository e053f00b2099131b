"""The chunked transfer coding: whatever one read of the socket brought, with all of its chunks."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import coded_bodies, examples
from typedrun.core.chunked import ChunkedBody


@settings(deadline=None, max_examples=examples(3))
@given(body=coded_bodies(), cuts=st.sets(st.integers(1, 300), max_size=10))
def test_the_body_does_not_depend_on_where_the_bytes_are_split(body: tuple[bytes, bytes], cuts: set[int]) -> None:
    plain, coded = body
    decoder, found, start = ChunkedBody(), b"", 0
    for cut in [*sorted(cut for cut in cuts if cut < len(coded)), len(coded)]:
        assert not decoder.is_over
        found += decoder.feed(coded[start:cut])
        start = cut
    assert (found, decoder.is_over) == (plain, True)


def test_a_part_of_a_chunk_does_not_wait_for_the_rest() -> None:
    decoder = ChunkedBody()
    assert decoder.feed(b"5\r\nab") == b"ab"
    assert decoder.feed(b"cde") == b"cde"
    assert decoder.feed(b"\r\n3\r\nfgh\r\n0\r\n") == b"fgh"
    assert not decoder.is_over
    assert decoder.feed(b"\r\nthe next reply") == b""
    assert decoder.is_over


@pytest.mark.parametrize(
    "coded",
    [
        b"\r\n",
        b"xyz\r\nabc",
        b"-3\r\nabc\r\n",
        b"+3\r\nabc\r\n",
        b"1_0\r\nabc\r\n",
        b"3\r\nabcd\r\n",
        b"HTTP/1.1 200 OK\r\n",
        b"3" * 70_000,
    ],
    ids=[
        "no size",
        "no hexadecimal",
        "minus",
        "plus",
        "underscore",
        "longer than its size",
        "another reply",
        "endless line",
    ],
)
def test_what_is_no_chunked_coding_is_an_error(coded: bytes) -> None:
    with pytest.raises(ValueError):
        ChunkedBody().feed(coded)


def test_an_endless_line_is_an_error_in_small_blocks_too() -> None:
    decoder = ChunkedBody()
    with pytest.raises(ValueError, match="too long"):
        [decoder.feed(b"3" * 100) for _ in range(1000)]
