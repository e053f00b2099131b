"""Types of values: what options make of a type, and what a signature can show."""

from __future__ import annotations

import pytest

from typedrun_codegen.ir.api import ClassSpec, FieldSpec, Leaf, ListOf, LiteralOf, MapOf, Notes, Ref, TypeExpr, UnionOf
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Location
from typedrun_codegen.ir.values import (
    BOOLEAN,
    INTEGER,
    MAX_LITERAL,
    MEDIA,
    MESSAGES,
    NUMBER,
    OBJECT,
    TEXT,
    fits,
    python_value,
    with_options,
)


@pytest.mark.parametrize(
    ("type_", "options", "narrowed"),
    [
        pytest.param(TEXT, ["a", "b", "a"], LiteralOf(("a", "b")), id="texts, each once"),
        pytest.param(TEXT, [], TEXT, id="none"),
        pytest.param(ListOf(TEXT), ["a", "b"], ListOf(LiteralOf(("a", "b"))), id="of an array: of its items"),
        pytest.param(ListOf(ListOf(INTEGER)), ["1"], ListOf(ListOf(LiteralOf((1,)))), id="of an array of arrays"),
        pytest.param(INTEGER, ["1", "2"], LiteralOf((1, 2)), id="numbers as texts"),
        pytest.param(NUMBER, ["0.5", "1.5"], NUMBER, id="floats are no literals"),
        pytest.param(NUMBER, ["0.5", "auto"], UnionOf((NUMBER, LiteralOf(("auto",)))), id="a float and a word"),
        pytest.param(BOOLEAN, ["true", "false"], BOOLEAN, id="both truth values"),
        pytest.param(BOOLEAN, ["true"], LiteralOf((True,)), id="one truth value"),
        pytest.param(TEXT, [1, True], LiteralOf((1, True)), id="one and true are two"),
        pytest.param(TEXT, ["a", None], TEXT, id="null is none"),
        pytest.param(TEXT, ["a", ["b"]], TEXT, id="a list is none"),
        pytest.param(MEDIA, ["a"], MEDIA, id="a file"),
        pytest.param(OBJECT, ["a"], OBJECT, id="an object"),
    ],
)
def test_options_narrow_a_type(type_: TypeExpr, options: list[JSON], narrowed: TypeExpr) -> None:
    assert with_options(type_, options) == narrowed


def test_a_set_of_options_above_the_limit_is_left_to_the_run() -> None:
    values: list[JSON] = [f"v{number}" for number in range(401)]
    assert MAX_LITERAL == 400
    assert with_options(TEXT, values[:400]) == LiteralOf(tuple(f"v{number}" for number in range(400)))
    assert with_options(TEXT, [*values[:400], "v0"]) == with_options(TEXT, values[:400])
    assert with_options(TEXT, values) == TEXT
    assert with_options(ListOf(TEXT), values) == ListOf(TEXT)


@pytest.mark.parametrize(
    ("value", "type_", "read"),
    [
        ("0.5", NUMBER, 0.5),
        ("soon", NUMBER, "soon"),
        ("true", BOOLEAN, True),
        ("maybe", BOOLEAN, "maybe"),
        ("1", TEXT, "1"),
        (["1", "x"], ListOf(INTEGER), [1, "x"]),
        (3, TEXT, 3),
    ],
)
def test_a_default_reads_as_what_it_is(value: JSON, type_: TypeExpr, read: JSON) -> None:
    assert repr(python_value(value, type_)) == repr(read)


HERE = Location("catalog.json")
SIZE = ClassSpec(
    key="#/Size",
    words=("Size",),
    owner="#/Size",
    notes=Notes(),
    location=HERE,
    fields=(
        FieldSpec(wire="width", type=INTEGER, required=True, location=HERE),
        FieldSpec(wire="name", type=TEXT, required=False, location=HERE),
    ),
)


@pytest.mark.parametrize(
    ("value", "type_", "is_shown"),
    [
        ("a", TEXT, True),
        (1, TEXT, False),
        (1, NUMBER, True),
        (True, NUMBER, False),
        (1, INTEGER, True),
        (1.5, INTEGER, False),
        (True, INTEGER, False),
        (True, BOOLEAN, True),
        (1, BOOLEAN, False),
        (None, Leaf("None"), True),
        ("", Leaf("None"), False),
        ({}, Leaf("JSON"), True),
        ([{"role": "user"}], MESSAGES, True),
        ("hi", MESSAGES, False),
        ("https://a.test/b.png", MEDIA, True),
        (1, LiteralOf((1, 2)), True),
        (True, LiteralOf((1, 2)), False),
        (["a"], ListOf(TEXT), True),
        (["a", 1], ListOf(TEXT), False),
        ("a", ListOf(TEXT), False),
        ({"a": 1}, MapOf(INTEGER), True),
        ({"a": "x"}, MapOf(INTEGER), False),
        ("a", UnionOf((INTEGER, TEXT)), True),
        (1.5, UnionOf((INTEGER, TEXT)), False),
        ({"width": 1}, Ref("#/Size"), True),
        ({"width": 1, "name": "a"}, Ref("#/Size"), True),
        ({"width": "a"}, Ref("#/Size"), False),
        ({"name": "a"}, Ref("#/Size"), False),
        ({"width": 1, "depth": 1}, Ref("#/Size"), False),
        ({"depth": 1}, Ref("#/Other"), True),
        ("a", Ref("#/Size"), False),
    ],
)
def test_a_signature_shows_the_defaults_that_fit_its_type(value: JSON, type_: TypeExpr, is_shown: bool) -> None:
    assert fits(value, type_, {"#/Size": SIZE}) is is_shown
