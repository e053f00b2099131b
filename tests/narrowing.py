"""What a test knows of a value and a checker does not."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias, TypeGuard, TypeVar

import jsonschema
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
    """A module that no checker reads: generated a moment ago, or published without types."""
    return importlib.import_module(name)


def nothing(*_: object) -> None:
    """A callback that does nothing."""


def noting(told: list[Any]) -> Callable[..., None]:
    """A callback that keeps what it is told, call after call."""

    def note(*step: object) -> None:
        told.append(step)

    return note


def present(value: T | None) -> T:
    """The value, which must be there."""
    assert value is not None
    return value


def attribute(value: object, name: str) -> Any:
    """An attribute that no class declares: what errors are told on their way (docs/errors.md), what a document makes."""
    return getattr(value, name)


def is_list(value: object) -> TypeGuard[list[Decoded]]:
    """Is this a list, of whatever?"""
    return isinstance(value, list)


def is_dict(value: object) -> TypeGuard[dict[str, Decoded]]:
    """Is this a JSON object?"""
    return isinstance(value, dict)


def fits(schema: Decoded, value: Decoded) -> bool:
    """What the judge of JSON Schema says; its own types are unknown in part."""
    try:
        jsonschema.validate(value, schema, jsonschema.Draft202012Validator)
    except jsonschema.ValidationError:
        return False
    return True
