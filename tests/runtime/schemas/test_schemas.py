"""Parameters with a JSON Schema: what fits, what is said of what does not, what travels."""

from __future__ import annotations

import enum
import io
from pathlib import Path
from typing import Any

import pytest

from typedrun.checks.misfits import value_problem, value_problems
from typedrun.jsontypes import JSON
from typedrun.parameters import Parameter
from typedrun.remotefile import RemoteFile
from typedrun.schemas import fits, inlined, problems_of, read_text, standard, to_wire, type_words
from typedrun.transfers.attachments import files_of, with_placed

LORA = {
    "type": "object",
    "properties": {
        "path": {"type": "string", "format": "uri"},
        "scale": {"type": "number", "minimum": 0, "maximum": 4},
    },
    "required": ["path"],
}
SIZE: dict[str, Any] = {
    "anyOf": [
        {
            "type": "object",
            "properties": {"width": {"type": "integer", "exclusiveMinimum": 0}, "height": {"type": "integer"}},
        },
        {"type": "string", "enum": ["square_hd", "square", "portrait_4_3"]},
    ]
}
FILE: dict[str, JSON] = {"type": "string", "format": "uri"}
SECRET = {"type": "string", "format": "password", "minLength": 8}


def parameter(schema: dict[str, Any], **fields: Any) -> Parameter:
    return Parameter(name="x", schema=schema, **fields)


class Shade(enum.StrEnum):
    RED = "red"


TAKEN: list[tuple[dict[str, Any], list[Any], list[Any]]] = [
    ({"type": "integer"}, [1, 2.0, -3], [1.5, "1", True, [], float("nan")]),
    ({"type": "number"}, [1, 0.5], ["0.5", True, float("inf")]),
    ({"type": "boolean"}, [True, False], [1, "true"]),
    ({"type": "string"}, ["", "a", Shade.RED], [1, b"a", ["a"]]),
    ({"type": "string", "enum": ["red", "blue"]}, ["red", Shade.RED], ["Red", 1]),
    ({"enum": [1, "a", None]}, [1, 1.0, "a", None], [True, 2, "1"]),
    ({"const": "a"}, ["a"], ["b"]),
    ({"type": "integer", "minimum": 1, "maximum": 3}, [1, 3], [0, 4]),
    ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, [0.5], [0, 1]),
    ({"type": "number", "minimum": 0, "exclusiveMinimum": True}, [0.1], [0]),
    ({"type": "number", "multipleOf": 0.1}, [0.3, 1, 0.7], [0.35]),
    ({"type": "string", "minLength": 2, "maxLength": 3}, ["ab", "abc"], ["a", "abcd"]),
    ({"type": "string", "pattern": "^[a-z]+$"}, ["ab"], ["a1"]),
    ({"type": "array", "items": {"type": "integer"}, "minItems": 1}, [[1], (1, 2), range(2)], [[], ["a"], "ab"]),
    ({"type": "array", "uniqueItems": True}, [[1, 2], [1, True]], [[1, 1.0]]),
    (LORA, [{"path": "https://a/b"}, {"path": b"x", "scale": 1}], [{}, {"path": 1}, {"path": "https://a/b", "scale": 5}]),
    (LORA, [{"path": "https://a/b", "scale": None}], [{"path": None}, {"path": "https://a/b", "sacle": 1}, {1: 2}]),
    ({**LORA, "additionalProperties": True}, [{"path": "https://a/b", "sacle": 1}], [{"path": "https://a/b", "x": object()}]),
    ({"type": "object", "additionalProperties": {"type": "integer"}}, [{}, {"a": 1}], [{"a": "b"}]),
    (SIZE, ["square", {"width": 1, "height": 2}, {}], ["sqare", {"width": 0}, 3, {"depth": 1}]),
    ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, [1, 1.5], ["1"]),
    ({"allOf": [{"type": "string", "enum": ["a", "b"]}], "default": "a"}, ["a"], ["c"]),
    ({"type": "string", "nullable": True}, [None, "a"], [1]),
    ({"type": ["integer", "null"]}, [None, 1], ["a"]),
    ({"type": "NamedEmbedding"}, [1, "a", {}, None], [object()]),
    ({}, [1, "a", [], {}, None], [object(), b"a"]),
    (FILE, ["https://a/b", Path("a.png"), b"x", io.BytesIO(b"x"), RemoteFile("https://a/b")], [1, {}, ["https://a/b"]]),
    ({"type": "array", "items": FILE}, [[b"x", "https://a/b"]], [b"x", [1]]),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "accepted", "refused"), TAKEN)
def test_what_a_schema_takes(schema: dict[str, Any], accepted: list[Any], refused: list[Any]) -> None:
    shape = standard(schema)
    assert [value for value in accepted if not fits(shape, value)] == []
    assert [value for value in refused if fits(shape, value)] == []


@pytest.mark.parametrize(
    ("schema", "value", "said"),
    [
        ({"type": "integer"}, "hot", "Parameter 'x' has invalid type. Expected a whole number, got 'hot'"),
        ({"type": "array", "items": {"type": "number"}}, 1, "Parameter 'x' has invalid type. Expected a list of numbers, got int"),
        ({"type": "boolean"}, 1, "Parameter 'x' has invalid type. Expected True or False, got int"),
        ({"type": "object", "nullable": True}, 1, "Parameter 'x' has invalid type. Expected a dict or None, got int"),
        (SIZE, "sqare", ("Parameter 'x' has an invalid value. 'sqare' is not an option; did you mean 'square'? "
            "options are 'square_hd', 'square', 'portrait_4_3'")),
        (SIZE, 3, "Parameter 'x' has invalid type. Expected a dict or a text, got int"),
        (SIZE, {"width": 0}, "Parameter 'x.width' has an invalid value. 0 is out of range: it takes more than 0"),
        (SIZE, {"widht": 1}, "Parameter 'x' has an invalid value. It has no member 'widht': did you mean 'width'?"),
        ({"type": "integer", "minimum": 1, "maximum": 3}, 9, ("Parameter 'x' has an invalid value. 9 is out of range: "
            "it takes at least 1 and at most 3")),
        ({"type": "array", "items": LORA}, [{"scale": 1}], "Parameter 'x[0]' has an invalid value. Its member 'path' is missing"),
        ({"type": "string", "maxLength": 2}, "abc", "Parameter 'x' has an invalid value. A text of 3 characters is too long: at most 2"),
        (FILE, 3, "Parameter 'x' has invalid type. Expected a URL, a path, bytes or an open file, got int"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_pythons_words(schema: dict[str, Any], value: Any, said: str) -> None:
    assert value_problem(parameter(schema), value) == said


def test_every_problem_of_a_value_is_told() -> None:
    value = {"path": 1, "scale": 9, "sacle": 1}
    assert [problem.partition(" has ")[0] for problem in value_problems(parameter(LORA), value)] == [
        "Parameter 'x.path'",
        "Parameter 'x.scale'",
        "Parameter 'x'",
    ]


@pytest.mark.parametrize("value", ["hunter2", 1234567, ["hunter2"]])
def test_a_secret_is_in_no_message(value: Any) -> None:
    for schema in (SECRET, {"anyOf": [SECRET, {"type": "null"}]}, {**SECRET, "enum": ["a"]}):
        said = value_problem(parameter(schema), value)
        assert said is not None
        assert "hunter2" not in said
        assert "1234567" not in said


def test_of_a_union_the_member_that_was_meant_is_judged() -> None:
    cat: dict[str, Any] = {
        "type": "object",
        "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer"}},
        "required": ["kind"],
    }
    dog: dict[str, Any] = {
        "type": "object",
        "properties": {"kind": {"const": "dog"}, "name": {"type": "string"}},
        "required": ["kind"],
    }
    wrong = problems_of(standard({"oneOf": [cat, dog]}), {"kind": "dog", "name": 1})
    assert wrong == [(".name", "has invalid type. Expected a text, got int")]


@pytest.mark.parametrize(
    ("schema", "value", "sent"),
    [
        ({"type": "integer"}, 2.0, 2),
        ({"type": "number"}, 2.0, 2.0),
        ({"enum": [1, 2]}, 2.0, 2),
        ({"type": "string", "enum": ["red"]}, Shade.RED, "red"),
        ({"type": "array", "items": {"type": "integer"}}, (1, 2.0), [1, 2]),
        (LORA, {"path": RemoteFile("https://a/b"), "scale": None}, {"path": "https://a/b"}),
        (SIZE, {"width": 512.0}, {"width": 512}),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, 3.0, 3),
    ],
)  # fmt: skip
def test_what_travels(schema: dict[str, Any], value: Any, sent: Any) -> None:
    found = to_wire(standard(schema), value)
    assert found == sent
    assert repr(found) == repr(sent)


def test_a_file_of_another_run_is_an_object_where_objects_describe_files() -> None:
    shape = standard(
        {"type": "object", "properties": {"url": {"type": "string"}, "width": {"type": "integer"}}, "required": ["url"]}
    )
    assert to_wire(shape, RemoteFile("https://a/b", width=3, size=9)) == {"url": "https://a/b", "width": 3}


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"type": "integer"}, "5", 5),
        ({"type": "number"}, "0.5", 0.5),
        ({"type": "number"}, "high", "high"),
        ({"type": "integer", "maximum": 3}, "5", 5),
        ({"type": "boolean"}, "True", True),
        ({"type": "string"}, "5", "5"),
        ({"type": "string", "maxLength": 1}, "55", "55"),
        (SIZE, "square", "square"),
        (SIZE, '{"width": 5}', {"width": 5}),
        ({"anyOf": [{"type": "integer"}, {"enum": ["auto"]}]}, "7", 7),
        ({"type": ["integer", "null"]}, "null", None),
        ({"type": "array", "items": {"type": "integer"}}, "[1, 2]", [1, 2]),
        ({}, "a", "a"),
    ],
)  # fmt: skip
def test_a_text_is_read_as_what_the_schema_takes(schema: dict[str, Any], text: str, value: Any) -> None:
    found = read_text(standard(schema), text)
    assert found == value
    assert type(found) is type(value)


def test_files_are_found_wherever_they_are_and_others_put_in_their_place() -> None:
    one = parameter({"type": "array", "items": LORA})
    value = [{"path": "https://a/b"}, {"path": b"x"}, {"path": Path("a.safetensors")}]
    found = list(files_of(one, value))
    assert [place for place, _ in found] == [(0, "path"), (1, "path"), (2, "path")]
    assert with_placed(value, (1, "path"), "https://c/d")[1] == {"path": "https://c/d"}
    assert value[1] == {"path": b"x"}


def test_a_text_that_may_be_no_file_is_none() -> None:
    either = parameter({"anyOf": [FILE, {"type": "string", "enum": ["auto"]}]})
    assert not list(files_of(either, "auto"))
    assert list(files_of(either, "https://a/b"))


def test_references_are_put_in_and_one_inside_itself_takes_anything() -> None:
    document: dict[str, Any] = {
        "components": {
            "schemas": {"Tree": {"type": "object", "properties": {"left": {"$ref": "#/components/schemas/Tree"}}}}
        }
    }
    schema = inlined({"allOf": [{"$ref": "#/components/schemas/Tree"}], "default": {}}, document)
    shape = standard(schema)
    assert fits(shape, {"left": {"any": "thing"}})
    assert not fits(shape, {"right": 1})


def test_a_default_is_a_value_and_no_option_object() -> None:
    assert parameter({"type": "object"}, default_values=({"value": 1},)).default == {"value": 1}


def test_types_are_told_in_a_word_or_two() -> None:
    assert type_words(standard({"type": "integer", "minimum": 1, "maximum": 50})) == "integer 1…50"
    assert type_words(standard({"type": "array", "items": FILE})) == "list of file"
    assert type_words(standard(SIZE)) == "object | string"
