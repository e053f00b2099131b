"""Answers as bytes: JSON, and errors in the shape of whoever is served."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Protocol

from starlette.responses import Response

from typedrun_sandbox.jsontypes import JSON


class ErrorShape(Protocol):
    """How a marketplace words an error."""

    def error_body(self, status: int, message: str, /) -> JSON:
        """The body of an error answer."""
        ...

    def error_headers(self, status: int, /) -> Mapping[str, str]:
        """What its header says besides: whether a retry may help, a content type …"""
        ...


class Refusal(Exception):
    """A request that is answered with an error status.

    Args:
        status: HTTP status.
        message: what is wrong; the marketplace puts it into its shape.
        body: the whole body instead, where it has more to say; a text is sent as it is.
        headers: further headers.
    """

    def __init__(
        self, status: int, message: str = "", *, body: JSON = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message
        self.body = body
        self.headers: dict[str, str] = dict(headers or {})

    def response(self, shape: ErrorShape) -> Response:
        """The HTTP answer; `shape` makes body and headers where the refusal has none of its own."""
        body, headers = self.body, self.headers
        if body is None:
            body = shape.error_body(self.status, self.message)
            headers = {**shape.error_headers(self.status), **self.headers}
        if isinstance(body, str):
            return Response(body, self.status, headers)
        return json_response(body, self.status, headers)


def encode(value: JSON, separators: tuple[str, str] | None = None) -> bytes:
    """JSON bytes with readable text, as backends send it; only a lone surrogate, which UTF-8 cannot carry, is escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=separators)
    return text.encode("utf-8", errors="backslashreplace")


def json_response(value: JSON, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer; another content type may be among the headers."""
    own = {"Content-Type": "application/json", **(headers or {})}
    return Response(encode(value), status, own)
