"""Schema in, class out: every feature of a schema as a user of the generated package meets it."""

from __future__ import annotations

import importlib
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs
import pytest

from typedrun.errors import DecodingError
from typedrun.structure import File, UnknownObject, decode, encode, resolve, unknown_fields
from typedrun.unset import UNSET
from typedrun_codegen.package.api import build_api

Maker = Any  # tests/codegen/api/conftest.py
TEXT = {"type": "string"}


def obj(required: list[str] | None = None, /, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required or [], "properties": properties}


def field(cls: Any, name: str) -> Any:
    return getattr(attrs.fields(cls), name)


def alias(types: Any, name: str) -> Any:
    return resolve(name, types.__name__)


def test_required_optional_and_nullable_are_three_things(make: Maker) -> None:
    types = make.types(
        {"A": obj(["a", "n"], a=TEXT, n={"type": ["string", "null"]}, o=TEXT, on={"type": ["string", "null"]})}
    )
    assert types.A.__annotations__ == {"a": "str", "n": "str | None", "o": "str | Unset", "on": "str | Unset | None"}
    value = types.A(a="x", n=None)
    assert value.o is UNSET
    assert encode(value) == {"a": "x", "n": None}
    assert encode(decode({"a": "x", "n": None, "on": None}, types.A)) == {"a": "x", "n": None, "on": None}
    with pytest.raises(TypeError, match="required keyword-only"):
        types.A(a="x")


def test_nullable_of_openapi_3_0_means_the_same(make: Maker) -> None:
    schemas = {
        "E": {"type": "string", "enum": ["a", "b", None], "nullable": True},
        "A": obj(
            ["n", "e", "r"],
            n={"type": "string", "nullable": True},
            e={"$ref": "#/components/schemas/E"},
            r={"allOf": [{"$ref": "#/components/schemas/E"}]},
        ),
    }
    types = make.types(schemas, "3.0.3")
    assert types.A.__annotations__ == {"n": "str | None", "e": "E | None", "r": "E | None"}
    assert [member.value for member in types.E] == ["a", "b"]


def test_a_default_is_typed_and_sent_only_when_given(make: Maker) -> None:
    schemas = {
        "Level": {"type": "string", "enum": ["low", "high"]},
        "Limits": obj(["rate"], rate={"type": "integer"}),
        "A": obj(
            level={"$ref": "#/components/schemas/Level", "default": "low"},
            limits={"allOf": [{"$ref": "#/components/schemas/Limits"}], "default": {"rate": 7}},
            day={"type": "string", "format": "date", "default": "2020-01-02"},
            moment={"type": "string", "format": "date-time", "default": "2020-01-02T03:04:05Z"},
            words={"type": "array", "items": TEXT, "default": ["a"]},
            none={"type": "array", "items": TEXT, "default": []},
            map={"type": "object", "additionalProperties": {"type": "integer"}, "default": {"x": 1}},
            number={"type": "number", "default": 1},
            nothing={"type": ["string", "null"], "default": None},
        ),
    }
    types = make.types(schemas)
    value = types.A()
    assert value.level is types.Level.LOW
    assert value.limits == types.Limits(rate=7)
    assert (value.day, value.moment) == (date(2020, 1, 2), datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert (value.words, value.none, value.map, value.number, value.nothing) == (["a"], [], {"x": 1}, 1.0, None)
    assert value.words is not types.A().words
    assert encode(value) == {}
    assert encode(types.A(level=types.Level.LOW, nothing=None)) == {"level": "low", "nothing": None}
    value.words.append("b")
    assert encode(value) == {"words": ["a", "b"]}
    assert encode(decode({}, types.A)) == {}


def test_a_default_that_does_not_fit_is_only_documented(make: Maker) -> None:
    built = make.build(
        {
            "openapi": "3.0.0",
            "info": {"title": "T", "version": "1"},
            "paths": {},
            "components": {"schemas": {"A": obj(n={"type": "integer", "default": "null"})}},
        }
    )
    assert (
        'n: int | Unset = UNSET\n    """Default: `\\"null\\"`."""' in built.files["types/a.py"]
        or "n: int | Unset = UNSET" in built.files["types/a.py"]
    )
    assert built.problems == ()


def test_names_that_python_or_attrs_would_trip_over_get_an_underscore(make: Maker) -> None:
    wires = [
        "self",
        "list",
        "attrs",
        "converter",
        "class",
        "cl",
        "typevar_map",
        "datetime",
        "field",
        "str",
        "None",
        "define",
        "unknown_fields",
        "import",
    ]
    types = make.types({"A": obj(wires, **dict.fromkeys(wires, TEXT), camelCase={"type": "array", "items": TEXT})})
    payload = {wire: wire for wire in wires}
    value = decode({**payload, "camelCase": ["x"]}, types.A)
    assert (value.self_, value.list_, value.class_, value.camel_case) == ("self", "list", "class", ["x"])
    assert encode(value) == {**payload, "camelCase": ["x"]}


def test_illegal_and_colliding_wire_names_survive_a_round_trip(make: Maker) -> None:
    wires = ["", " ", "a b", "a-b", "a_b", "2fa", "$x", "_y", "__z", "ü", "名", "a\nb", "x" * 300, '"', "\\", "\x00"]
    types = make.types({"A": obj(wires, **dict.fromkeys(wires, TEXT))})
    payload = {wire: f"<{wire}>" for wire in wires}
    assert encode(decode(payload, types.A)) == payload
    assert all(name.isascii() and name.isidentifier() for name in types.A.__annotations__)


def test_string_enumerations_are_open(make: Maker) -> None:
    types = make.types(
        {
            "E": {"type": "string", "enum": ["in-progress", "in_progress", "", "1", "-1", "mro"]},
            "A": obj(e={"$ref": "#/components/schemas/E"}),
        }
    )
    assert len({member.name for member in types.E}) == 6
    value = decode({"e": "later"}, types.A)
    assert (value.e, value.e.is_known, encode(value)) == ("later", False, {"e": "later"})


def test_members_that_differ_by_a_sign_are_named_by_it(make: Maker) -> None:
    values = ["1", "+1", "-1", "1.0", "+1.0", "<", "<=", "*", " "]
    types = make.types({"E": {"type": "string", "enum": values}})
    assert {member.name: member.value for member in types.E} == {
        "VALUE_1": "1",
        "PLUS_1": "+1",
        "MINUS_1": "-1",
        "VALUE_1_0": "1.0",
        "PLUS_1_0": "+1.0",
        "LESS_THAN_SIGN": "<",
        "LESS_THAN_SIGN_EQUALS_SIGN": "<=",
        "ASTERISK": "*",
        "SPACE": " ",
    }


def test_integer_enumerations_are_open(make: Maker) -> None:
    types = make.types({"E": {"type": "integer", "enum": [1, 2, -1]}, "A": obj(e={"$ref": "#/components/schemas/E"})})
    assert {member.name: member.value for member in types.E} == {"VALUE_1": 1, "VALUE_2": 2, "MINUS_1": -1}
    assert encode(decode({"e": 9}, types.A)) == {"e": 9}


def test_mixed_enumerations_are_literals(make: Maker) -> None:
    types = make.types({"M": {"enum": ["a", 1, 2.5, True, None]}, "A": obj(m={"$ref": "#/components/schemas/M"})})
    assert types.M == 'Literal["a", 1, True] | float | None'
    for value in ("a", 1, 2.5, True, None):
        assert encode(decode({"m": value}, types.A)) == {"m": value}


def test_a_constant_has_its_value_and_is_sent(make: Maker) -> None:
    types = make.types({"A": obj(["kind"], kind={"const": "a"}, one={"type": "string", "enum": ["x"]})})
    assert types.A.__annotations__ == {"kind": "Literal['a']", "one": "Literal['x'] | Unset"}
    assert encode(types.A()) == {"kind": "a"}


def shapes(mapping: dict[str, str] | None, **kind: Any) -> dict[str, Any]:
    discriminator: dict[str, Any] = {"propertyName": "kind"}
    if mapping:
        discriminator["mapping"] = mapping
    return {
        "Circle": obj(["kind", "r"], kind=kind.get("circle", TEXT), r={"type": "number"}),
        "Square": obj(["kind", "side"], kind=kind.get("square", TEXT), side={"type": "number"}),
        "Shape": {
            "oneOf": [{"$ref": "#/components/schemas/Circle"}, {"$ref": "#/components/schemas/Square"}],
            "discriminator": discriminator,
        },
        "Drawing": obj(shapes={"type": "array", "items": {"$ref": "#/components/schemas/Shape"}}),
    }


@pytest.mark.parametrize(
    ("schemas", "circle", "square"),
    [
        pytest.param(shapes({"c": "#/components/schemas/Circle", "s": "Square"}), "c", "s", id="mapping"),
        pytest.param(shapes(None), "Circle", "Square", id="names of the schemas"),
        pytest.param(
            shapes(None, circle={"const": "round"}, square={"enum": ["angular"]}),
            "round",
            "angular",
            id="constants of the members",
        ),
    ],
)
def test_a_union_is_decided_by_its_discriminator(make: Maker, schemas: Any, circle: str, square: str) -> None:
    types = make.types(schemas)
    payload = {"shapes": [{"kind": square, "side": 1.5}, {"kind": circle, "r": 2}]}
    value = decode(payload, types.Drawing)
    assert [type(one) for one in value.shapes] == [types.Square, types.Circle]
    assert encode(value) == payload


def test_an_unknown_member_of_a_tagged_union_is_kept(make: Maker) -> None:
    types = make.types(shapes(None, circle={"const": "round"}, square={"const": "angular"}))
    payload = {"shapes": [{"kind": "oval", "a": 1, "b": 2}]}
    value = decode(payload, types.Drawing)
    assert isinstance(value.shapes[0], UnknownObject)
    assert unknown_fields(value.shapes[0]) == {"kind": "oval", "a": 1, "b": 2}
    assert encode(value) == payload


def test_a_union_without_discriminator_is_decided_by_required_keys(make: Maker) -> None:
    types = make.types(
        {
            "U": {
                "anyOf": [
                    obj(["a"], a=TEXT, c=TEXT),
                    obj(["b"], b=TEXT, c=TEXT),
                    TEXT,
                    {"type": "array", "items": {"type": "integer"}},
                ]
            }
        }
    )
    u = alias(types, "U")
    assert [type(decode(one, u)).__name__ for one in ({"b": "1", "c": "2"}, {"a": "1"}, "x", [1])] == [
        "UOption2",
        "UOption1",
        "str",
        "list",
    ] or [encode(decode(one, u)) for one in ({"b": "1", "c": "2"}, {"a": "1"}, "x", [1])] == [
        {"b": "1", "c": "2"},
        {"a": "1"},
        "x",
        [1],
    ]
    with pytest.raises(DecodingError, match=r"expected .* got 7"):
        decode(7, u)


def test_recursive_types_end(make: Maker) -> None:
    schemas = {
        "Tree": {"oneOf": [TEXT, {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}]},
        "Node": obj(
            next={"$ref": "#/components/schemas/Node"},
            children={"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Node"}},
        ),
    }
    types = make.types(schemas)
    assert encode(decode(["a", ["b", ["c"]]], alias(types, "Tree"))) == ["a", ["b", ["c"]]]
    payload: dict[str, Any] = {"next": {"children": {"x": {"next": {}}}}}
    assert encode(decode(payload, types.Node)) == payload


def test_all_of_is_flattened(make: Maker) -> None:
    schemas = {
        "Base": obj(["id"], id=TEXT, note=TEXT),
        "Other": {"$ref": "#/components/schemas/Base"},
        "A": {"allOf": [{"$ref": "#/components/schemas/Other"}, obj(size={"type": "integer"})], "required": ["note"]},
    }
    types = make.types(schemas)
    assert types.A.__mro__[1].__name__ == "ApiObject"
    assert types.A.__annotations__ == {"id": "str", "note": "str", "size": "int | Unset"}


def test_all_of_with_a_union_gives_each_member_the_common_part(make: Maker) -> None:
    schemas = {
        "X": obj(["kind"], kind={"const": "x"}),
        "Y": obj(["kind"], kind={"const": "y"}),
        "A": {
            "type": "object",
            "properties": {"common": TEXT},
            "oneOf": [{"$ref": "#/components/schemas/X"}, {"$ref": "#/components/schemas/Y"}],
        },
    }
    types = make.types(schemas)
    value = decode({"kind": "y", "common": "c"}, alias(types, "A"))
    assert (type(value).__name__, value.common) == ("AY", "c")


def test_additional_properties_have_their_type(make: Maker) -> None:
    types = make.types(
        {
            "A": {**obj(a=TEXT), "additionalProperties": {"type": "integer"}},
            "M": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "number"}}},
            "F": {"type": "object"},
        }
    )
    value = decode({"a": "x", "n": 1}, types.A)
    assert value.additional_properties == {"n": 1}
    assert encode(value) == {"a": "x", "n": 1}
    with pytest.raises(DecodingError, match=r"expected int, got 'no' @ \$\.n"):
        decode({"n": "no"}, types.A)
    assert (types.M, types.F) == ("dict[str, list[float]]", "dict[str, Any]")


def test_formats_become_python_types(make: Maker) -> None:
    schemas = {
        "A": obj(
            day={"type": "string", "format": "date"},
            at={"type": "string", "format": "date-time"},
            id={"type": "string", "format": "uuid"},
            raw={"type": "string", "format": "byte"},
            file={"type": "string", "format": "binary"},
            matrix={"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
            any={},
        )
    }
    types = make.types(schemas)
    payload = {
        "day": "2020-01-02",
        "at": "2020-01-02T03:04:05Z",
        "id": "12345678-1234-5678-1234-567812345678",
        "raw": "aGk=",
        "matrix": [[1.5]],
        "any": {"x": [1]},
    }
    value = decode(payload, types.A)
    assert (value.day, value.at, value.id, value.raw) == (
        date(2020, 1, 2),
        datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC),
        UUID(str(payload["id"])),
        b"hi",
    )
    assert encode(value) == payload
    assert types.A(file=File(b"x", "a.txt")).file.name == "a.txt"


def test_type_arrays_are_unions(make: Maker) -> None:
    types = make.types({"A": obj(a={"type": ["string", "integer", "null"]})})
    assert types.A.__annotations__ == {"a": "str | int | Unset | None"}
    assert encode(decode({"a": 3}, types.A)) == {"a": 3}


def test_what_stands_beside_a_reference_counts(make: Maker) -> None:
    built = make.build(
        {
            "openapi": "3.1.0",
            "info": {"title": "T", "version": "1"},
            "paths": {},
            "components": {
                "schemas": {
                    "B": TEXT,
                    "A": obj(b={"$ref": "#/components/schemas/B", "description": "Its own words.", "deprecated": True}),
                }
            },
        }
    )
    assert '    b: B | Unset = UNSET\n    """Deprecated. Its own words."""' in built.files["types/a.py"]


def test_docstrings_tell_meaning_limits_default_and_flags(make: Maker) -> None:
    schema = {
        "type": "integer",
        "description": "How many",
        "minimum": 1,
        "maximum": 9,
        "default": 3,
        "readOnly": True,
        "x-unit": "tokens",
    }
    built = make.build(
        {
            "openapi": "3.1.0",
            "info": {"title": "T", "version": "1"},
            "paths": {},
            "components": {"schemas": {"A": obj(a=schema)}},
        }
    )
    assert '"""How many. At least 1. At most 9. Unit: tokens. Default: `3`. Read-only."""' in built.files["types/a.py"]


def test_empty_schemas_take_anything(make: Maker) -> None:
    types = make.types({"E": {}, "T": True, "A": obj(e={"$ref": "#/components/schemas/E"})})
    assert (types.E, types.T) == ("Any", "Any")
    assert encode(decode({"e": {"x": None}}, types.A)) == {"e": {"x": None}}


def test_importing_one_type_imports_one_module(make: Maker) -> None:
    types = make.types({"A": obj(b={"$ref": "#/components/schemas/B"}), "B": obj(a=TEXT)})
    assert types.A.__name__ == "A"
    loaded = {name for name in sys.modules if name.startswith(types.__name__ + ".")}
    assert loaded == {f"{types.__name__}.a"}
    assert "B" in dir(types)


def test_read_only_is_required_of_answers_alone(make: Maker) -> None:
    account = obj(
        ["id", "name", "password"], id={**TEXT, "readOnly": True}, name=TEXT, password={**TEXT, "writeOnly": True}
    )
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Account"}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": {
            "/a": {
                "post": {
                    "requestBody": {"content": content},
                    "responses": {"200": {"description": "", "content": content}},
                }
            }
        },
        "components": {"schemas": {"Account": account, "Seen": obj(["id"], id={**TEXT, "readOnly": True})}},
    }
    types = importlib.import_module(f"{make.package(document).__name__}.types")
    assert types.Account.__annotations__ == {"name": "str", "id": "str | Unset", "password": "str | Unset"}
    assert types.Seen.__annotations__ == {"id": "str"}


def test_the_parser_is_imported_by_one_module_only() -> None:
    root = Path(build_api.__code__.co_filename).parents[1]
    users = [path.name for path in root.rglob("*.py") if "from datamodel_code_generator" in path.read_text("utf-8")]
    assert users == ["dcg.py"]
