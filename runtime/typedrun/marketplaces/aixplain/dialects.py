"""SSE events -> chunks for the dialects of a streamed answer; owns the terminator, the early end and the gathered answer.

One stream may mix the dialects, so each frame is recognised by itself:

    {"data": "text"}                          a piece of text; `null` is nothing, an object is no text
    {"choices": [{"delta": {…}}], "usage"}    an OpenAI chunk; only the first choice is read, and none is fine
    {"status": …} {"completed": …}            the final answer: its numbers count, its text only if none was streamed
    {"error": …} {"status": "FAILED"}         the failure
    [DONE] or {"data": "[DONE]"}              the terminator
    anything else that is no JSON object      a piece of text, as it stands

A stream is complete when a terminator, a finish reason or a final answer was seen; a stream that just stops is not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from io import StringIO
from typing import Any, Final

from attrs import evolve

from typedrun.core.failures import text_or_none
from typedrun.core.jsontext import parse_object
from typedrun.core.reply import Reply
from typedrun.core.sse import Event
from typedrun.errors import APIError, OperationFailedError
from typedrun.marketplaces.aixplain.answers import CREDIT_KEYS, RUN_TIME_KEYS, read_result, read_usage
from typedrun.marketplaces.aixplain.failures import error_words, read_error
from typedrun.marketplaces.aixplain.messages import read_content, read_reasoning, read_tool_calls
from typedrun.marketplaces.aixplain.states import FAILED, SUCCESS
from typedrun.marketplaces.aixplain.toolcalls import ToolCalls
from typedrun.marketplaces.aixplain.verdicts import ERROR_KEYS, operation_error, read_status
from typedrun.marketplaces.pieces import PieceReader
from typedrun.openenums import ResponseStatus
from typedrun.results import JSON, Detail, Message, ModelResult, StreamChunk, Usage

DONE: Final = "[DONE]"

_SETTLING_KEYS = frozenset({"status", "completed"})
_ENVELOPE_KEYS = _SETTLING_KEYS.union(ERROR_KEYS)
# What a frame may say about the whole run beside its piece of text.
_METRIC_KEYS = frozenset({*RUN_TIME_KEYS, *CREDIT_KEYS, "asset", "model", "requestId", "sessionId"})
_FRAME_KEYS = _ENVELOPE_KEYS | {"data", "choices", "usage"}

_RUNNING = ResponseStatus.IN_PROGRESS


class ChunkReader(PieceReader):
    """Reads the events of one stream and gathers what they amount to. The last event is [DONE]."""

    failure: Mapping[str, JSON] | None
    pending_url: str | None
    is_complete: bool

    def __init__(self) -> None:
        super().__init__()
        self.has_text: bool = False
        """Whether any text, or reasoning, arrived."""
        self._reasoning = StringIO()
        self._refusal = StringIO()
        self._calls = ToolCalls()
        self._usage: Usage | None = None
        self._finish_reason: str | None = None
        self._model: str | None = None
        self._metrics: dict[str, JSON] = {}
        self._final: ModelResult[Any] | None = None

    def error(self, *, model: str | None, url: str | None, request_id: str | None) -> OperationFailedError | None:
        """The error for the failure, in the supplier's words; None without one."""
        if self.failure is None:
            return None
        return operation_error(self.failure, model=model, url=url, request_id=request_id)

    def forget_text(self) -> None:
        """Drop the text gathered so far and gather no more."""
        super().forget_text()
        self._reasoning = StringIO()

    def refusal(self, reply: Reply, *, model: str | None) -> APIError | None:
        """The error for a reply with an error status in the place of a stream; None for any other."""
        return read_error(reply, model=model)

    # --- frames

    def read(self, event: Event, chunks: deque[StreamChunk]) -> bool:
        """Read one event.

        Args:
            event: The event.
            chunks: Where the chunks go that it carries; mostly one, sometimes none.

        Returns:
            True when the stream is over: terminator or failure.
        """
        lines = event.lines
        if event.type == "error":
            self.failure = parse_object(event.data) or {"error": event.data.strip() or "an error event without a text"}
            return True
        if len(lines) != 1:
            return self._read_lines(lines, chunks)
        payload = parse_object(lines[0])
        if payload is not None:
            return self._read_object(payload, chunks)
        word = lines[0].strip()
        if word == DONE:
            return self._terminate()
        if word != "null":
            self._add_plain(lines[0], None, chunks)
        return False

    def read_body(self, body: JSON, text: str, chunks: deque[StreamChunk]) -> None:
        """Read a reply that is one JSON document instead of a stream: the model ignored the option."""
        if isinstance(body, dict):
            result = read_result(body)
            if not result.completed and result.url and not _SETTLING_KEYS.isdisjoint(body):
                self.pending_url = result.url
            else:
                self._read_object(body, chunks)
        elif body is not None:
            self._add_plain(body if isinstance(body, str) else text, None, chunks)
            self.is_complete = True

    def end(self, pending: tuple[str, ...], chunks: deque[StreamChunk]) -> None:
        """Look at what stands after the last blank line: nothing of it counts, except a terminator."""
        if pending and not self.has_terminator and _is_terminator(pending[-1]):
            self._read_lines(pending, chunks)

    def _read_lines(self, lines: tuple[str, ...], chunks: deque[StreamChunk]) -> bool:
        """Read an event of several data lines: one document, cut anywhere, or several frames without blank lines between."""
        # The terminator is never part of a document, and nothing after it counts.
        end = next((place for place, line in enumerate(lines) if _is_terminator(line)), None)
        if end is not None:
            return (end > 0 and self.read(Event(lines[:end]), chunks)) or self._terminate()
        for text in ("\n".join(lines), "".join(lines)):
            payload = parse_object(text)
            if payload is not None:
                return self._read_object(payload, chunks)
        frames = _separate_frames(lines)
        if frames is None:
            self._add_plain("\n".join(lines), None, chunks)
            return False
        return any(self._read_object(frame, chunks) for frame in frames)

    def _terminate(self) -> bool:
        self.has_terminator = self.is_complete = True
        return True

    def _read_object(self, payload: dict[str, JSON], chunks: deque[StreamChunk]) -> bool:
        data = payload.get("data")
        if len(payload) == 1 and type(data) is str:  # by far the commonest frame
            if data.strip() == DONE:
                return self._terminate()
            self._add_plain(data, payload, chunks)
            return False
        choices = payload.get("choices")
        if "error" in payload or "status" in payload or not (choices or _ENVELOPE_KEYS.isdisjoint(payload)):
            status, completed = read_status(payload)
            if status == FAILED or (status != SUCCESS and error_words(payload.get("error"))):
                return self._fail_frame(payload, data, choices, chunks)
            if completed and choices is None:
                self._read_final(payload, chunks)
                return False
            self.is_complete = self.is_complete or completed
        if isinstance(choices, list):
            return self._read_choices(payload, choices, chunks)
        return self._read_data(payload, chunks)

    def _fail_frame(self, payload: dict[str, JSON], data: JSON, choices: JSON, chunks: deque[StreamChunk]) -> bool:
        """Note a failure, and the text that stands in the same frame. (An envelope may repeat the text of the stream.)"""
        if isinstance(choices, list) and choices:
            self._read_choices({name: value for name, value in payload.items() if name != "error"}, choices, chunks)
        elif isinstance(data, str) and data and not (self.has_text and "status" in payload):
            self._add_plain(data, payload, chunks)
        self.failure = payload if self.failure is None else {**self.failure, **payload}
        return True

    def _read_data(self, payload: dict[str, JSON], chunks: deque[StreamChunk]) -> bool:
        data = payload.get("data")
        if data is None and payload.keys() == {"data"}:  # a heartbeat
            return False
        for key in _METRIC_KEYS.intersection(payload):
            self._metrics[key] = payload[key]
        if isinstance(data, str) and data.strip() == DONE:
            return self._terminate()
        chunk = self._chunk_of(payload, data if isinstance(data, str) else "", payload)
        self._add(chunk)
        chunks.append(chunk)
        return False

    def _read_choices(self, payload: dict[str, JSON], choices: list[JSON], chunks: deque[StreamChunk]) -> bool:
        """Read an OpenAI chunk. Its hot path (a delta with nothing but content) makes no call besides the chunk itself."""
        if self._model is None and "model" in payload:
            self._model = text_or_none(payload["model"])
        first = choices[0] if choices else None
        if not isinstance(first, dict):
            first = {}
        delta = first.get("delta")
        usage = payload.get("usage")
        if (
            usage is None
            and type(delta) is dict
            and len(delta) == 1
            and not (first.get("finish_reason") or first.get("error"))
        ):
            content = delta.get("content")
            if type(content) is str:
                self._add_plain(content, payload, chunks)
                return False
        if not isinstance(delta, dict):
            delta = self._whole_message(first)
        refusal = delta.get("refusal")
        if isinstance(refusal, str):
            self._refusal.write(refusal)
        content = delta.get("content")
        chunk = self._chunk_of(delta, "" if content is None else read_content(content), payload)
        chunk.usage = read_usage(usage) if usage is not None else None
        chunk.finish_reason = text_or_none(first.get("finish_reason"))
        self._add(chunk)
        failed = first.get("error") or delta.get("error")
        if chunk.finish_reason != "error" and not error_words(failed):
            chunks.append(chunk)
            return False
        # The supplier's words stand in the choice; what arrived with them is not lost.
        self.failure = payload if failed is None else {**payload, "error": failed}
        if chunk.data or chunk.reasoning_content or chunk.tool_calls:
            chunks.append(chunk)
        return True

    def _whole_message(self, choice: dict[str, JSON]) -> dict[str, JSON]:
        """What a choice without a delta says: the finished message, or the text of the older completion form."""
        message = choice.get("message")
        if isinstance(message, dict):
            return {} if self._has_answer() else message
        return {"content": choice.get("text")}

    def _read_final(self, payload: dict[str, JSON], chunks: deque[StreamChunk]) -> None:
        """Read the final answer. What was streamed is not repeated; if nothing was, this is the one chunk."""
        is_first = not self._has_answer()
        final = self._final = read_result(payload)
        self.is_complete = True
        choice = next(iter(final.choices), None)
        text = final.data if isinstance(final.data, str) else ""
        chunk = StreamChunk(
            ResponseStatus.SUCCESS,
            text if is_first else "",
            choice.message.reasoning_content if choice and is_first else None,
            choice.message.tool_calls if choice and is_first else None,
            final.usage,
            choice.finish_reason if choice else None,
            payload,
        )
        self._add(chunk)
        if is_first or chunk.usage is not None or chunk.finish_reason:
            chunks.append(chunk)

    def _chunk_of(self, delta: dict[str, JSON], text: str, payload: dict[str, JSON]) -> StreamChunk:
        calls, usage = delta.get("tool_calls"), delta.get("usage")
        return StreamChunk(
            _RUNNING,
            text,
            read_reasoning(delta),
            read_tool_calls(calls) if calls else None,
            read_usage(usage) if usage is not None else None,
            text_or_none(delta.get("finish_reason")),
            payload,
        )

    def _has_answer(self) -> bool:
        return self.has_text or len(self._calls) > 0

    # --- what the stream amounts to

    def _add_plain(self, text: str, payload: dict[str, JSON] | None, chunks: deque[StreamChunk]) -> None:
        if text:
            self.has_text = True
            self._room -= len(text)
            if self._room >= 0:
                self._text.write(text)
        chunks.append(StreamChunk(_RUNNING, text, None, None, None, None, payload))

    def _add(self, chunk: StreamChunk) -> None:
        if chunk.data or chunk.reasoning_content:
            self.has_text = True
        reasoning = chunk.reasoning_content or ""
        self._room -= len(chunk.data) + len(reasoning)
        if self._room >= 0:
            self._text.write(chunk.data)
            self._reasoning.write(reasoning)
        if chunk.tool_calls:
            self._room -= self._calls.add(chunk.tool_calls, self._room)
        if chunk.usage is not None:
            self._usage = chunk.usage
        if chunk.finish_reason:
            self._finish_reason = chunk.finish_reason
            self.is_complete = True

    def result(self, status: str, completed: bool, request_id: str | None = None) -> ModelResult[Any]:
        """The answer so far, in the shape that a run without streaming gives.

        Args:
            status: Status to report.
            completed: Is the run finished?
            request_id: The backend's name for the exchange, if no frame names it.
        """
        said = self._final or read_result(
            {**self.failure, "status": FAILED} if self.failure else dict(self._metrics), request_id=request_id
        )
        text = self._text.getvalue()
        calls = self._calls.assembled()
        message = Message(
            content=text if text or not calls else None,
            refusal=self._refusal.getvalue() or None,
            tool_calls=calls or None,
            reasoning_content=self._reasoning.getvalue() or None,
        )
        has_answer = bool(text or calls or message.reasoning_content or message.refusal)
        gathered = [Detail(0, message, None, self._finish_reason)] if has_answer else None
        # The final answer's own text serves only where none was kept: people must find what they saw arrive.
        data = text or said.data
        return evolve(
            said,
            status=status,
            completed=completed,
            data=text if data is None and self.is_complete else data,
            details=said.details or gathered,
            usage=said.usage or self._usage,
            model=said.model or self._model,
            request_id=said.request_id or request_id,
        )


def _is_terminator(line: str) -> bool:
    word = line.strip()
    if word == DONE:
        return True
    payload = parse_object(word) if DONE in word else None
    data = payload.get("data") if payload else None
    return isinstance(data, str) and data.strip() == DONE


def _separate_frames(lines: tuple[str, ...]) -> list[dict[str, JSON]] | None:
    """Frames of consecutive lines, each of one line or cut over several; None if some line belongs to no frame."""
    frames: list[dict[str, JSON]] = []
    cut: list[str] = []
    for line in (*lines, ""):
        payload = parse_object(line)
        if payload is None and line:
            cut.append(line)
            continue
        if cut:
            frames.append(parse_object("".join(cut)) or {})
            cut.clear()
        if payload is not None:
            frames.append(payload)
    return frames if all(not _FRAME_KEYS.isdisjoint(frame) for frame in frames) else None
