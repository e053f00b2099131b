"""JSON values as the wire carries them, and narrowing without casts."""

from __future__ import annotations

import math
from typing import TypeAlias

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"
"""What `json.loads` returns."""

JSONObject: TypeAlias = "dict[str, JSON]"


def as_object(value: JSON) -> JSONObject:
    """The value when it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: JSON) -> list[JSON]:
    """The value when it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def as_text(value: JSON) -> str:
    """The value when it is a string, else an empty one."""
    return value if isinstance(value, str) else ""


def as_number(value: JSON, default: float) -> float:
    """A finite number or a numeric string (the wire sends both); the default for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return default
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return default
    return number if math.isfinite(number) else default
