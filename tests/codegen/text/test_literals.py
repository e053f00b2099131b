"""Literals: they evaluate to the value, stand on one line, and hide nothing."""

from __future__ import annotations

import ast
import math
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import json_values
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.text.literals import py_literal


def as_tuples(value: JSON) -> object:
    if isinstance(value, dict):
        return {key: as_tuples(item) for key, item in value.items()}
    return tuple(map(as_tuples, value)) if isinstance(value, list) else value


@given(value=json_values(12, texts=st.text()))
def test_a_literal_evaluates_to_the_value(value: JSON) -> None:
    assert ast.literal_eval(py_literal(value)) == as_tuples(value)


@given(text=st.text(alphabet=st.characters(exclude_categories=())))
def test_a_string_stays_on_one_line_and_hides_nothing(text: str) -> None:
    literal = py_literal(text)
    assert ast.literal_eval(literal) == text
    assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in literal)
    literal.encode()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ('say "hi"', "'say \"hi\"'"),
        ("it's", '"it\'s"'),
        ("\u202eabc\x00\ud800", '"\\u202eabc\\x00\\ud800"'),
        ("Español", '"Español"'),
        (1e-05, "1e-05"),
        (["a"], '("a",)'),
        ([], "()"),
        (True, "True"),
    ],
)
def test_a_literal_reads_as_the_formatter_would_write_it(value: JSON, text: str) -> None:
    assert py_literal(value) == text


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_a_float_without_a_literal_is_spelt_as_a_call(value: float) -> None:
    assert py_literal(value) == f'float("{value}")'
