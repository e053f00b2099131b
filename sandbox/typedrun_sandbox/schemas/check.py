"""What is wrong with a value, by its JSON Schema. Findings are values; each marketplace says them in its own words.

The jsonschema package judges. What the catalogs have beyond it: `nullable` of OpenAPI 3.0, types that JSON does not have (which ask for
nothing), patterns that Python cannot read (nor do they), and addresses of files as `format: uri`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import cast

from attrs import frozen
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend  # pyright: ignore[reportUnknownVariableType]  # its stubs do not say

from typedrun_sandbox.jsontypes import JSON, JSONObject, as_list, as_object, as_text

_KINDS = frozenset({"string", "integer", "number", "boolean", "array", "object", "null"})

_URL = re.compile(r"(?:https?|s3|gs)://\S+|data:[\w.+-]*(?:/[\w.+-]+)?[;,].*", re.DOTALL)


@frozen
class Finding:
    """One thing that is wrong."""

    place: tuple[str | int, ...]
    """Names and indexes that lead to the value; to the object, where a member is missing or too many."""
    rule: str
    """The keyword of JSON Schema that is broken."""
    limit: JSON
    """What the schema says under that keyword; of `required` the missing name."""
    found: JSON
    """The value."""
    branches: tuple[Finding, ...] = ()
    """Of `anyOf` and `oneOf`: what is wrong by the branches."""


def check(schema: JSONObject, value: JSON, root: JSONObject) -> list[Finding]:
    """Find everything that is wrong; empty when the value fits.

    Args:
        schema: what it has to fit.
        value: what was given.
        root: the document that references point into.
    """
    whole = {name: part for name, part in root.items() if name in ("components", "$defs")} | schema
    judge = _Judge(whole, format_checker=_FORMATS)
    errors: Iterator[ValidationError] = judge.iter_errors(value)  # pyright: ignore[reportUnknownMemberType]  # nor here
    try:
        return [_finding(error) for error in errors]
    except RecursionError:  # references in a circle say nothing
        return []


def _finding(error: ValidationError) -> Finding:
    rule, limit, found = str(error.validator), cast("JSON", error.validator_value), cast("JSON", error.instance)
    limit = _missing_name(error.message, limit, found) if rule == "required" else limit
    return Finding(tuple(error.absolute_path), rule, limit, found, tuple(map(_finding, error.context or ())))


def _missing_name(message: str, required: JSON, found: JSON) -> str:
    """The name that a message such as `'prompt' is a required property` begins with: the error has it nowhere else."""
    missing = [name for name in map(as_text, as_list(required)) if name not in as_object(found)]
    return next((name for name in missing if message.startswith(repr(name))), "")


def _types(judge: Validator, kinds: JSON, value: JSON, rules: Mapping[str, JSON]) -> Iterator[ValidationError]:
    wanted = [as_text(kind) for kind in (kinds if isinstance(kinds, list) else [kinds])]
    if (value is None and rules.get("nullable") is True) or not _KINDS.issuperset(wanted):
        return
    if not any(judge.is_type(value, kind) for kind in wanted):
        yield ValidationError(f"{value!r} is not of type {', '.join(wanted)}")


def _options(_judge: Validator, options: JSON, value: JSON, rules: Mapping[str, JSON]) -> Iterator[ValidationError]:
    is_listed = any(one == value and isinstance(one, bool) == isinstance(value, bool) for one in as_list(options))
    if not is_listed and not (value is None and rules.get("nullable") is True):
        yield ValidationError(f"{value!r} is not one of {options!r}")


def _pattern(_judge: Validator, pattern: JSON, value: JSON, _rules: Mapping[str, JSON]) -> Iterator[ValidationError]:
    try:
        is_found = not isinstance(value, str) or re.search(as_text(pattern), value) is not None
    except re.error:
        return
    if not is_found:
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def _multiple(_judge: Validator, step: JSON, value: JSON, _rules: Mapping[str, JSON]) -> Iterator[ValidationError]:
    """As the package has it, but for numbers that no float can hold, at which it raises."""
    number, size = (Fraction(str(part)) if type(part) in (int, float) else None for part in (value, step))
    if number is not None and size and (number / size).denominator != 1:
        yield ValidationError(f"{value!r} is not a multiple of {step!r}")


def _is_address(value: object) -> bool:
    return not isinstance(value, str) or _URL.fullmatch(value) is not None


_FORMATS = FormatChecker(formats=())
_FORMATS.checks("uri")(_is_address)

_Judge = cast(
    "type[Draft202012Validator]",
    extend(
        Draft202012Validator,
        {"type": _types, "enum": _options, "multipleOf": _multiple, "pattern": _pattern},
    ),
)
