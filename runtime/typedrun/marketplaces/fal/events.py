"""Events of a streamed run: each is what the model has so far, as JSON of the model's own; no names, and no last event.

So a stream is whole when the reply ends as it should. The last object is the answer; chunks have the objects in `raw`, and a text where
the model sends plain texts.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Final

import typedrun.errors as errors
from typedrun.core.jsontext import parse_json
from typedrun.core.reply import Reply
from typedrun.core.sse import Event
from typedrun.marketplaces.fal.failures import read_error, status_failure
from typedrun.marketplaces.pieces import PieceReader
from typedrun.openenums import ResponseStatus
from typedrun.results import JSON, StreamChunk

_FAILURE: Final = frozenset({"error", "error_type", "detail", "status", "status_code", "request_id", "type"})
"""Members of an event that says what failed; one with any other is an output."""


class EventReader(PieceReader):
    """Reads the events of one run."""

    def __init__(self, is_list: bool | None = None) -> None:
        super().__init__(is_list)
        self._last: JSON = None
        self._has_any = False

    def read(self, event: Event, chunks: deque[StreamChunk]) -> bool:
        """Read one event; its chunk is appended. True when the stream is over."""
        try:
            value: JSON = parse_json(event.data)
        except (ValueError, RecursionError):
            value = event.data
        if isinstance(value, dict) and (value.get("error") or value.get("detail")) and value.keys() <= _FAILURE:
            self._fail(value)
            return True
        self._has_any = True
        if isinstance(value, dict):
            self._last = value
            chunks.append(StreamChunk(ResponseStatus.IN_PROGRESS, raw=value))
        else:
            self._add_text(value if isinstance(value, str) else event.data, chunks)
        return False

    def read_body(self, body: JSON, text: str, chunks: deque[StreamChunk]) -> None:
        """Read the document of a model that ignored the stream: the answer, at once."""
        del text
        self._last, self._has_any = body, True
        self._end_whole()
        if isinstance(body, dict):
            chunks.append(StreamChunk(ResponseStatus.IN_PROGRESS, raw=body))

    def end(self, pending: tuple[str, ...], chunks: deque[StreamChunk]) -> None:
        """Take an event that only lacks its blank line for one: nothing else marks the end."""
        if pending and self.failure is None:
            try:
                parse_json("\n".join(pending))
            except (ValueError, RecursionError):
                return
            self.read(Event(pending), chunks)

    def ended_well(self, chunks: deque[StreamChunk]) -> None:
        """Take the end of the reply for that of the answer."""
        del chunks
        if self._has_any and self.failure is None:
            self._end_whole()

    def refusal(self, reply: Reply, *, model: str | None) -> errors.APIError | None:
        """The error for a reply with an error status in the place of a stream; None for any other."""
        return read_error(reply, model=model)

    def error(
        self, *, model: str | None, url: str | None, request_id: str | None
    ) -> errors.OperationFailedError | None:
        """The error for the failure; None without one."""
        return None if self.failure is None else status_failure(self.failure, model, url, request_id)

    def _data(self) -> Any:
        return self._text.getvalue() if self._last is None else self._last
