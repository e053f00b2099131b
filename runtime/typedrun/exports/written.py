"""The schema of a parameter that has one itself, for each kind of reader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from typedrun.exports.dialects import ADDRESS, Dialect, Schema
from typedrun.schemas import Shape, fits, is_file, takes

_ANY_ADDRESS: Final = r"^[A-Za-z][A-Za-z0-9+.-]*:(?://|[^\\/])"
"""As `attachments.is_address` has it."""

_KNOWN: Final = frozenset(
    (
        "type",
        "description",
        "enum",
        "const",
        "anyOf",
        "items",
        "properties",
        "required",
        "additionalProperties",
        "format",
    )
)
"""The words that a closed dialect knows, but for its limits."""


def write(shape: Shape, dialect: Dialect) -> Schema | None:
    """Write the schema of a value; None where the dialect cannot say it.

    Args:
        shape: The standard form.
        dialect: For whom.
    """
    if dialect.closed and not _can_say(shape, dialect):
        return None
    written = {name: value for name, value in shape.items() if name != "format" or not dialect.closed}
    inner: dict[str, Any] = {}
    if "anyOf" in shape:
        inner["anyOf"] = [write(form, dialect) for form in shape["anyOf"]]
    elif is_file(shape):
        written |= _address(shape, dialect)
    if "items" in shape:
        inner["items"] = write(shape["items"], dialect)
    if isinstance(shape.get("additionalProperties"), dict):
        inner["additionalProperties"] = write(shape["additionalProperties"], dialect)
    members = {name: write(one, dialect) for name, one in shape.get("properties", {}).items()}
    if any(one is None for one in (*inner.values(), *inner.get("anyOf", ()), *members.values())):
        return None
    if members:
        inner |= _members(shape, {name: one for name, one in members.items() if one is not None}, dialect)
    if not dialect.spelt and shape.keys() & {"enum", "const"} and "anyOf" not in shape:
        whole = "integer" if takes(shape, "integer") else "number"
        values = [each for each in shape.get("enum", [shape.get("const")]) if takes(shape, _type_of(each, whole))]
        if dialect.closed and (not values or any(isinstance(value, list | dict) for value in values)):
            return None
        written = {name: value for name, value in written.items() if name not in {"type", "enum", "const"}}
        inner |= typed_enum(values, whole) if values else {"not": {}}
    return written | inner


def typed_enum(values: Sequence[Any], whole: str = "number") -> Schema:
    """Options with their types, which vendors insist on: an enum for each type that there is.

    Args:
        values: The options.
        whole: Which type whole numbers have.
    """
    of_type: dict[str, list[Any]] = {}
    for value in values:
        of_type.setdefault(_type_of(value, whole), []).append(value)
    forms = [{"type": name} | ({} if name == "null" else {"enum": listed}) for name, listed in of_type.items()]
    return forms[0] if len(forms) == 1 else {"anyOf": forms}


def _type_of(value: object, whole: str) -> str:
    match value:
        case bool():
            return "boolean"
        case int():
            return whole
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case dict():
            return "object"
        case _:
            return "null"


def _can_say(shape: Shape, dialect: Dialect) -> bool:
    """Whether a closed dialect has words for this, its insides aside."""
    if not shape.keys() <= _KNOWN | dialect.limits or not shape.keys() & {"type", "enum", "const", "anyOf"}:
        return False
    is_open = takes(shape, "object") and (shape.get("additionalProperties") is not False or "properties" not in shape)
    return bool(shape.keys() & {"anyOf", "enum", "const"}) or not (
        is_open or (takes(shape, "array") and "items" not in shape)
    )


def _address(shape: Shape, dialect: Dialect) -> Schema:
    """A text that is the address of a file, and what else is asked of it."""
    pattern = _ANY_ADDRESS if dialect.spelt else ADDRESS
    return {"pattern": pattern} | ({"allOf": [{"pattern": shape["pattern"]}]} if "pattern" in shape else {})


def _members(shape: Shape, members: dict[str, Schema], dialect: Dialect) -> Schema:
    """The members of an object: null stands for one that is not given, where the reader knows that."""
    required = list(shape.get("required", ()))
    if not (dialect.spelt or dialect.requires_all):
        return {"properties": members, "required": required}
    with_nulls = {name: one if name in required else with_null(one) for name, one in members.items()}
    return {"properties": with_nulls, "required": list(members) if dialect.requires_all else required}


def with_null(schema: Schema) -> Schema:
    """A schema that takes what another takes, and null."""
    if fits(schema, None):
        return schema
    if schema.keys() & {"const", "not"} or ("anyOf" in schema and len(schema.keys() - {"description"}) > 1):
        return {"anyOf": [schema, {"type": "null"}]}
    if "anyOf" in schema:
        return schema | {"anyOf": [*schema["anyOf"], {"type": "null"}]}
    if (
        isinstance(schema.get("type"), str) and "enum" in schema
    ):  # vendors want options of the type that stands beside them
        return {"anyOf": [schema, {"type": "null"}]}
    said = schema.get("type", [])
    types = {"type": [*([said] if isinstance(said, str) else said), "null"]} if said else {}
    return schema | types | ({"enum": [*schema["enum"], None]} if "enum" in schema else {})


def without_null(schema: Schema) -> Schema:
    """A schema that takes what another takes, but not null: what must be given is then missing."""
    if "anyOf" in schema:
        return schema | {"anyOf": [without_null(form) for form in schema["anyOf"]]}
    if not fits(schema, None):
        return schema
    said = schema.get("type") or ["string", "number", "boolean", "object", "array"]
    types = [one for one in ([said] if isinstance(said, str) else said) if one != "null"]
    listed = {"enum": [one for one in schema["enum"] if one is not None]} if "enum" in schema else {}
    return schema | {"type": types[0] if len(types) == 1 else types} | listed if types else {"not": {}}
