"""References that mean what others fill in, tables of properties that stand elsewhere, and what stands beside a reference."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from tests.codegen.api.conftest import Maker, schemas_document
from typedrun.structure import decode, encode

REF = "#/components/schemas/"
TEXT = {"type": "string"}


def ref(name: str, **more: Any) -> dict[str, Any]:
    return {"$ref": f"{REF}{name}", **more}


def obj(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}


def annotations_of(types: Any, name: str) -> dict[str, str]:
    return {field: str(one) for field, one in getattr(types, name).__annotations__.items()}


# --- $dynamicRef

ITEM = {"$dynamicRef": "#item"}
PAGE = {
    **obj("items", items={"type": "array", "items": ITEM}, more=ref("Page"), box=ref("Box"), link=ref("Link")),
    "$defs": {"item": {"$dynamicAnchor": "item"}},
}


def filled(schema: Any) -> dict[str, Any]:
    """`$defs` that say what the pages hold."""
    return {"item": {"$dynamicAnchor": "item", **schema}}


GENERIC = {
    "User": obj("name", name=TEXT),
    "Link": obj(href=TEXT),
    "Box": obj(one=ITEM, inner=ref("Box")),
    "Page": PAGE,
    "UserPage": ref("Page", **{"$defs": filled(ref("User"))}),
    "TextPage": {"allOf": [ref("Page"), obj(total={"type": "integer"})], "$defs": filled(TEXT)},
    "Shelf": ref("UserPage", **{"$defs": filled({"type": "integer"})}),
}


def test_a_schema_that_leaves_a_part_open_is_written_out_for_each_that_fills_it(make: Maker) -> None:
    types = make.types(GENERIC)
    assert annotations_of(types, "Page")["items"] == "list[PageItem]"
    assert annotations_of(types, "UserPage") == {
        "items": "list[UserPageItem]",
        "more": "UserPage | Unset",
        "box": "UserPageBox | Unset",
        "link": "Link | Unset",
    }
    assert (types.UserPageItem, types.TextPageItem, types.ShelfItem, types.PageItem) == ("User", "str", "int", "Any")
    assert annotations_of(types, "TextPage") == {
        "items": "list[TextPageItem]",
        "more": "TextPagePage | Unset",
        "box": "TextPageBox | Unset",
        "link": "Link | Unset",
        "total": "int | Unset",
    }
    assert annotations_of(types, "UserPageBox") == {"one": "UserPageItem | Unset", "inner": "UserPageBox | Unset"}
    assert types.Shelf == "ShelfPage"  # of two that fill one part, the outer one counts
    assert annotations_of(types, "ShelfPage")["items"] == "list[ShelfItem]"
    value = {"items": [{"name": "Ann"}], "more": {"items": [{"name": "Bo"}], "box": {"inner": {"one": {"name": "Cy"}}}}}
    found = decode(value, types.UserPage)
    assert (found.more.items[0].name, found.more.box.inner.one.name) == ("Bo", "Cy")
    assert encode(found) == value


def test_a_stricter_tree_has_branches_of_its_own_kind(make: Maker) -> None:
    tree = {"$dynamicAnchor": "node", **obj(twigs={"type": "array", "items": {"$dynamicRef": "#node"}})}
    types = make.types({"Tree": tree, "Strict": {"$dynamicAnchor": "node", **ref("Tree", required=["twigs"])}})
    assert annotations_of(types, "Tree") == {"twigs": "list[Tree] | Unset"}
    assert annotations_of(types, "Strict") == {"twigs": "list[Strict]"}


@pytest.mark.parametrize("word", ["$recursiveRef", "$dynamicRef"])
def test_a_schema_may_refer_to_the_whole_of_itself(make: Maker, word: str) -> None:
    types = make.types({"Tree": obj(twigs={"type": "array", "items": {word: "#"}}, bark=TEXT)})
    assert annotations_of(types, "Tree") == {"twigs": "list[Tree] | Unset", "bark": "str | Unset"}


def test_what_the_outermost_fills_counts_inside_a_part_that_fills_it_itself(make: Maker) -> None:
    own = {**obj(one=ITEM), "$defs": filled(TEXT)}
    page = {**obj(own=own), "$defs": {"item": {"$dynamicAnchor": "item"}}}
    types = make.types({"Page": page, "Counts": ref("Page", **{"$defs": filled({"type": "integer"})})})
    assert annotations_of(types, "CountsOwn") == {"one": "CountsItem | Unset"}
    assert types.CountsItem == "int"


def test_schemas_are_found_by_their_ids_where_references_are_dynamic(make: Maker) -> None:
    page = {"$id": "page", **obj(items={"type": "array", "items": ITEM}, size={"$ref": "#/$defs/size"})}
    types = make.types(
        {
            "User": obj("name", name=TEXT),
            "Page": {**page, "$defs": {"item": {"$dynamicAnchor": "item"}, "size": {"type": "integer"}}},
            "UserPage": {"$id": "user-page", "$ref": "page", "$defs": filled(ref("User"))},
            "Book": obj(page={"$ref": "user-page"}),
        }
    )
    assert annotations_of(types, "UserPage") == {"items": "list[UserPageItem] | Unset", "size": "PageSize | Unset"}
    assert annotations_of(types, "Book") == {"page": "UserPage | Unset"}


def test_what_fills_itself_for_ever_ends(make: Maker) -> None:
    grown = {"$dynamicAnchor": "item", "type": "array", "items": ITEM}
    nest = {**obj(one=ITEM, next=ref("Nest", **{"$defs": {"item": grown}})), "$defs": filled(TEXT)}
    built = make.build(schemas_document({"Nest": nest, "Top": ref("Nest", **{"$defs": filled(TEXT)})}))
    assert "types/top.py" in built.files
    assert built.problems == ()


# --- properties elsewhere


def test_a_table_of_properties_may_stand_in_another_file(make: Maker) -> None:
    make.document(
        "ids:\n  droplet_ids: {type: array, items: {$ref: '#/id'}}\n  a/b: {type: string}\nid: {type: integer}\n",
        "parts/attributes.yaml",
    )
    balancer = {"type": "object", "required": ["a/b"], "properties": {"$ref": "parts/attributes.yaml#/ids"}}
    package = make.package(schemas_document({"Balancer": balancer}))
    types: Any = importlib.import_module(f"{package.__name__}.types")
    assert list(types.Balancer.__annotations__) == ["a_b", "droplet_ids"]
    value = {"droplet_ids": [3], "a/b": "x"}
    assert decode(value, types.Balancer).droplet_ids == [3]
    assert encode(decode(value, types.Balancer)) == value


def test_a_property_that_is_called_like_a_reference_is_a_property_and_a_table_that_is_not_there_a_problem(
    make: Maker,
) -> None:
    schemas = {"A": obj(**{"$ref": TEXT}), "B": {"type": "object", "properties": {"$ref": f"{REF}Gone"}}}
    built = make.build(schemas_document(schemas))
    assert [(one.title, one.location.pointer) for one in built.problems] == [
        ("a schema is neither an object nor a boolean", "/components/schemas/B/properties/$ref")
    ]
    assert "ref: str | Unset" in built.files["types/a.py"]


# --- beside a reference, inside allOf


def test_what_stands_beside_a_reference_inside_all_of_counts(make: Maker) -> None:
    types = make.types(
        {
            "Pot": obj(id=TEXT, price={"type": "number"}),
            "Strict": {"allOf": [ref("Pot", required=["id"])]},
            "Wide": {"allOf": [ref("Pot", properties={"lid": {"type": "boolean"}}), obj(room=TEXT)]},
            "Shelf": obj(top={"allOf": [ref("Pot", required=["price"])]}),
        }
    )
    assert annotations_of(types, "Strict") == {"id": "str", "price": "float | Unset"}
    assert annotations_of(types, "Wide") == {
        "id": "str | Unset",
        "price": "float | Unset",
        "lid": "bool | Unset",
        "room": "str | Unset",
    }
    assert annotations_of(types, "Shelf") == {"top": "ShelfTop | Unset"}
    assert annotations_of(types, "ShelfTop") == {"price": "float", "id": "str | Unset"}


def test_all_of_a_free_map_is_a_map_and_further_properties_of_a_class(make: Maker) -> None:
    numbers = {"type": "object", "additionalProperties": {"type": "integer"}}
    types = make.types(
        {
            "Free": {"type": "object", "additionalProperties": True},
            "Alone": {"allOf": [{"type": "object", "additionalProperties": True}]},
            "Said": {"allOf": [ref("Free")], "description": "What one likes."},
            "Narrow": {"allOf": [ref("Free"), numbers]},
            "Pot": {"allOf": [numbers, obj(id=TEXT)]},
            "Holder": obj(free={"allOf": [ref("Free")], "nullable": True}, plain={"allOf": [{"type": "object"}]}),
        }
    )
    assert (types.Alone, types.Said, types.Narrow) == ("dict[str, Any]", "Free", "dict[str, int]")
    assert annotations_of(types, "Holder") == {"free": "Free | Unset | None", "plain": "dict[str, Any] | Unset"}
    assert annotations_of(types, "Pot") == {"id": "str | Unset", "additional_properties": "dict[str, int]"}
    assert decode({"id": "x", "more": 3}, types.Pot).additional_properties == {"more": 3}
