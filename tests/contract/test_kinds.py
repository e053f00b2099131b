"""One table of kinds: what a signature promises, the runtime takes and sends, and the sandbox understands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from typedrun.checks.misfits import value_problem
from typedrun.checks.validation import find_problems, wire_value
from typedrun.kinds import ANY, ROWS, Row
from typedrun.parameters import Parameter
from typedrun_codegen.marketplaces.aixplain.words import rule_for
from typedrun_codegen.text.annotations import type_text
from typedrun_sandbox.jsontypes import JSON
from typedrun_sandbox.marketplaces.aixplain.catalog import CatalogModel
from typedrun_sandbox.marketplaces.aixplain.validation import find_errors

URL = "https://example.com/a.wav"
GOOD: dict[str, list[Any]] = {
    "text": ["hello"],
    "label": ["en"],
    "number": [0.5, 3, "0.7", " 1e3 "],
    "integer": [3, 3.0, "4"],
    "boolean": [True, "false", "True"],
    "json": [{"a": 1}, [1], 5, 0.5, True, '{"a": 1}', "[1, 2]"],
    "value": ["one", 2, {"a": None}, [True]],
    "media": [URL, b"RIFF", Path("a.wav")],
    "any": ["x", 1, [2], {"a": None}],
}
BAD: dict[str, list[Any]] = {
    "text": [5, ["a"]],
    "label": [["a"]],
    "number": ["hot", True, "1_000", [1], float("nan"), "inf"],
    "integer": ["many", 0.5, True, "1.5"],
    "boolean": ["yes", 1.5, [True]],
    "json": ["not json", "x"],
    "value": [object(), b"bytes"],
    "media": [5, True],
    "any": [],
}
ANNOTATIONS = {
    "text": "str",
    "label": "str",
    "number": "float",
    "integer": "int",
    "boolean": "bool",
    "json": "JSON",
    "value": "JSON",
    "media": "Media",
    "any": "JSON",
}


def sandbox(row: Row, value: Any) -> list[Any]:
    sub = None if row.data_sub_type == ANY else row.data_sub_type
    params: list[JSON] = [{"name": "p", "dataType": row.data_type, "dataSubType": sub}]
    model = CatalogModel({"id": "1", "name": "m", "params": params})
    return find_errors(model, {"p": value})


def parameter(row: Row) -> Parameter:
    return Parameter(
        name="p", data_type=row.data_type, data_sub_type=None if row.data_sub_type == ANY else row.data_sub_type
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_values_of_a_row_are_taken_from_the_signature_to_the_sandbox(row: Row) -> None:
    annotation = type_text(rule_for(row.data_type, row.data_sub_type).type).text
    assert annotation == (f"Sequence[{ANNOTATIONS[row.kind]}]" if row.is_list else ANNOTATIONS[row.kind])
    for value in [GOOD[row.kind]] if row.is_list else GOOD[row.kind]:
        assert value_problem(parameter(row), value) is None
        sent = wire_value(parameter(row), value)
        arrives = URL if row.kind == "media" else sent  # a file is uploaded first
        assert sandbox(row, arrives) == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_other_values_are_refused_in_python_s_words_before_they_are_sent(row: Row) -> None:
    for value in BAD[row.kind]:
        problem = value_problem(parameter(row), [*GOOD[row.kind], value] if row.is_list else value)
        assert problem is not None
        assert row.data_type not in {"text", "number"} or "Expected text" not in problem


@pytest.mark.parametrize("row", [row for row in ROWS if row.is_list], ids=lambda row: row.name)
def test_a_list_is_no_text_and_each_of_its_items_counts(row: Row) -> None:
    assert value_problem(parameter(row), "abc") is not None
    for value in BAD[row.kind] if row.kind != "value" else ():  # any JSON value may arrive
        errors = sandbox(row, [value])
        assert errors
        assert "Expected array, got array" not in str(errors)


def test_everything_that_is_wrong_with_a_call_is_said_at_once() -> None:
    words = {"temperature": "number", "max_tokens": "integer", "tools": "json", "history": "json", "raw": "boolean"}
    parameters = [Parameter(name=name, data_type="text", data_sub_type=sub) for name, sub in words.items()]
    values = {"temperature": "hot", "max_tokens": "many", "tools": "not json", "history": "x", "raw": "yes"}
    problems = dict(find_problems(parameters, values))
    assert list(problems) == list(words)
    assert problems["temperature"] == "Parameter 'temperature' has invalid type. Expected a number, got 'hot'"
    assert "Expected a number, got list" in str(value_problem(parameters[0], [1]))
