"""JSON Schema of a model's input → what its parameters take, and what is said of their limits."""

from __future__ import annotations

from pathlib import Path

import pytest

from typedrun_codegen.ir.api import ClassSpec
from typedrun_codegen.ir.catalog import ModelSpec, ParameterSpec
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.snapshot import ModelEntry, Snapshot
from typedrun_codegen.marketplaces import marketplace


def parameter_of(schema: dict[str, JSON]) -> ParameterSpec:
    (parameter,) = model_of({"a": schema}, {"type": "string"}).parameters
    return parameter


def model_of(inputs: dict[str, JSON], output: JSON) -> ModelSpec:
    schemas: JSON = {"Input": {"type": "object", "properties": inputs}, "Output": output}
    api: JSON = {"openapi": "3.0.2", "components": {"schemas": schemas}}
    model: dict[str, JSON] = {
        "owner": "acme",
        "name": "echo",
        "latest_version": {"id": "a" * 64, "openapi_schema": api},
    }
    read = marketplace("replicate").reader().read_catalog(Snapshot(Path("c"), (ModelEntry("m.json", "", model),)))
    return read.catalog.models[0]


@pytest.mark.parametrize(
    ("said", "minimum", "maximum", "limits"),
    [
        ({}, None, None, ()),
        ({"minimum": 0}, 0, None, ()),
        ({"maximum": 0}, None, 0, ()),
        ({"minimum": 1, "maximum": 9}, 1, 9, ()),
        ({"minimum": 0.5, "maximum": 1e6}, 0.5, 1e6, ()),
        ({"minimum": True, "maximum": False}, None, None, ()),
        ({"minimum": 1, "multipleOf": 2}, 1, None, ("A multiple of 2.",)),
        ({"exclusiveMinimum": 1, "maximum": 9}, None, 9, ("More than 1.",)),
    ],
    ids=str,
)
def test_a_range_is_told_once_and_other_limits_beside_it(
    said: dict[str, JSON], minimum: float | None, maximum: float | None, limits: tuple[str, ...]
) -> None:
    found = parameter_of({"type": "number", **said})
    assert (found.minimum, found.maximum, found.limits) == (minimum, maximum, limits)


@pytest.mark.parametrize(
    ("schema", "options", "default", "description"),
    [
        ({"type": "string", "enum": ["b", "a"], "default": "a"}, ("b", "a"), "a", ""),
        ({"type": "string", "enum": ["a", None], "nullable": True}, ("a",), None, ""),
        ({"type": "integer", "default": 0, "description": "How many."}, (), 0, "How many."),
        ({"type": "integer", "default": "many", "description": "An enumeration."}, (), None, ""),
    ],
    ids=["enumeration", "with null", "zero", "a default of another type"],
)
def test_options_and_defaults_are_those_that_can_be_passed(
    schema: dict[str, JSON], options: tuple[JSON, ...], default: JSON, description: str
) -> None:
    found = parameter_of(schema)
    assert (found.options, found.default, found.description) == (options, default, description)
    assert isinstance(found.schema, dict)
    assert found.schema.keys().isdisjoint({"default", "description"})


def test_a_file_of_an_answer_is_not_said_to_be_an_address_but_keeps_its_other_limits() -> None:
    address: dict[str, JSON] = {"type": "string", "format": "uri", "maxLength": 2000}
    fields: dict[str, JSON] = {"image": address, "either": {**address, "type": ["integer", "string"]}}
    (answer,) = model_of({}, {"type": "object", "properties": fields}).answers
    assert isinstance(answer, ClassSpec)
    assert {one.wire: one.notes.constraints for one in answer.fields} == {
        "image": ("At most 2000 characters.",),
        "either": ("At most 2000 characters.", "A URL."),
    }
