"""Events of a streamed prediction: `output`, `logs`, `error` and `done`, by name.

`done` says in JSON how it ended: nothing, or a `reason`. An event of another name says nothing about the answer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, Final

import typedrun.errors as errors
from typedrun.core.jsontext import parse_object
from typedrun.core.reply import Reply
from typedrun.core.sse import Event
from typedrun.marketplaces.pieces import PieceReader
from typedrun.marketplaces.replicate.failures import failure_of, read_error
from typedrun.results import JSON, StreamChunk

_ADDRESSES: Final = ("https://", "http://", "data:")


class EventReader(PieceReader):
    """Reads the events of one prediction."""

    def __init__(self, is_list: bool | None = None) -> None:
        super().__init__(is_list)
        self.gathers_items: bool = is_list is True
        self._items: list[str] = []
        self._are_files = True
        """Whether all pieces are addresses of files: such an answer is a list where the model does not say."""

    def read(self, event: Event, chunks: deque[StreamChunk]) -> bool:
        """Read one event; its chunk is appended. True when the stream is over."""
        if event.type == "output":
            self._add_text(event.data, chunks)
            self._note_item(event.data)
        elif event.type == "logs":
            self._add_logs(event.data)
        elif event.type == "error":
            said = parse_object(event.data)
            self._fail({"status": "failed", "error": event.data if said is None else said})
            return True
        elif event.type == "done":
            reason = (parse_object(event.data) or {}).get("reason")
            self.has_terminator = True
            if isinstance(reason, str) and reason:
                self._fail({"status": "canceled" if reason == "canceled" else "failed", "error": None})
            else:
                self._end_whole()
            return True
        return False

    def _note_item(self, piece: str) -> None:
        self._are_files = self._are_files and piece.startswith(_ADDRESSES)
        if not self.gathers_items and (self._is_list is False or not self._are_files):
            self._items.clear()
        elif self._room >= 0:
            self._items.append(piece)

    def _data(self) -> Any:
        return list(self._items) if self.gathers_items or self._items else super()._data()

    def forget_text(self) -> None:
        """Drop what was gathered so far and gather no more."""
        super().forget_text()
        self._items.clear()

    def read_body(self, body: JSON, text: str, chunks: deque[StreamChunk]) -> None:
        """Read a document in the place of a stream: no answer, unless it says what failed."""
        del text, chunks
        if isinstance(body, dict) and body.get("error"):
            self._fail({"status": "failed", **body})
            return
        raise errors.DecodingError("The backend answered with one document where the stream of a run was expected")

    def refusal(self, reply: Reply, *, model: str | None) -> errors.APIError | None:
        """The error for a reply with an error status in the place of a stream; None for any other."""
        return read_error(reply, model=model)

    def error(
        self, *, model: str | None, url: str | None, request_id: str | None
    ) -> errors.OperationFailedError | None:
        """The error for the failure; None without one."""
        if self.failure is None:
            return None
        failed: Mapping[str, JSON] = self.failure if self.failure.get("id") else {**self.failure, "id": request_id}
        return failure_of(dict(failed), model, url)
