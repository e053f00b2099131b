"""What is wrong with a value, by its JSON Schema. Findings are values; each marketplace says them in its own words."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping

from attrs import frozen

from typedrun_sandbox.jsontypes import JSON, JSONObject, as_list, as_number, as_object, as_text
from typedrun_sandbox.schemas.references import meant

DEPTH = 40
"""Levels of a value that are looked at; a schema may contain itself."""

_URL = re.compile(r"(?:https?|s3|gs)://\S+|data:[\w.+-]*(?:/[\w.+-]+)?[;,].*", re.DOTALL)


@frozen
class Finding:
    """One thing that is wrong."""

    place: tuple[str | int, ...]
    """Names and indexes that lead to the value."""
    rule: str
    """The keyword of JSON Schema that is broken; `null` where null is given to what is not nullable."""
    limit: JSON
    """What the schema says under that keyword; of `required` the missing name."""
    found: JSON
    """The value."""
    branches: tuple[tuple[Finding, ...], ...] = ()
    """Of `anyOf` and `oneOf`: what is wrong by each branch."""


def check(schema: JSON, value: JSON, root: JSON) -> list[Finding]:
    """Everything that is wrong; empty when the value fits.

    Args:
        schema: what it has to fit.
        value: what was given.
        root: the document that references point into.
    """
    return list(_Checker(root).findings(schema, value, ()))


class _Checker:
    def __init__(self, root: JSON) -> None:
        self.root = root

    def findings(self, schema: JSON, value: JSON, place: tuple[str | int, ...]) -> Iterator[Finding]:
        if len(place) > DEPTH:
            return
        rules = meant(self.root, schema)
        if value is None and (rules.get("nullable") is True or not rules):
            return
        for part in as_list(rules.get("allOf")):
            yield from self.findings(part, value, place)
        for keyword in ("anyOf", "oneOf"):
            yield from self._branches(keyword, rules, value, place)
        kinds = _kinds(rules)
        if kinds and not any(_is_of(kind, value) for kind in kinds):
            yield Finding(place, "type", kinds[0] if len(kinds) == 1 else list(kinds), value)
            return
        options = as_list(rules.get("enum")) or ([rules["const"]] if "const" in rules else [])
        if options and not any(_equal(option, value) for option in options):
            yield Finding(place, "enum", list(options), value)
        yield from _limits(rules, value, place)
        if isinstance(value, dict):
            yield from self._members(rules, value, place)
        if isinstance(value, list):
            first = as_list(rules.get("prefixItems"))
            for index, item in enumerate(value):
                wanted = first[index] if index < len(first) else rules.get("items", {})
                yield from self.findings(wanted, item, (*place, index))

    def _branches(
        self, keyword: str, rules: JSONObject, value: JSON, place: tuple[str | int, ...]
    ) -> Iterator[Finding]:
        tried = [tuple(self.findings(branch, value, place)) for branch in as_list(rules.get(keyword))]
        if tried and all(tried):
            yield Finding(place, keyword, None, value, tuple(tried))

    def _members(self, rules: JSONObject, value: JSONObject, place: tuple[str | int, ...]) -> Iterator[Finding]:
        properties = as_object(rules.get("properties"))
        for name in map(as_text, as_list(rules.get("required"))):
            if name not in value:
                yield Finding(place, "required", name, value)
        others = rules.get("additionalProperties", True)
        for name, item in value.items():
            if name in properties:
                yield from self.findings(properties[name], item, (*place, name))
            elif others is False:
                yield Finding((*place, name), "additionalProperties", name, item)
            else:
                yield from self.findings(as_object(others), item, (*place, name))


def _limits(rules: JSONObject, value: JSON, place: tuple[str | int, ...]) -> Iterator[Finding]:
    for keyword, breaks in _LIMITS.items():
        limit = rules.get(keyword)
        if limit is not None and breaks(limit, value):
            yield Finding(place, keyword, limit, value)
    if rules.get("format") == "uri" and isinstance(value, str) and not _URL.fullmatch(value):
        yield Finding(place, "format", "uri", value)


def _numeric(breaks: Callable[[float, float], bool]) -> Callable[[JSON, JSON], bool]:
    def test(limit: JSON, value: JSON) -> bool:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        known = isinstance(limit, int | float) and not isinstance(limit, bool)
        return is_number and known and breaks(as_number(value, 0.0), as_number(limit, 0.0))

    return test


def _sized(kind: type, breaks: Callable[[int, float], bool]) -> Callable[[JSON, JSON], bool]:
    def test(limit: JSON, value: JSON) -> bool:
        return isinstance(value, kind) and isinstance(value, str | list) and breaks(len(value), as_number(limit, 0.0))

    return test


def _misses(pattern: JSON, value: JSON) -> bool:
    """Whether a text lacks a pattern; one that Python cannot read asks for nothing."""
    if not isinstance(value, str) or not isinstance(pattern, str):
        return False
    try:
        return re.search(pattern, value) is None
    except re.error:
        return False


_LIMITS: Mapping[str, Callable[[JSON, JSON], bool]] = {
    "minimum": _numeric(lambda value, limit: value < limit),
    "maximum": _numeric(lambda value, limit: value > limit),
    "exclusiveMinimum": _numeric(lambda value, limit: value <= limit),
    "exclusiveMaximum": _numeric(lambda value, limit: value >= limit),
    "multipleOf": _numeric(lambda value, step: step > 0 and not math.isclose(value / step, round(value / step))),
    "minLength": _sized(str, lambda length, limit: length < limit),
    "maxLength": _sized(str, lambda length, limit: length > limit),
    "minItems": _sized(list, lambda length, limit: length < limit),
    "maxItems": _sized(list, lambda length, limit: length > limit),
    "pattern": _misses,
}


def _kinds(rules: JSONObject) -> tuple[str, ...]:
    """The types that a schema names; a word that JSON Schema does not have asks for nothing."""
    said = rules.get("type")
    kinds = [said] if isinstance(said, str) else [as_text(kind) for kind in as_list(said)]
    return tuple(kind for kind in kinds if kind in _TYPES)


def _is_of(kind: str, value: JSON) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[kind])


def _equal(one: JSON, other: JSON) -> bool:
    """Equality of JSON: true is not 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
}
