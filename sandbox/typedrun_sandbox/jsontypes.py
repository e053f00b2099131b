"""JSON values as the wire carries them, and narrowing without casts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TypeAlias, cast

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"
"""What `json.loads` returns."""

JSONObject: TypeAlias = "dict[str, JSON]"


DEPTH = 200
"""Levels of a value that is written as JSON."""

DIGITS = 4000
"""Of a whole number; Python refuses to write 4,300."""


class NotJSON(ValueError):
    """A value that JSON does not have; the message says where in it, and what."""


def as_json(value: object, place: str = "it") -> JSON:
    """A copy of a value that JSON can carry, with tuples as lists.

    Args:
        value: what a user gave.
        place: what the message calls it.

    Raises:
        NotJSON: something in it is no JSON.
    """
    return _copy(value, place, 0)


def _copy(value: object, place: str, depth: int) -> JSON:
    if depth > DEPTH:
        raise NotJSON(f"it is nested more than {DEPTH} levels deep")
    if isinstance(value, Mapping):
        members = cast("Mapping[object, object]", value)
        for name in members:
            if not isinstance(name, str):
                raise NotJSON(f"{place} has the key {name!r}, and keys are texts")
        return {str(name): _copy(item, f"{place}[{name!r}]", depth + 1) for name, item in members.items()}
    if isinstance(value, list | tuple):
        items = cast("list[object] | tuple[object, ...]", value)
        return [_copy(item, f"{place}[{index}]", depth + 1) for index, item in enumerate(items)]
    if isinstance(value, float) and not math.isfinite(value):
        raise NotJSON(f"{place} is {value}")
    if isinstance(value, int) and value.bit_length() > DIGITS * math.log2(10):
        raise NotJSON(f"{place} is a number of more than {DIGITS:,} digits")
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise NotJSON(f"{place} is of type {type(value).__qualname__}")


def as_object(value: JSON) -> JSONObject:
    """The value when it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: JSON) -> list[JSON]:
    """The value when it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def as_text(value: JSON) -> str:
    """The value when it is a string, else an empty one."""
    return value if isinstance(value, str) else ""


def type_word(value: JSON) -> str:
    """What JSON Schema calls the type of a value; of a whole number the narrower word."""
    return _TYPE_WORDS.get(type(value), "null")


_TYPE_WORDS: dict[type, str] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


def as_number(value: JSON, default: float) -> float:
    """A finite number or a numeric string (the wire sends both); the default for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return default
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return default
    return number if math.isfinite(number) else default
