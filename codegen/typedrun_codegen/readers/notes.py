"""What a schema says beside its type: description, limits, units, default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from typedrun_codegen.ir.api import ABSENT, Absent, Notes
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.readers.forms import as_text
from typedrun_codegen.readers.references import BadReference, Place, References

_LIMITS: Final[Mapping[str, str]] = {
    "minimum": "At least {}.",
    "maximum": "At most {}.",
    "multipleOf": "A multiple of {}.",
    "minLength": "At least {} characters.",
    "maxLength": "At most {} characters.",
    "minItems": "At least {} items.",
    "maxItems": "At most {} items.",
    "minProperties": "At least {} entries.",
    "maxProperties": "At most {} entries.",
    "pattern": "Matches `{}`.",
    "x-unit": "Unit: {}.",
    "x-units": "Unit: {}.",
}
_SAID: Final = frozenset({*_LIMITS, "exclusiveMinimum", "exclusiveMaximum", "uniqueItems", "format"})
_FORMATS: Final[Mapping[str, str]] = {
    "unixtime": "Seconds since 1970.",
    "uri": "A URL.",
    "url": "A URL.",
    "email": "An e-mail address.",
    "duration": "An ISO 8601 duration.",
    "time": "A time of day.",
    "password": "A secret.",
}


def read_notes(schema: JSON, refs: References, at: Place) -> tuple[Notes, JSON | Absent]:
    """Notes and default of the schema that stands at a place; what the target of a reference says counts when it is silent."""
    if not isinstance(schema, dict):
        return Notes(), ABSENT
    merged = _merged(schema, refs, at)
    notes = Notes(
        description=_description(merged),
        constraints=tuple(_constraints(merged)),
        deprecated=merged.get("deprecated") is True,
        read_only=merged.get("readOnly") is True,
        write_only=merged.get("writeOnly") is True,
    )
    return notes, _default(merged)


def _merged(schema: dict[str, JSON], refs: References, at: Place) -> dict[str, JSON]:
    """The schema over the one it refers to, of which only the default and the flags speak for the place of use."""
    target: dict[str, JSON] = {}
    ref = schema.get("$ref")
    parts = schema.get("allOf")
    if ref is None and isinstance(parts, list) and len(parts) == 1 and isinstance(parts[0], dict):
        ref = parts[0].get("$ref")
    if isinstance(ref, str):
        try:
            _, node = refs.follow(ref, at)
        except BadReference:
            node = {}  # reported where its type is read
        if isinstance(node, dict):
            words = ("default", "readOnly", "writeOnly", "deprecated", "type")
            target = {key: node[key] for key in words if key in node}
    return {**target, **schema}


def _default(schema: Mapping[str, JSON]) -> JSON | Absent:
    """The default; a number that stands for a string is a text that lost its quotes."""
    default = schema.get("default", ABSENT)
    types = schema.get("type")
    is_text = types == "string" or (isinstance(types, list) and {*map(str, types)} <= {"string", "null"})
    return as_text(default) if is_text and not isinstance(default, Absent) else default


def _description(schema: Mapping[str, JSON]) -> str:
    for key in ("description", "title"):
        if isinstance(text := schema.get(key), str) and text.strip():
            return text
    return ""


def _constraints(schema: Mapping[str, JSON]) -> list[str]:
    if schema.keys().isdisjoint(_SAID):
        return []
    found = [text.format(_shown(schema[key])) for key, text in _LIMITS.items() if key in schema]
    for key, text in (("exclusiveMinimum", "More than {}."), ("exclusiveMaximum", "Less than {}.")):
        if isinstance(limit := schema.get(key), int | float) and not isinstance(limit, bool):
            found.append(text.format(_shown(limit)))
    if schema.get("uniqueItems") is True:
        found.append("No repeats.")
    if isinstance(format_ := schema.get("format"), str) and format_ in _FORMATS:
        found.append(_FORMATS[format_])
    return found


def range_notes(schema: Mapping[str, JSON]) -> list[str]:
    """What the notes say of a range, for those who tell it otherwise."""
    return [_LIMITS[key].format(_shown(schema[key])) for key in ("minimum", "maximum") if key in schema]


def _shown(value: JSON) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
