"""Bodies of one JSON value after another: JSON Lines (one a line) and JSON sequences (RFC 7464, each after a record separator)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from typedrun.core.sse import MAX_EVENT_SIZE
from typedrun.errors import DecodingError
from typedrun.files.mediatypes import Content, content_of
from typedrun.operations.places import json_text

EVENTS: Final = "text/event-stream"
_SEPARATOR: Final = "\x1e"


def is_records(media_type: str) -> bool:
    """Whether content is JSON values that follow each other."""
    return content_of(media_type).is_records


def write_records(values: Iterable[object], media_type: str) -> bytes:
    """Write the values, each as one record."""
    lead = _SEPARATOR if content_of(media_type) is Content.SEQUENCE else ""
    return "".join(f"{lead}{json_text(one)}\n" for one in values).encode()


class RecordDecoder:
    """Incremental decoder: takes any piece of the body, gives the texts of the records that it completed.

    Args:
        media_type: one of those of `is_records`.
        max_size: largest record, in bytes, before `feed` raises `DecodingError`.
    """

    def __init__(self, media_type: str, max_size: int = MAX_EVENT_SIZE) -> None:
        self._max_size = max_size
        self._separator = _SEPARATOR.encode() if content_of(media_type) is Content.SEQUENCE else b"\n"
        self._pieces: list[bytes] = []
        self._size = 0

    def feed(self, block: bytes) -> list[str]:
        """Give the records that end in this piece.

        Raises:
            DecodingError: one is larger than any known answer, or no UTF-8.
        """
        first, *others = block.split(self._separator)
        self._keep(first)
        found: list[str] = []
        for one in others:
            found += self.finish()
            self._keep(one)
        return found

    def finish(self) -> list[str]:
        """Give what stands after the last separator, if anything does."""
        whole = b"".join(self._pieces)
        self._pieces, self._size = [], 0
        try:
            text = whole.decode().strip()
        except UnicodeDecodeError as error:
            raise DecodingError(f"A record of the stream is no UTF-8: {error.reason}") from None
        return [text] if text else []

    def _keep(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._max_size:
            raise DecodingError(f"A record of the stream is larger than {self._max_size} bytes")
        self._pieces.append(piece)
