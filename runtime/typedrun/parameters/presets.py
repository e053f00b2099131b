"""Options and presets of a parameter as catalogs write them: bare, or as `{value, label}`. Read so by runtime, generator and sandbox."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar, cast

from typedrun.jsontypes import is_object

JSONT = TypeVar("JSONT")
"""A JSON value, of whichever kind the reader has."""


def bare_value(entry: JSONT) -> JSONT | None:
    """What an entry stands for: of `{value, label}` the value, else itself; None where it names no value."""
    found: object = entry
    if not is_object(found):
        return entry
    said = cast("Mapping[str, JSONT]", found)  # what JSON holds is JSON
    return said.get("value") if not said or "value" in said or "label" in said else entry


def preset_values(entries: Iterable[JSONT]) -> tuple[JSONT, ...]:
    """The values of presets; entries without one are dropped."""
    return tuple([value for entry in entries if (value := bare_value(entry)) is not None])


def option_values(entries: Iterable[JSONT]) -> tuple[JSONT, ...]:
    """The values of options: as for presets, but that an object which names no value is no option."""
    return preset_values([entry for entry in entries if _can_be_option(entry)])


def _can_be_option(entry: object) -> bool:
    return not is_object(entry) or "value" in entry
