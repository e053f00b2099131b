"""What a test knows of a value and a checker does not."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias, TypeGuard, TypeVar

import pytest

T = TypeVar("T")

Decoded: TypeAlias = Any
"""A reply whose shape the test itself states, member after member: a checker cannot know it, and a wrong one fails the test."""


def decoded(text: str | bytes) -> Decoded:
    """What this JSON says."""
    return json.loads(text)


def of_path(function: Callable[[Path], T]) -> Callable[[Path], T]:
    """A lambda that takes a path, among the values of a parametrisation, which are objects to a checker."""
    return function


def importable_from(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the test ends, packages below this folder can be imported."""
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    importlib.invalidate_caches()


def imported(name: str) -> Any:
    """A module that was generated a moment ago: no checker can have read it."""
    return importlib.import_module(name)


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
