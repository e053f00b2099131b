"""Models as tools: the vendors' forms, and the calls that come back from a language model."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from aixplain_models import Aixplain
from tests.runtime.conftest import Bench
from typedrun.client import Client
from typedrun.errors import OperationFailedError, ParameterError, ValidationError
from typedrun.exports.content import addresses_of, plain_json
from typedrun.exports.tools import FORMATS, ToolFormat, Tools
from typedrun.results import ModelResult
from typedrun.testing import Answer

FAILED = Answer(json={"status": "FAILED", "completed": True, "errorMessage": "too hot", "supplierError": "too hot"})


def body(bench: Any) -> dict[str, Any]:
    sent: dict[str, Any] = json.loads(bench.sent[-1].body)
    return sent


# --- definitions


@pytest.mark.parametrize("format", FORMATS)
def test_every_model_of_the_catalog_is_a_tool_in_every_form(format: ToolFormat) -> None:
    tools = Tools(Aixplain(api_key="canary-0123456789").models, format=format)
    assert len(tools) == len(tools.models) > 30
    assert all(len(name) <= 64 for name in tools.models)
    for schema in map(schema_of, tools):
        Draft202012Validator.check_schema(schema)
        assert schema["type"] == "object"
    assert json.loads(json.dumps(tools)) == list(tools)


def schema_of(definition: dict[str, Any]) -> dict[str, Any]:
    for place in ("input_schema", "inputSchema"):
        if place in definition:
            found: dict[str, Any] = definition[place]
            return found
    inner: dict[str, Any] = definition.get("function", definition).get("parameters", definition)
    return inner


def test_openai_takes_a_function_with_a_strict_schema(translator: dict[str, Any], bench: type[Bench]) -> None:
    (tool,) = Tools([bench().model(translator)])
    assert tool == {
        "type": "function",
        "function": {
            "name": "Babel",
            "description": "Babel: translation.",
            "parameters": {
                "type": "object",
                "properties": {
                    "text": {"type": "string"},
                    "targetlanguage": {
                        "description": "null leaves it out.",
                        "anyOf": [{"type": "string", "enum": ["es", "fr"]}, {"type": "null"}],
                    },
                },
                "required": ["text", "targetlanguage"],
                "additionalProperties": False,
            },
            "strict": True,
        },
    }


def test_anthropic_takes_an_input_schema(translator: dict[str, Any], bench: type[Bench]) -> None:
    (tool,) = Tools([bench().model(translator)], format="anthropic")
    assert tool["name"] == "Babel"
    assert tool["strict"] is True
    assert tool["input_schema"]["required"] == ["text"]
    assert tool["input_schema"]["properties"]["targetlanguage"] == {"type": "string", "enum": ["es", "fr"]}


def test_no_request_has_more_strict_tools_than_anthropic_takes() -> None:
    tools = Tools(Aixplain(api_key="canary-0123456789").models, format="anthropic")
    strict = [tool["input_schema"] for tool in tools if tool.get("strict")]
    assert 0 < len(strict) <= 20
    assert sum(len(schema["properties"]) - len(schema["required"]) for schema in strict) <= 24


def test_a_model_that_takes_json_is_no_strict_tool(language_model: dict[str, Any], bench: type[Bench]) -> None:
    (tool,) = Tools([bench().model(language_model)])
    assert tool["function"]["strict"] is False
    assert "tools" in tool["function"]["parameters"]["properties"]


def test_the_protocols_form_has_an_output_schema(translator: dict[str, Any], bench: type[Bench]) -> None:
    (tool,) = Tools([bench().model(translator)], format="mcp")
    assert set(tool) == {"name", "title", "description", "inputSchema", "outputSchema"}
    assert tool["outputSchema"]["required"] == ["data"]


def test_what_no_tools_can_be_made_of_is_told(translator: dict[str, Any], bench: type[Bench]) -> None:
    one = bench().model(translator)
    with pytest.raises(ValidationError, match="no tool format 'gemini'"):
        Tools([one], format="gemini")  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match="listed twice"):
        Tools([one, one])


def test_models_are_named_by_id_or_path_too() -> None:
    aix = Aixplain(api_key="canary-0123456789")
    assert list(aix.tools(["openai/gpt-5.4/openai"]).models) == ["openai_gpt-5_4_openai"]


def test_a_model_that_was_not_generated_is_fetched(translator: dict[str, Any], bench: type[Bench]) -> None:
    one = bench(Answer(json=translator))
    assert list(one.client.tools([translator["id"]]).models) == ["Babel"]


# --- calls


def test_a_call_is_checked_and_run_and_gives_content(
    translator: dict[str, Any], bench: type[Bench], done: Answer
) -> None:
    one = bench(done)
    tools = Tools([one.model(translator)])
    assert tools.call("Babel", '{"text": "Hello", "targetlanguage": null}') == "Hola"
    assert body(one) == {"text": "Hello", "sourcelanguage": "en"}


@pytest.mark.parametrize(
    ("format", "content"),
    [
        ("openai", "Hola"),
        ("json-schema", "Hola"),
        ("anthropic", [{"type": "text", "text": "Hola"}]),
        ("mcp", [{"type": "text", "text": "Hola"}]),
    ],
)
def test_content_has_the_vendors_form(
    format: ToolFormat, content: Any, translator: dict[str, Any], bench: type[Bench], done: Answer
) -> None:
    tools = Tools([bench(done).model(translator)], format=format)
    assert tools.call("Babel", {"text": "Hello"}) == content


def test_media_are_links_in_the_protocols_form(translator: dict[str, Any], bench: type[Bench]) -> None:
    answer = Answer(json={"status": "SUCCESS", "completed": True, "data": "https://cdn.test/speech.mp3?sig=1"})
    tools = Tools([bench(answer).model(translator)], format="mcp")
    link = {"type": "resource_link", "uri": "https://cdn.test/speech.mp3?sig=1", "name": "speech.mp3"}
    assert tools.call("Babel", {"text": "Hello"}) == [link]


def test_an_object_is_told_as_json(translator: dict[str, Any], bench: type[Bench]) -> None:
    answer = Answer(json={"status": "SUCCESS", "completed": True, "data": {"label": "größe"}})
    assert Tools([bench(answer).model(translator)]).call("Babel", {"text": "x"}) == '{"label": "größe"}'


def test_every_problem_of_a_call_is_in_one_message_and_nothing_is_sent(
    language_model: dict[str, Any], bench: type[Bench]
) -> None:
    one = bench()
    tools = Tools([one.model(language_model)])
    with pytest.raises(ParameterError) as caught:
        tools.call("quill_quill-2_quill", {"temprature": 1, "effort": "medium", "json_mode": "perhaps"})
    assert len(caught.value.problems) == 4
    assert "did you mean 'temperature'?" in str(caught.value)
    assert "Required parameter 'text' is missing" in str(caught.value)
    assert "options are 'low', 'high'" in str(caught.value)
    assert one.sent == []


@pytest.mark.parametrize("control", ["timeout", "validate", "extra_headers", "extra", "api_key", "stream", "data"])
def test_a_language_model_cannot_set_what_is_no_parameter(
    control: str, translator: dict[str, Any], bench: type[Bench]
) -> None:
    one = bench()
    with pytest.raises(ParameterError, match=control):
        Tools([one.model(translator)]).call("Babel", {"text": "Hello", control: {"x": "y"}})
    assert one.sent == []


def test_run_controls_are_no_arguments_of_a_model_without_parameters(bench: type[Bench], done: Answer) -> None:
    one = bench(done)
    tools = Tools([one.model({"id": "64cccccccccccccccccccccc", "name": "Mute"})])
    with pytest.raises(ParameterError, match="timeout"):
        tools.call("Mute", {"timeout": 1})
    assert tools.call("Mute", {"anything": [1]}) == "Hola"


def test_the_callers_own_run_controls_hold(translator: dict[str, Any], bench: type[Bench], done: Answer) -> None:
    one = bench(done)
    Tools([one.model(translator)]).call("Babel", {"text": "Hello"}, identifier="user-7")
    assert one.sent[-1].headers["x-user-id"] == "user-7"


def test_no_file_of_this_machine_is_read_even_where_the_client_takes_paths(tmp_path: Path, bench: type[Bench]) -> None:
    secret = tmp_path / "secret"
    secret.write_text("canary")
    one = bench()
    one.client.local_paths = True
    model = one.model({"id": "1", "name": "Ear", "params": [{"name": "audio", "dataType": "audio", "required": True}]})
    for path in (str(secret), "speech.wav", str(tmp_path / "missing.wav"), "secret", "AAAA"):
        with pytest.raises(ParameterError, match="no file of this machine is read"):
            Tools([model]).call("Ear", {"audio": path})
    assert one.sent == []


def test_an_unknown_tool_and_arguments_that_are_no_object_are_told(
    translator: dict[str, Any], bench: type[Bench]
) -> None:
    tools = Tools([bench().model(translator)])
    with pytest.raises(ParameterError, match="There is no tool 'Babels': did you mean 'Babel'"):
        tools.call("Babels", {})
    with pytest.raises(ParameterError, match="are not JSON"):
        tools.call("Babel", '{"text": ')
    with pytest.raises(ParameterError, match="no JSON object"):
        tools.call("Babel", "[1]")


# --- answers


def test_the_answer_to_a_call_is_a_message_of_the_vendor(
    translator: dict[str, Any], bench: type[Bench], done: Answer
) -> None:
    function = SimpleNamespace(name="Babel", arguments='{"text": "Hello"}')
    openai = Tools([bench(done).model(translator)]).answer(SimpleNamespace(id="c-1", function=function))
    assert openai == {"role": "tool", "tool_call_id": "c-1", "content": "Hola"}
    block = {"type": "tool_use", "id": "c-2", "name": "Babel", "input": {"text": "Hello"}}
    anthropic = Tools([bench(done).model(translator)], format="anthropic").answer(block)
    assert anthropic == {
        "type": "tool_result",
        "tool_use_id": "c-2",
        "content": [{"type": "text", "text": "Hola"}],
        "is_error": False,
    }


def test_a_call_that_does_not_fit_is_told_to_the_language_model(translator: dict[str, Any], bench: type[Bench]) -> None:
    block = {"id": "c-1", "name": "Babel", "input": {"targetlanguage": "de"}}
    answer = Tools([bench().model(translator)], format="anthropic").answer(block)
    assert answer["is_error"] is True
    assert "Required parameter 'text' is missing" in answer["content"][0]["text"]


def test_a_run_that_failed_is_told_to_the_language_model_and_raised_by_call(
    translator: dict[str, Any], bench: type[Bench]
) -> None:
    tools = Tools([bench(FAILED, FAILED).model(translator)], format="mcp")
    answer = tools.answer({"id": "c-1", "name": "Babel", "input": {"text": "Hello"}})
    assert answer["isError"] is True
    assert "too hot" in answer["content"][0]["text"]
    with pytest.raises(OperationFailedError):
        tools.call("Babel", {"text": "Hello"})


def test_an_error_that_a_language_model_cannot_mend_is_raised(translator: dict[str, Any], bench: type[Bench]) -> None:
    tools = Tools([bench(Answer(status=401, json={"error": "no"})).model(translator)])
    with pytest.raises(Exception, match="401"):
        tools.answer({"id": "c-1", "name": "Babel", "input": {"text": "Hello"}})


def test_a_client_makes_tools(translator: dict[str, Any], bench: type[Bench], done: Answer) -> None:
    one = bench(done)
    client: Client = one.client
    assert client.tools([one.model(translator)], format="openai").call("Babel", {"text": "Hello"}) == "Hola"


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ("a\ud800b", "a\ufffdb"),
        ({"\udfff": ["größe 👍", "\ud83d\ude00"]}, {"\ufffd": ["größe 👍", "😀"]}),
        ([float("nan"), float("inf"), 1.5, 2, True, None], [None, None, 1.5, 2, True, None]),
    ],
)
def test_what_a_model_says_is_told_as_every_reader_of_json_takes_it(value: Any, plain: Any) -> None:
    assert plain_json(value) == plain
    deep: Any = value
    for _ in range(5000):
        deep = [deep]
    json.dumps(plain_json(deep)).encode()


ADDRESS = "https://files.test/a.png"
INLINE = "data:image/png;base64,aGk="


@pytest.mark.parametrize(
    ("data", "addresses"),
    [
        (ADDRESS, [ADDRESS]),
        ([ADDRESS, INLINE], [ADDRESS, INLINE]),
        ([ADDRESS, "a word"], []),
        ([], []),
        ("s3://bucket/a.png", ["s3://bucket/a.png"]),
        ("https://", []),
        ("https://[::1/x", []),
        ("https://files.test/a b", []),
        (f"https://files.test/{'a' * 8173}", [f"https://files.test/{'a' * 8173}"]),
        (f"https://files.test/{'a' * 8174}", []),
        ("data: none, and more of that", []),
        ("data:image/png;base64", []),
        (f"{INLINE}{'A' * 100} ", [f"{INLINE}{'A' * 100} "]),
        ({"image": {"url": ADDRESS, "content_type": "image/png"}, "seed": 1}, [ADDRESS]),
        ({"image": {"url": "a word", "content_type": "image/png"}}, []),
        ({"image": {"url": ADDRESS}}, []),
    ],
    ids=lambda value: str(value)[:40],
)
def test_files_of_an_output_are_addresses_and_nothing_that_only_begins_like_one(
    data: object, addresses: list[str]
) -> None:
    assert addresses_of(ModelResult(status="SUCCESS", completed=True, data=data)) == addresses
