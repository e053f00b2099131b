"""A model's parameters as JSON Schema: judged by the metaschema, and by what the client itself accepts."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.narrowing import fits, is_list
from tests.strategies import ARGUMENTS, catalog_models, instances
from typedrun.call import prepare
from typedrun.client import Client
from typedrun.errors import ParameterError
from typedrun.exports.arguments import name_arguments
from typedrun.exports.jsonschema import (
    ANTHROPIC,
    EXACT,
    OPENAI,
    PLAIN,
    Dialect,
    arguments_of,
    model_schema,
    tool_name,
    tool_names,
)
from typedrun.exports.limits import check_size
from typedrun.exports.written import write
from typedrun.model import Model, from_document
from typedrun.schemas import standard
from typedrun.testing import ScriptedNetwork, VirtualClock

DIALECTS = {"exact": EXACT, "plain": PLAIN, "openai": OPENAI, "anthropic": ANTHROPIC}


def _kind(data_type: str | None, sub_type: str | None) -> str:
    from typedrun.kinds import row_for

    return row_for(data_type, sub_type).kind


CLIENT = Client("canary-0123456789", transport=ScriptedNetwork([], VirtualClock()))
"""Nothing here is sent."""


def open_model(document: dict[str, Any]) -> Model[Any]:
    made: Model[Any] = from_document(document, CLIENT)
    return made


def is_accepted(model: Model[Any], arguments: dict[str, Any]) -> bool:
    """Whether the client itself takes these arguments."""
    try:
        prepare(model, arguments)
    except ParameterError:
        return False
    return True


def is_text_of_json(model: Model[Any], arguments: dict[str, Any]) -> bool:
    """One of what no schema can tell: see the module's text."""
    for name, parameter in arguments_of(model).items():
        value = arguments.get(name)
        if _kind(parameter.data_type, parameter.data_sub_type) == "json":
            items = value if is_list(value) else [value]
            if any(isinstance(item, str) for item in items):
                return True
    return False


def respells_an_option(model: Model[Any], arguments: dict[str, Any]) -> bool:
    """Another: the text " 1" or "1e0" for the option 1."""
    for name, parameter in arguments_of(model).items():
        value = arguments.get(name)
        items = value if is_list(value) else [value]
        spelt = {str(option) for option in parameter.options}
        if parameter.options and any(isinstance(item, str) and item not in spelt for item in items):
            return True
    return False


QUIET = settings(suppress_health_check=[HealthCheck.too_slow])


@QUIET
@given(data=st.data())
def test_what_the_schema_accepts_the_client_accepts_and_the_other_way_round(data: st.DataObject) -> None:
    model = open_model(data.draw(catalog_models()))
    names = arguments_of(model)
    arguments = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(names, ARGUMENTS)))
    schema = model_schema(model)
    assert schema is not None
    is_valid = fits(schema, arguments)
    if is_text_of_json(model, arguments) or respells_an_option(model, arguments):
        assert is_accepted(model, arguments) or not is_valid
    else:
        assert is_valid == is_accepted(model, arguments)


@QUIET
@given(data=st.data(), dialect=st.sampled_from(["plain", "openai", "anthropic"]))
def test_what_a_vendors_schema_accepts_the_client_accepts_without_its_nulls(data: st.DataObject, dialect: str) -> None:
    model = open_model(data.draw(catalog_models()))
    schema = model_schema(model, DIALECTS[dialect])
    if schema is None:
        return
    possible = {name: one for name, one in schema["properties"].items() if "not" not in one}
    assume(possible.keys() >= set(schema["required"]))  # else there is no call at all
    arguments = {name: data.draw(instances(one)) for name, one in possible.items()}
    arguments = {
        name: value for name, value in arguments.items() if name in schema["required"] or data.draw(st.booleans())
    }
    assert fits(schema, arguments)
    assert is_accepted(model, {name: value for name, value in arguments.items() if value is not None})


@pytest.mark.parametrize("dialect", ["exact", "plain"])
def test_options_that_no_argument_can_mean_allow_none(dialect: str) -> None:
    params = [{"name": "mode", "dataType": "label", "availableOptions": [{"value": ["c"]}]}]
    model = open_model({"id": "64aaaaaaaaaaaaaaaaaaaaaa", "name": "Quill", "params": params})
    schema = model_schema(model, DIALECTS[dialect])
    assert schema is not None
    for value in ("c", 1, ["c"]):
        assert not fits(schema, {"mode": value})
        assert not is_accepted(model, {"mode": value})
    assert fits(schema, {})


@QUIET
@given(data=st.data(), dialect=st.sampled_from(sorted(DIALECTS)))
def test_every_schema_is_one_by_the_metaschema_and_json(data: st.DataObject, dialect: str) -> None:
    schema = model_schema(open_model(data.draw(catalog_models())), DIALECTS[dialect])
    Draft202012Validator.check_schema({} if schema is None else schema)
    assert json.loads(json.dumps(schema)) == schema


CLOSED_KEYWORDS = {
    "type",
    "properties",
    "required",
    "additionalProperties",
    "description",
    "enum",
    "items",
    "anyOf",
    "pattern",
}


def nodes(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The schema and every schema inside."""
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", [])]
    inner += [schema["items"]] if "items" in schema else []
    return [schema, *(node for one in inner for node in nodes(one))]


@QUIET
@given(data=st.data(), dialect=st.sampled_from(["openai", "anthropic"]))
def test_strict_schemas_keep_the_rules_of_strict_decoding(data: st.DataObject, dialect: str) -> None:
    schema = model_schema(open_model(data.draw(catalog_models())), DIALECTS[dialect])
    for node in nodes(schema) if schema else []:
        assert set(node) <= CLOSED_KEYWORDS
        if "object" in node.get("type", ""):
            assert node["additionalProperties"] is False
            if dialect == "openai":
                assert node["required"] == list(node["properties"])
        assert "type" in node or "anyOf" in node  # "schema must have a 'type' key"
        assert "(?" not in node.get("pattern", "")
        if "enum" in node:
            of_type = {"string": str, "number": int | float, "boolean": bool}[node["type"]]
            assert all(isinstance(value, of_type) for value in node["enum"])


# --- what a reader sees


@pytest.fixture
def quill(language_model: dict[str, Any]) -> Model[Any]:
    return open_model(language_model)


def test_the_schema_of_a_model_names_what_run_takes(quill: Model[Any]) -> None:
    schema = quill.json_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert list(schema["properties"]) == ["text", "temperature", "effort", "json_mode", "tools"]
    assert schema["required"] == ["text"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["effort"] == {"enum": ["low", "high", None]}
    assert schema["properties"]["temperature"]["default"] == 0.7
    assert schema["properties"]["temperature"]["description"] == "Default: 0.7."


def test_fixed_parameters_are_absent(translator: dict[str, Any]) -> None:
    schema = open_model(translator).json_schema()
    assert "sourcelanguage" not in schema["properties"]
    assert schema["properties"]["targetlanguage"]["enum"] == ["es", "fr", None]


def test_what_stands_in_inputs_need_not_be_given(quill: Model[Any]) -> None:
    quill.inputs.update({"text": "Hello"})
    schema = quill.json_schema()
    assert schema["required"] == []
    assert schema["properties"]["text"]["default"] == "Hello"


def test_a_strict_schema_for_one_vendor_requires_all_and_lets_null_stand_for_what_is_left_out(
    language_model: dict[str, Any],
) -> None:
    language_model["params"] = language_model["params"][:4]
    schema = model_schema(open_model(language_model), OPENAI)
    assert schema is not None
    assert schema["required"] == ["text", "temperature", "effort", "json_mode"]
    assert schema["properties"]["text"] == {"type": "string"}
    assert schema["properties"]["temperature"] == {
        "description": "Default: 0.7. null leaves it out.",
        "type": ["number", "null"],
    }
    assert schema["properties"]["effort"] == {
        "description": "null leaves it out.",
        "anyOf": [{"type": "string", "enum": ["low", "high"]}, {"type": "null"}],
    }


def test_options_of_several_types_are_enums_of_one_type_each() -> None:
    params = [
        {
            "name": "size",
            "required": True,
            "dataType": "label",
            "availableOptions": [{"value": one} for one in ("a", 1, 2, "b")],
        }
    ]
    model = open_model({"id": "64aaaaaaaaaaaaaaaaaaaaaa", "name": "Quill", "params": params})
    for dialect in (PLAIN, OPENAI, ANTHROPIC):
        schema = model_schema(model, dialect)
        assert schema is not None
        assert schema["properties"]["size"] == {
            "anyOf": [{"type": "string", "enum": ["a", "b"]}, {"type": "number", "enum": [1, 2]}]
        }


@pytest.mark.parametrize(
    ("schema", "written"),
    [
        ({"enum": ["a", "b"]}, {"type": "string", "enum": ["a", "b"]}),
        ({"const": 3}, {"type": "integer", "enum": [3]}),
        ({"type": "string", "enum": ["1", 2]}, {"type": "string", "enum": ["1"]}),
        ({"enum": ["a", 1.5]}, {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "number", "enum": [1.5]}]}),
        ({"enum": ["a", None]}, {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}]}),
    ],
)
def test_options_of_a_parameter_with_a_schema_have_types_too(schema: dict[str, Any], written: dict[str, Any]) -> None:
    for dialect in (PLAIN, OPENAI, ANTHROPIC):
        assert write(standard(schema), dialect) == written
    assert write(standard({"type": "integer", "enum": ["a"]}), OPENAI) is None


@pytest.mark.parametrize(
    ("dialect", "other", "required"),
    [
        (EXACT, ["integer", "null"], ["a"]),
        (PLAIN, "integer", ["a"]),
        (OPENAI, ["integer", "null"], ["a", "b"]),
        (ANTHROPIC, "integer", ["a"]),
    ],
)
def test_members_that_an_object_must_have_stay_those_and_no_null_stands_for_them(
    dialect: Dialect, other: object, required: list[str]
) -> None:
    members = {"a": {"type": "string"}, "b": {"type": "integer"}}
    said: dict[str, Any] = {"type": "object", "properties": members, "required": ["a"], "additionalProperties": False}
    assert write(standard(said), dialect) == said | {
        "properties": {"a": {"type": "string"}, "b": {"type": other}},
        "required": required,
    }


def test_a_name_that_a_vendor_would_refuse_is_spelt_otherwise_for_language_models_alone() -> None:
    names = ("größe", "grosse", "filter[x]", "filter_x")  # of two that Python would spell alike, one keeps its own name
    params = [{"name": name, "required": True, "dataType": "text", "description": "How large"} for name in names]
    model = open_model({"id": "64aaaaaaaaaaaaaaaaaaaaaa", "name": "Quill", "params": params})
    exact, plain = model_schema(model), model_schema(model, PLAIN)
    assert exact is not None
    assert plain is not None
    assert list(exact["properties"]) == list(arguments_of(model))
    assert len(plain["properties"]) == 4
    assert all(re.fullmatch("[a-zA-Z0-9_.-]{1,64}", name) for name in plain["properties"])
    assert plain["required"] == list(plain["properties"])
    first = next(iter(plain["properties"]))
    assert first.startswith("gre_")
    assert plain["properties"][first]["description"] == "'größe'. How large."
    given = dict.fromkeys(plain["properties"], "1")
    assert name_arguments(model, given) == dict.fromkeys(arguments_of(model), "1")


def test_a_model_that_takes_any_json_has_no_strict_schema(quill: Model[Any]) -> None:
    assert model_schema(quill, OPENAI) is None
    assert model_schema(quill, PLAIN) is not None


def test_a_model_whose_parameters_are_not_told_takes_anything() -> None:
    model = open_model({"id": "64cccccccccccccccccccccc", "name": "Mute"})
    assert model_schema(model, EXACT) == {"type": "object", "additionalProperties": True}
    assert model_schema(model, OPENAI) is None


@pytest.mark.parametrize("dialect", [PLAIN, OPENAI, ANTHROPIC])
def test_a_language_model_may_name_no_file_of_this_machine(dialect: Dialect) -> None:
    document = {"id": "1", "name": "Ear", "params": [{"name": "audio", "required": True, "dataType": "audio"}]}
    schema = model_schema(open_model(document), dialect)
    assert schema is not None
    assert fits(schema, {"audio": "https://example.com/a.wav"})
    assert not any(fits(schema, {"audio": path}) for path in ("/etc/passwd", "a.wav", "file:///etc/passwd", "~/a"))


# --- names


def test_names_of_tools_are_paths_in_what_every_vendor_takes(quill: Model[Any]) -> None:
    assert tool_names([quill]) == ["quill_quill-2_quill"]


@given(st.text())
def test_any_text_gives_a_name_that_every_vendor_takes(label: str) -> None:
    name = tool_name(label)
    assert 1 <= len(name) <= 64
    assert all(letter.isascii() and (letter.isalnum() or letter in "_-") for letter in name)


def test_a_name_that_another_tool_has_is_not_given_to_a_model() -> None:
    (name,) = tool_names([open_model({"id": "1", "name": "search_models"})], {"search_models"})
    assert name != "search_models"
    assert name.startswith("search_models_")


def test_models_of_one_name_are_told_apart_by_their_ids_alone() -> None:
    one, two, three = (open_model({"id": id, "name": "Same Name"}) for id in ("1", "2", "3"))
    names = tool_names([one, two])
    assert len(set(names)) == 2
    assert names[0] == tool_names([one, three])[0]
    with pytest.raises(ValueError, match="1 is listed twice"):
        tool_names([one, one])


def test_a_schema_that_is_too_large_for_strict_decoding_is_found() -> None:
    def listing(count: int) -> dict[str, Any]:
        return {"type": "object", "properties": {"x": {"enum": [f"option-{n}" for n in range(count)]}}}

    assert check_size(listing(250))
    assert not check_size(listing(1001))
