"""Error answers in fal's three forms: of a model (`detail` is a list), of a request (`detail` is a sentence), of the platform."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from typedrun_sandbox.engine.refusals import Refusal
from typedrun_sandbox.jsontypes import JSON, JSONObject, as_text

TYPES: Mapping[str, int] = {
    "request_timeout": 504,
    "startup_timeout": 504,
    "runner_scheduling_failure": 503,
    "runner_connection_timeout": 503,
    "runner_disconnected": 503,
    "runner_connection_refused": 503,
    "runner_connection_error": 503,
    "runner_incomplete_response": 502,
    "runner_server_error": 500,
    "client_disconnected": 499,
    "client_cancelled": 499,
    "bad_request": 400,
    "internal_error": 500,
}
"""Kinds of a request's failure and the status that each usually has (docs: model-apis/request-errors)."""

_OF_STATUS: Mapping[int, str] = {
    400: "bad_request",
    499: "client_cancelled",
    500: "internal_error",
    502: "runner_incomplete_response",
    503: "runner_scheduling_failure",
    504: "request_timeout",
}
"""The kind that stands for a status where nobody says another."""

_WORDS: Mapping[int, str] = {
    401: "Cannot access application. Authentication is required to access this application.",
    404: "Not Found",
}

_RETRYABLE = frozenset({408, 429, 502, 503, 504})

_PLATFORM: Mapping[int, str] = {
    400: "validation_error",
    401: "authorization_error",
    403: "authorization_error",
    404: "not_found",
    429: "rate_limited",
}
"""The platform's word for a status; the others are `server_error`."""


def error_body(status: int, message: str) -> JSONObject:
    """The body of a request's error."""
    detail = _WORDS.get(status) or message or _phrase(status)
    kind = _OF_STATUS.get(status)
    return {"detail": detail, "error_type": kind} if kind else {"detail": detail}


def error_headers(status: int) -> dict[str, str]:
    """Whether a retry may help, and the kind once more."""
    kind = _OF_STATUS.get(status)
    retryable = {"X-Fal-Retryable": "true" if status in _RETRYABLE else "false"}
    return retryable | ({"X-Fal-Error-Type": kind} if kind else {})


def request_error(kind: str, detail: str, *, by_user: bool = False) -> Refusal:
    """A failure of the platform, by its kind; `by_user` where the caller's own limit was reached."""
    status = TYPES.get(kind, 500)
    headers = {"X-Fal-Error-Type": kind, "X-Fal-Retryable": "true" if status in _RETRYABLE else "false"}
    if by_user:
        headers |= {"X-Fal-Request-Timeout-Type": "user", "X-Fal-Retryable": "false"}
    return Refusal(status, body={"detail": detail, "error_type": kind}, headers=headers)


def model_error(detail: list[JSON], status: int = 422) -> Refusal:
    """What a model says of its input."""
    return Refusal(status, body={"detail": detail}, headers={"X-Fal-Retryable": "false"})


def scripted_error(reply: JSONObject) -> Refusal:
    """The error that a script writes down: `detail`, and `error_type` or `status_code`."""
    kind = as_text(reply.get("error_type"))
    given = reply.get("status_code")
    status = given if isinstance(given, int) else TYPES.get(kind, 422 if isinstance(reply.get("detail"), list) else 500)
    body: JSONObject = {name: value for name, value in reply.items() if name != "status_code"}
    headers = {"X-Fal-Retryable": "true" if status in _RETRYABLE else "false"}
    return Refusal(status, body=body, headers=headers | ({"X-Fal-Error-Type": kind} if kind else {}))


def platform_error(status: int, message: str) -> Refusal:
    """An error of the platform's API."""
    kind = _PLATFORM.get(status, "server_error")
    return Refusal(status, body={"error": {"type": kind, "message": message, "docs_url": "https://docs.fal.ai"}})


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"
