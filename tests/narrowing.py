"""What a test knows of a value and a checker does not."""

from __future__ import annotations

import json
from typing import Any, TypeAlias, TypeGuard, TypeVar

T = TypeVar("T")

Decoded: TypeAlias = Any
"""A reply whose shape the test itself states, member after member: a checker cannot know it, and a wrong one fails the test."""


def decoded(text: str | bytes) -> Decoded:
    """What this JSON says."""
    return json.loads(text)


def present(value: T | None) -> T:
    """The value, which must be there."""
    assert value is not None
    return value


def is_list(value: object) -> TypeGuard[list[Decoded]]:
    """Is this a list, of whatever?"""
    return isinstance(value, list)


def is_dict(value: object) -> TypeGuard[dict[str, Decoded]]:
    """Is this a JSON object?"""
    return isinstance(value, dict)
