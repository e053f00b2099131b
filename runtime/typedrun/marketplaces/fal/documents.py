"""Documents of the catalog: an endpoint with its metadata and its OpenAPI document, which says what goes in and what comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import evolve

from typedrun.jsontypes import JSON, is_array, is_object, members
from typedrun.marketplaces.fal.files import is_file
from typedrun.parameters import Parameter, VendorInfo
from typedrun.schemas import inlined

_JSON: Final = "application/json"


def identity(document: Mapping[str, JSON]) -> str | None:
    """The endpoint's id, two to six segments."""
    found = document.get("endpoint_id")
    return found if isinstance(found, str) and found else None


def read_fields(document: Mapping[str, JSON], function: Callable[[str], Any]) -> dict[str, Any]:
    """Read what a document says of a model, by the name of the field of `Model`."""
    known, said = identity(document), members(document.get("metadata"))
    found: dict[str, Any] = {"supports_streaming": isinstance(said.get("stream_url"), str)}
    if known is not None:
        owner = known.partition("/")[0]
        found |= {"id": known, "path": known, "vendor": VendorInfo(name=owner, code=owner)}
    names = {"display_name": "name", "description": "description", "date": "created_at", "updated_at": "updated_at"}
    found |= {field: value for word, field in names.items() if isinstance(value := said.get(word), str)}
    if isinstance(category := said.get("category"), str):
        found["function"] = function(category)
    described = document.get("openapi")
    if known is not None and is_object(described) and (given := _input(described, known)) is not None:
        found["params"] = _parameters(given)
    return found


def _input(document: Mapping[str, JSON], endpoint: str) -> Mapping[str, JSON] | None:
    """The schema of what the endpoint takes, references put in; None where the document has none."""
    post = members(members(members(document.get("paths")).get(f"/{endpoint}")).get("post"))
    content = members(members(post.get("requestBody")).get("content"))
    schema = members(content.get(_JSON)).get("schema")
    found = inlined(schema, document) if is_object(schema) else None
    return found if is_object(found) else None


def _parameters(schema: Mapping[str, JSON]) -> tuple[Parameter, ...]:
    forms = next((found for word in ("anyOf", "oneOf") if is_array(found := schema.get(word))), (schema,))
    ways = [_of_form(form) for form in forms if is_object(form)]
    return tuple(
        _merged([way[name] for way in ways if name in way], len(ways))
        for name in dict.fromkeys(n for way in ways for n in way)
    )


def _of_form(schema: Mapping[str, JSON]) -> dict[str, Parameter]:
    """The parameters of one way to call the endpoint, in the order that the document gives them."""
    properties, required = members(schema.get("properties")), schema.get("required")
    order = schema.get("x-fal-order-properties")
    needed = set(required) if is_array(required) else set[object]()
    ordered = [name for name in order if isinstance(name, str) and name in properties] if is_array(order) else []
    names = [*ordered, *(name for name in properties if name not in ordered)]
    return {name: _parameter(name, members(properties[name]), is_required=name in needed) for name in names}


def _merged(found: list[Parameter], ways: int) -> Parameter:
    """A parameter that several ways have: it is required if each has it so, and takes what either takes."""
    first, schemas = found[0], [one.schema for one in found]
    distinct: list[Any] = [schema for place, schema in enumerate(schemas) if schema not in schemas[:place]]
    is_required = len(found) == ways and all(one.required for one in found)
    return evolve(first, required=is_required, schema=distinct[0] if len(distinct) == 1 else {"anyOf": distinct})


def _parameter(name: str, schema: Mapping[str, JSON], *, is_required: bool) -> Parameter:
    description = schema.get("description")
    words = {
        word: value for word, value in schema.items() if word not in {"description", "default", "title", "examples"}
    }
    return Parameter(
        name=name,
        required=is_required,
        description=description if isinstance(description, str) else "",
        schema=_with_files(words, are_files=is_file(name, schema)),
        default_values=(schema["default"],) if "default" in schema else (),
    )


def _with_files(schema: Any, *, are_files: bool) -> Any:
    """The schema with its files marked as such, and nothing else: for the runtime `format: uri` is one, too."""
    if not is_object(schema):
        return schema
    made: dict[str, Any] = dict(schema)
    if schema.get("type") == "string" and not schema.get("enum"):
        if are_files:
            made.setdefault("format", "file")
        elif made.get("format") == "uri":
            del made["format"]
    for word in ("items", "additionalProperties"):
        if word in made:
            made[word] = _with_files(made[word], are_files=are_files)
    for word in ("anyOf", "oneOf", "allOf"):
        if is_array(forms := made.get(word)):
            made[word] = [_with_files(form, are_files=are_files) for form in forms]
    if is_object(inner := made.get("properties")):
        made["properties"] = {
            name: _with_files(one, are_files=is_object(one) and is_file(name, one)) for name, one in inner.items()
        }
    return made


def write_document(field_of: Callable[[str], Any]) -> dict[str, JSON]:
    """Write what a model knows of itself, under the names that documents have; what it does not know is left out.

    Args:
        field_of: The value of a field of `Model`, by its name.
    """
    function = field_of("function")
    known = {
        "display_name": field_of("name"),
        "description": field_of("description"),
        "category": None if function is None else str(function),
        "updated_at": field_of("updated_at"),
    }
    return {"endpoint_id": field_of("id"), "metadata": {word: value for word, value in known.items() if value}}
