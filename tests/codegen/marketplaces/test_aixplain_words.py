"""The type table: what the catalog says about a parameter → how the argument reads in the signature."""

from __future__ import annotations

import pytest

from tests.codegen.conftest import Workshop
from typedrun.kinds import ANY
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.marketplaces.aixplain.words import (
    OUTPUT_SEVERAL,
    OUTPUT_UNKNOWN,
    OUTPUTS,
    OUTPUTS_BY_FUNCTION,
    RULES,
    UNKNOWN,
    Rule,
    rule_for,
)

OPTIONS = [{"value": "a", "label": "A"}, {"value": "b", "label": "B"}]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_row_is_found_by_what_it_is_about(rule: Rule) -> None:
    sub_type = None if rule.data_sub_type == ANY else rule.data_sub_type
    assert rule_for(rule.data_type, sub_type) is rule


def test_names_of_rows_are_unique_and_explained() -> None:
    rules = (*RULES, UNKNOWN, *OUTPUTS, *OUTPUTS_BY_FUNCTION.values(), OUTPUT_SEVERAL, OUTPUT_UNKNOWN)
    assert len({rule.name for rule in rules}) == len(rules)
    assert all(rule.why for rule in rules)


@pytest.mark.parametrize(
    ("data_type", "sub_type", "annotation"),
    [
        ("text", "text", "str | None = None"),
        ("text", None, "str | None = None"),
        ("text", "number", "float | None = None"),
        ("text", "integer", "int | None = None"),
        ("text", "boolean", "bool | None = None"),
        ("text", "json", "JSON | None = None"),
        ("label", "label", "str | None = None"),
        ("number", "number", "float | None = None"),
        ("float", "float", "float | None = None"),
        ("integer", "integer", "int | None = None"),
        ("boolean", "boolean", "bool | None = None"),
        ("json", "json", "JSON | None = None"),
        ("array", "array", "Sequence[JSON] | None = None"),
        ("array", "text", "Sequence[str] | None = None"),
        ("audio", "audio", "Media | None = None"),
        ("image", "image", "Media | None = None"),
        ("video", "video", "Media | None = None"),
        ("document", "document", "Media | None = None"),
        ("tensor", "tensor", "Sequence[JSON] | None = None"),
        ("embedding", "embedding", "Sequence[float] | None = None"),
        (None, None, "JSON | None = None"),
        ("hologram", "hologram", "JSON | None = None"),
    ],
)
def test_a_data_type_reads_as(workshop: Workshop, data_type: str | None, sub_type: str | None, annotation: str) -> None:
    assert workshop.signature(workshop.param("x", data_type, sub_type))["x"] == annotation


@pytest.mark.parametrize(
    ("data_type", "sub_type", "annotation"),
    [
        ("text", "text", "Sequence[str] | None = None"),
        ("text", "number", "Sequence[float] | None = None"),
        ("image", "image", "Sequence[Media] | None = None"),
        ("array", "json", "Sequence[JSON] | None = None"),
    ],
)
def test_multiple_values_are_a_sequence(workshop: Workshop, data_type: str, sub_type: str, annotation: str) -> None:
    assert workshop.signature(workshop.param("x", data_type, sub_type, multipleValues=True))["x"] == annotation


@pytest.mark.parametrize(
    ("defaults", "shown"),
    [
        (["1", "2"], "(1, 2)"),
        ([{"value": "1"}, {"value": "2"}], "(1, 2)"),
        ([["1", "2"], "3"], "(1, 2)"),
        (["1", None, {"label": "Nothing"}], "(1,)"),
        ([None], "None"),
        ([], "None"),
    ],
)
def test_the_defaults_of_multiple_values_are_all_of_them(workshop: Workshop, defaults: JSON, shown: str) -> None:
    several = workshop.param("x", "text", "integer", multipleValues=True, defaultValues=defaults)
    assert workshop.signature(several)["x"] == f"Sequence[int] | None = {shown}"


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"required": True}, "str"),
        ({"required": None}, "str | None = None"),
        ({"required": True, "defaultValues": [{"value": "hi"}]}, "str | None = 'hi'"),
        ({"defaultValues": ["bare"]}, "str | None = 'bare'"),
        ({"defaultValues": None}, "str | None = None"),
        ({"defaultValues": [{"label": "only a label"}]}, "str | None = None"),
        ({"availableOptions": OPTIONS}, "Literal['a', 'b'] | None = None"),
        ({"availableOptions": ["a", "b"], "required": True}, "Literal['a', 'b']"),
        ({"availableOptions": OPTIONS, "defaultValues": ["b"]}, "Literal['a', 'b'] | None = 'b'"),
        ({"availableOptions": OPTIONS, "multipleValues": True}, "Sequence[Literal['a', 'b']] | None = None"),
        ({"isFixed": True, "required": True, "values": OPTIONS}, "Literal['a', 'b']"),
    ],
)
def test_required_default_and_options_of_a_text(workshop: Workshop, fields: dict[str, JSON], text: str) -> None:
    assert workshop.signature(workshop.param("x", **fields))["x"] == text


@pytest.mark.parametrize(
    ("sub_type", "fields", "text"),
    [
        ("number", {"defaultValues": [{"value": "0.7"}]}, "float | None = 0.7"),
        ("number", {"defaultValues": ["500"]}, "float | None = 500"),
        ("integer", {"defaultValues": ["-3"]}, "int | None = -3"),
        ("number", {"availableOptions": ["1", "2"], "defaultValues": ["2"]}, "Literal[1, 2] | None = 2"),
        ("number", {"availableOptions": ["0.5", "1"]}, "float | None = None"),
        ("number", {"availableOptions": ["1", "auto"]}, "Literal[1, 'auto'] | None = None"),
        ("number", {"availableOptions": ["0.5", "auto"]}, "float | Literal['auto'] | None = None"),
        ("boolean", {"defaultValues": [{"value": "true"}]}, "bool | None = True"),
        ("boolean", {"availableOptions": ["true", "false"], "defaultValues": ["false"]}, "bool | None = False"),
        ("json", {"defaultValues": [{"value": {"a": [1]}}]}, "JSON | None = {'a': (1,)}"),
    ],
)
def test_numbers_and_booleans_that_travel_as_text_are_what_they_are(
    workshop: Workshop, sub_type: str, fields: dict[str, JSON], text: str
) -> None:
    assert workshop.signature(workshop.param("x", "text", sub_type, **fields))["x"] == text


def test_the_prompt_of_a_text_generation_is_also_a_conversation(workshop: Workshop) -> None:
    assert workshop.signature(workshop.param("text", required=True))["text"] == "str | Sequence[ChatMessage]"
    other = workshop.signature(workshop.param("text", required=True), function={"id": "translation"})
    assert other["text"] == "str"


def test_a_fixed_parameter_is_no_argument(workshop: Workshop) -> None:
    fixed = workshop.param("sourcelanguage", "label", "label", required=True, isFixed=True, values=[{"value": "en"}])
    assert "sourcelanguage" not in workshop.signature(fixed)


def test_required_arguments_come_first_then_the_order_of_the_catalog_then_the_run_controls(workshop: Workshop) -> None:
    names = list(workshop.signature(workshop.param("b"), workshop.param("a"), workshop.param("c", required=True)))
    assert names == ["c", "b", "a", "timeout", "wait_time", "extra"]


def test_a_default_that_does_not_fit_is_not_shown(workshop: Workshop) -> None:
    odd = workshop.param("x", availableOptions=["a", "b"], defaultValues=["z"])
    assert workshop.signature(odd)["x"] == "Literal['a', 'b'] | None = None"
    assert workshop.build([workshop.model(params=[odd])]).problems == ()


@pytest.mark.parametrize("empty", [{}, {"label": "Nothing"}, {"value": None, "label": "Nothing"}, None])
def test_an_option_without_a_value_is_no_option(workshop: Workshop, empty: dict[str, JSON] | None) -> None:
    odd = workshop.param("x", availableOptions=[{"value": "a", "label": "A"}, empty, {"value": "b", "label": "B"}])
    assert workshop.signature(odd)["x"] == "Literal['a', 'b'] | None = None"
    only = workshop.param("x", availableOptions=[empty], defaultValues=[dict[str, JSON]()])
    assert workshop.signature(only)["x"] == "str | None = None"


def test_a_long_default_gets_a_name(workshop: Workshop) -> None:
    assert workshop.signature(workshop.param("x", defaultValues=["long " * 30]))["x"] == "str | None = DEFAULT_X"


def test_a_model_that_may_stream_has_a_stream_argument(workshop: Workshop) -> None:
    assert "stream" not in workshop.signature(supportsStreaming=False)
    assert workshop.signature(supportsStreaming=True)["stream"] == "bool = False"
    assert workshop.signature(supportsStreaming=None)["stream"] == "bool = False"
