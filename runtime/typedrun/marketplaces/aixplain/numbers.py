"""Numbers of answers and documents, which may come as text, as `NaN` or as a word for nothing. Read so by runtime and generator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def read_number(value: object) -> float | None:
    """Read a finite number, also from a numeric string; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if number - number == 0 else None  # NaN and infinities are not numbers that anybody measured


def first_number(place: Mapping[str, object], keys: Iterable[str]) -> float | None:
    """The first of these members that is a number."""
    for key in keys:
        value = place.get(key)
        if value is not None and (number := read_number(value)) is not None:
            return number
    return None


def read_count(value: object) -> int | None:
    """Read a count that may come as a number, a numeric string, `NaN` or a word for nothing."""
    if type(value) is int:
        return value
    number = read_number(value)
    return None if number is None else int(number)
