"""Unions, constants and discriminators: schema in, type out, as a user of the generated package meets it."""

from __future__ import annotations

from typing import Any

import pytest

from typedrun.structure import decode, encode, resolve

Maker = Any  # tests/codegen/api/conftest.py
TEXT = {"type": "string"}
REF = "#/components/schemas/"


def obj(required: list[str] | None = None, /, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required or [], "properties": properties}


@pytest.mark.parametrize(
    ("schema", "annotation"),
    [
        pytest.param({"anyOf": [{"const": "bowl"}, {"const": "cup"}]}, "Literal['bowl', 'cup']", id="constants"),
        pytest.param({"anyOf": [{"const": "flat"}, {"type": "null"}]}, "Literal['flat'] | None", id="constant or null"),
        pytest.param(
            {"oneOf": [{"type": "string", "enum": ["matt"]}, {"type": "string", "enum": ["gloss"]}]},
            "Literal['matt', 'gloss']",
            id="enumerations of one value",
        ),
        pytest.param(
            {"type": "string", "enum": ["stoneware"], "nullable": True}, "Literal['stoneware'] | None", id="one or null"
        ),
        pytest.param({"type": ["string", "null"], "const": "owner"}, "Literal['owner'] | None", id="nullable constant"),
        pytest.param({"enum": ["a", 1, None]}, "Literal['a', 1] | None", id="mixed or null"),
        pytest.param({"anyOf": [{"$ref": f"{REF}Kiln"}, {"nullable": True}]}, "Kiln | None", id="only nullable"),
        pytest.param({"allOf": [{"$ref": f"{REF}Kiln"}, {"nullable": True}]}, "Kiln | None", id="only nullable, allOf"),
        pytest.param(
            {"type": "array", "items": {"anyOf": [{"const": "a"}, {"const": "b"}]}},
            "list[Literal['a', 'b']]",
            id="list of constants",
        ),
        pytest.param({"type": "array", "enum": [["a"], ["b"]], "items": TEXT}, "list[str]", id="enumeration of lists"),
        pytest.param({"type": "string", "properties": {"a": TEXT}}, "str", id="properties beside a string"),
        pytest.param(
            {"type": "array", "items": TEXT, "additionalProperties": True}, "list[str]", id="map beside a list"
        ),
        pytest.param(
            {"type": ["string", "object"], "additionalProperties": TEXT}, "str | dict[str, str]", id="type list"
        ),
        pytest.param(
            {"type": ["array", "null"], "properties": {}, "items": TEXT}, "list[str] | None", id="list or null"
        ),
        pytest.param({"allOf": [TEXT, {"enum": ["a", "b"]}, {"minLength": 1}]}, "AP", id="the narrowest of allOf"),
        pytest.param({"allOf": [{"type": "number"}, {"type": "integer"}]}, "int", id="integer is narrower"),
        pytest.param(
            {"allOf": [{"type": ["string", "null"]}, {"type": ["string", "integer"]}]},
            "str",
            id="what both unions have",
        ),
    ],
)
def test_a_property_has_the_type_that_its_schema_means(make: Maker, schema: Any, annotation: str) -> None:
    types = make.types({"A": obj(["p"], p=schema), "Kiln": obj(name=TEXT)}, "3.0.3")
    assert types.A.__annotations__["p"].replace('"', "'") == annotation


def test_properties_of_an_object_among_other_types_are_a_class(make: Maker) -> None:
    types = make.types({"A": obj(["p"], p={"type": ["string", "object"], "properties": {"x": TEXT}})})
    value = decode({"p": {"x": "y"}}, types.A)
    assert type(value.p).__name__ == "APObject"
    assert value.p.x == "y"
    assert decode({"p": "text"}, types.A).p == "text"


def test_constants_with_titles_are_an_enumeration_with_names(make: Maker) -> None:
    firing = {"type": "integer", "oneOf": [{"title": "bisque", "const": 1}, {"title": "glaze", "const": 2}]}
    types = make.types({"Firing": firing, "Pot": obj(["f"], f={"$ref": f"{REF}Firing"})})
    assert decode({"f": 2}, types.Pot).f is types.Firing.GLAZE
    assert encode(decode({"f": 7}, types.Pot)) == {"f": 7}


def test_a_second_union_beside_the_first_counts(make: Maker) -> None:
    types = make.types(
        {
            "A": {
                **obj(["id"], id=TEXT),
                "oneOf": [{"title": "Round", **obj(["r"], r=TEXT)}, {"title": "Square", **obj(["w"], w=TEXT)}],
                "anyOf": [{"title": "Red", **obj(["red"], red=TEXT)}, {"title": "Blue", **obj(["blue"], blue=TEXT)}],
            }
        }
    )
    value = decode({"id": "1", "w": "2", "blue": "3"}, resolve("A", types.__name__))
    assert type(value).__name__ == "ASquareBlue"
    assert (value.id, value.w, value.blue) == ("1", "2", "3")


def test_too_many_unions_beside_each_other_are_a_problem(make: Maker) -> None:
    words = [{"title": f"T{n}", **obj([f"t{n}"], **{f"t{n}": TEXT})} for n in range(9)]
    schema = {"allOf": [{"oneOf": words}, {"oneOf": [{**one, "title": f"U{one['title']}"} for one in words]}]}
    built = make.build({"openapi": "3.1.0", "paths": {}, "components": {"schemas": {"A": schema}}})
    assert [(one.title, one.location.pointer) for one in built.problems] == [
        ("unions beside each other are too many", "/components/schemas/A/allOf/1/oneOf")
    ]
    assert "AT8" in built.files["types/a.py"]


WARES = {
    "Ware": {
        **obj(["kind"], kind=TEXT),
        "discriminator": {"propertyName": "kind", "mapping": {"cup": f"{REF}Cup", "bowl": f"{REF}Bowl"}},
    },
    "Cup": {"allOf": [{"$ref": f"{REF}Ware"}, obj(handle={"type": "boolean"})]},
    "Bowl": {"allOf": [{"$ref": f"{REF}Ware"}, obj(depth={"type": "integer"})]},
    "Lid": {"allOf": [{"$ref": f"{REF}Bowl"}, obj(knob=TEXT)]},
    "Shelf": obj(["top"], top={"$ref": f"{REF}Ware"}, wares={"type": "array", "items": {"$ref": f"{REF}Ware"}}),
}


def test_a_class_with_a_discriminator_stands_for_the_classes_made_of_it(make: Maker) -> None:
    types = make.types(WARES, "3.0.3")
    assert types.Shelf.__annotations__ == {"top": "AnyWare", "wares": "list[AnyWare] | Unset"}
    sent = {
        "top": {"kind": "cup", "handle": True},
        "wares": [{"kind": "bowl", "depth": 3}, {"kind": "Lid", "knob": "k"}],
    }
    shelf = decode(sent, types.Shelf)
    assert isinstance(shelf.top, types.Cup)
    assert [type(one).__name__ for one in shelf.wares] == ["Bowl", "Lid"]
    assert encode(shelf) == sent
    assert encode(types.Shelf(top=types.Bowl(kind="bowl", depth=1))) == {"top": {"kind": "bowl", "depth": 1}}


def test_a_base_whose_union_names_the_classes_made_of_it_is_read(make: Maker) -> None:
    ware = {
        **obj(["kind"], kind=TEXT),
        "oneOf": [{"$ref": f"{REF}Cup"}, {"$ref": f"{REF}Bowl"}],
        "discriminator": {"propertyName": "kind"},
    }
    types = make.types({**WARES, "Ware": ware})
    assert types.Cup.__annotations__ == {"kind": "str", "handle": "bool | Unset"}
    shelf = decode({"top": {"kind": "Bowl", "depth": 3}}, types.Shelf)
    assert shelf.top.depth == 3


def test_aliases_of_one_union_share_its_members(make: Maker) -> None:
    built = make.build(
        {
            "openapi": "3.1.0",
            "paths": {},
            "components": {
                "schemas": {"Word": {"oneOf": [{"$ref": f"{REF}Word"}, TEXT]}, "Same": {"$ref": f"{REF}Word"}}
            },
        }
    )
    assert [one.title for one in built.problems] == ["a union contains itself"]
    assert 'Word: TypeAlias = "str"' in built.files["types/word.py"]


@pytest.mark.parametrize(("found", "name"), [({"n": 1}, "Ware"), ({"kind": None}, "Ware"), ({"n": 1, "l": 2}, "Pot")])
def test_an_object_without_its_tag_is_the_parent_unless_it_looks_like_a_child(
    make: Maker, found: Any, name: str
) -> None:
    ware = {"required": ["kind"], "properties": {"kind": {"type": "string"}, "n": {"type": "integer"}}}
    child = [{"$ref": "#/components/schemas/Ware"}]
    schemas = {
        "Ware": {"type": "object", **ware, "discriminator": {"propertyName": "kind"}},
        "Pot": {"allOf": [*child, {"type": "object", "properties": {"l": {"type": "integer"}}}]},
        "Cup": {"allOf": [*child, {"type": "object", "properties": {"h": {"type": "boolean"}}}]},
        "Shelf": {"type": "object", "properties": {"ware": {"$ref": "#/components/schemas/Ware"}}},
    }
    shelf = decode({"ware": found}, make.types(schemas).Shelf, strict=False)
    assert type(shelf.ware).__name__ == name
    assert encode(shelf) == {"ware": found}
