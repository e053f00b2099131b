"""What a call looks like on the wire: headers and JSON bodies of run, stream, v1 fallback, LLM and search.

Pure functions: values in, values out. Nothing here validates (`typedrun.validation` has done so) and nothing sends.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any, Final

from typedrun.core.jsontypes import JSON, is_array, is_object

RUN_CONTROLS: Final = frozenset(
    {
        "agent_name",
        "extra",
        "extra_headers",
        "identifier",
        "on_poll",
        "on_upload",
        "run_retries",
        "run_retry_wait",
        "session_id",
        "show_progress",
        "stream",
        "timeout",
        "validate",
        "wait_time",
    }
)
"""Arguments of ours: a parameter of that name is written with a trailing underscore."""

NEVER_IN_BODY: Final = RUN_CONTROLS | {"api_key", "resource_path"}
"""Keys that steer the client; the wire has no such body members (PROTOCOL 6.1)."""

IDENTITY_HEADERS: Final = {"identifier": "x-user-id", "session_id": "x-session-id", "agent_name": "x-agent"}
"""Run control -> header (PROTOCOL 6.2)."""


def run_headers(controls: Mapping[str, object]) -> dict[str, str]:
    """The per-run headers; absent or None means no header.

    Raises:
        ValueError: a value holds characters outside ASCII; the first argument names the run control.
    """
    given = {name: str(value) for name in IDENTITY_HEADERS if (value := controls.get(name)) is not None}
    for name, value in given.items():
        if not (value.isascii() and value.isprintable()):
            raise ValueError(name)
    return {IDENTITY_HEADERS[name]: value for name, value in given.items()}


def run_payload(arguments: Mapping[str, Any], declared: Collection[str] = ()) -> dict[str, Any]:
    """The flat body for the arguments of a run: one member for each parameter that has a value (PROTOCOL 6.1).

    Args:
        arguments: What the caller gave.
        declared: The model's parameters; one of them is sent whatever it is called, but for the run controls.
    """
    never = RUN_CONTROLS | (NEVER_IN_BODY - set(declared))
    return {name: value for name, value in arguments.items() if value is not None and name not in never}


def stream_payload(body: Mapping[str, Any]) -> dict[str, Any]:
    """A run body that asks for a stream: `options.stream`, and `options.raw` when tools are given (PROTOCOL 10.1)."""
    given = body.get("options")
    options: dict[str, Any] = dict(given) if is_object(given) else {}
    if body.get("tools") is not None:
        options["raw"] = True
    return {**body, "options": {**options, "stream": True}}


def v1_fallback_payload(body: Mapping[str, Any]) -> dict[str, Any]:
    """A run body in the v1 form: `text` is called `data` unless `data` is given too (PROTOCOL 9.2)."""
    rest = {name: value for name, value in body.items() if name not in {"text", "data"}}
    return {"data": body.get("data", body.get("text")), **rest}


def llm_payload(
    data: object, arguments: Mapping[str, Any], parameters: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The body of an `LLM` run: the prompt under `data`, everything else flat beside it (PROTOCOL 9.3).

    Args:
        data: The prompt. An object is the body itself and its `data` member the prompt; a string that holds JSON is read as
            JSON (a number stays text).
        arguments: The arguments of the run; those that may be null are sent as null.
        parameters: The caller's own members; they win over `data`, and `data` over the arguments.
    """
    return {**arguments, **_llm_prompt(data), **(parameters or {})}


def _llm_prompt(data: object) -> dict[str, Any]:
    if is_object(data):
        return dict(data)
    if not isinstance(data, str):
        return {"data": data}
    try:
        value = json.loads(data)
    except ValueError:
        return {"data": data}
    if is_object(value):
        return dict(value)
    return {"data": str(value) if isinstance(value, int | float) else value}


def search_payload(filters: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a model search (PROTOCOL 4.2); `sort` is always there because the backend requires the key.

    Args:
        filters: Arguments of `Model.search` under their Python names, None meaning not asked for.
    """
    body: dict[str, Any] = {}
    for name, (wire, shape) in _SEARCH_FILTERS.items():
        value = filters.get(name)
        if value is not None:
            body[wire] = shape(value)
    body["pageNumber"] = int(filters.get("page_number") or 0)
    body["pageSize"] = int(filters["page_size"]) if filters.get("page_size") is not None else 20
    # Agents and tools read the first two, models the third; the reference sends all, so the backend is used to them.
    field, order = filters.get("sort_by"), filters.get("sort_order")
    body |= {} if field is None else {"sortBy": str(field)}
    body |= {} if order is None else {"sortOrder": str(order) if isinstance(order, str) else _ORDERS[_direction(order)]}
    body["sort"] = [_sort(field, order)]
    return body


def _sort(field: object, order: object) -> dict[str, JSON]:
    if field is None and order is None:
        return {}
    return {"field": "name" if field is None else str(field), "dir": _direction(order)}


def _direction(order: object) -> int:
    return -1 if str(order).lower() in {"desc", "descending", "-1"} else 1


_ORDERS: Final = {1: "ASC", -1: "DESC"}


def _words(value: object) -> list[str]:
    return [_word(item) for item in value] if is_array(value) else [_word(value)]


def _word(value: object) -> str:
    """One filter value: an enumeration member is its wire value, an object is its code or id."""
    if isinstance(value, str):
        return str(getattr(value, "value", value))
    known = value if is_object(value) else {"code": getattr(value, "code", None), "id": getattr(value, "id", None)}
    return next((found for name in ("code", "id") if isinstance(found := known.get(name), str)), str(value))


def _word_or_words(value: object) -> str | list[str]:
    return _words(value) if is_array(value) else _word(value)


_SEARCH_FILTERS: Final[Mapping[str, tuple[str, Any]]] = {
    "query": ("q", str),
    "q": ("q", str),
    "functions": ("functions", _words),
    "vendors": ("suppliers", _words),
    "suppliers": ("suppliers", _words),
    "host": ("hosts", _words),
    "developer": ("developers", _words),
    "path": ("path", str),
    "status": ("status", _words),
    "source_languages": ("sourceLanguages", _words),
    "target_languages": ("targetLanguages", _words),
    "is_finetunable": ("isFineTunable", bool),
    "saved": ("saved", bool),
    "ownership": ("ownership", _word_or_words),
}
"""Python argument -> wire key and shape. Where two arguments share a wire key, the later one wins."""
