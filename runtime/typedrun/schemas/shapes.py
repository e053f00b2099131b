"""The standard form of a schema, and what can be read off it without a value.

Documents are written in several dialects (OpenAPI 3.0 and 3.1, pydantic 1 and 2); the standard form has one word for each thing:
null is a type, exclusive limits are numbers, a `oneOf` is an `anyOf` (the servers take the first that fits), an `allOf` is merged, and
what is not checked is not there. So what the schema of a model says is what the client checks.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from typedrun.jsontypes import JSON, is_array, is_object

Shape: TypeAlias = Mapping[str, Any]
"""A schema in its standard form."""

ANYTHING: Final[Shape] = {}
"""Takes any value."""
FILE_FORMATS: Final = frozenset({"uri", "file", "binary"})
_TYPES: Final = ("string", "integer", "number", "boolean", "array", "object", "null")
_SECRET: Final = re.compile(r"x-(?:.+-)?secret")
"""What vendors call their own word for a value that is not to be shown, whoever they are."""
_DEEPEST: Final = 40
"""Levels of a schema that are read; catalogs have six, and what contains itself has no end."""


def standard(schema: JSON, depth: int = 0) -> dict[str, Any]:
    """The standard form of a schema.

    An object that lists its members and says nothing of others has no others: a misspelt member is a mistake here, not a value that
    the server silently drops.
    """
    if not is_object(schema) or depth > _DEEPEST:
        return {"not": {}} if schema is False else {}
    said = _merged(schema, depth)
    made = {name: read for name, reader in _READERS.items() if (read := reader(said.get(name))) is not None}
    made |= _limits(said)
    made |= _insides(said, depth)
    if any(value is True and _SECRET.fullmatch(name) for name, value in said.items()):
        made["format"] = "password"
    types = _types(said)
    if said.get("nullable") is True or (types and "null" in types):
        made, types = _with_null(made), types and [*(one for one in types if one != "null"), "null"]
    types = types or _types_of_options(made)
    if types:
        made["type"] = types[0] if len(types) == 1 else types
    return made


def _merged(schema: Mapping[str, JSON], depth: int) -> dict[str, JSON]:
    """The schema with the parts of its `allOf` in it; what stands beside them wins."""
    parts = schema.get("allOf")
    whole: dict[str, JSON] = {}
    for part in [*(parts if is_array(parts) and depth <= _DEEPEST else ()), {**schema, "allOf": None}]:
        said = _merged(part, depth + 1) if is_object(part) and part.get("allOf") is not None else part
        if not is_object(said):
            continue
        properties, required = (_both(whole.get(name), said.get(name)) for name in ("properties", "required"))
        whole |= said
        whole |= {name: value for name, value in (("properties", properties), ("required", required)) if value}
    return whole


def _both(first: JSON, second: JSON) -> JSON:
    if is_object(first) and is_object(second):
        return {**first, **second}
    if is_array(first) and is_array(second):
        return [*first, *(name for name in second if name not in first)]
    return first if second is None else second


def _types(schema: Mapping[str, JSON]) -> list[str]:
    said = schema.get("type")
    listed = said if is_array(said) else (said,)
    known = [one for one in listed if isinstance(one, str) and one in _TYPES]
    return known if len(known) == len(listed) else []  # a word that is no type: any value


def _types_of_options(made: Mapping[str, Any]) -> list[str]:
    """The types of listed values, where the schema names none."""
    listed = [made["const"]] if "const" in made else made.get("enum", ())
    return list(dict.fromkeys(type_of(option) for option in listed if type_of(option)))


def type_of(value: object) -> str:
    """The type of JSON Schema that a value of Python has; empty for what JSON does not have."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return ("integer" if value.is_integer() else "number") if math.isfinite(value) else ""
    if isinstance(value, str):
        return "string"
    return "object" if is_object(value) else "array" if is_array(value) else ""


def _with_null(made: dict[str, Any]) -> dict[str, Any]:
    if "anyOf" in made and not any(takes(form, "null") for form in made["anyOf"]):
        made["anyOf"] = [*made["anyOf"], {"type": "null"}]
    if "enum" in made and None not in made["enum"]:
        made["enum"] = [*made["enum"], None]
    return made


# --- single words


def _number(value: JSON) -> int | float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _positive(value: JSON) -> int | float | None:
    number = _number(value)
    return number if number is not None and number > 0 else None


def _count(value: JSON) -> int | None:
    number = _number(value)
    return int(number) if number is not None and number >= 0 and number == int(number) else None


def _text(value: JSON) -> str | None:
    return value if isinstance(value, str) and value else None


def _pattern(value: JSON) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        re.compile(value)
    except (re.error, RecursionError, OverflowError):  # another language's pattern
        return None
    return value


def _listed(value: JSON) -> list[JSON] | None:
    return list(value) if is_array(value) and value else None


_READERS: Final[Mapping[str, Callable[[JSON], Any]]] = {
    "description": _text,
    "enum": _listed,
    "minimum": _number,
    "maximum": _number,
    "multipleOf": _positive,
    "minLength": _count,
    "maxLength": _count,
    "minItems": _count,
    "maxItems": _count,
    "uniqueItems": lambda value: True if value is True else None,
    "pattern": _pattern,
    "format": _text,
}


def _limits(schema: Mapping[str, JSON]) -> dict[str, Any]:
    """Exclusive limits: numbers, or (OpenAPI 3.0) marks on the inclusive ones. And a constant, which may be null."""
    made: dict[str, Any] = {"const": schema["const"]} if "const" in schema else {}
    for exclusive in ("exclusiveMinimum", "exclusiveMaximum"):
        said = schema.get(exclusive)
        limit = _number(schema.get(exclusive[9:].lower())) if said is True else _number(said)
        if limit is not None:
            made[exclusive] = limit
    return made


def _insides(schema: Mapping[str, JSON], depth: int) -> dict[str, Any]:
    made: dict[str, Any] = {}
    forms = schema.get("anyOf") or schema.get("oneOf")
    if is_array(forms) and forms:
        made["anyOf"] = [standard(form, depth + 1) for form in forms]
    if (items := schema.get("items")) is not None:
        made["items"] = standard(items, depth + 1)
    properties, others = schema.get("properties"), schema.get("additionalProperties")
    if is_object(properties) and properties:
        made["properties"] = {name: standard(one, depth + 1) for name, one in properties.items()}
    if is_object(others):
        made["additionalProperties"] = standard(others, depth + 1)
    elif isinstance(others, bool):
        made["additionalProperties"] = others
    elif "properties" in made and "anyOf" not in made and "patternProperties" not in schema:
        made["additionalProperties"] = False
    required = schema.get("required")
    names = [name for name in required if isinstance(name, str)] if is_array(required) else []
    return made | ({"required": names} if names else {})


def inlined(schema: JSON, document: JSON, _open: tuple[str, ...] = ()) -> Any:
    """A schema with its references (`#/components/schemas/…`, `#/$defs/…`) put in; one inside itself becomes any value.

    Args:
        schema: A schema of the document.
        document: What the references point into.
    """
    if is_array(schema):
        return [inlined(one, document, _open) for one in schema]
    if not is_object(schema):
        return schema
    reference = schema.get("$ref")
    rest = {name: inlined(one, document, _open) for name, one in schema.items() if name != "$ref"}
    if not isinstance(reference, str):
        return rest
    target = None if reference in _open else _pointed(document, reference)
    found = inlined(target, document, (*_open, reference))
    return {**found, **rest} if is_object(found) else rest


def _pointed(document: JSON, reference: str) -> JSON:
    found = document if reference.startswith("#/") else None
    for step in reference[2:].split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        found = found.get(name) if is_object(found) else None
    return found


# --- what a shape says


def types_of(shape: Shape) -> tuple[str, ...]:
    """The types that a shape names itself; none where it names none."""
    said = shape.get("type")
    return (said,) if isinstance(said, str) else tuple(said or ())


def forms_of(shape: Shape) -> Iterator[Shape]:
    """A shape's alternatives, down to those that have none; itself if it has none."""
    if "anyOf" not in shape:
        yield shape
        return
    for form in shape["anyOf"]:
        yield from forms_of(form)


def takes(shape: Shape, type_: str) -> bool:
    """Whether values of one type may fit."""
    return any(not types_of(form) or type_ in types_of(form) for form in forms_of(shape)) and (
        not types_of(shape) or type_ in types_of(shape)
    )


def is_file(shape: Shape) -> bool:
    """Whether a value may be a file."""
    return any("string" in types_of(form) and form.get("format") in FILE_FORMATS for form in forms_of(shape))


def item_shape(shape: Shape) -> Shape | None:
    """What an item of a list may be; None where no list fits."""
    for form in forms_of(shape):
        if "array" in types_of(form):
            items: Shape = form.get("items", {})
            return items
    return None


def has_files(shape: Shape) -> bool:
    """Whether there may be a file anywhere inside."""
    return is_file(shape) or any(has_files(inner) for form in forms_of(shape) for inner in _inner(form))


def is_secret(shape: Shape) -> bool:
    """Whether a value is not to be shown."""
    return any(form.get("format") == "password" for form in (shape, *forms_of(shape)))


def _inner(shape: Shape) -> Iterator[Shape]:
    yield from shape.get("properties", {}).values()
    for name in ("items", "additionalProperties"):
        if isinstance(shape.get(name), dict):
            yield shape[name]


def options_of(shape: Shape) -> tuple[JSON, ...]:
    """The values that a shape lists, those of its alternatives included."""
    return tuple(
        option
        for form in forms_of(shape)
        for option in (form.get("enum", ()) if "const" not in form else (form["const"],))
        if option is not None
    )


def type_words(shape: Shape) -> str:
    """The type in a word or two, for tables: `integer 1…50`, `file`, `list of file`, `string | object`."""
    words = dict.fromkeys(_word(form, one) for form in forms_of(shape) for one in types_of(form) if one != "null")
    return " | ".join(words)


def _word(shape: Shape, type_: str) -> str:
    if type_ == "string":
        return "file" if is_file(shape) else "secret" if is_secret(shape) else "string"
    if type_ == "array":
        inner = type_words(shape.get("items", {}))
        return f"list of {inner}" if inner else "list"
    if type_ not in {"number", "integer"}:
        return type_
    low, high = (shape.get(name, shape.get(f"exclusive{name.capitalize()}")) for name in ("minimum", "maximum"))
    return (
        type_
        if low is None and high is None
        else f"{type_} {'' if low is None else low}…{'' if high is None else high}"
    )
