"""The body of a search. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from typedrun.jsontypes import JSON, is_array, is_object


def search_payload(filters: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a model search; `sort` is always there because the backend requires the key.

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
