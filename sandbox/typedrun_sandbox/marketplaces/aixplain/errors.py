"""Error answers in aiXplain's shapes: `statusCode`, `message`, sometimes `error` and `errors`."""

from __future__ import annotations

from http import HTTPStatus

from typedrun_sandbox.engine.refusals import Refusal
from typedrun_sandbox.jsontypes import JSON, JSONObject

_WORDS = {401: "UNAUTHORIZED"}
"""`error` where it is not the status in words."""

_BARE = frozenset({404})
"""Statuses that come without `error`."""


def error_body(status: int, message: str) -> JSONObject:
    """The body of an error answer."""
    body: JSONObject = {"statusCode": status, "message": message}
    return body if status in _BARE else body | {"error": _WORDS.get(status) or _phrase(status)}


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"


def not_found(what: str = "Model") -> Refusal:
    """404 for something that a path names."""
    return Refusal(404, f"{what} not found")


def bad_request(message: str, errors: list[JSON]) -> Refusal:
    """400 with a sentence, and one entry per wrong field."""
    body = error_body(400, message)
    body["errors"] = errors
    return Refusal(400, body=body)


def unreachable_input(parameter: str) -> Refusal:
    """492: a media parameter does not name a URL that can be fetched."""
    return Refusal(
        492,
        body={
            "statusCode": 492,
            "completed": True,
            "error": "err.invalid_input_data_or_input_url",
            "supplierError": f"The input URL of '{parameter}' could not be fetched",
        },
    )
