"""An answer of a run, direct or polled -> a result, or an error.

Rules:
- Nothing that the backend reports beside the answer (usage, credits, details) may fail a run: what cannot be read is None.
- What is finished is decided here and nowhere else, from `status` and `completed` together.
- Decoding is written out by hand: it runs once a call, and a converter would cost more than the JSON parser.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from typedrun.marketplaces.aixplain.numbers import first_number, read_count
from typedrun.marketplaces.aixplain.states import IN_PROGRESS as IN_PROGRESS
from typedrun.marketplaces.aixplain.states import SUCCESS
from typedrun.results import JSON, Detail, Details, Message, ModelResult, Usage

# --- an answer of the run endpoint, direct or polled


def read_result(payload: Mapping[str, JSON], *, request_id: str | None = None) -> ModelResult[Any]:
    """Read an answer of a run, of a poll, or a final frame of a stream.

    Args:
        payload: The answer's JSON object.
        request_id: Identifier to keep when this answer does not repeat it (polls do not).
    """
    get = payload.get
    data, details, usage, asset = get("data"), get("details"), get("usage"), get("asset")
    status, completed = SUCCESS, True
    if get("status") != SUCCESS or not (data or details):  # no plain success with something to show
        from typedrun.marketplaces.aixplain.verdicts import read_status

        status, completed = read_status(payload)
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
    # By position, in the order of the fields: by name takes twice as long. The four without a name are `read_rare`'s.
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
        from typedrun.marketplaces.aixplain.verdicts import read_rare  # as above

        read_rare(payload, result)
    if data is None and status == SUCCESS:
        result.data = _text_of_choices(result.details)
    return result


_RARE_KEYS = frozenset(
    {"url", "result", "supplierError", "supplier_error", "error_message", "errorMessage"}
    | {"request_id", "sessionId", "session_id"}
)


def _text_of_choices(details: Details | None) -> str | None:
    """The text of a language model's answer that has it in its choices alone; "" for one that only calls tools."""
    first = details[0] if isinstance(details, list) and details else None
    return (first.message.content or "") if isinstance(first, Detail) else None


# --- details and usage


def read_details(value: JSON) -> Details | None:
    """Choices of a language model as `Detail` objects; anything else as it is."""
    if not isinstance(value, list):
        return value if isinstance(value, dict) else None
    choices: list[Detail] = []  # `list[Detail]()` takes ten times as long
    for entry in value:
        if not isinstance(entry, dict) or not isinstance(message := entry.get("message"), dict):
            return value  # hits of a search, say
        index, finish_reason = entry.get("index"), entry.get("finish_reason")
        choices.append(
            Detail(
                index if isinstance(index, int) else 0,
                read_message(message),
                entry.get("logprobs"),
                finish_reason if isinstance(finish_reason, str) else None,
                entry,
            )
        )
    return choices


def read_message(message: dict[str, JSON]) -> Message:
    """Read an assistant message of `details` or of an OpenAI-style choice."""
    content, role = message.get("content"), message.get("role")
    role = role if isinstance(role, str) else "assistant"
    if (content is None or isinstance(content, str)) and _MESSAGE_EXTRAS.isdisjoint(message):  # a plain text answer
        return Message(role, content, None, None, None, [], message)
    from typedrun.marketplaces.aixplain.messages import read_extras  # with the first that is more than text

    return read_extras(role, message)


_MESSAGE_EXTRAS = frozenset(
    {"refusal", "annotations", "tool_calls", "reasoning_content", "reasoning", "reasoning_details"}
)


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


# --- run time and credits

RUN_TIME_KEYS = ("runTime", "run_time")
CREDIT_KEYS = ("usedCredits", "used_credits")
