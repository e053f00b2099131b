"""Values laid out in lines: they still evaluate to the value, and no line is longer than it need be."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import literal_values
from typedrun_codegen.text.annotations import import_line
from typedrun_codegen.text.docstrings import WIDTH
from typedrun_codegen.text.layout import assignment, columns, item, value_text
from typedrun_codegen.text.literals import Value


def widest(text: str) -> int:
    return max(columns(line) for line in text.split("\n"))


@given(literal_values(), st.sampled_from([0, 4, 16]), st.integers(0, 40))
def test_what_is_laid_out_evaluates_to_the_value(value: Value, indent: int, before: int) -> None:
    text = value_text(value, indent=indent, before=before)
    assert ast.literal_eval(text.strip()) == value
    assert ast.literal_eval(f"{{{item('key', value, indent=indent)}}}") == {"key": value}


@pytest.mark.parametrize("text", ["x" * 300, "word " * 80, "模" * 200, "\x00" * 90, '"' * 150 + "'" * 150, "\\" * 200])
@pytest.mark.parametrize("indent", [0, 4, 16])
def test_no_line_of_a_long_text_is_longer_than_a_line_may_be(text: str, indent: int) -> None:
    laid_out = " " * indent + assignment("description", [text, {"key": text, text: 1}], indent=indent)
    assert widest(laid_out) <= WIDTH
    assert ast.literal_eval(laid_out.partition(" = ")[2]) == (text, {"key": text, text: 1})


def test_a_long_text_is_cut_behind_blanks() -> None:
    text = "The quick brown fox jumps over the lazy dog. " * 4
    lines = assignment("description", text, indent=0).splitlines()
    assert lines[0] == "description = ("
    assert lines[1].endswith('The quick brown fox "')
    assert lines[-1] == ")"


def test_imported_names_are_sorted_as_formatters_sort_them() -> None:
    names = ["b_10", "T", "Aa", "MAX", "AI", "b_9"]  # a lone capital is a class
    assert import_line("here", names) == "from here import AI, MAX, Aa, T, b_9, b_10"
