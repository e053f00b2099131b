"""Documents of the catalog: a model with its newest version, whose OpenAPI schema says what goes in and what comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from typedrun.jsontypes import JSON, is_array, is_object, members
from typedrun.parameters import Parameter, VendorInfo
from typedrun.remotefile import RemoteFile
from typedrun.schemas import inlined

_OLDER: Final = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}
"""How models that were pushed long ago spell ranges."""
_BESIDE: Final = frozenset({"description", "x-order", "default"})
_LAST: Final = 10**9
"""Where a parameter without an order of its own comes."""


def identity(document: Mapping[str, JSON]) -> str | None:
    """`owner/name`."""
    owner, name = document.get("owner"), document.get("name")
    return f"{owner}/{name}" if isinstance(owner, str) and isinstance(name, str) and owner and name else None


def split_version(model: str) -> tuple[str, str]:
    """`owner/name` and the version of `owner/name:version`; without one the version is empty."""
    name, _, version = model.partition(":")
    return name, version


def with_version(document: Mapping[str, JSON], version: Mapping[str, JSON]) -> dict[str, Any]:
    """A model with one of its versions in the place of the newest one: its runs ask for that, also those of an official model."""
    return {**{name: value for name, value in document.items() if name != "is_official"}, "latest_version": version}


def read_fields(document: Mapping[str, JSON], function: Callable[[str], Any]) -> dict[str, Any]:
    """Read what a document says of a model, by the name of the field of `Model`."""
    del function  # no document says what its model is for
    known = identity(document)
    version = members(document.get("latest_version"))
    schema = version.get("openapi_schema")
    owner, name, description = document.get("owner"), document.get("name"), document.get("description")
    found: dict[str, Any] = {"version": "" if document.get("is_official") is True else _text(version.get("id")) or ""}
    found |= {} if known is None else {"id": known, "path": known}
    found |= {"name": name} if isinstance(name, str) else {}
    found |= {"description": description} if isinstance(description, str) else {}
    found |= {"vendor": VendorInfo(name=owner, code=owner)} if isinstance(owner, str) else {}
    if created := _text(document.get("created_at")):
        found["created_at"] = created
    if is_object(schema):
        found |= _read_schema(schema)
    return found


def _read_schema(document: Mapping[str, JSON]) -> dict[str, Any]:
    schemas = members(members(document.get("components")).get("schemas"))
    given, output = schemas.get("Input"), schemas.get("Output")
    found: dict[str, Any] = {"params": _parameters(inlined(given, document)) if is_object(given) else ()}
    if is_object(output):
        made = inlined(output, document)
        is_iterator = made.get("x-cog-array-type") == "iterator"
        found["supports_streaming"] = is_iterator
        if is_iterator and made.get("x-cog-array-display") == "concatenate":
            found["output_type"] = str
        elif is_iterator or _holds_files(made):
            found["output_type"] = _type_of(made)
    return found


def _parameters(schema: Mapping[str, JSON]) -> tuple[Parameter, ...]:
    properties, required = schema.get("properties"), schema.get("required")
    named = [(name, one) for name, one in properties.items() if is_object(one)] if is_object(properties) else []
    needed = set(required) if is_array(required) else set[object]()
    return tuple(
        Parameter(
            name=name,
            required=name in needed,
            description=_text(one.get("description")) or "",
            schema={_OLDER.get(word, word): value for word, value in one.items() if word not in _BESIDE},
            default_values=(one["default"],) if "default" in one else (),
        )
        for name, one in sorted(named, key=lambda entry: _order(entry[1]))
    )


def _order(schema: Mapping[str, JSON]) -> int:
    place = schema.get("x-order")
    return place if isinstance(place, int) else _LAST


def _holds_files(output: Mapping[str, JSON]) -> bool:
    """Whether an output is a file, or a list of files."""
    items = output.get("items")
    return _is_file(output) or (output.get("type") == "array" and is_object(items) and _holds_files(items))


def _is_file(output: Mapping[str, JSON]) -> bool:
    return output.get("type") == "string" and output.get("format") == "uri"


def _type_of(output: Mapping[str, JSON]) -> Any:
    """The type of an output: a text, a file, or a list of them; an object is what it comes as."""
    if output.get("type") == "array":
        items = output.get("items")
        return list[_type_of(items) if is_object(items) else Any]  # type: ignore[misc]  # made at run time
    if _is_file(output):
        return RemoteFile
    return str if output.get("type") == "string" else Any


def _text(value: JSON) -> str | None:
    return value if isinstance(value, str) else None


def write_document(field_of: Callable[[str], Any]) -> dict[str, JSON]:
    """Write what a model knows of itself, under the names that documents have; what it does not know is left out.

    Args:
        field_of: The value of a field of `Model`, by its name.
    """
    owner, _, name = str(field_of("id")).partition("/")
    version = field_of("version")
    known: dict[str, JSON] = {"owner": owner, "name": name, "description": field_of("description")}
    if isinstance(version, str):
        known |= {"is_official": True} if not version else {"latest_version": {"id": version}}
    return {word: value for word, value in known.items() if value}
