"""The error that an HTTP status stands for, in the backend's own words where it has some."""

from __future__ import annotations

import re
from collections.abc import Mapping

import typedrun.errors as errors
from typedrun.core.reply import Reply, as_json, body_of, decode_text, is_html, page_text, parse_json, shortened
from typedrun.results import JSON

# In the order in which they say most (a generic `error` hides the useful `supplierError`).
FAILURE_KEYS = ("supplierError", "supplier_error", "error_message", "errorMessage", "error", "message")
_HTTP_MESSAGE_KEYS = ("supplierError", "supplier_error", "message", "error_message", "errorMessage", "error", "detail")
_DEEPEST_WORDS = 20
"""Levels below an error field at which a sentence for people is still looked for."""
_EMPTY_BODY = re.compile(r"""\s*(\{\s*\}|\[\s*\]|""|null)?\s*""")

_ERROR_OF_STATUS: dict[int, type[errors.APIError]] = {
    400: errors.InvalidRequestError,
    401: errors.AuthenticationError,
    402: errors.BillingError,
    403: errors.PermissionDeniedError,
    404: errors.NotFoundError,
    409: errors.InvalidRequestError,
    410: errors.NotFoundError,
    413: errors.InvalidRequestError,
    415: errors.InvalidRequestError,
    422: errors.InvalidRequestError,
    429: errors.RateLimitError,
    497: errors.RateLimitError,  # the backend's own per-minute limit, in the middle of the payload range
}
# First status of a range -> error; a range ends where the next begins.
_ERROR_OF_RANGE: tuple[tuple[int, type[errors.APIError]], ...] = (
    (500, errors.ServerError),
    (490, errors.InvalidRequestError),  # payload
    (480, errors.ServerError),  # the supplier does not provide the asset
    (470, errors.BillingError),  # credits
    (460, errors.PermissionDeniedError),  # subscription inactive or expired
)
_ERROR_OF_CODE: dict[str, type[errors.APIError]] = {"err.not_enough_balance": errors.BillingError}


def error_from_reply(reply: Reply, *, model: str | None = None) -> errors.APIError | None:
    """The error that an HTTP status other than 2xx stands for, or None.

    The HTTP status decides the class (a ``statusCode`` in the body is kept in ``response_data`` but may be wrong).

    Args:
        reply: The reply as it came.
        model: Id or path of the model that was called, for the message.
    """
    if 200 <= reply.status < 300:
        return None
    text = decode_text(body_of(reply))
    try:
        body = parse_json(text) if text else None
    except (ValueError, RecursionError):
        body = None
    payload = body if isinstance(body, dict) else {}
    message, error = _http_message(reply, text, body), error_words(payload.get("error"))
    code = code_of(payload)
    chosen = _ERROR_OF_CODE.get(code or "") or error_class(reply.status)
    return chosen(
        message,
        status_code=reply.status,
        response_data=payload,
        error=error or message,
        code=code,
        model=model,
        url=reply.url,
        request_id=text_or_none(payload.get("requestId")) or reply.request_id,
    )


def error_class(status: int) -> type[errors.APIError]:
    """The class of error for an HTTP status."""
    exact = _ERROR_OF_STATUS.get(status)
    if exact is not None:
        return exact
    return next((found for first, found in _ERROR_OF_RANGE if first <= status < 600), errors.APIError)


def _http_message(reply: Reply, text: str, body: JSON) -> str:
    if isinstance(body, dict):
        for key in _HTTP_MESSAGE_KEYS:
            if found := error_words(body.get(key)):
                return found
    elif found := error_words(body):
        return found
    if is_html(reply.header("content-type"), text):
        text = page_text(text)
    words = "" if _EMPTY_BODY.fullmatch(text) else shortened(text)
    return words or f"HTTP status {reply.status} without a message"


def code_of(payload: Mapping[str, JSON]) -> str | None:
    """A machine-readable code such as ``err.supplier_error`` or ``NOT_FOUND``."""
    for key in ("errorCode", "error_code", "code", "error"):
        value = payload.get(key)
        if isinstance(value, str) and value and not any(character.isspace() for character in value):
            return value
    return None


def error_words(value: JSON, depth: int = 0) -> str:
    """Text of an error field of any kind; "" when it says nothing."""
    if isinstance(value, str):
        return value.strip()
    if depth > _DEEPEST_WORDS or not isinstance(value, list | dict):
        return ""
    if isinstance(value, list):
        return "\n".join(found for entry in value if (found := error_words(entry, depth + 1)))
    found = next((found for key in FAILURE_KEYS if (found := error_words(value.get(key), depth + 1))), "")
    return found or (as_json(value) if value else "")


def text_or_none(value: JSON) -> str | None:
    """A text that says something, else None."""
    return value if value and isinstance(value, str) else None
