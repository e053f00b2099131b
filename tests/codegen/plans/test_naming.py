"""Names are forever: whatever happens to the rest of a catalog, what was published keeps its name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import NAMED_MODELS, WIRES
from typedrun.marketplaces.aixplain.controls import CONTROLS
from typedrun_codegen.ir.catalog import ModelSpec, ParameterSpec, SupplierSpec
from typedrun_codegen.ir.problems import Location
from typedrun_codegen.ir.values import TEXT
from typedrun_codegen.plans.naming import ModelName, name_models, name_parameters, name_suppliers

HERE = Location("catalog.json")


def models_of(rows: list[tuple[str, str, str | None, str | None]]) -> list[ModelSpec]:
    return [
        ModelSpec(id=f"{i:024x}", name=name, supplier=SupplierSpec(code, code), host=host, path=path, location=HERE)
        for i, (name, code, host, path) in enumerate(rows)
    ]


catalogs = st.lists(NAMED_MODELS, max_size=8).map(models_of)


def named(models: list[ModelSpec], locked: dict[str, ModelName]) -> dict[str, ModelName]:
    suppliers = name_suppliers((model.supplier for model in models), {})
    return name_models(models, suppliers, {identity: name.place for identity, name in locked.items()})


@given(models=catalogs)
def test_no_two_models_share_a_module_or_a_class(models: list[ModelSpec]) -> None:
    names = named(models, {}).values()
    assert len({(name.supplier, name.module.lower()) for name in names}) == len(models)
    assert len({(name.supplier, name.name.lower()) for name in names}) == len(models)


@given(models=catalogs, data=st.data())
def test_adding_removing_and_reordering_models_renames_nothing(models: list[ModelSpec], data: st.DataObject) -> None:
    before = named(data.draw(st.lists(st.sampled_from(models), unique=True)) if models else [], {})
    after = named(data.draw(st.permutations(models)), before)
    assert {identity: after[identity] for identity in before} == before


@given(models=catalogs, data=st.data())
def test_names_do_not_depend_on_the_order_of_the_catalog(models: list[ModelSpec], data: st.DataObject) -> None:
    assert named(data.draw(st.permutations(models)), {}) == named(models, {})


def parameter(wire: str) -> ParameterSpec:
    return ParameterSpec(name=wire, type=TEXT, rule="text")


@pytest.mark.parametrize(
    ("wires", "kept"),
    [
        (["text", "Text", "TEXT"], ["text", "Text", "TEXT"]),
        (["a-b", "a_b", "a b"], ["a_b"]),
        (["timeout", "timeout_"], ["timeout_"]),
        (["class", "kwargs", "data", "model", "run", "inputs"], ["class_", "kwargs", "data", "model", "run", "inputs"]),
        (["self", "stream", "extra", "controls"], ["self_", "stream_", "extra_", "controls_"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_parameters_that_would_collide_are_told_apart(wires: list[str], kept: list[str]) -> None:
    names = name_parameters([parameter(wire) for wire in wires], {}, CONTROLS).values()
    assert len(set(names)) == len(wires)
    assert set(kept) <= set(names)


@given(wires=WIRES, data=st.data())
def test_a_parameter_keeps_its_name_when_others_come_and_go(wires: list[str], data: st.DataObject) -> None:
    first = data.draw(st.lists(st.sampled_from(wires), unique=True)) if wires else []
    before = name_parameters([parameter(wire) for wire in first], {}, CONTROLS)
    locked = {wire: str(name) for wire, name in before.items() if wire != name}
    after = name_parameters([parameter(wire) for wire in data.draw(st.permutations(wires))], locked, CONTROLS)
    renamed = {wire: name for wire, name in before.items() if wire != name}
    assert {wire: after[wire] for wire in renamed} == renamed
    assert len(set(after.values())) == len(wires)
    assert all(after[wire] == wire for wire in first if wire not in renamed)
