"""What the page shows of parameters that a catalog publishes as JSON Schema."""

from __future__ import annotations

import pytest

from typedrun_sandbox.engine.cards import Field, FieldKind
from typedrun_sandbox.engine.schemafields import fields_of
from typedrun_sandbox.jsontypes import JSON

ROOT: JSON = {"Size": {"type": "string", "enum": ["small", "large"], "description": "Of the picture."}}


def shown(
    kind: FieldKind,
    type: str,
    *,
    is_several: bool = False,
    default: JSON = None,
    options: tuple[JSON, ...] = (),
    description: str = "",
) -> Field:
    return Field(
        name="a",
        python="A",
        kind=kind,
        type=type,
        is_several=is_several,
        default=default,
        options=options,
        description=description,
    )


SHOWN: list[tuple[JSON, Field]] = [
    ({"type": "string"}, shown("text", "string")),
    ({"type": "integer", "default": 0}, shown("integer", "integer", default=0)),
    ({"type": "number", "description": "In °C."}, shown("number", "number", description="In °C.")),
    ({"type": "boolean"}, shown("boolean", "boolean")),
    ({"type": "object"}, shown("json", "object")),
    ({}, shown("json", "any")),
    ({"anyOf": [{"type": "null"}, {"type": "integer"}]}, shown("integer", "integer")),
    ({"oneOf": [{"type": "null"}, {"type": "number"}, {"type": "string"}]}, shown("number", "number")),
    ({"anyOf": [{"type": "null"}]}, shown("json", "any")),
    (
        {"allOf": [{"$ref": "#/Size"}], "default": "small", "description": "Of mine."},
        shown("text", "string", default="small", options=("small", "large"), description="Of mine."),
    ),
    ({"type": "string", "format": "uri"}, shown("media", "string")),
    ({"type": "array"}, shown("json", "array")),
    (
        {"type": "array", "items": {"type": "integer", "enum": [1, 2]}},
        shown("integer", "list of integer", is_several=True, options=(1, 2)),
    ),
    ({"type": "array", "items": {"type": "object"}}, shown("json", "list of object")),
    (
        {"type": "array", "items": {"type": "string", "format": "uri"}},
        shown("media", "list of string", is_several=True),
    ),
]


@pytest.mark.parametrize(("schema", "field"), SHOWN, ids=[str(schema) for schema, _ in SHOWN])
def test_a_member_is_shown_as_the_value_that_it_takes(schema: JSON, field: Field) -> None:
    assert fields_of({"properties": {"a": schema}}, ROOT, str.upper) == (field,)


@pytest.mark.parametrize(
    ("name", "type", "kind"),
    [
        ("image_url", "string", "media"),
        ("image_urls", "string", "media"),
        ("url", "string", "text"),
        ("image_url", "integer", "integer"),
    ],
)
def test_text_whose_name_says_that_it_is_an_address_is_a_file(name: str, type: str, kind: str) -> None:
    (field,) = fields_of({"properties": {name: {"type": type}}}, {}, str)
    assert field.kind == kind


def test_members_stand_in_the_order_that_the_catalog_wants_and_then_in_theirs() -> None:
    schema: JSON = {"properties": {"a": {}, "b": {}, "c": {}, "d": {}}, "required": ["c"]}
    fields = fields_of(schema, {}, str, order=("c", "none", "b"))
    assert [(field.name, field.is_required) for field in fields] == [
        ("c", True),
        ("b", False),
        ("a", False),
        ("d", False),
    ]
