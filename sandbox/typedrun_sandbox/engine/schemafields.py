"""Parameters as the page shows them, where a catalog publishes them as JSON Schema."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from typedrun_sandbox.engine.cards import Field, FieldKind
from typedrun_sandbox.jsontypes import JSON, JSONObject, as_list, as_object, as_text
from typedrun_sandbox.schemas.references import meant

_KINDS: dict[str, FieldKind] = {
    "string": "text",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
}


def fields_of(schema: JSON, root: JSON, spell: Callable[[str], str], order: Sequence[str] = ()) -> tuple[Field, ...]:
    """The members of an object schema.

    Args:
        schema: of the object.
        root: the document that references point into.
        spell: the name that a member has in a Python call.
        order: names in the order in which they are shown; the others follow as they stand.
    """
    rules = meant(root, schema)
    properties = as_object(rules.get("properties"))
    names = [name for name in order if name in properties]
    required = as_list(rules.get("required"))
    return tuple(
        _field(name, _flat(root, properties[name]), spell, is_required=name in required)
        for name in [*names, *(name for name in properties if name not in names)]
    )


def _flat(root: JSON, schema: JSON) -> JSONObject:
    """A property with the one schema of its `allOf`, or the first one of its `anyOf` that is not null, beside it."""
    rules = meant(root, schema)
    for keyword in ("allOf", "anyOf", "oneOf"):
        parts = [meant(root, part) for part in as_list(rules.get(keyword))]
        first: JSONObject = next((part for part in parts if part.get("type") != "null"), dict[str, JSON]())
        rules = {**first, **rules}
    return rules


def _field(name: str, rules: JSONObject, spell: Callable[[str], str], *, is_required: bool) -> Field:
    said = as_text(rules.get("type"))
    is_several = said == "array"
    items = as_object(rules.get("items")) if is_several else rules
    inner = as_text(items.get("type"))
    is_file = items.get("format") == "uri" or (inner == "string" and name.endswith(("_url", "_urls")))
    return Field(
        name=name,
        python=spell(name),
        kind="media" if is_file else _KINDS.get(inner, "json"),
        type=f"list of {inner}" if is_several and inner else said or "any",
        is_required=is_required,
        is_several=is_several and inner in _KINDS,
        default=rules.get("default"),
        options=tuple(as_list(items.get("enum"))),
        description=as_text(rules.get("description")),
    )
