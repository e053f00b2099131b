"""The error that an HTTP status stands for, in the backend's own words where it has some.

Which words those are, and which statuses mean more than the standard says, is the marketplace's: a table (`Words`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import typedrun.errors as errors
from typedrun.core.oddreplies import as_json, is_html, page_text, shortened
from typedrun.core.reply import Reply, body_of, decode_text, parse_json
from typedrun.records import field, frozen
from typedrun.results import JSON

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
}


@frozen(kw_only=True)
class Words:
    """Where the errors of a marketplace have their words, and which statuses are its own."""

    messages: tuple[str, ...] = ("message", "detail", "error", "title")
    """Members of an error's body that say what is wrong; the first that says something counts."""
    inner: tuple[str, ...] = ("error", "message")
    """Members that say what is wrong in an object that stands in the place of a sentence."""
    codes: tuple[str, ...] = ("code", "error")
    """Members that hold a machine-readable code."""
    request_id: str = ""
    """The member that names the exchange; empty where none does."""
    of_status: Mapping[int, type[errors.APIError]] = field(factory=dict[int, type[errors.APIError]])
    """Its own statuses."""
    of_range: tuple[tuple[int, type[errors.APIError]], ...] = ((500, errors.ServerError),)
    """First status of a range -> error, the last range first; a range ends where the next begins."""
    of_code: Mapping[str, type[errors.APIError]] = field(factory=dict[str, type[errors.APIError]])
    """Codes that say more than the status."""


PLAIN: Final = Words()
"""Of a backend about which nothing is known."""


def read_error(reply: Reply, words: Words = PLAIN, *, model: str | None = None) -> errors.APIError | None:
    """Read the error that an HTTP status other than 2xx stands for, or None.

    The HTTP status decides the class (a status in the body is kept in `response_data` but may be wrong).

    Args:
        reply: The reply as it came.
        words: Where the marketplace's errors have theirs.
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
    message, error = _message(reply, text, body, words), error_words(payload.get("error"), words.inner)
    code = code_of(payload, words.codes)
    chosen = words.of_code.get(code or "") or error_class(reply.status, words)
    return chosen(
        message,
        status_code=reply.status,
        response_data=payload,
        error=error or message,
        code=code,
        model=model,
        url=reply.url,
        request_id=text_or_none(payload.get(words.request_id)) or reply.request_id,
    )


def error_class(status: int, words: Words = PLAIN) -> type[errors.APIError]:
    """The class of error for an HTTP status."""
    exact = words.of_status.get(status) or _ERROR_OF_STATUS.get(status)
    if exact is not None:
        return exact
    return next((found for first, found in words.of_range if first <= status < 600), errors.APIError)


def _message(reply: Reply, text: str, body: JSON, words: Words) -> str:
    if isinstance(body, dict):
        for key in words.messages:
            if found := error_words(body.get(key), words.inner):
                return found
    elif found := error_words(body, words.inner):
        return found
    if is_html(reply.header("content-type"), text):
        text = page_text(text)
    said = "" if _EMPTY_BODY.fullmatch(text) else shortened(text)
    return said or f"HTTP status {reply.status} without a message"


def code_of(payload: Mapping[str, JSON], keys: tuple[str, ...]) -> str | None:
    """A machine-readable code such as `NOT_FOUND`."""
    for key in keys:
        value = payload.get(key)
        if isinstance(value, str) and value and not any(character.isspace() for character in value):
            return value
    return None


def error_words(value: JSON, keys: tuple[str, ...], depth: int = 0) -> str:
    """Text of an error field of any kind; "" when it says nothing.

    Args:
        value: The field.
        keys: Members that say something, of an object.
        depth: How deep it is nested.
    """
    if isinstance(value, str):
        return value.strip()
    if depth > _DEEPEST_WORDS or not isinstance(value, list | dict):
        return ""
    if isinstance(value, list):
        return "\n".join(found for entry in value if (found := error_words(entry, keys, depth + 1)))
    found = next((found for key in keys if (found := error_words(value.get(key), keys, depth + 1))), "")
    return found or (as_json(value) if value else "")


_ADVICE: Final[tuple[tuple[type[errors.APIError], str], ...]] = (
    (errors.AuthenticationError, "set {variable}, or pass api_key="),
    (errors.PermissionDeniedError, "check what this key may do"),
    (errors.BillingError, "add credit to the account"),
    (errors.NotFoundError, "check the name; typedrun pull refreshes the catalog"),
    (errors.RateLimitError, "wait, or send fewer at a time"),
    (errors.InvalidRequestError, "correct the call"),
    (errors.OperationFailedError, "correct the input, or look at what the run has logged"),
)


def advise(error: errors.APIError, variable: str) -> None:
    """Add to an error what to do next, where its class tells.

    Args:
        error: In the backend's words.
        variable: The environment variable that has the key.
    """
    advice = next((text for kind, text in _ADVICE if isinstance(error, kind)), None)
    if advice is not None and "Next:" not in error.message:
        error.message = f"{error.message.rstrip('. ')}. Next: {advice.format(variable=variable)}"
        error.args = (error.message,)


def text_or_none(value: JSON) -> str | None:
    """A text that says something, else None."""
    return value if value and isinstance(value, str) else None
