"""The type of a JSON value, read-only: what a caller may pass and what a backend may answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias, TypeGuard

if TYPE_CHECKING:
    JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"
else:
    # A recursive alias has no run-time form; this is what `typing.get_type_hints` says of a generated `run`.
    JSON = bool | int | float | str | Sequence | Mapping | None


def is_object(value: object) -> TypeGuard[Mapping[str, JSON]]:
    """Whether this is a JSON object."""
    return type(value) is dict or isinstance(value, Mapping)  # the first is what JSON gives, at a tenth of the time


def is_array(value: object) -> TypeGuard[Sequence[JSON]]:
    """Whether this is a JSON array. Text and bytes are not."""
    kind = type(value)
    if kind is list:
        return True
    if kind is str or value is None:  # most values of a call; the general question takes ten times as long
        return False
    return isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray | memoryview)


def members(value: object) -> Mapping[str, JSON]:
    """The members of a JSON object; none of anything else."""
    return value if is_object(value) else _NONE


_NONE: Mapping[str, JSON] = {}
