"""The type of a JSON value, read-only: what a caller may pass and what a backend may answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias, TypeGuard

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"


def is_object(value: object) -> TypeGuard[Mapping[str, JSON]]:
    """Is this a JSON object?"""
    return isinstance(value, Mapping)


def is_array(value: object) -> TypeGuard[Sequence[JSON]]:
    """Is this a JSON array (text and bytes are not)?"""
    return isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray | memoryview)
