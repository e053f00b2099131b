"""bytes -> events. The oracle is written from the WHATWG text: it reads the whole stream at once and is obviously right."""

import re
import tracemalloc
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings

from tests.strategies import CUTS, event_streams, examples
from typedrun.core.sse import Decoder, Event
from typedrun.errors import DecodingError

CORPUS = sorted((Path(__file__).parents[2] / "corpus" / "sse").glob("*.sse"))


def decode(blocks: Iterable[bytes]) -> list[Event]:
    decoder = Decoder()
    return [event for block in blocks for event in decoder.feed(block)]


def feed_all(decoder: Decoder, stream: bytes, size: int) -> list[Event]:
    return [event for start in range(0, len(stream), size) for event in decoder.feed(stream[start : start + size])]


def decode_slowly(stream: bytes) -> tuple[list[Event], int | None, str]:
    """The standard's algorithm, one step after the other: events, reconnection time, last event id."""
    text = stream.decode("utf-8", "replace")
    text = text.removeprefix("\ufeff")
    *lines, _unfinished = re.split("\r\n|\n|\r", text)
    events: list[Event] = []
    data: list[str] = []
    event_type = id_buffer = last_id = ""
    retry = None
    for line in lines:
        if line == "":
            last_id = id_buffer
            if data:
                events.append(Event(tuple(data), event_type or "message", last_id))
            data, event_type = [], ""
            continue
        if line[0] == ":":
            continue
        name, value = line.split(":", 1) if ":" in line else (line, "")
        value = value[1:] if value[:1] == " " else value
        if name == "data":
            data = [*data, value]
        elif name == "event":
            event_type = value
        elif name == "id" and "\0" not in value:
            id_buffer = value
        elif name == "retry" and re.fullmatch("[0-9]+", value):
            retry = int(value)
    return events, retry, last_id


def split(stream: bytes, cuts: Iterable[int]) -> list[bytes]:
    places = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    return [stream[start:end] for start, end in pairwise(places)]


@settings(max_examples=examples(4), deadline=None)
@given(stream=event_streams(), cuts=CUTS)
def test_events_are_those_of_the_standard_wherever_the_bytes_are_split(stream: bytes, cuts: list[int]) -> None:
    decoder = Decoder()
    events = [event for block in split(stream, cuts) for event in decoder.feed(block)]
    assert (events, decoder.retry, decoder.last_event_id) == decode_slowly(stream)


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_a_captured_stream_gives_the_same_events_for_every_split(path: Path) -> None:
    stream = path.read_bytes()
    whole = decode([stream])
    assert whole == decode_slowly(stream)[0]
    assert decode(bytes([byte]) for byte in stream) == whole
    for cut in range(len(stream)):
        assert decode([stream[:cut], stream[cut:]]) == whole


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        pytest.param(b"data: a\n\n", [Event(("a",))], id="one line"),
        pytest.param(
            b"data:a\n\ndata:  a\n\n", [Event(("a",)), Event((" a",))], id="one space after the colon is dropped"
        ),
        pytest.param(b"data: a\ndata: b\n\n", [Event(("a", "b"))], id="several data lines"),
        pytest.param(b"data\n\n", [Event(("",))], id="no colon"),
        pytest.param(b"data:\ndata:\n\n", [Event(("", ""))], id="empty data lines"),
        pytest.param(b"event: x\nid: 1\n\n\n", [], id="no data, no event"),
        pytest.param(b"event: x\n\ndata: a\n\n", [Event(("a",))], id="the type of an empty event is forgotten"),
        pytest.param(
            b"event: x\ndata: a\n\ndata: b\n\n", [Event(("a",), "x"), Event(("b",))], id="the type holds for one event"
        ),
        pytest.param(
            b"id: 1\ndata: a\n\ndata: b\n\n", [Event(("a",), id="1"), Event(("b",), id="1")], id="the id holds on"
        ),
        pytest.param(b"id: 1\n\ndata: a\n\n", [Event(("a",), id="1")], id="the id of an empty event holds on"),
        pytest.param(
            b"id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n", [Event(("a",), id="1"), Event(("b",), id="1")], id="NUL in id"
        ),
        pytest.param(
            b"id: 1\ndata: a\n\nid\ndata: b\n\n", [Event(("a",), id="1"), Event(("b",))], id="empty id resets it"
        ),
        pytest.param(b": note\n:\ndata: a\n: b\n\n", [Event(("a",))], id="comments"),
        pytest.param(b"Data: a\ndata : b\n\n", [], id="names are exact"),
        pytest.param(
            b"data: a\r\rdata: b\r\n\r\ndata: c\n\r\n", [Event(("a",)), Event(("b",)), Event(("c",))], id="line ends"
        ),
        pytest.param(b"\xef\xbb\xbfdata: a\n\n", [Event(("a",))], id="byte order mark"),
        pytest.param(b"data: a\n\n\xef\xbb\xbfdata: b\n\n", [Event(("a",))], id="a later byte order mark is no mark"),
        pytest.param(
            "data: a\u2028b\u0085c\x0bd\n\n".encode(), [Event(("a\u2028b\u0085c\x0bd",))], id="no other line ends"
        ),
        pytest.param(b"data: \xff\xe2\x82x\n\n", [Event(("\ufffd\ufffdx",))], id="invalid UTF-8"),
        pytest.param(b"data: a\n", [], id="no blank line, no event"),
        pytest.param(b"data: a", [], id="an unfinished line is no event"),
    ],
)
def test_one_rule_of_the_standard(stream: bytes, events: list[Event]) -> None:
    assert decode([stream]) == events
    assert decode(bytes([byte]) for byte in stream) == events


def test_data_lines_are_kept_apart_and_joined_on_demand() -> None:
    (event,) = decode([b"data: a\ndata: b\n\n"])
    assert event.lines == ("a", "b")
    assert event.data == "a\nb"


@pytest.mark.parametrize(
    ("value", "retry"),
    [
        ("1500", 1500),
        ("007", 7),
        ("", None),
        ("1_0", None),
        ("-1", None),
        ("+1", None),
        ("1.5", None),
        ("²", None),
        ("9" * 5000, None),
    ],
    ids=["digits", "leading zeros", "empty", "underscore", "minus", "plus", "fraction", "superscript", "absurdly long"],
)
def test_retry_takes_ascii_digits_only(value: str, retry: int | None) -> None:
    decoder = Decoder()
    decoder.feed(f"retry: {value}\n".encode())
    assert decoder.retry == retry


def test_an_event_is_delivered_with_the_carriage_return_that_ends_it() -> None:
    decoder = Decoder()
    assert decoder.feed(b"data: a\r\n\r") == [Event(("a",))]
    assert decoder.feed(b"\ndata: b\r\n\r\n") == [Event(("b",))]


@pytest.mark.parametrize(
    ("stream", "pending"),
    [
        (b"data: a\n\n", ()),
        (b"data: a\n\ndata: [DONE]", ("[DONE]",)),
        (b"data: a\n\ndata: [DONE]\n", ("[DONE]",)),
        (b"data: x\ndata: y", ("x", "y")),
        (b"event: end\n: note", ()),
        (b"dat", ()),
    ],
    ids=["nothing", "unfinished line", "finished line", "two lines", "no data", "unfinished name"],
)
def test_what_follows_the_last_blank_line_is_pending(stream: bytes, pending: tuple[str, ...]) -> None:
    decoder = Decoder()
    decoder.feed(stream)
    assert decoder.pending == pending


@pytest.mark.parametrize(
    "stream",
    [
        b"data: " + b"x" * 200,
        b"data: " + b"x" * 200 + b"\n\n",
        b"data: xxxx\n" * 40,
        b"data\n" * 200,
        b": " + b"x" * 200,
    ],
    ids=["unfinished line", "whole event", "many lines", "many empty lines", "comment"],
)
def test_an_event_beyond_the_limit_is_an_error_however_it_is_split(stream: bytes) -> None:
    for size in (1, 7, len(stream)):
        with pytest.raises(DecodingError, match="larger than 100 characters"):
            feed_all(Decoder(max_event_size=100), stream, size)


def test_the_limit_counts_one_event_not_the_stream() -> None:
    decoder = Decoder(max_event_size=100)
    stream = (b": a comment that counts for nothing once it is over\n" * 3 + b"data: " + b"x" * 80 + b"\n\n") * 20
    assert len(feed_all(decoder, stream, 13)) == 20
    assert len(Decoder(max_event_size=100).feed(stream)) == 20


def test_a_huge_event_takes_linear_time_because_no_block_copies_the_ones_before_it() -> None:
    decoder = Decoder()
    decoder.feed(b"data: ")
    block = b"x" * 4096
    for _ in range(1024):
        decoder.feed(block)
    tracemalloc.start()
    decoder.feed(block)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10 * len(block)
    (event,) = decoder.feed(b"\n\n")
    assert len(event.data) == 1025 * len(block)
