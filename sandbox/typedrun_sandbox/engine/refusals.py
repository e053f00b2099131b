"""Answers as bytes: JSON, and errors in the shape of whoever is served."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from starlette.responses import Response

from typedrun_sandbox.jsontypes import JSON


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

    def response(self, shape: Callable[[int, str], JSON]) -> Response:
        """The HTTP answer; `shape` makes a body from status and message."""
        body = shape(self.status, self.message) if self.body is None else self.body
        if isinstance(body, str):
            return Response(body, self.status, self.headers)
        return json_response(body, self.status, self.headers)


def encode(value: JSON, separators: tuple[str, str] | None = None) -> bytes:
    """JSON bytes with readable text, as backends send it; only a lone surrogate, which UTF-8 cannot carry, is escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=separators)
    return text.encode("utf-8", errors="backslashreplace")


def json_response(value: JSON, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(encode(value), status, dict(headers or {}), media_type="application/json")
