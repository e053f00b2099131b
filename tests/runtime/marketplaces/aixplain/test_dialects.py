"""Events -> chunks, on the corpus of stream quirks: what each stream says, wherever its bytes are split."""

import json
from collections import deque
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import examples
from typedrun.core.reply import decode_text
from typedrun.core.sse import Decoder, Event
from typedrun.marketplaces.aixplain.dialects import ChunkReader
from typedrun.marketplaces.aixplain.toolcalls import ToolCalls
from typedrun.results import StreamChunk, Usage

CORPUS = Path(__file__).parents[3] / "corpus" / "sse"
EXPECTED: dict[str, dict[str, Any]] = json.loads((CORPUS / "expected.json").read_text())
STREAMS = [name for name in EXPECTED if name.endswith(".sse")]


def read(blocks: Iterable[bytes]) -> tuple[list[StreamChunk], ChunkReader]:
    decoder, reader, chunks = Decoder(), ChunkReader(), deque[StreamChunk]()
    for block in blocks:
        if any(reader.read(event, chunks) for event in decoder.feed(block)):
            return list(chunks), reader
    reader.end(decoder.pending, chunks)
    return list(chunks), reader


def expected_chunk(said: dict[str, Any]) -> dict[str, Any]:
    usage = Usage(*said["usage"]) if "usage" in said else None
    absent = {"reasoning_content": None, "tool_calls": None, "finish_reason": None}
    return {**absent, **said, "usage": usage}


def seen(chunk: StreamChunk) -> dict[str, Any]:
    names = ("data", "reasoning_content", "tool_calls", "usage", "finish_reason")
    return {name: getattr(chunk, name) for name in names}


def attribute(value: object, name: str) -> object:
    return getattr(value, name)  # a field that type checkers do not know


def outcome_of(reader: ChunkReader) -> str:
    return "failed" if reader.failure is not None else "completed" if reader.is_complete else "truncated"


def test_every_captured_stream_has_an_expectation() -> None:
    assert {path.name for path in CORPUS.iterdir()} == {*EXPECTED, "expected.json"}


@pytest.mark.parametrize("name", STREAMS)
def test_a_captured_stream_gives_its_chunks_and_its_end(name: str) -> None:
    chunks, reader = read([(CORPUS / name).read_bytes()])
    assert [seen(chunk) for chunk in chunks] == [expected_chunk(said) for said in EXPECTED[name]["chunks"]]
    assert outcome_of(reader) == EXPECTED[name]["outcome"]


@pytest.mark.parametrize("name", STREAMS)
def test_a_captured_stream_gives_the_same_chunks_for_every_split(name: str) -> None:
    stream = (CORPUS / name).read_bytes()
    whole, reader = read([stream])
    for cut in range(len(stream)):
        chunks, other = read([stream[:cut], stream[cut:]])
        assert chunks == whole
        assert (outcome_of(other), other.failure) == (outcome_of(reader), reader.failure)


@settings(deadline=None, max_examples=examples(2))
@given(name=st.sampled_from(STREAMS), cuts=st.sets(st.integers(0, 400), max_size=20))
def test_a_captured_stream_gives_the_same_answer_for_any_number_of_splits(name: str, cuts: set[int]) -> None:
    stream = (CORPUS / name).read_bytes()
    places = [0, *sorted(cut for cut in cuts if 0 < cut < len(stream)), len(stream)]
    chunks, reader = read(stream[start:end] for start, end in pairwise(places))
    whole, other = read([stream])
    assert chunks == whole
    assert str(reader.result("x", True)) == str(other.result("x", True))


@pytest.mark.parametrize("name", [name for name in EXPECTED if "final" in EXPECTED[name]])
def test_a_captured_stream_amounts_to_the_result_of_a_plain_run(name: str) -> None:
    body = (CORPUS / name).read_bytes()
    if name.endswith(".json"):
        reader = ChunkReader()
        reader.read_body(json.loads(body), decode_text(body), deque())
    else:
        _, reader = read([body])
    result = reader.result("SUCCESS", True)
    details = result.details or []
    message: Any = getattr(details[0], "message", None) if isinstance(details, list) and details else None
    for key, value in EXPECTED[name]["final"].items():
        found = getattr(message, key) if key in ("tool_calls", "reasoning_content") else getattr(result, key)
        assert found == value, key


@pytest.mark.parametrize("name", [name for name in STREAMS if EXPECTED[name]["outcome"] == "failed"])
def test_a_failure_keeps_the_frame_that_reported_it(name: str) -> None:
    _, reader = read([(CORPUS / name).read_bytes()])
    assert reader.failure


@settings(deadline=None)
@given(text=st.text())
def test_any_text_survives_as_a_token(text: str) -> None:
    frame = json.dumps({"data": f"x{text}"})
    chunks, _ = read([f"data: {frame}\n\n".encode()])
    assert [chunk.data for chunk in chunks] == [f"x{text}"]


@settings(deadline=None)
@given(
    document=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_no_frame_however_odd_breaks_the_reader(document: Any) -> None:
    frames: list[Any] = [
        document,
        {"data": document},
        {"error": document},
        {"status": document, "data": document},
        {"choices": document},
        {"choices": [document], "usage": document},
        {"choices": [{"delta": document, "finish_reason": document}]},
        {"choices": [{"delta": {"tool_calls": document, "content": document, "reasoning_details": document}}]},
        {"choices": [{"delta": {"tool_calls": [{"index": document, "id": document, "function": document}]}}]},
        {"choices": [{"delta": {"tool_calls": [{"function": {"name": document, "arguments": document}}]}}]},
        {"status": "SUCCESS", "completed": document, "data": document, "details": document, "usage": document},
        {
            "status": "SUCCESS",
            "details": [{"message": document}, {"message": {"content": document, "tool_calls": document}}],
        },
    ]
    for frame in frames:
        reader, chunks = ChunkReader(), deque[StreamChunk]()
        reader.read(Event((json.dumps(frame),)), chunks)
        reader.read_body(frame, json.dumps(frame), chunks)
        assert all(isinstance(chunk.data, str) for chunk in chunks)
        assert reader.result("FAILED", False).status == "FAILED"


def test_a_deeply_nested_frame_is_text_and_no_crash() -> None:
    frame = '{"a":' * 100_000
    chunks, _ = read([b"data: " + frame.encode() + b"\n\n"])
    assert [chunk.data for chunk in chunks] == [frame]


def test_an_event_of_nothing_but_terminators_is_the_end() -> None:
    chunks, reader = read([b"data: x\n" + b"data: [DONE]\n" * 5000 + b"data: late\n\n"])
    assert [chunk.data for chunk in chunks] == ["x"]
    assert reader.has_terminator


@pytest.mark.parametrize(
    "event", [b'event: error\ndata: {"message":"quota spent"}\n\n', b'data: {"error":"quota spent"}\n\n']
)
def test_a_failure_is_told_in_the_result_too(event: bytes) -> None:
    _, reader = read([event])
    assert reader.result("FAILED", True).error_message == "quota spent"


def test_the_words_of_a_failure_may_stand_in_the_delta() -> None:
    frame = b'{"choices":[{"delta":{"content":"half","error":"GPU lost"},"finish_reason":"error"}]}'
    chunks, reader = read([b"data: " + frame + b"\n\n"])
    assert [chunk.data for chunk in chunks] == ["half"]
    assert reader.result("FAILED", True).error_message == "GPU lost"


def test_a_chunk_keeps_its_frame_and_unknown_fields_are_attributes() -> None:
    (chunk,), _ = read([b'data: {"data":"x","moderation":{"flag":true}}\n\n'])
    assert chunk.raw == {"data": "x", "moderation": {"flag": True}}
    assert attribute(chunk, "moderation") == {"flag": True}


def test_forgotten_text_is_not_gathered() -> None:
    reader, chunks = ChunkReader(), deque[StreamChunk]()
    reader.forget_text()
    for _ in range(1000):
        reader.read(Event(('{"data":"x"}',)), chunks)
    assert len(chunks) == 1000
    assert reader.result("IN_PROGRESS", False).data is None


def test_a_refusal_is_gathered_beside_the_text() -> None:
    stream = b'data: {"choices":[{"delta":{"refusal":"I "}}]}\n\ndata: {"choices":[{"delta":{"refusal":"cannot"}}]}\n\n'
    _, reader = read([stream])
    details: Any = reader.result("SUCCESS", True).details
    assert details[0].message.refusal == "I cannot"


def test_a_final_answer_whose_text_was_not_streamed_gives_its_tool_calls_once() -> None:
    call = {"id": "call_a", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    frame = {
        "status": "SUCCESS",
        "completed": True,
        "details": [{"index": 0, "message": message, "finish_reason": "tool_calls"}],
    }
    (chunk,), reader = read([f"data: {json.dumps(frame)}\n\n".encode()])
    assert (chunk.tool_calls, chunk.finish_reason) == ([call], "tool_calls")
    details: Any = reader.result("SUCCESS", True).details
    assert details[0].message.tool_calls == [call]


def test_tool_calls_are_assembled_in_linear_space() -> None:
    calls = ToolCalls()
    for _ in range(10_000):
        calls.add([{"index": 0, "function": {"arguments": "ab"}}])
    (call,) = calls.assembled()
    assert call.get("function") == {"arguments": "ab" * 10_000}


def test_arguments_beyond_the_room_are_counted_but_not_kept() -> None:
    calls = ToolCalls()
    assert calls.add([{"index": 0, "function": {"arguments": "abc"}}], 3) == 3
    assert calls.add([{"index": 0, "function": {"arguments": "def"}}], 0) == 3
    assert calls.assembled() == [{"function": {"arguments": "abc"}}]


def test_a_fragment_repeats_neither_name_nor_id() -> None:
    calls = ToolCalls()
    calls.add([{"index": 3, "id": "call_a", "type": "function", "function": {"name": "weather", "arguments": "{"}}])
    calls.add([{"index": 3, "id": "", "function": {"name": "", "arguments": "}"}}])
    assert calls.assembled() == [
        {"id": "call_a", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    ]


@pytest.mark.parametrize(
    "frame",
    [
        {"choices": [{"delta": {"content": "tail"}, "error": {"message": "quota spent"}}]},
        {"choices": [{"delta": {"content": "tail"}, "error": "quota spent", "finish_reason": "error"}]},
        {"choices": [{"delta": {"content": "tail"}}], "error": {"message": "quota spent"}},
        {"data": "tail", "error": "quota spent"},
        {"error": "quota spent", "choices": [], "data": "tail"},
        {"error": "quota spent", "choices": {"0": {}}, "data": "tail"},
    ],
    ids=[
        "error of a choice",
        "finish reason too",
        "error beside choices",
        "error beside data",
        "no choices",
        "odd choices",
    ],
)
def test_a_failure_inside_a_frame_keeps_its_words_and_the_text_beside_it(frame: dict[str, Any]) -> None:
    chunks, reader = read([b'data: {"data": "head, "}\n\n', f"data: {json.dumps(frame)}\n\n".encode()])
    assert [chunk.data for chunk in chunks] == ["head, ", "tail"]
    result = reader.result("FAILED", True)
    assert (result.error_message, result.data) == ("quota spent", "head, tail")


def test_a_finish_reason_of_error_is_a_failure_without_words() -> None:
    _, reader = read([b'data: {"choices": [{"delta": {}, "finish_reason": "error"}]}\n\n'])
    assert outcome_of(reader) == "failed"
