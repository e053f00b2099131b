"""Documents that cannot be read say why, where and what next; one bad schema is a problem, not the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from typedrun_codegen.ir.problems import UsageProblem
from typedrun_codegen.package.api import build_api
from typedrun_codegen.readers.documents import parse_document

Maker = Any  # tests/codegen/api/conftest.py
TITLED = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {}}
REF = {"$ref": "#/components/schemas/B"}

ANY: dict[str, object] = {}
"""A schema that says nothing."""


def schemas_document(schemas: dict[str, Any]) -> dict[str, Any]:
    return {**TITLED, "components": {"schemas": schemas}}


def operation(identity: str) -> dict[str, Any]:
    return {"operationId": identity, "responses": {"200": {"description": "ok"}}}


@pytest.mark.parametrize(
    ("document", "title"),
    [
        pytest.param("openapi: [3.1\npaths: {", "the document is not valid YAML or JSON", id="invalid YAML"),
        pytest.param('{"openapi": "3.1.0",', "the document is not valid YAML or JSON", id="invalid JSON"),
        pytest.param("a: 1\na: 2\n", "the document is not valid YAML or JSON", id="a key twice"),
        pytest.param("  \n", "the document is empty", id="empty file"),
        pytest.param("- 1\n- 2\n", "the document is not a mapping", id="a list"),
        pytest.param(
            "a: &x {b: *x}", "the document contains itself (a YAML alias inside its own anchor)", id="recursive alias"
        ),
        pytest.param({"swagger": "2.0", "paths": {}}, "this is a Swagger 2.0 document", id="Swagger 2.0"),
        pytest.param({"openapi": "4.0.0"}, "this OpenAPI version is not supported", id="OpenAPI 4"),
        pytest.param({"hello": 1}, "this is neither an OpenAPI nor a JSON Schema document", id="something else"),
    ],
)
def test_a_document_that_cannot_be_used_says_why(make: Maker, document: Any, title: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        make.build(document)
    assert caught.value.problem.title == title
    assert caught.value.problem.next_step
    assert "openapi.json" in caught.value.problem.block()


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="the schema is a directory"):
        build_api(tmp_path, {}, package="made", prefix="")


def test_a_syntax_error_names_line_and_column(make: Maker) -> None:
    with pytest.raises(UsageProblem, match=r"line \d, column \d"):
        make.build("openapi: 3.1.0\npaths: {{\n")


@pytest.mark.parametrize(
    ("schema", "title", "pointer"),
    [
        pytest.param(
            {"type": "strnig"}, "a schema has a type that does not exist", "/components/schemas/Bad", id="type"
        ),
        pytest.param(
            {"type": {"a": 1}}, "a schema has a type that does not exist", "/components/schemas/Bad", id="type, no text"
        ),
        pytest.param(
            {"type": "object", "properties": []},
            "properties is not an object",
            "/components/schemas/Bad",
            id="properties",
        ),
        pytest.param(
            {"properties": {"a": 7}},
            "a schema is neither an object nor a boolean",
            "/components/schemas/Bad/properties/a",
            id="property",
        ),
        pytest.param({"enum": []}, "an enumeration lists no values", "/components/schemas/Bad", id="enum"),
        pytest.param({"allOf": [3]}, "a part of allOf is not a schema", "/components/schemas/Bad/allOf/0", id="allOf"),
        pytest.param(
            {"properties": {"b": {"$ref": "#/components/schemas/Gone"}}},
            "a reference points at nothing",
            "/components/schemas/Bad/properties/b",
            id="dangling reference",
        ),
        pytest.param(
            {"allOf": [{"$ref": "#/components/schemas/Gone"}, {"properties": {"a": ANY}}]},
            "a reference points at nothing",
            "/components/schemas/Bad/allOf/0",
            id="dangling reference in allOf",
        ),
        pytest.param(
            {"$ref": "#/components/schemas/Bad"},
            "a reference leads back to itself",
            "/components/schemas/Bad",
            id="self",
        ),
        pytest.param(
            {"allOf": [{"$ref": "#/components/schemas/Bad"}], "properties": {"a": {}}},
            "allOf leads back to itself",
            "/components/schemas/Bad",
            id="circular allOf",
        ),
        pytest.param(
            {"$ref": "https://example.com/a.json#/A"},
            "a reference leads to another machine",
            "/components/schemas/Bad",
            id="remote reference",
        ),
        pytest.param(
            {"$ref": "http://[/a.json#/A"}, "a $ref is no address", "/components/schemas/Bad", id="no address"
        ),
        pytest.param(
            {"$ref": "other.yaml#/A"},
            "a reference names a file that cannot be read",
            "/components/schemas/Bad",
            id="reference to a missing file",
        ),
        pytest.param(
            {"properties": {"a": {"type": "number", "default": float("nan")}}},
            "a default is no JSON value",
            "/components/schemas/Bad/properties/a/default",
            id="default that is no number",
        ),
        pytest.param(
            {
                "oneOf": [{"$ref": "#/components/schemas/Good"}, {"$ref": "#/components/schemas/Fine"}],
                "discriminator": {"propertyName": "a", "mapping": {"vase": "#/components/schemas/Vase"}},
            },
            "a discriminator names a schema that is not there",
            "/components/schemas/Bad/discriminator/mapping/vase",
            id="mapping to nothing",
        ),
        pytest.param(
            {"oneOf": [{"$ref": "#/components/schemas/Bad"}, {"type": "string"}]},
            "a union contains itself",
            "/components/schemas/Bad/oneOf/0",
            id="union that contains itself",
        ),
    ],
)
def test_one_bad_schema_is_a_problem_and_the_rest_is_generated(
    make: Maker, schema: Any, title: str, pointer: str
) -> None:
    good = {"properties": {"a": {"type": "string"}}}
    built = make.build(schemas_document({"Bad": schema, "Good": good, "Fine": good}))
    assert [(one.title, one.location.pointer) for one in built.problems] == [(title, pointer)]
    assert all(one.next_step for one in built.problems)
    assert {"types/good.py", "types/bad.py"} <= built.files.keys()


def test_of_two_operations_with_one_id_the_second_is_named_by_its_path(make: Maker) -> None:
    paths = {"/a": {"get": operation("x")}, "/b/{c}": {"get": operation("x")}}
    built = make.build({**TITLED, "paths": paths})
    assert [(one.title, one.location.pointer) for one in built.problems] == [
        ("two operations have one operationId", "/paths/~1b~1{c}/get/operationId")
    ]
    assert built.addresses.keys() == {"x", "get b by c"}


def test_unions_that_contain_each_other_keep_their_other_members(make: Maker) -> None:
    ref = "#/components/schemas/"
    built = make.build(
        schemas_document(
            {
                "Group": {"oneOf": [{"$ref": f"{ref}Rule"}, {"$ref": f"{ref}All"}]},
                "Rule": {"oneOf": [{"$ref": f"{ref}Group"}, {"$ref": f"{ref}One"}]},
                "All": {"properties": {"parts": {"type": "array", "items": {"$ref": f"{ref}Rule"}}}},
                "One": {"properties": {"a": {}}},
            }
        )
    )
    assert [one.title for one in built.problems] == ["a union contains itself"]
    assert 'Group: TypeAlias = "One | All"' in built.files["types/group.py"]
    assert "parts: list[Rule] | Unset" in built.files["types/all.py"]


def test_yaml_scalars_follow_the_core_schema() -> None:
    tree = parse_document("a: on\nb: 2020-01-01\nc: 1.0\nd: 0o17\ne: ~\n200: x\nf: 1_000\n", "d")
    assert tree == {"a": "on", "b": "2020-01-01", "c": 1.0, "d": 15, "e": None, "200": "x", "f": "1_000"}


def test_aliases_that_multiply_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("typedrun_codegen.readers.documents.MAX_NODES", 50_000)  # of 1 111 111 110
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(UsageProblem, match="too large"):
        parse_document("\n".join(lines), "bomb.yaml")


def test_references_across_files_share_one_class(make: Maker) -> None:
    make.document(
        {"Pet": {"properties": {"name": {"type": "string"}, "mother": {"$ref": "#/Pet"}}}}, "parts/common.json"
    )
    types = make.types(
        {
            "A": {"properties": {"pet": {"$ref": "parts/common.json#/Pet"}}},
            "B": {"properties": {"pet": {"$ref": "parts/common.json#/Pet"}}},
        }
    )
    assert types.A.__annotations__ == types.B.__annotations__ == {"pet": "Pet | Unset"}
    assert types.Pet.__annotations__["mother"] == "Pet | Unset"


def test_an_id_that_no_document_has_is_a_problem(make: Maker) -> None:
    built = make.build({"$id": "/a.json", "title": "Input", "properties": {"x": {"$ref": "/elsewhere.json#/X"}}})
    assert [one.title for one in built.problems] == ["a reference names a document that is not here"]
    assert "x: Any" in built.files["types/input.py"]
