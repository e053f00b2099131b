"""Error answers: problem objects of `title`, `detail` and `status` (RFC 7807)."""

from __future__ import annotations

from http import HTTPStatus

from typedrun_sandbox.engine.refusals import Refusal
from typedrun_sandbox.jsontypes import JSON, JSONObject

HEADERS = {"Content-Type": "application/problem+json"}

_WORDS: dict[int, tuple[str, str]] = {
    401: ("Unauthenticated", "You did not pass an authentication token"),
    402: ("Insufficient credit", "You have insufficient credit to run this model."),
    404: ("Not found", "The requested resource could not be found."),
    429: ("Too many requests", "Request was throttled. Your rate limit resets in ~1s."),
}
"""Title and detail of what the engine refuses in one word, or a fault brings about."""


def error_body(status: int, message: str) -> JSONObject:
    """The body of an error answer."""
    title, detail = _WORDS.get(status, (_phrase(status), message))
    return {"title": title, "detail": detail, "status": status}


def not_found() -> Refusal:
    """404 for something that a path names."""
    return Refusal(404)


def unknown_version() -> Refusal:
    """422: no such version, or none that may be run."""
    detail = "The specified version does not exist (or perhaps you don't have permission to use it?)"
    return Refusal(
        422, body={"title": "Invalid version or not permitted", "detail": detail, "status": 422}, headers=HEADERS
    )


def invalid(fields: list[tuple[str, str, str]]) -> Refusal:
    """422: each wrong member as kind, place and sentence."""
    lines = "".join(f"- {place}: {sentence}\n" if place else f"- {sentence}\n" for _, place, sentence in fields)
    shown: list[JSON] = [{"type": kind, "field": place, "description": sentence} for kind, place, sentence in fields]
    body: JSONObject = {"title": "Input validation failed", "detail": lines, "status": 422, "invalid_fields": shown}
    return Refusal(422, body=body, headers=HEADERS)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"
