"""Schemas inside schemas of any depth: classes are read one after another, and what Python could not write is one problem."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from typedrun.structure import decode, encode
from typedrun_codegen.ir.problems import UsageProblem

Maker = Any  # tests/codegen/api/conftest.py
TEXT = '{"type": "string"}'


def nested(levels: int, before: str, after: str, core: str = TEXT) -> str:
    """A schema inside a schema and so on, as text: `json.dumps` has a limit of its own."""
    return before * levels + core + after * levels


def document(deep: str) -> str:
    good = '{"type": "object", "properties": {"a": {"type": "string"}}}'
    head = '{"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {}, '
    return head + f'"components": {{"schemas": {{"Deep": {deep}, "Good": {good}}}}}}}'


OBJECT = ('{"type": "object", "properties": {"a": ', "}}")
SHAPES = {
    "objects": (*OBJECT, 600),
    "lists of objects": ('{"type": "array", "items": {"type": "object", "properties": {"a": ', "}}}", 600),
    "unions of objects": ('{"oneOf": [{"type": "object", "properties": {"a": ', '}}, {"type": "integer"}]}', 600),
    "allOf in allOf": ('{"allOf": [', ', {"type": "object", "properties": {"b": {}}}]}', 1),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_classes_inside_classes_are_read_whatever_their_depth(make: Maker, shape: str) -> None:
    before, after, classes = SHAPES[shape]
    built = make.build(document(nested(600, before, after, f"{OBJECT[0]}{TEXT}{OBJECT[1]}")))
    assert built.problems == ()
    assert built.counts["classes"] in (classes + 1, classes + 2)  # and Good
    assert sys.getrecursionlimit() < 10_000


def test_a_deep_class_is_read_and_written_as_its_neighbours(make: Maker) -> None:
    types = make.types({"Deep": {"type": "object", "properties": {"a": deep_object(40)}}})
    value = {"a": value_of(40)}
    found = decode(value, types.Deep)
    assert encode(found) == value
    for _ in range(41):
        found = found.a
    assert found == "end"


def deep_object(levels: int) -> Any:
    schema: Any = {"type": "string"}
    for _ in range(levels):
        schema = {"type": ["object", "null"], "properties": {"a": schema}}
    return schema


def value_of(levels: int) -> Any:
    value: Any = "end"
    for _ in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize("levels", [60, 600, 3_000])
@pytest.mark.parametrize(
    ("before", "after"),
    [('{"type": "array", "items": ', "}"), ('{"additionalProperties": ', "}"), ('{"anyOf": [', ', {"type": "null"}]}')],
)
def test_what_python_has_no_brackets_for_is_a_problem_and_the_rest_is_generated(
    make: Maker, before: str, after: str, levels: int
) -> None:
    built = make.build(document(nested(levels, before, after)))
    assert {one.title for one in built.problems} == {"a schema is nested too deeply"}
    assert all(one.location.pointer.startswith("/components/schemas/Deep/") and one.next_step for one in built.problems)
    assert "types/good.py" in built.files
    compile(built.files["types/deep.py"], "deep.py", "exec")


def test_a_default_that_is_nested_too_deeply_is_left_out(make: Maker) -> None:
    deep = '{"type": "object", "properties": {"a": {"default": ' + nested(3_000, "[", "]", "1") + "}}}"
    (problem,) = make.build(document(deep)).problems
    assert problem.location.pointer == "/components/schemas/Deep/properties/a/default"


def test_a_document_that_the_parser_has_no_stack_for_is_refused_in_words(make: Maker) -> None:
    with pytest.raises(UsageProblem, match="nested too deeply"):
        make.build(document(nested(10_000, *OBJECT)))


def test_unions_beside_each_other_are_counted_before_they_are_combined(make: Maker) -> None:
    word = [{"type": "object", "properties": {f"p{n}": {"type": "string"}}} for n in range(400)]
    parts = [{"oneOf": word}, {"anyOf": word}, {"oneOf": word}, {"anyOf": word}]
    built = make.build(
        {
            "openapi": "3.1.0",
            "info": {"title": "T", "version": "1"},
            "paths": {},
            "components": {"schemas": {"A": {"allOf": parts}}},
        }
    )
    assert "25600000000 combinations" in [one.found for one in built.problems]
