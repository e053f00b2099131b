"""An answer of a run, direct or polled -> a result, or an error.

Rules:
- Nothing that the backend reports beside the answer (usage, credits, details) may fail a run: what cannot be read is None.
- What is finished is decided here and nowhere else, from ``status`` and ``completed`` together.
- Decoding is written out by hand: it runs once a call, and a converter would cost more than the JSON parser.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import typedrun.errors as errors
from typedrun.core.failures import text_or_none
from typedrun.marketplaces.aixplain.failures import FAILURE_KEYS, code_of, error_words
from typedrun.marketplaces.aixplain.numbers import first_number, read_number
from typedrun.results import JSON, Detail, Details, Message, ModelResult, ToolCall, Usage

IN_PROGRESS, SUCCESS, FAILED = "IN_PROGRESS", "SUCCESS", "FAILED"
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


# --- an answer of the run endpoint, direct or polled ------------------------------------------------------------------


def read_result(payload: Mapping[str, JSON], *, request_id: str | None = None) -> ModelResult[Any]:
    """Reads an answer of a run, of a poll, or a final frame of a stream.

    Args:
        payload: The answer's JSON object.
        request_id: Identifier to keep when this answer does not repeat it (polls do not).

    Returns:
        The result, whose ``data`` has the type of the model's function. An unfinished one has its poll address in ``url``.
    """
    get = payload.get
    status, completed = read_status(payload)
    data, details, usage, asset = get("data"), get("details"), get("usage"), get("asset")
    named, model = get("requestId"), get("model")
    run_time, used_credits = get("runTime"), get("usedCredits")
    if type(run_time) is not float or run_time - run_time != 0:
        run_time = first_number(payload, RUN_TIME_KEYS)
    if type(used_credits) is not float or used_credits - used_credits != 0:
        used_credits = first_number(payload, CREDIT_KEYS)
    if isinstance(data, dict) and not (run_time and used_credits):
        from typedrun.marketplaces.aixplain.statistics import credits_within, run_time_within

        run_time = run_time or run_time_within(data, run_time)
        used_credits = used_credits or credits_within(data, used_credits)
    # By position, in the order of the fields: by name takes twice as long. The four without a name are `_read_rare`'s.
    result: ModelResult[Any] = ModelResult(
        status,
        completed,
        None,
        None,
        None,
        None,
        data,
        None if details is None else read_details(details),
        run_time,
        used_credits,
        None if usage is None else read_usage(usage),
        asset if isinstance(asset, dict) else None,
        named if named and isinstance(named, str) else request_id,
        model if model and isinstance(model, str) else None,
        None,
        payload,
    )
    if status != SUCCESS or not _RARE_KEYS.isdisjoint(payload):
        _read_rare(payload, result)
    if data is None and status == SUCCESS:
        result.data = _text_of_choices(result.details)
    return result


def _text_of_choices(details: Details | None) -> str | None:
    """The text of a language model's answer that has it in its choices alone; "" for one that only calls tools."""
    first = details[0] if isinstance(details, list) and details else None
    return (first.message.content or "") if isinstance(first, Detail) else None


_RARE_KEYS = frozenset(
    {"url", "result", "supplierError", "supplier_error", "error_message", "errorMessage"}
    | {"request_id", "sessionId", "session_id"}
)


def _read_rare(payload: Mapping[str, JSON], result: ModelResult[Any]) -> None:
    """What most answers do not have; one set operation tells."""
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

    An explicit status counts, an unknown one too, unless an error stands beside it. Without one, ``completed`` decides together
    with the error fields. ``completed: true`` beside ``IN_PROGRESS`` means nothing (the v1 endpoint says so of every started run).
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
    """The first error field that says something, at the top level or else inside ``data``."""
    nested = payload.get("data")
    for place in (payload, nested) if isinstance(nested, dict) else (payload,):
        for key in FAILURE_KEYS:
            if found := error_words(place.get(key)):
                return found
    return None


# --- details and usage ------------------------------------------------------------------------------------------------


def read_details(value: JSON) -> Details | None:
    """Choices of a language model as ``Detail`` objects; anything else as it is."""
    if isinstance(value, list):
        choices = [choice for entry in value if (choice := _read_detail(entry)) is not None]
        return choices if len(choices) == len(value) else value
    return value if isinstance(value, dict) else None


def _read_detail(entry: JSON) -> Detail | None:
    """One choice of a language model's answer; None for anything else."""
    message = entry.get("message") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(message, dict):
        return None
    get = entry.get
    index, finish_reason = get("index"), get("finish_reason")
    return Detail(
        index if isinstance(index, int) else 0,
        read_message(message),
        get("logprobs"),
        finish_reason if isinstance(finish_reason, str) else None,
        entry,
    )


def read_message(message: dict[str, JSON]) -> Message:
    """An assistant message of ``details`` or of an OpenAI-style choice."""
    get = message.get
    content, role = get("content"), get("role")
    role = role if isinstance(role, str) else "assistant"
    content = content if content is None or isinstance(content, str) else read_content(content)
    if _MESSAGE_EXTRAS.isdisjoint(message):  # a plain text answer
        return Message(role, content, None, None, None, [], message)
    annotations, calls = get("annotations"), get("tool_calls")
    return Message(
        role,
        content,
        read_reasoning(message),
        read_tool_calls(calls) if calls else None,
        text_or_none(get("refusal")),
        annotations if isinstance(annotations, list) else [],
        message,
    )


def read_content(content: JSON) -> str:
    """Message text that comes as a list of parts (``{"type": "text", "text": …}``)."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = (part if isinstance(part, str) else part.get("text") for part in parts if isinstance(part, str | dict))
    return "".join(text for text in texts if isinstance(text, str))


def read_tool_calls(value: JSON) -> list[ToolCall] | None:
    """A list of tool calls or fragments; a single object is wrapped, nothing usable is None."""
    entries = value if isinstance(value, list) else [value]
    return cast("list[ToolCall]", [entry for entry in entries if isinstance(entry, dict)]) or None


def read_reasoning(message: Mapping[str, JSON]) -> str | None:
    """Reasoning text, which suppliers put under three names; the same text under two of them counts once."""
    for key in ("reasoning_content", "reasoning"):
        text = message.get(key)
        if text and isinstance(text, str):
            return text
    blocks = message.get("reasoning_details")
    if not blocks:
        return None
    parts = (_reasoning_of_block(block) for block in (blocks if isinstance(blocks, list) else [blocks]))
    return "".join(parts) or None


_MESSAGE_EXTRAS = frozenset(
    {"refusal", "annotations", "tool_calls", "reasoning_content", "reasoning", "reasoning_details"}
)
_REASONING_TEXT = {"reasoning.text": "text", "reasoning.summary": "summary"}  # "reasoning.encrypted" is for machines


def _reasoning_of_block(block: JSON) -> str:
    if not isinstance(block, dict):
        return ""
    text = block.get(_REASONING_TEXT.get(str(block.get("type")), ""))
    return text if isinstance(text, str) else ""


def read_usage(value: JSON) -> Usage | None:
    """Token counts; whatever is not a count is None, whatever is not an object is no usage."""
    if not isinstance(value, dict):
        return None
    get = value.get
    prompt, completion, total = get("prompt_tokens"), get("completion_tokens"), get("total_tokens")
    return Usage(
        prompt if type(prompt) is int else read_count(prompt),
        completion if type(completion) is int else read_count(completion),
        total if type(total) is int else read_count(total),
        value,
    )


def read_count(value: JSON) -> int | None:
    """A count that may come as a number, a numeric string, ``NaN`` or a word for nothing."""
    if type(value) is int:
        return value
    number = read_number(value)
    return None if number is None else int(number)


# --- run time and credits ---------------------------------------------------------------------------------------------

RUN_TIME_KEYS = ("runTime", "run_time")
CREDIT_KEYS = ("usedCredits", "used_credits")


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
