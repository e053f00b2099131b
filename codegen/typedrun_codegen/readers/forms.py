"""The forms in which a document writes one thing in many ways, each reduced to one: pure functions of a single schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from typedrun_codegen.ir.api import ANY, NONE, Leaf, LeafName, LiteralOf, TypeExpr
from typedrun_codegen.ir.jsontypes import JSON

Node: TypeAlias = "dict[str, JSON]"
"""An object of the document."""

LEAVES: Final[Mapping[str, LeafName]] = {
    "date-time": "datetime",
    "date": "date",
    "uuid": "UUID",
    "byte": "bytes",
    "binary": "Binary",
}
"""String formats that have a Python type of their own."""

TYPES: Final = frozenset({"string", "integer", "number", "boolean", "null", "object", "array", "file"})
OBJECT_KEYS: Final = frozenset({"properties", "additionalProperties", "patternProperties"})
UNIONS: Final = ("oneOf", "anyOf")
REFERENCES: Final = ("$ref", "$dynamicRef", "$recursiveRef")
SHAPE_KEYS: Final = OBJECT_KEYS | {*UNIONS, *REFERENCES, "type", "enum", "const", "items", "prefixItems", "allOf"}
"""Words that say something about the type."""

_PLAIN: Final[Mapping[str, TypeExpr]] = {
    "integer": Leaf("int"),
    "number": Leaf("float"),
    "boolean": Leaf("bool"),
    "null": NONE,
    "file": Leaf("Binary"),
}


def says_type(schema: Node) -> bool:
    """Whether a schema says anything about the type."""
    return not SHAPE_KEYS.isdisjoint(schema)


def split_null(schema: Node) -> tuple[Node, bool]:
    """The schema without its permission to be null, and whether it had one."""
    if not _may_be_null(schema):
        return schema, False
    bare: Node = {key: value for key, value in schema.items() if key != "nullable"}
    parts = as_list(schema.get("allOf"))
    is_null = schema.get("nullable") is True or any(isinstance(one, dict) and is_only_nullable(one) for one in parts)
    if isinstance(types := schema.get("type"), list):
        kept = [one for one in types if one != "null"]
        is_null = is_null or (len(kept) < len(types) and bool(kept))
        bare["type"] = kept[0] if len(kept) == 1 else kept or (types and "null")
    if isinstance(values := schema.get("enum"), list) and None in values and len(values) > 1:
        bare["enum"] = [one for one in values if one is not None]
        is_null = True
    return bare, is_null


def _may_be_null(schema: Node) -> bool:
    """Whether there is anything to split off; most schemas have nothing."""
    if "nullable" in schema or "allOf" in schema or isinstance(schema.get("type"), list):
        return True
    return isinstance(values := schema.get("enum"), list) and None in values


def is_only_nullable(schema: Node) -> bool:
    """Whether this says nothing but `nullable`: OpenAPI 3.0 has no null type, and such a member of a union stands for it."""
    return schema.get("nullable") is True and not says_type(schema)


def is_object(schema: Node) -> bool:
    """Whether a schema speaks of objects; beside another type, the words for objects say nothing."""
    kind = schema.get("type")
    return kind == "object" or (kind is None and not OBJECT_KEYS.isdisjoint(schema))


def has_shape_beside_ref(schema: Node) -> bool:
    """Whether more than a reference decides the type."""
    return any(key in SHAPE_KEYS or key == "required" for key in schema if key not in (*REFERENCES, "type"))


def constants(schema: Mapping[str, JSON]) -> tuple[str | int | bool, ...]:
    """The values that a schema allows, when it lists them."""
    values = [schema["const"]] if "const" in schema else as_list(schema.get("enum"))
    return tuple(value for value in values if isinstance(value, str | int))


def constant(value: JSON, kind: JSON = None) -> TypeExpr:
    """The type of one constant."""
    value = as_text(value) if kind == "string" else spelt(value)
    if isinstance(value, str | int | bool):
        return LiteralOf((value,))
    if value is None:
        return NONE
    return Leaf("float") if isinstance(value, float) else ANY


def listed_values(schema: Node) -> list[JSON]:
    """The scalar values of an enumeration, each once, spelt as its type wants them."""
    listed = [one for one in as_list(schema.get("enum")) if not isinstance(one, list | dict)]
    plain = [as_text(one) if schema.get("type") == "string" else spelt(one) for one in listed]
    return [value for _, value in dict.fromkeys((type(one), one) for one in plain)]


def spelt(value: JSON) -> JSON:
    """A number without a fraction is an integer, however it is written."""
    if isinstance(value, bool):
        return value
    is_whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer() and abs(value) < 2**53)
    return int(value) if is_whole and isinstance(value, int | float) else value


def as_text(value: JSON) -> JSON:
    """A value that stands for a string and that YAML read as something else, for want of quotes: `1.0`, `010`, `true`."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return getattr(value, "spelling", None) or str(value)
    return value


def scalar(schema: Node, formats: Mapping[str, LeafName] = LEAVES) -> TypeExpr:
    """The type of a schema without parts.

    Args:
        schema: it.
        formats: string formats that have a Python type of their own.
    """
    kind = schema.get("type")
    return _string(schema, formats) if kind == "string" else _PLAIN.get(str(kind), ANY)


def _string(schema: Node, formats: Mapping[str, LeafName]) -> TypeExpr:
    format_ = schema.get("format")
    if isinstance(format_, str) and format_ in formats:
        return Leaf(formats[format_])
    if schema.get("contentEncoding") in ("base64", "base64url"):
        return Leaf("bytes" if schema["contentEncoding"] == "base64" else "str")
    media = schema.get("contentMediaType")
    is_raw = isinstance(media, str) and media.split("/")[0] in ("application", "image", "audio", "video")
    return Leaf("Binary" if is_raw and "json" not in str(media) else "str")


def options(schema: Node, word: str) -> list[tuple[int, Node]]:
    """The members of a union that say something about the shape; `required` alone is a condition, not a shape."""
    if word not in schema:
        return []
    found = [(index, option) for index, option in enumerate(as_list(schema[word])) if isinstance(option, dict)]
    is_condition = any("required" in one for _, one in found) and not any(says_type(one) for _, one in found)
    return [] if is_condition else found


def is_free_member(schema: Node, word: str) -> bool:
    """Whether a union has a member that allows anything (`true`)."""
    return any(one is True for one in as_list(schema.get(word)))


def properties(schema: Node) -> Node:
    """The properties of a schema."""
    found = schema.get("properties")
    return found if isinstance(found, dict) and is_object(schema) else {}


def is_plain_class(schema: Node) -> bool:
    """Whether a schema can be nothing but an object with properties, read by itself."""
    return bool(properties(schema)) and schema.keys().isdisjoint({"allOf", "enum", "const", *REFERENCES, *UNIONS})


def is_closed(schema: Node) -> bool:
    """Whether a schema says that there are no properties beside those that are listed."""
    return schema.get("additionalProperties") is False or schema.get("unevaluatedProperties") is False


def required(schema: Node) -> list[str]:
    """The properties that a schema demands."""
    return [name for name in as_list(schema.get("required")) if isinstance(name, str)]


def as_list(value: JSON | None) -> list[JSON]:
    """The list, or none."""
    return value if isinstance(value, list) else []


def as_schema(value: JSON) -> Node:
    """The schema; a boolean says nothing about a type."""
    return value if isinstance(value, dict) else {}
