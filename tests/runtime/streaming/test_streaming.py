"""The streamer: what a person sees of a stream, from the first chunk to each of its four ends."""

import gc
import gzip
import io
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
import urllib3

from tests.narrowing import present
from typedrun import errors
from typedrun.marketplaces.aixplain.answers import read_result
from typedrun.streaming import ModelResponseStreamer, Outcome

CORPUS = Path(__file__).parents[2] / "corpus" / "sse"
EXPECTED: dict[str, dict[str, Any]] = json.loads((CORPUS / "expected.json").read_text())
EVENTS = {"Content-Type": "text/event-stream"}
FOX = b'data: {"data":"Red "}\n\ndata: {"data":"fox"}\n\ndata: [DONE]\n\n'


class Live:
    """A live reply from a list: each entry is a block, or an error that the connection ends with."""

    def __init__(self, *blocks: bytes | Exception, headers: Mapping[str, str] = EVENTS, status: int = 200) -> None:
        self.status, self.headers = status, headers
        self._blocks = blocks
        self.asked = self.drained = self.closed = 0

    def blocks(self) -> Iterator[bytes]:
        for block in self._blocks:
            self.asked += 1
            if isinstance(block, Exception):
                raise block
            yield block

    def drain(self) -> None:
        self.drained += 1

    def close(self) -> None:
        self.closed += 1


class Silent(Live):
    """One chunk, then silence until the connection is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.silence, self.freed = threading.Event(), threading.Event()

    def blocks(self) -> Iterator[bytes]:
        yield b'data: {"data":"Red "}\n\n'
        self.silence.set()
        assert self.freed.wait(10)

    def close(self) -> None:
        super().close()
        self.freed.set()


def text_of(stream: ModelResponseStreamer) -> str:
    return "".join(chunk.data for chunk in stream)


def caught(stream: ModelResponseStreamer) -> errors.TypedrunError:
    with pytest.raises(errors.TypedrunError) as raised:
        text_of(stream)
    return raised.value


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("size", [1, 10, 65536])
def test_a_captured_stream_ends_as_it_should(name: str, size: int) -> None:
    body = (CORPUS / name).read_bytes()
    live = Live(
        *(body[start : start + size] for start in range(0, len(body), size)),
        headers={"content-type": "application/json"} if name.endswith(".json") else EVENTS,
    )
    stream = ModelResponseStreamer(live)
    texts: list[str] = []
    error: errors.TypedrunError | None = None
    try:
        for chunk in stream:
            texts.append(chunk.data)
    except errors.TypedrunError as raised:
        error = raised
    assert texts == [chunk["data"] for chunk in EXPECTED[name]["chunks"]]
    assert stream.outcome == EXPECTED[name]["outcome"]
    assert live.closed
    kinds = {"completed": type(None), "failed": errors.OperationFailedError, "truncated": errors.StreamInterrupted}
    assert type(error) is kinds[EXPECTED[name]["outcome"]]
    assert EXPECTED[name].get("message", "") in str(error)


def test_a_streamer_is_its_own_iterator_and_knows_its_status() -> None:
    stream = ModelResponseStreamer(Live(FOX))
    assert iter(stream) is stream
    assert (stream.status, stream.outcome) == ("IN_PROGRESS", None)
    chunk = next(stream)
    assert (chunk.data, chunk.status.value, stream.status) == ("Red ", "IN_PROGRESS", "IN_PROGRESS")
    assert [chunk.data for chunk in stream] == ["fox"]
    assert (stream.status.value, stream.outcome) == ("SUCCESS", Outcome.COMPLETED)
    assert list(stream) == []


def test_a_chunk_is_delivered_before_the_next_block_is_asked_for() -> None:
    live = Live(b'data: {"data":"Red "}\n\nda', b'ta: {"data":"fox"}\n\n', b"data: [DONE]\n\n")
    stream = ModelResponseStreamer(live)
    assert live.asked == 0
    assert (next(stream).data, live.asked) == ("Red ", 1)
    assert (next(stream).data, live.asked) == ("fox", 2)


def test_the_connection_is_drained_for_reuse_after_the_terminator_only() -> None:
    live, cut = Live(FOX), Live(b'data: {"data":"Red "}\n\n')
    text_of(ModelResponseStreamer(live))
    caught(ModelResponseStreamer(cut))
    assert (live.drained, cut.drained) == (1, 0)
    assert (live.closed, cut.closed) == (1, 1)


def test_a_cut_stream_raises_again_and_again_and_keeps_what_came() -> None:
    stream = ModelResponseStreamer(Live(b'data: {"data":"Red "}\n\n'), model="acme/writer")
    assert next(stream).data == "Red "
    for _ in range(3):
        error = caught(stream)
        assert isinstance(error, errors.StreamInterrupted)
        assert error.outcome == "truncated"
        assert present(error.partial).data == "Red "
        assert "acme/writer" in str(error)
    assert (stream.status, stream.partial.completed) == ("FAILED", False)


def test_a_broken_connection_is_the_cause_of_the_interruption() -> None:
    broken = errors.TransportError("The stream broke off: connection reset")
    error = caught(ModelResponseStreamer(Live(b'data: {"data":"Red "}\n\n', broken)))
    assert isinstance(error, errors.StreamInterrupted)
    assert error.__cause__ is broken
    assert "connection reset" in error.message


def test_a_connection_that_breaks_after_the_finish_reason_costs_nothing() -> None:
    frame = b'data: {"choices":[{"delta":{"content":"fox"},"finish_reason":"stop"}]}\n\n'
    stream = ModelResponseStreamer(Live(frame, errors.TransportError("reset")))
    assert text_of(stream) == "fox"
    assert stream.outcome is Outcome.COMPLETED


def test_chunks_before_a_failure_are_delivered_first() -> None:
    stream = ModelResponseStreamer(
        Live(b'data: {"data":"Red "}\n\ndata: {"error":"err.supplier_error"}\n\n'), model="m1"
    )
    assert next(stream).data == "Red "
    error = caught(stream)
    assert isinstance(error, errors.OperationFailedError)
    assert (error.error, error.model, error.response_data) == (
        "err.supplier_error",
        "m1",
        {"error": "err.supplier_error"},
    )
    partial = stream.partial
    assert (partial.status, partial.completed, partial.data) == ("FAILED", True, "Red ")
    assert partial.error_message == "err.supplier_error"


def test_closing_early_cancels() -> None:
    live = Live(FOX[:30], FOX[30:])
    stream = ModelResponseStreamer(live)
    next(stream)
    stream.close()
    stream.close()
    assert live.closed == 1
    assert stream.outcome is Outcome.CANCELLED
    error = caught(stream)
    assert isinstance(error, errors.StreamInterrupted)
    assert (error.outcome, present(error.partial).data) == ("cancelled", "Red ")


def test_closing_after_the_end_changes_nothing() -> None:
    with ModelResponseStreamer(Live(FOX)) as stream:
        assert text_of(stream) == "Red fox"
    stream.close()
    assert stream.outcome is Outcome.COMPLETED
    assert stream.final().data == "Red fox"


def test_leaving_the_with_block_frees_the_connection() -> None:
    live = Live(FOX[:30], FOX[30:])
    with ModelResponseStreamer(live) as stream:
        next(stream)
    assert (live.closed, stream.outcome) == (1, Outcome.CANCELLED)


def test_an_error_inside_the_with_block_frees_the_connection_and_passes() -> None:
    live = Live(FOX[:30], FOX[30:])
    with pytest.raises(ZeroDivisionError), ModelResponseStreamer(live):
        raise ZeroDivisionError
    assert live.closed == 1


def test_leaving_the_loop_early_frees_the_connection_with_the_streamer() -> None:
    live = Live(FOX[:30], FOX[30:])
    gc.disable()  # at once, not with the next collection
    try:
        for _ in ModelResponseStreamer(live):
            break
        assert live.closed == 1
    finally:
        gc.enable()


def test_closing_from_another_thread_ends_a_reader_that_waits() -> None:
    live = Silent()
    stream = ModelResponseStreamer(live)
    seen: list[object] = []

    def consume() -> None:
        seen.append(next(stream).data)
        seen.append(caught(stream))

    reader = threading.Thread(target=consume)
    reader.start()
    assert live.silence.wait(10)
    stream.close()
    reader.join(10)
    assert not reader.is_alive()
    text, error = seen
    assert text == "Red "
    assert isinstance(error, errors.StreamInterrupted)
    assert error.outcome == "cancelled"
    assert stream.outcome is Outcome.CANCELLED


def test_final_is_the_result_of_a_plain_run() -> None:
    usage = {"prompt_tokens": 4, "completion_tokens": 5, "total_tokens": 9}
    call = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    message = {"role": "assistant", "content": "fox", "reasoning_content": "hm", "tool_calls": [call]}
    plain: dict[str, Any] = {
        "status": "SUCCESS",
        "completed": True,
        "data": "fox",
        "details": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": usage,
        "model": "acme/writer-2",
    }
    frames: list[Any] = [
        {"model": "acme/writer-2", "choices": [{"delta": {"reasoning": "h"}}]},
        {"choices": [{"delta": {"reasoning": "m", "tool_calls": {"index": 0, **call}}}]},
        {"choices": [{"delta": {"content": "fo"}}]},
        {"choices": [{"delta": {"content": "x"}, "finish_reason": "stop"}]},
        {"choices": [], "usage": usage},
    ]
    body = "".join(f"data: {json.dumps(frame)}\n\n" for frame in frames) + "data: [DONE]\n\n"
    assert ModelResponseStreamer(Live(body.encode())).final() == read_result(plain)


def test_final_counts_what_was_iterated_before_and_raises_like_iteration() -> None:
    stream = ModelResponseStreamer(Live(FOX))
    next(stream)
    assert stream.final().data == "Red fox"
    with pytest.raises(errors.StreamInterrupted):
        ModelResponseStreamer(Live(FOX[:30])).final()


def test_partial_grows_with_the_stream() -> None:
    stream = ModelResponseStreamer(Live(FOX[:23], FOX[23:]))

    def partial() -> tuple[object, bool, str]:
        return stream.partial.data, stream.partial.completed, stream.partial.status

    assert partial() == (None, False, "IN_PROGRESS")
    next(stream)
    assert partial() == ("Red ", False, "IN_PROGRESS")
    text_of(stream)
    assert partial() == ("Red fox", True, "SUCCESS")


def test_forgotten_text_is_delivered_but_not_gathered() -> None:
    stream = ModelResponseStreamer(Live(FOX))
    stream.forget_text()
    assert text_of(stream) == "Red fox"
    assert not stream.final().data


def test_a_stream_longer_than_what_is_gathered_is_delivered_whole_in_bounded_memory() -> None:
    token = "x" * 1024 * 1024
    stream = ModelResponseStreamer(Live(*[f'data: {{"data":"{token}"}}\n\n'.encode()] * 20, b"data: [DONE]\n\n"))
    assert sum(len(chunk.data) for chunk in stream) == 20 * len(token)
    assert stream.status == "SUCCESS"
    assert stream.partial.data == token * 16
    with pytest.raises(errors.DecodingError, match="more than 16777216 characters"):
        stream.final()
    longest = ModelResponseStreamer(Live(*[f'data: {{"data":"{token}"}}\n\n'.encode()] * 16, b"data: [DONE]\n\n"))
    assert longest.final().data == token * 16


def python_calls(stream: ModelResponseStreamer) -> int:
    """How many Python functions run while the stream is iterated: the cost of an event, without a clock."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        for _ in stream:
            pass
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize(
    ("frame", "in_one_block", "one_each"),
    [
        (b'data: {"choices":[{"index":0,"delta":{"content":" fox"},"finish_reason":null}],"usage":null}\n\n', 14, 20),
        (b'data: {"data":" fox"}\n\n', 13, 19),
    ],
    ids=["openai", "aixplain"],
)
def test_an_event_costs_a_handful_of_calls(frame: bytes, in_one_block: int, one_each: int) -> None:
    end = b"data: [DONE]\n\n"
    assert python_calls(ModelResponseStreamer(Live(frame * 1000, end))) <= in_one_block * 1000
    assert python_calls(ModelResponseStreamer(Live(*[frame] * 1000, end))) <= one_each * 1000


def test_a_job_instead_of_a_stream_says_where_to_poll() -> None:
    body = {"status": "IN_PROGRESS", "data": "https://models.example.com/api/v1/data/abc?sig=secret"}
    stream = ModelResponseStreamer(Live(json.dumps(body).encode(), headers={"Content-Type": "application/json"}))
    error = caught(stream)
    assert "https://models.example.com/api/v1/data/abc" in str(error)
    assert "secret" not in str(error)
    assert stream.partial.url == body["data"]


@pytest.mark.parametrize(
    ("content_type", "body", "text"),
    [
        ("application/json", b'{"status":"SUCCESS","data":"fox"}', "fox"),
        ("application/problem+json; charset=utf-8", b'\xef\xbb\xbf {"status":"SUCCESS","data":"fox"}', "fox"),
        ("text/event-stream", b'{"status":"SUCCESS","data":"fox"}', "fox"),
        ("", b'\n {"status":"SUCCESS","data":"fox"}', "fox"),
        ("application/json", b'data: {"data":"fox"}\n\ndata: [DONE]\n\n', "fox"),
        ("text/plain", b"\xef\xbb\xbf\n: hello\n\ndata: fox\n\ndata: [DONE]\n\n", "fox"),
        ("application/json", b"3.5", "3.5"),
    ],
    ids=["json", "json with a mark", "json that says events", "no type", "events that say json", "plain", "a number"],
)
def test_what_the_reply_is_shows_in_its_first_bytes(content_type: str, body: bytes, text: str) -> None:
    for size in (1, 1000):
        blocks = (body[start : start + size] for start in range(0, len(body), size))
        assert text_of(ModelResponseStreamer(Live(*blocks, headers={"content-type": content_type}))) == text


@pytest.mark.parametrize("content_type", ["text/html; charset=utf-8", "", "text/event-stream"])
def test_a_web_page_is_an_error_that_shows_its_first_words(content_type: str) -> None:
    page = b"<!DOCTYPE html><html><head><style>p {}</style></head><body><h1>Sign in</h1><p>to the proxy</body></html>"
    stream = ModelResponseStreamer(Live(page, headers={"content-type": content_type}))
    error = caught(stream)
    assert isinstance(error, errors.DecodingError)
    assert "Sign in to the proxy" in error.message
    assert stream.outcome is Outcome.FAILED


def test_a_json_reply_that_is_cut_is_an_interrupted_stream_or_no_json() -> None:
    headers = {"content-type": "application/json"}
    cut = ModelResponseStreamer(Live(b'{"data":', errors.TransportError("cut"), headers=headers))
    assert isinstance(caught(cut), errors.StreamInterrupted)
    broken = ModelResponseStreamer(Live(b'{"data":', headers=headers))
    assert isinstance(caught(broken), errors.DecodingError)


def test_an_http_error_is_raised_with_its_class() -> None:
    live = Live(b'{"message":"no such key"}', headers={"content-type": "application/json"}, status=401)
    error = caught(ModelResponseStreamer(live))
    assert isinstance(error, errors.AuthenticationError)
    assert error.message == "no such key"
    assert isinstance(caught(ModelResponseStreamer(Live(status=503))), errors.ServerError)


def test_a_line_without_end_is_an_error_not_a_full_memory() -> None:
    block = b"x" * (1024 * 1024)
    stream = ModelResponseStreamer(Live(b"data: ", *([block] * 70)))
    assert isinstance(caught(stream), errors.DecodingError)


class IterContent:
    """What requests.Response offers, without its raw urllib3 response."""

    def __init__(self, body: bytes) -> None:
        self.headers, self.status_code = EVENTS, 200
        self._body = io.BytesIO(body)
        self.closed = False

    def iter_content(self, chunk_size: int) -> Iterator[bytes]:
        while block := self._body.read(chunk_size):
            yield block

    def close(self) -> None:
        self.closed = True


def urllib3_response(body: bytes) -> urllib3.HTTPResponse:
    return urllib3.HTTPResponse(io.BytesIO(body), headers=EVENTS, status=200, preload_content=False)


def compressed_response(body: bytes) -> urllib3.HTTPResponse:
    headers = {**EVENTS, "Content-Encoding": "gzip"}
    packed = io.BytesIO(gzip.compress(body))
    return urllib3.HTTPResponse(packed, headers=headers, status=200, preload_content=False, decode_content=False)


def of_bytes(function: Callable[[bytes], object]) -> Callable[[bytes], object]:
    return function


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(IterContent, id="iter_content"),
        pytest.param(urllib3_response, id="urllib3"),
        pytest.param(of_bytes(lambda body: SimpleNamespace(raw=urllib3_response(body), headers=EVENTS)), id="requests"),
        pytest.param(
            of_bytes(lambda body: SimpleNamespace(raw=compressed_response(body), headers=EVENTS)),
            id="requests, compressed",
        ),
        pytest.param(io.BytesIO, id="a binary file"),
        pytest.param(of_bytes(lambda body: SimpleNamespace(iter_lines=body.splitlines)), id="iter_lines"),
        pytest.param(
            of_bytes(lambda body: SimpleNamespace(iter_lines=body.decode().splitlines)), id="iter_lines of text"
        ),
        pytest.param(
            of_bytes(lambda body: SimpleNamespace(iter_content=lambda: [body])), id="iter_content of an object"
        ),
        pytest.param(of_bytes(lambda body: SimpleNamespace(stream=lambda: [body])), id="stream"),
        pytest.param(of_bytes(lambda body: [body[:9], body[9:]]), id="any iterable of bytes"),
        pytest.param(
            of_bytes(lambda body: Mock(iter_lines=body.splitlines)), id="an object that pretends to have everything"
        ),
    ],
)
def test_responses_of_other_libraries_are_streamed_too(make: Any) -> None:
    response = make(FOX)
    with ModelResponseStreamer(response) as stream:
        assert [chunk.data for chunk in stream] == ["Red ", "fox"]
    assert getattr(response, "closed", True)


def test_an_error_of_another_library_interrupts_the_stream() -> None:
    def lines() -> Iterable[bytes]:
        yield b'data: {"data":"Red "}'
        yield b""
        raise OSError("socket gone")

    error = caught(ModelResponseStreamer(SimpleNamespace(iter_lines=lines)))
    assert isinstance(error, errors.StreamInterrupted)
    assert isinstance(error.__cause__, OSError)


def test_a_stream_that_a_program_leaves_open_ends_with_it_in_silence() -> None:
    code = """
from typedrun.streaming import ModelResponseStreamer
class Live:
    status, headers = 200, {"content-type": "text/event-stream"}
    def blocks(self):
        while True:
            yield b'data: {"data": "word"}\\n\\n'
    def drain(self): pass
    def close(self): pass
stream = ModelResponseStreamer(Live())
assert next(stream).data == "word"
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stderr == ""


def test_a_streamer_prints_how_it_ended() -> None:
    stream = ModelResponseStreamer(Live(b'data: {"data":"x"}\n\ndata: [DONE]\n\n'))
    assert repr(stream) == "<ModelResponseStreamer: open>"
    assert text_of(stream) == "x"
    assert repr(stream) == f"<ModelResponseStreamer: {stream.outcome}>"
