"""Gathers the pieces of a streamed answer; the readers of marketplaces derive from it and say what an event means."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from io import StringIO
from typing import Any

import typedrun.errors as errors
from typedrun.core.reply import Reply
from typedrun.core.sse import Event
from typedrun.core.streams import MAX_GATHERED
from typedrun.openenums import ResponseStatus
from typedrun.results import JSON, ModelResult, StreamChunk


class PieceReader:
    """What is known of one stream."""

    gathers_items: bool = False
    """Whether each chunk is an item of the answer, which is a list."""

    def __init__(self, is_list: bool | None = None) -> None:
        """Args: whether the answer is a list; None where the model does not say."""
        self._is_list = is_list
        self.has_terminator: bool = False
        """Whether the last event has come; nothing after it counts."""
        self.is_complete: bool = False
        """Whether the stream said that the answer is whole."""
        self.failure: Mapping[str, JSON] | None = None
        """The frame that reported a failure."""
        self.pending_url: str | None = None
        """Where to poll, if the model answered with a job instead of a stream."""
        self._text = StringIO()
        self._logs = StringIO()
        self._room = MAX_GATHERED
        self._is_forgetful = False

    def _fail(self, failure: Mapping[str, JSON]) -> None:
        self.failure = failure

    def _end_whole(self) -> None:
        self.is_complete = True

    @property
    def has_overflowed(self) -> bool:
        """Whether the answer is longer than what is gathered."""
        return self._room < 0 and not self._is_forgetful

    def read(self, event: Event, chunks: deque[StreamChunk]) -> bool:
        """Read one event; its chunks are appended. True when the stream is over."""
        raise NotImplementedError

    def read_body(self, body: JSON, text: str, chunks: deque[StreamChunk]) -> None:
        """Read a reply that is one JSON document instead of a stream."""
        raise NotImplementedError

    def refusal(self, reply: Reply, *, model: str | None) -> errors.APIError | None:
        """The error for a reply with an error status in the place of a stream; None for any other."""
        raise NotImplementedError

    def end(self, pending: tuple[str, ...], chunks: deque[StreamChunk]) -> None:
        """Do nothing: what stands after the last blank line does not count, by the standard."""

    def ended_well(self, chunks: deque[StreamChunk]) -> None:
        """Do nothing where the stream has a last event: the end of the reply is no news."""

    def error(
        self, *, model: str | None, url: str | None, request_id: str | None
    ) -> errors.OperationFailedError | None:
        """The error for the failure; None without one."""
        raise NotImplementedError

    def result(self, status: str, completed: bool, request_id: str | None = None) -> ModelResult[Any]:
        """The answer so far, in the shape that a run without streaming gives."""
        return ModelResult(
            status=status,
            completed=completed,
            data=self._data(),
            request_id=request_id,
            raw={} if self.failure is None else self.failure,
            logs=self._logs.getvalue(),
        )

    def forget_text(self) -> None:
        """Drop the text gathered so far and gather no more."""
        self._is_forgetful, self._room = True, -1
        self._text = StringIO()

    def _data(self) -> Any:
        return self._text.getvalue()

    def _add_text(self, text: str, chunks: deque[StreamChunk]) -> None:
        chunks.append(StreamChunk(ResponseStatus.IN_PROGRESS, text))
        if self._room >= 0:
            self._room -= len(text)
            self._text.write(text if self._room >= 0 else text[: self._room])

    def _add_logs(self, text: str) -> None:
        if self._logs.tell() + len(text) <= MAX_GATHERED:
            self._logs.write(text)
