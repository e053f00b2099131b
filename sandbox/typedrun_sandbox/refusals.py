"""Error answers in the backend's shapes: `statusCode`, `message`, sometimes `error` and `errors`."""

from __future__ import annotations

import json
from collections.abc import Mapping

from starlette.responses import Response

from typedrun_sandbox.jsontypes import JSON, JSONObject


class Refusal(Exception):
    """A request that is answered with an error status."""

    def __init__(self, status: int, body: JSON, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """The HTTP answer; a text body is sent as it is."""
        if isinstance(self.body, str):
            return Response(self.body, self.status, self.headers)
        return json_response(self.body, self.status, self.headers)


def encode(value: JSON, separators: tuple[str, str] | None = None) -> bytes:
    """JSON bytes with readable text, as the backend sends it; only a lone surrogate, which UTF-8 cannot carry, is escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=separators)
    return text.encode("utf-8", errors="backslashreplace")


def json_response(value: JSON, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(encode(value), status, dict(headers or {}), media_type="application/json")


def unauthorized() -> Refusal:
    """401: no key, a wrong key, or the key in a header that this endpoint family does not read."""
    return Refusal(401, {"statusCode": 401, "message": "Unauthorized", "error": "UNAUTHORIZED"})


def not_found(what: str = "Model") -> Refusal:
    """404 for something that a path names."""
    return Refusal(404, {"statusCode": 404, "message": f"{what} not found"})


def bad_request(message: str, errors: list[JSON] | None = None) -> Refusal:
    """400 with a sentence, and one entry per wrong field when fields are known."""
    body: JSONObject = {"statusCode": 400, "message": message, "error": "Bad Request"}
    if errors:
        body["errors"] = errors
    return Refusal(400, body)


def unreachable_input(parameter: str) -> Refusal:
    """492: a media parameter does not name a URL that can be fetched."""
    return Refusal(
        492,
        {
            "statusCode": 492,
            "completed": True,
            "error": "err.invalid_input_data_or_input_url",
            "supplierError": f"The input URL of '{parameter}' could not be fetched",
        },
    )
