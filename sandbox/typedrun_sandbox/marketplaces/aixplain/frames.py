"""A streamed answer: each of the backend's dialects, as the text of SSE frames."""

from __future__ import annotations

from collections.abc import Iterator

from typedrun_sandbox.answers.answer import Answer
from typedrun_sandbox.engine.refusals import encode
from typedrun_sandbox.jsontypes import JSON, JSONObject
from typedrun_sandbox.marketplaces.aixplain.settings import Dialect

DONE = b"data: [DONE]\n\n"

_ARGUMENT_PIECE = 12
"""Characters of a tool call's arguments per frame."""


def frames(answer: Answer, envelope: JSONObject, dialect: Dialect, *, raw: bool) -> Iterator[bytes]:
    """Every frame of a stream, `[DONE]` last.

    Args:
        answer: what the model says.
        envelope: the same in its wire form; ids and usage come from it.
        dialect: which frames; `auto` follows `raw`.
        raw: the request's `options.raw`.
    """
    if answer.failure:
        yield frame(envelope)
        return
    openai = raw if dialect == "auto" else dialect == "openai"
    yield from map(frame, openai_chunks(answer, envelope) if openai else data_chunks(answer))
    if dialect == "result":
        yield frame(envelope)
    yield DONE


def frame(chunk: JSON) -> bytes:
    """One SSE event."""
    return b"data: " + encode(chunk, (",", ":")) + b"\n\n"


def data_chunks(answer: Answer) -> Iterator[JSONObject]:
    """`{"data": "…"}` chunks: text only; tool calls do not come this way."""
    for piece in answer.stream_pieces:
        yield {"data": piece}


def openai_chunks(answer: Answer, envelope: JSONObject) -> Iterator[JSONObject]:
    """OpenAI chunk objects; the last one has the finish reason, and one with no choices the usage."""
    head: JSONObject = {
        "id": f"chatcmpl-{envelope.get('requestId', 'scripted')}",
        "object": "chat.completion.chunk",
        "model": envelope.get("model"),
    }
    for delta in deltas(answer):
        yield {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}], "usage": None}
    last: list[JSON] = [{"index": 0, "delta": {}, "finish_reason": answer.finish_reason}]
    yield {**head, "choices": last, "usage": None}
    yield {**head, "choices": [], "usage": envelope.get("usage")}


def deltas(answer: Answer) -> Iterator[JSONObject]:
    """What each chunk adds to the message: role first, then reasoning, then tool calls or text."""
    yield {"role": "assistant", "content": None if answer.tool_calls else ""}
    if answer.reasoning:
        yield {"reasoning_content": answer.reasoning}
    for index, call in enumerate(answer.tool_calls):
        yield from tool_call_deltas(index, call)
    for piece in answer.stream_pieces:
        yield {"content": piece}


def tool_call_deltas(index: int, call: JSONObject) -> Iterator[JSONObject]:
    """One tool call in fragments: id and name first, then the arguments piece by piece."""
    function = call["function"]
    assert isinstance(function, dict)  # noqa: S101  # made by answers.text
    arguments = str(function["arguments"])
    opened: JSONObject = {"name": function["name"], "arguments": ""}
    yield {"tool_calls": [{"index": index, "id": call["id"], "type": "function", "function": opened}]}
    for start in range(0, len(arguments), _ARGUMENT_PIECE):
        piece: JSONObject = {"arguments": arguments[start : start + _ARGUMENT_PIECE]}
        yield {"tool_calls": [{"index": index, "function": piece}]}
