"""What fal says when something fails: a list of what is wrong with an input, or a sentence with a type, in the body or in the head."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import typedrun.core.failures as failures
import typedrun.errors as errors
from typedrun.core.reply import Reply
from typedrun.core.request import Stage
from typedrun.core.retry import stage_of_status
from typedrun.jsontypes import is_array, is_object, members

WORDS: Final = failures.Words(
    messages=("detail", "error", "message"), inner=("msg", "message", "detail", "error"), codes=("error_type", "code")
)
_KEY: Final = "FAL_KEY"
REQUEST_ID: Final = "x-fal-request-id"
_TIMEOUT_TYPE: Final = "x-fal-request-timeout-type"


def read_error(reply: Reply, *, model: str | None = None) -> errors.APIError | None:
    """Read the error that an HTTP status other than 2xx stands for, or None.

    What the service says of a repetition (`X-Fal-Retryable`) is in `details["retryable"]`.
    """
    error = failures.read_error(reply, WORDS, model=model)
    if error is None:
        return None
    detail = error.response_data.get("detail")
    if is_array(detail) and (said := _places(detail)):
        error.message = said
        error.args = (said,)
    platform = members(error.response_data.get("error"))
    error.code = error.code or reply.header("x-fal-error-type") or _text(platform.get("type")) or _type_of(detail)
    error.request_id = reply.header(REQUEST_ID) or _text(platform.get("request_id")) or error.request_id
    if (retryable := reply.header("x-fal-retryable")) or reply.header("x-fal-needs-retry") == "1":
        error.details["retryable"] = retryable.lower() != "false"
    failures.advise(error, _KEY)
    return error


def failure_of(error: errors.APIError) -> errors.OperationFailedError:
    """The failure of a run that went through the queue, from the error that its result is."""
    failed = errors.OperationFailedError(
        f"Operation failed: {error.message}",
        error.status_code,
        error.response_data,
        error.error,
        details=error.details,
        model=error.model,
        url=error.url,
        code=error.code,
        request_id=error.request_id,
    )
    failed.attempts = error.attempts
    failures.advise(failed, _KEY)
    return failed


def status_failure(
    status: Mapping[str, Any], label: str | None, url: str | None, request_id: str | None
) -> errors.OperationFailedError:
    """The failure that a status, or an event of a stream, tells of by itself."""
    text = failures.error_words(status.get("error") or status.get("detail"), WORDS.inner)
    text = text or (f"the run was {status.get('status')}" if status.get("status") else "the backend gave no reason")
    failed = errors.OperationFailedError(
        f"Operation failed: {text}",
        response_data=dict(status),
        error=text,
        code=_text(status.get("error_type")),
        model=label,
        url=url,
        request_id=request_id,
    )
    failures.advise(failed, _KEY)
    return failed


def stage_of(status: int, headers: Mapping[str, str], retry_after: float | None) -> Stage | None:
    """The column of the retry table: a run that did not begin in the time that its caller set is no unknown outcome."""
    if status == 504 and headers.get(_TIMEOUT_TYPE):
        return Stage.TIMEOUT_STATUS
    return stage_of_status(status, retry_after)


def _places(detail: object) -> str:
    """`body.prompt: field required`, a line each."""
    entries = [entry for entry in detail if is_object(entry)] if is_array(detail) else []
    said: list[str] = []
    for entry in entries:
        place, what = entry.get("loc"), _text(entry.get("msg"))
        where = ".".join(str(step) for step in place if step != "body") if is_array(place) else ""
        if what:
            said.append(f"{where}: {what}" if where else what)
    return "\n".join(said)


def _type_of(detail: object) -> str | None:
    first = detail[0] if is_array(detail) and detail else None
    return _text(members(first).get("type"))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
