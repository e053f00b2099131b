"""What Replicate says when something fails: problems with `title` and `detail`, fields that it does not take."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import typedrun.core.failures as failures
import typedrun.errors as errors
import typedrun.results as results
from typedrun.core.reply import Reply
from typedrun.jsontypes import JSON, is_array, is_object

WORDS: Final = failures.Words(
    messages=("detail", "title", "error", "message"), inner=("detail", "message", "error"), codes=("type", "code")
)
_KEY: Final = "REPLICATE_API_TOKEN"
_RESET: Final = re.compile(r"resets? in ~?(\d{1,5})\s?s")
"""How a refusal for too many requests says when to come again: the documentation promises no `Retry-After`."""


def read_error(reply: Reply, *, model: str | None = None) -> errors.APIError | None:
    """Read the error that an HTTP status other than 2xx stands for, or None."""
    error = failures.read_error(reply, WORDS, model=model)
    if error is None:
        return None
    if fields := _invalid_fields(error.response_data.get("invalid_fields")):
        known = error.message if error.response_data.get("detail") else error.response_data.get("title") or ""
        error.message = f"{known}: {fields}" if known else fields
        error.args = (error.message,)
    if isinstance(error, errors.RateLimitError) and (found := _RESET.search(error.message)):
        error.retry_after = float(found[1])
    failures.advise(error, _KEY)
    return error


def _invalid_fields(value: JSON) -> str:
    entries = value if is_array(value) else ()
    said = [(entry.get("field"), entry.get("description")) for entry in entries if is_object(entry)]
    return "; ".join(f"{field}: {what}" if field else str(what) for field, what in said if what)


def failure_of(
    prediction: Mapping[str, results.JSON], model: str | None, url: str | None
) -> errors.OperationFailedError:
    """The error for a prediction that failed, or was stopped."""
    status = prediction.get("status")
    said = failures.error_words(prediction.get("error"), WORDS.inner)
    text = said or (f"the run was {status}" if status in {"canceled", "aborted"} else "the backend gave no reason")
    identity = prediction.get("id")
    failed = errors.OperationFailedError(
        f"Operation failed: {text}",
        response_data=dict(prediction),
        error=text,
        code=status if isinstance(status, str) else None,
        model=model,
        url=url,
        request_id=identity if isinstance(identity, str) else None,
    )
    failures.advise(failed, _KEY)
    return failed
