"""What calls look like on the wire."""

from typing import Any

import pytest

from typedrun.enums import AssetStatus, Function, Language, OwnershipType, SortBy, SortOrder, Supplier
from typedrun.llm.responses import llm_payload
from typedrun.marketplaces.aixplain.bodies import stream_payload, v1_fallback_payload
from typedrun.marketplaces.aixplain.controls import run_headers
from typedrun.marketplaces.aixplain.searches import search_payload
from typedrun.model import Model
from typedrun.parameters import VendorInfo


@pytest.mark.parametrize(
    ("controls", "headers"),
    [
        (
            {"identifier": "u", "session_id": 7, "agent_name": "a"},
            {"x-user-id": "u", "x-session-id": "7", "x-agent": "a"},
        ),
        ({"identifier": None, "timeout": 3}, {}),
        ({"identifier": ""}, {"x-user-id": ""}),
    ],
)
def test_identity_travels_in_headers(controls: dict[str, Any], headers: dict[str, str]) -> None:
    assert run_headers(controls) == headers


@pytest.mark.parametrize("value", ["ünï", "a\nb", "a\r\nx-api-key: y", "\0"])
def test_a_header_value_must_be_printable_ascii(value: str) -> None:
    with pytest.raises(ValueError, match="session_id"):
        run_headers({"session_id": value})


def test_a_run_body_is_flat_and_holds_parameters_only() -> None:
    values: dict[str, Any] = {
        "text": "Hi", "temperature": None, "n": 0, "stop": "", "tools": [],
        "timeout": 3, "wait_time": 1, "stream": True, "identifier": "u", "api_key": "secret", "resource_path": "x",
        "show_progress": True, "run_retries": 1, "run_retry_wait": 1, "session_id": "s", "agent_name": "a",
    }  # fmt: skip
    assert Model[Any]().build_run_payload(**values) == {"text": "Hi", "n": 0, "stop": "", "tools": []}


@pytest.mark.parametrize(
    ("body", "options"),
    [
        ({"text": "a"}, {"stream": True}),
        ({"text": "a", "options": {"temperature": 0.2, "stream": False}}, {"temperature": 0.2, "stream": True}),
        ({"text": "a", "tools": []}, {"raw": True, "stream": True}),
        ({"text": "a", "tools": None}, {"stream": True}),
        ({"text": "a", "options": "odd"}, {"stream": True}),
    ],
)
def test_a_stream_is_asked_for_in_the_options(body: dict[str, Any], options: dict[str, Any]) -> None:
    assert stream_payload(body) == {**body, "options": options}


@pytest.mark.parametrize(
    ("body", "v1"),
    [
        ({"text": "a", "n": 1}, {"data": "a", "n": 1}),
        ({"n": 1}, {"data": None, "n": 1}),
        ({"text": "a", "data": "b"}, {"data": "b"}),
    ],
)
def test_the_v1_endpoint_calls_the_text_data(body: dict[str, Any], v1: dict[str, Any]) -> None:
    assert v1_fallback_payload(body) == v1


ARGUMENTS = {"context": None, "max_tokens": 128, "temperature": 0.5}


@pytest.mark.parametrize(
    ("data", "parameters", "expected"),
    [
        ("hello", None, {"data": "hello", **ARGUMENTS}),
        ("12", None, {"data": "12", **ARGUMENTS}),
        ("[1]", None, {"data": [1], **ARGUMENTS}),
        ('{"a": 1}', None, {"a": 1, **ARGUMENTS}),
        ({"data": "p", "context": "c"}, None, {"data": "p", **ARGUMENTS, "context": "c"}),
        ({"data": "p", "context": "c"}, {"context": "d", "z": 1}, {"data": "p", **ARGUMENTS, "context": "d", "z": 1}),
    ],
    ids=["text", "number", "list", "object-as-text", "object", "parameters-win"],
)
def test_the_body_of_the_older_llm(data: Any, parameters: Any, expected: dict[str, Any]) -> None:
    assert llm_payload(data, ARGUMENTS, parameters) == expected


EMPTY: dict[str, Any] = {"pageNumber": 0, "pageSize": 20, "sort": [{}]}


@pytest.mark.parametrize(
    ("filters", "body"),
    [
        ({}, {}),
        ({"query": None, "functions": None}, {}),
        ({"query": "GPT"}, {"q": "GPT"}),
        ({"q": "GPT"}, {"q": "GPT"}),
        ({"page_number": 2, "page_size": 5}, {"pageNumber": 2, "pageSize": 5}),
        ({"functions": ["text-generation", Function.TRANSLATION]}, {"functions": ["text-generation", "translation"]}),
        ({"functions": "search"}, {"functions": ["search"]}),
        ({"vendors": [Supplier.AIXPLAIN, "openai"]}, {"suppliers": ["aixplain", "openai"]}),
        ({"suppliers": VendorInfo(1, "OpenAI", "openai")}, {"suppliers": ["openai"]}),
        ({"vendors": {"id": 1, "code": "openai"}}, {"suppliers": ["openai"]}),
        ({"host": "openai", "developer": "OpenAI"}, {"hosts": ["openai"], "developers": ["OpenAI"]}),
        ({"path": "openai/gpt"}, {"path": "openai/gpt"}),
        ({"status": AssetStatus.ONBOARDED}, {"status": ["onboarded"]}),
        ({"source_languages": Language.ENGLISH, "target_languages": ["es"]},
         {"sourceLanguages": ["en"], "targetLanguages": ["es"]}),
        ({"is_finetunable": False, "saved": True}, {"isFineTunable": False, "saved": True}),
        ({"ownership": OwnershipType.PRIVATE}, {"ownership": "PRIVATE"}),
        ({"ownership": [OwnershipType.OWNED, "TEAM"]}, {"ownership": ["OWNED", "TEAM"]}),
        ({"sort_by": SortBy.CREATED_AT, "sort_order": SortOrder.DESC},
         {"sort": [{"field": "createdAt", "dir": -1}], "sortBy": "createdAt", "sortOrder": "DESC"}),
        ({"sort_by": "name"}, {"sort": [{"field": "name", "dir": 1}], "sortBy": "name"}),
        ({"sort_order": "desc"}, {"sort": [{"field": "name", "dir": -1}], "sortOrder": "desc"}),
        ({"sort_order": -1}, {"sort": [{"field": "name", "dir": -1}], "sortOrder": "DESC"}),
        ({"sort_order": 1}, {"sort": [{"field": "name", "dir": 1}], "sortOrder": "ASC"}),
    ],
)  # fmt: skip
def test_the_body_of_a_search(filters: dict[str, Any], body: dict[str, Any]) -> None:
    assert search_payload(filters) == EMPTY | body
