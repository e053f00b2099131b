"""Responses of other HTTP libraries as live replies: recognised by what they can do, imported where one is handed over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

_BLOCK = 64 * 1024


class ForeignReply:
    """A response of another HTTP library as a live reply."""

    def __init__(self, response: Any) -> None:
        self._response = response

    @property
    def status(self) -> int:
        """HTTP status code, under either of its names; 200 where it says none."""
        return _status_of(self._response)

    @property
    def headers(self) -> Mapping[str, str]:
        """Header fields."""
        return cast("Mapping[str, str]", getattr(self._response, "headers", {}))

    def blocks(self) -> Iterator[bytes]:
        """The body, as it arrives."""
        response = self._response
        raw = getattr(response, "raw", None)
        for source in (raw, response):
            if _has_method(source, "read1"):
                return _read1_blocks(source)
        if _has_method(response, "iter_content"):
            # One byte at a time is slow but prompt: a larger size waits until so much has come.
            return _as_bytes(response.iter_content(chunk_size=1))
        if callable(getattr(response, "iter_lines", None)):
            return (line + b"\n" for line in _as_bytes(response.iter_lines()))
        if callable(getattr(response, "iter_content", None)):
            return _as_bytes(response.iter_content())
        if callable(getattr(response, "stream", None)):
            return _as_bytes(response.stream())
        return _as_bytes(response)

    def drain(self) -> None:
        """Do nothing: what is not read is dropped with the connection."""

    def close(self) -> None:
        """Close it, where it can be closed."""
        close = getattr(self._response, "close", None)
        if callable(close):
            close()


def _read1_blocks(source: Any) -> Iterator[bytes]:
    # With a size, a body that ends before its declared length raises instead of ending quietly. requests asks urllib3 for
    # the body as it was sent and decompresses it elsewhere.
    options = {"decode_content": True} if hasattr(source, "decode_content") else {}
    while block := source.read1(_BLOCK, **options):
        yield block


def _as_bytes(pieces: Iterable[bytes | str]) -> Iterator[bytes]:
    for piece in pieces:
        yield piece.encode() if isinstance(piece, str) else piece


def _has_method(value: object, name: str) -> bool:
    """Whether it has this. Asked of the class, since some objects pretend to have every attribute."""
    return callable(getattr(type(value), name, None))


def _status_of(response: object) -> int:
    for name in ("status", "status_code"):
        value = getattr(response, name, None)
        if isinstance(value, int):
            return value
    return 200
