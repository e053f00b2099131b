"""`allOf`, `$ref` and what stands beside them, of any depth; defaults that are made; documents of unusual size."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from typedrun.structure import decode, encode
from typedrun.unset import UNSET

Maker = Any  # tests/codegen/api/conftest.py
TEXT = {"type": "string"}
REF = "#/components/schemas/"


def obj(required: list[str] | None = None, /, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required or [], "properties": properties}


def document(schemas: dict[str, Any]) -> dict[str, Any]:
    return {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {}, "components": {"schemas": schemas}}


def test_required_beside_a_reference_is_demanded(make: Maker) -> None:
    types = make.types(
        {
            "Pot": obj(id=TEXT, price={"type": "number"}),
            "Stored": {"allOf": [{"$ref": f"{REF}Pot"}], "required": ["id"]},
            "Sold": {"$ref": f"{REF}Pot", "required": ["price"]},
            "Strict": {"allOf": [{"$ref": f"{REF}Sold"}, {"required": ["id"]}]},
            "Same": {"allOf": [{"$ref": f"{REF}Sold"}], "required": ["price"]},
            "Shelf": obj(
                top={"allOf": [{"$ref": f"{REF}Pot"}], "required": ["id"]}, low={"allOf": [{"$ref": f"{REF}Sold"}]}
            ),
        }
    )
    assert types.Stored.__annotations__ == {"id": "str", "price": "float | Unset"}
    assert types.Sold.__annotations__ == {"price": "float", "id": "str | Unset"}
    assert types.Strict.__annotations__ == {"id": "str", "price": "float"}
    assert types.Shelf.__annotations__ == {"top": "ShelfTop | Unset", "low": "Sold | Unset"}
    assert types.Same == "Sold"
    assert types.ShelfTop.__annotations__ == {"id": "str", "price": "float | Unset"}


def test_a_property_that_two_parts_describe_has_what_both_say(make: Maker) -> None:
    types = make.types(
        {
            "A": {
                "allOf": [
                    obj(owner=obj(["name"], name=TEXT), kind=TEXT, size={"type": ["integer", "null"]}),
                    obj(
                        owner=obj(["age"], age={"type": "integer"}), kind={"enum": ["a", "b"]}, size={"type": "integer"}
                    ),
                ]
            }
        }
    )
    assert types.A.__annotations__ == {"owner": "AOwner | Unset", "kind": "AKind | Unset", "size": "int | Unset"}
    assert types.AOwner.__annotations__ == {"name": "str", "age": "int"}


def test_a_text_that_only_the_base_gives_is_kept(make: Maker) -> None:
    base = obj(kind={"type": "string", "description": "What it is.", "default": "pot"})
    built = make.build(document({"Base": base, "A": {"allOf": [{"$ref": f"{REF}Base"}, obj(kind={"const": "pot"})]}}))
    assert "What it is. Default: `" in built.files["types/a.py"]


def test_a_chain_of_all_of_of_any_length_is_read(make: Maker) -> None:
    chain = {
        f"L{n}": {"allOf": [{"$ref": f"{REF}L{n - 1}"}], **(obj(**{f"p{n}": TEXT}) if n % 100 == 0 else {"title": "t"})}
        for n in range(1, 1201)
    }
    built = make.build(document({"L0": obj(["p0"], p0=TEXT), **chain}))
    assert built.problems == ()
    assert built.files["types/l1200.py"].count(": str") == 13


def test_diamonds_of_all_of_are_read_once(make: Maker) -> None:
    levels: dict[str, Any] = {"A0": obj(a=TEXT), "B0": obj(b=TEXT)}
    for n in range(1, 60):
        both = [{"$ref": f"{REF}A{n - 1}"}, {"$ref": f"{REF}B{n - 1}"}]
        levels |= {f"A{n}": {"allOf": both}, f"B{n}": {"allOf": both, **obj(**{f"p{n}": TEXT})}}
    built = make.build(document(levels))
    assert built.problems == ()
    assert built.files["types/a59.py"].count(": str | Unset") == 60


def test_a_chain_of_plain_references_is_no_circle(make: Maker) -> None:
    chain = {f"R{n}": {"$ref": f"{REF}R{n - 1}"} for n in range(1, 1000)}
    built = make.build(document({"R0": obj(a=TEXT), **chain, "User": obj(["r"], r={"$ref": f"{REF}R999"})}))
    assert built.problems == ()
    assert "r: R0" in built.files["types/user.py"]


def test_a_dynamic_reference_finds_its_anchor(make: Maker) -> None:
    branch = {"$dynamicAnchor": "branch", **obj(twigs={"type": "array", "items": {"$dynamicRef": "#branch"}})}
    types = make.types({"Leaf": {"$dynamicAnchor": "branch", **obj()}, "Branch": branch})
    bare: dict[str, Any] = {"twigs": [{"twigs": []}]}
    assert types.Branch.__annotations__ == {"twigs": "list[Branch] | Unset"}
    assert decode(bare, types.Branch).twigs[0].twigs == []


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"$ref": f"{REF}Pot"}, id="class"),
        pytest.param({"type": "array", "items": {"$ref": f"{REF}Pot"}}, id="list of a class"),
        pytest.param({"anyOf": [{"$ref": f"{REF}Pot"}, {"type": "null"}]}, id="class or null"),
        pytest.param({"$ref": f"{REF}Shelf"}, id="itself"),
        pytest.param({"$ref": f"{REF}Glaze"}, id="enumeration"),
        pytest.param({"$ref": f"{REF}Pots"}, id="alias"),
    ],
)
def test_further_properties_of_a_named_type_can_be_imported_and_read(make: Maker, more: Any) -> None:
    types = make.types(
        {
            "Pot": obj(name=TEXT),
            "Pots": {"type": "array", "items": {"$ref": f"{REF}Pot"}},
            "Glaze": {"enum": ["a", "b"]},
            "Shelf": {**obj(room=TEXT), "additionalProperties": more},
        }
    )
    assert types.Shelf(room="x").additional_properties == {}
    assert encode(decode({"room": "x"}, types.Shelf)) == {"room": "x"}


def test_a_default_of_an_inline_object_is_made(make: Maker) -> None:
    types = make.types({"A": obj(inner={**obj(n={"type": "integer", "default": 3}), "default": {}})})
    assert types.A().inner == types.AInner()
    assert encode(types.A()) == {}


def test_defaults_that_would_make_each_other_for_ever_are_left_out(make: Maker) -> None:
    node = obj(child={"allOf": [{"$ref": f"{REF}Node"}], "default": {}})
    pair = obj(x={**obj(y={"allOf": [{"$ref": f"{REF}Pair"}], "default": {}}), "default": {}})
    types = make.types({"Node": node, "Pair": pair})
    assert types.Node().child is UNSET
    assert types.Pair() == types.Pair()


def test_a_document_without_named_types_can_be_imported(make: Maker) -> None:
    reply = {"description": "ok", "content": {"application/json": {"schema": TEXT}}}
    paths = {"/ping": {"get": {"operationId": "ping", "responses": {"200": reply}}}}
    package = make.package({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths})
    assert importlib.import_module(f"{package.__name__}.types").MODULES == {}
    assert importlib.import_module(f"{package.__name__}.client").Client.ping


def test_texts_without_quotes_are_the_texts_that_stand_there(make: Maker) -> None:
    types = importlib.import_module(
        make.package(
            """
openapi: 3.1.0
info: {title: T, version: "1"}
paths: {}
components:
  schemas:
    Edition: {type: string, enum: [1.0, 1.50, 010, 1e3, true, 0x1F]}
    Book: {type: object, properties: {edition: {type: string, default: 1.50}, of: {$ref: '#/components/schemas/Edition', default: 1.0}}}
"""
        ).__name__
        + ".types"
    )
    assert [one.value for one in types.Edition] == ["1.0", "1.50", "010", "1e3", "true", "0x1F"]
    assert types.Book().edition == "1.50"
    assert types.Book().of is types.Edition("1.0")


def test_no_module_is_called_like_a_device_of_windows(make: Maker) -> None:
    built = make.build(document({"Con": obj(a=TEXT), "com1": obj(a=TEXT), "Console": obj(a=TEXT)}))
    assert {"types/con_.py", "types/com1_.py", "types/console.py"} <= built.files.keys()
