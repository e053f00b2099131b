"""Docstring text: whatever a backend wrote, it stays inside its docstring and says the same to a reader."""

from __future__ import annotations

import ast
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import ANY_TEXT
from typedrun_codegen.ir.catalog import PricingSpec
from typedrun_codegen.plans.prose import price_text
from typedrun_codegen.text.docstrings import WIDTH, doc_line, doc_text, docstring, first_sentence, wrap


def docstring_of(source: str) -> str:
    tree = ast.parse(f"def f():\n    {source}\n")
    (function,) = tree.body
    assert isinstance(function, ast.FunctionDef)
    assert len(function.body) == 1
    return ast.get_docstring(function, clean=True) or ""


@given(parts=st.lists(ANY_TEXT, max_size=4))
def test_no_text_ends_its_docstring(parts: list[str]) -> None:
    line = doc_line(*(doc_text(part) for part in parts))
    found = docstring_of(docstring([line], 4))
    assert found.split() == " ".join("".join(clean(part) for part in parts).split()).split() or len(parts) > 1


def clean(text: str) -> str:
    spaced = "".join(" " if char.isspace() else char for char in text)
    return "".join(c for c in spaced if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"})


@given(text=ANY_TEXT, indent=st.integers(0, 16))
def test_wrapped_text_stays_inside_its_docstring(text: str, indent: int) -> None:
    lines = wrap(doc_line(doc_text(text)), " " * indent)
    docstring_of(docstring([doc_line("Title."), *lines], 4))
    assert all(len(line) <= WIDTH or " " not in line.strip() for line in lines)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("two\nlines\r\n and\u2028a third", "two lines and a third"),
        ('"""; import os', '\\"\\"\\"; import os'),
        ("back\\slash", "back\\\\slash"),
        ("{{ 7 * 7 }} {% raw %}", "{{ 7 * 7 }} {% raw %}"),
        ("right\u202eto\u200bleft\x00", "righttoleft"),
        ('ends in "quotes"', 'ends in \\"quotes\\"'),
        ("\ud800", ""),
    ],
)
def test_what_would_harm_is_escaped_or_dropped(text: str, line: str) -> None:
    assert doc_line(doc_text(text)) == line


def test_a_megabyte_of_description_is_cut_at_a_word() -> None:
    line = doc_text("word " * 200_000, 100)
    assert len(line) < 110
    assert line.endswith("word …")


def test_a_summary_is_the_first_sentence() -> None:
    assert first_sentence("Writes text. It is e.g. fast.\nAnd more.") == "Writes text."


@pytest.mark.parametrize(
    ("pricing", "said"),
    [
        (PricingSpec(price=0.00001, unit_type="TOKEN"), "0.00001 credits per token"),
        (PricingSpec(price=1, unit_type="REQUEST"), "1 credit per request"),
        (PricingSpec(price=0.0, unit_type="REQUEST"), "free"),
        (PricingSpec(id="free"), "free"),
        (PricingSpec(), None),
        (None, None),
    ],
)
def test_a_price_is_said_in_words(pricing: PricingSpec | None, said: str | None) -> None:
    assert price_text(pricing) == said
