"""What the models of a function share."""

from __future__ import annotations

import pytest

from typedrun_codegen.ir.api import ANYTHING, ListOf, LiteralOf, TypeExpr, UnionOf
from typedrun_codegen.ir.catalog import ModelSpec, ParameterSpec, SupplierSpec
from typedrun_codegen.ir.problems import Location
from typedrun_codegen.ir.values import INTEGER, MEDIA, MESSAGES, NUMBER, TEXT
from typedrun_codegen.plans.functions import Common, common_signature, meet
from typedrun_codegen.text.names import Identifier

HERE = Location("catalog.json")


def parameter(name: str, type_: TypeExpr = TEXT, *, required: bool = False) -> ParameterSpec:
    return ParameterSpec(name=name, type=type_, rule="text", required=required)


def common(*rows: list[ParameterSpec] | None) -> Common:
    models = [
        ModelSpec(
            id=str(index),
            name=f"Model {index}",
            supplier=SupplierSpec("acme", "Acme"),
            parameters=tuple(row or ()),
            has_parameters=row is not None,
            location=HERE,
        )
        for index, row in enumerate(rows)
    ]
    return common_signature(models, {m.id: {p.name: Identifier(p.name) for p in m.parameters} for m in models})


def test_optional_parameters_that_all_have_are_shared() -> None:
    found = common(
        [parameter("text", required=True), parameter("seed"), parameter("a")],
        [parameter("text", required=True), parameter("seed"), parameter("b")],
    )
    assert [(p.name, p.required) for p in found.parameters] == [("text", True), ("seed", False)]
    assert found.covers_all


def test_the_requirements_that_most_models_can_be_called_with_decide() -> None:
    plain = [parameter("text", required=True)]
    pair = [parameter("text", required=True), parameter("to", required=True)]
    found = common(plain, pair, pair, [parameter("text", required=True), parameter("to")])
    assert [p.name for p in found.parameters] == ["text", "to"]
    assert [model.name for model in found.outliers] == ["Model 0"]


def test_a_parameter_that_one_model_requires_is_required_of_all() -> None:
    found = common([parameter("text", required=True)], [parameter("text")])
    assert [(p.name, p.required) for p in found.parameters] == [("text", True)]


def test_models_without_metadata_fit_every_signature() -> None:
    assert common([parameter("text", required=True)], None).covers_all
    assert common(None, None).is_open


def test_models_whose_required_parameter_has_another_type_are_outliers() -> None:
    one, many = parameter("text", required=True), parameter("text", ListOf(TEXT), required=True)
    found = common([one], [one], [many])
    assert [p.type for p in found.parameters] == [TEXT]
    assert [model.name for model in found.outliers] == ["Model 2"]


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (TEXT, TEXT, TEXT),
        (TEXT, UnionOf((TEXT, MESSAGES)), TEXT),
        (NUMBER, INTEGER, INTEGER),
        (TEXT, MEDIA, TEXT),
        (ANYTHING, TEXT, TEXT),
        (TEXT, NUMBER, None),
        (LiteralOf(("a", "b")), LiteralOf(("b", "c")), LiteralOf(("b",))),
        (LiteralOf(("a",)), LiteralOf(("b",)), None),
        (LiteralOf(("a", "b")), TEXT, LiteralOf(("a", "b"))),
        (LiteralOf((1, 2)), NUMBER, LiteralOf((1, 2))),
        (LiteralOf(("a",)), NUMBER, None),
        (ListOf(TEXT), ListOf(ANYTHING), ListOf(TEXT)),
        (ListOf(TEXT), TEXT, None),
    ],
)
def test_the_meeting_of_two_types_is_what_both_take(one: TypeExpr, other: TypeExpr, both: TypeExpr | None) -> None:
    assert meet(one, other) == meet(other, one) == both
