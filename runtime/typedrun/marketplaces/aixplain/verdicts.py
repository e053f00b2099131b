"""What an answer says beside a plain success: other words for a run's end, errors, fields that most answers do not have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import typedrun.errors as errors
from typedrun.core.failures import text_or_none
from typedrun.marketplaces.aixplain.failures import FAILURE_KEYS, code_of, error_words
from typedrun.marketplaces.aixplain.numbers import read_count
from typedrun.marketplaces.aixplain.states import FAILED, IN_PROGRESS, SUCCESS
from typedrun.results import JSON, ModelResult

_KNOWN_STATUSES = frozenset({IN_PROGRESS, SUCCESS, FAILED})
_SPELLINGS: Mapping[str, str] = {
    **dict.fromkeys(("ABORTED", "CANCELED", "CANCELLED", "ERROR", "ERRORED", "EXPIRED", "FAILURE", "REJECTED"), FAILED),
    **dict.fromkeys(("CRASHED", "KILLED", "TERMINATED", "TIMED_OUT", "TIMEOUT"), FAILED),
    **dict.fromkeys(("COMPLETED", "DONE", "FINISHED", "SUCCEEDED"), SUCCESS),
}
"""Other words for the end of a run, seen where an answer passes a supplier's or an engine's own status on."""

# Fields whose presence in an answer without a status means that it failed; `message` alone may be chatter.
ERROR_KEYS = FAILURE_KEYS[:-1]
# Those that stand in no answer that is still on its way to a good end; an error message may be a remark.
_FATAL_KEYS = frozenset({"supplierError", "supplier_error", "error"})


def read_rare(payload: Mapping[str, JSON], result: ModelResult[Any]) -> None:
    """Read what most answers do not have; one set operation tells."""
    get = payload.get
    result.error_message = read_error_message(payload, result.status)
    result.url = text_or_none(get("url"))
    result.result = get("result")
    result.supplier_error = error_words(get("supplierError")) or error_words(get("supplier_error")) or None
    if not get("requestId"):
        result.request_id = text_or_none(get("request_id")) or result.request_id
    result.session_id = text_or_none(get("sessionId")) or text_or_none(get("session_id"))
    data = result.data
    if result.status == IN_PROGRESS and isinstance(data, str) and data:
        # An unfinished answer has no data yet: what stands there is the place to ask (sometimes a bare token).
        result.url, result.data = result.url or data, None


def read_status(payload: Mapping[str, JSON]) -> tuple[str, bool]:
    """Status and completion of an answer, derived where one of them is missing.

    An explicit status counts, an unknown one too, unless an error stands beside it. Without one, `completed` decides together
    with the error fields. `completed: true` beside `IN_PROGRESS` means nothing (the v1 endpoint says so of every started run).
    """
    said = payload.get("status")
    if type(said) is str and said in _KNOWN_STATUSES:
        has_nothing = said == IN_PROGRESS or (payload.get("data") is None and not payload.get("details"))
        is_suspect = has_nothing and not _FATAL_KEYS.isdisjoint(payload)
        if is_suspect and any(error_words(payload.get(key)) for key in _FATAL_KEYS):
            return FAILED, True
        return said, said != IN_PROGRESS
    completed = payload.get("completed")
    completed = completed is True or (isinstance(completed, str) and completed.lower() == "true")
    if isinstance(said, str) and said:
        word = "_".join(said.upper().replace("-", " ").split())
        status = word if word in _KNOWN_STATUSES else _SPELLINGS.get(word, said)
        if status in _KNOWN_STATUSES:
            return read_status({**payload, "status": status})
        return (FAILED, True) if _has_only_errors(payload) else (status, completed)
    if payload.get("success") is False or (type(said) is int and said >= 400):
        return FAILED, True
    if (completed and _names_error(payload)) or _has_only_errors(payload):
        return FAILED, True
    return (SUCCESS, True) if completed else (IN_PROGRESS, False)


def _names_error(payload: Mapping[str, JSON]) -> bool:
    return any(error_words(payload.get(key)) for key in ERROR_KEYS)


def _has_only_errors(payload: Mapping[str, JSON]) -> bool:
    """Whether an answer says why something failed, and has nothing to show."""
    return not payload.get("data") and _names_error(payload)


def read_error_message(payload: Mapping[str, JSON], status: str) -> str | None:
    """Why the run failed, or what the backend remarks on one that did not."""
    if status == FAILED:
        return failure_text(payload)
    return text_or_none(payload.get("error_message")) or text_or_none(payload.get("errorMessage"))


def failure_text(payload: Mapping[str, JSON]) -> str | None:
    """The first error field that says something, at the top level or else inside `data`."""
    nested = payload.get("data")
    for place in (payload, nested) if isinstance(nested, dict) else (payload,):
        for key in FAILURE_KEYS:
            if found := error_words(place.get(key)):
                return found
    return None


def operation_error(
    payload: Mapping[str, JSON], *, model: str | None = None, url: str | None = None, request_id: str | None = None
) -> errors.OperationFailedError:
    """The error for an answer or a stream frame that says FAILED, in the supplier's words."""
    text = failure_text(payload)
    status_code = read_count(payload.get("statusCode"))
    said = payload.get("status")
    whose = f"the backend said {said} and" if isinstance(said, str) and said not in _KNOWN_STATUSES else "the backend"
    return errors.OperationFailedError(
        f"Operation failed: {text or f'{whose} gave no reason'}",
        status_code=status_code or 0,
        response_data=dict(payload),
        error=text or "Operation failed",
        code=code_of(payload),
        model=model,
        url=url,
        request_id=text_or_none(payload.get("requestId")) or request_id,
    )
