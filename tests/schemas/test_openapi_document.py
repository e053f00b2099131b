"""schemas/aixplain/openapi.yaml: valid, complete, documented, and true to its own examples."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker

from tests.documents import SCHEMA, api_schema
from tests.narrowing import Decoded, is_dict, is_list

TEXT = SCHEMA.read_text(encoding="utf-8")
DOCUMENT: dict[str, Any] = api_schema()
COMPONENTS: dict[str, Any] = DOCUMENT["components"]
SCHEMAS: dict[str, Any] = COMPONENTS["schemas"]
METHODS = {"get", "post", "put", "delete", "patch"}

# Shapes of `data` in answers of connections: no operation can refer to them, because `data` is whatever the model answers.
SHAPES_OF_DATA = {"ActionInfo", "ActionInputs"}

BY_PLACE: dict[str, dict[str, Any]] = {
    f"{method} {path}": operation
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
    if method in METHODS
}
OPERATIONS = [pytest.param(operation, id=place) for place, operation in BY_PLACE.items()]


def resolved(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """The node that a local reference names, or the node itself."""
    if "$ref" not in node:
        return node
    found: Mapping[str, Any] = DOCUMENT
    for key in node["$ref"].removeprefix("#/").split("/"):
        found = found[key]
    return found


def walk(node: object, pointer: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of the document with its pointer; what stands in examples is a value, not part of the document."""
    if is_dict(node):
        yield pointer, node
        for key, value in node.items():
            if key not in {"example", "examples"}:
                yield from walk(value, f"{pointer}/{key}")
    elif is_list(node):
        for index, value in enumerate(node):
            yield from walk(value, f"{pointer}/{index}")


def violations(value: object, schema: Mapping[str, Any]) -> list[str]:
    """What is wrong with a value, as sentences with their places."""
    validator: Any = Draft202012Validator({**schema, "components": COMPONENTS}, format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def properties() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property of every schema."""
    for pointer, node in walk(SCHEMAS, "#/components/schemas"):
        if not pointer.endswith("/properties"):
            for name, schema in node.get("properties", {}).items():
                yield f"{pointer}/properties/{name}", schema


def media_types() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every media type object of every request and response."""
    for pointer, node in walk(DOCUMENT):
        if pointer.endswith("/content") and "/schemas/" not in pointer:
            yield from ((f"{pointer}/{name}", media) for name, media in node.items())


def schema_examples() -> Iterator[tuple[str, Any, Mapping[str, Any]]]:
    """(place, value, schema) of every example that a named schema gives of itself."""
    for name, schema in SCHEMAS.items():
        for index, value in enumerate(schema.get("examples", [])):
            yield f"#/components/schemas/{name}/examples/{index}", value, schema


def media_examples() -> Iterator[tuple[str, Any, Mapping[str, Any]]]:
    """(place, value, schema) of every example of a request or a response."""
    for pointer, media in media_types():
        for name, example in media.get("examples", {}).items():
            yield f"{pointer}/examples/{name}", example["value"], media["schema"]


def value_examples() -> Iterator[tuple[str, Any, Mapping[str, Any]]]:
    """(place, value, schema) of every example of a parameter or a header."""
    for pointer, node in walk(DOCUMENT):
        if "example" in node and "schema" in node:
            yield f"{pointer}/example", node["example"], node["schema"]


EXAMPLES = [*schema_examples(), *media_examples(), *value_examples()]


def test_the_document_is_valid_openapi_3_1() -> None:
    from openapi_spec_validator import OpenAPIV31SpecValidator  # half a second, which no other worker needs

    assert DOCUMENT["openapi"] == "3.1.0"
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []


def test_the_document_uses_no_merge_keys() -> None:
    """YAML 1.2 has none, so readers in other languages would trip."""
    assert "<<:" not in TEXT


def test_both_parsers_of_yaml_read_the_same() -> None:
    """That of libyaml lets texts pass which Python's own one refuses."""
    assert yaml.load(TEXT, Loader=yaml.SafeLoader) == DOCUMENT


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_says_what_it_is_and_how_it_fails(operation: dict[str, Any]) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)+", operation["operationId"])
    assert operation["summary"]
    assert "401" in operation["responses"]
    assert any(status.startswith("4") and status != "401" for status in operation["responses"])
    assert any(status.startswith("2") for status in operation["responses"])


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_describes_its_parameters_and_responses(operation: dict[str, Any]) -> None:
    for parameter in map(resolved, operation.get("parameters", [])):
        assert parameter["description"], parameter["name"]
        assert parameter["schema"]
    for status, response in operation["responses"].items():
        assert resolved(response)["description"], status


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_names_a_known_security_scheme(operation: dict[str, Any]) -> None:
    for requirement in operation.get("security", DOCUMENT["security"]):
        assert requirement.keys() <= COMPONENTS["securitySchemes"].keys()


def test_path_templates_and_path_parameters_agree() -> None:
    for path, item in DOCUMENT["paths"].items():
        for operation in (item[method] for method in METHODS & item.keys()):
            declared = {p["name"] for p in map(resolved, operation.get("parameters", [])) if p["in"] == "path"}
            assert declared == set(re.findall(r"{(\w+)}", path)), path


def test_operation_ids_are_unique() -> None:
    ids = [operation["operationId"] for operation in BY_PLACE.values()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    "operation_id",
    [
        "get_model",
        "search_models",
        "run_model",
        "start_run",
        "poll_run",
        "poll_run_v2",
        "poll_model_result",
        "poll_platform_run",
        "poll_platform_run_result",
        "get_sdk_model",
        "search_sdk_models",
        "request_temporary_upload",
        "request_upload",
        "list_functions",
        "list_suppliers",
        "list_languages",
        "list_licenses",
    ],
)
def test_the_document_has_the_operation(operation_id: str) -> None:
    assert f"operationId: {operation_id}\n" in TEXT


def test_a_run_answers_json_or_an_event_stream_with_either_success_status() -> None:
    responses = DOCUMENT["paths"]["/api/v2/execute/{id}"]["post"]["responses"]
    for status in ("200", "201"):
        assert responses[status]["content"].keys() == {"application/json", "text/event-stream"}


def test_runs_and_polls_are_served_by_the_models_host() -> None:
    for path, item in DOCUMENT["paths"].items():
        on_models_host = any("models.aixplain" in server["url"] for server in item.get("servers", []))
        assert on_models_host == path.startswith("/api/"), path


def test_uploads_are_forms_with_their_own_key() -> None:
    for path in ("/sdk/file/upload/temp-url", "/sdk/file/upload-url"):
        operation = DOCUMENT["paths"][path]["post"]
        assert list(operation["requestBody"]["content"]) == ["application/x-www-form-urlencoded"]
        assert operation["security"] == [{"UploadKey": []}]
    assert COMPONENTS["securitySchemes"]["UploadKey"]["scheme"] == "token"
    assert COMPONENTS["securitySchemes"]["MetadataKey"]["scheme"] == "Token"


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_has_a_description_and_a_name_that_python_can_take(name: str) -> None:
    assert SCHEMAS[name]["description"].strip()
    assert re.fullmatch(r"[A-Z][A-Za-z0-9]*", name)
    assert not hasattr(builtins, name)


@pytest.mark.parametrize("schema", [pytest.param(schema, id=pointer) for pointer, schema in properties()])
def test_a_property_is_described_where_it_stands_or_where_it_points(schema: dict[str, Any]) -> None:
    assert (schema.get("description") or resolved(schema)["description"]).strip()


def test_enumerations_and_objects_with_properties_have_names_of_their_own() -> None:
    """A class named after its place would be renamed whenever a property moves."""
    for pointer, node in walk(DOCUMENT["paths"], "#/paths"):
        if not pointer.endswith("/environment"):  # a server variable, not a schema
            assert not {"enum", "properties"} & node.keys(), pointer
    for pointer, node in walk(SCHEMAS, "#/components/schemas"):
        if pointer.count("/") > 3 and not pointer.endswith("/properties"):
            assert not {"enum", "properties"} & node.keys(), pointer


def test_every_schema_is_reachable_from_an_operation() -> None:
    seen: set[str] = set()
    waiting: list[object] = [DOCUMENT["paths"], *({"$ref": f"#/components/schemas/{name}"} for name in SHAPES_OF_DATA)]
    while waiting:
        for _, node in walk(waiting.pop()):
            reference = node.get("$ref")
            if isinstance(reference, str) and reference not in seen:
                seen.add(reference)
                waiting.append(resolved(node))
    assert {f"#/components/schemas/{name}" for name in SCHEMAS} - seen == set()


def test_discriminators_agree_with_the_constants_of_their_members() -> None:
    tables = [(pointer, node["discriminator"]) for pointer, node in walk(SCHEMAS) if "discriminator" in node]
    assert len(tables) >= 2
    for pointer, table in tables:
        for value, reference in table["mapping"].items():
            member = resolved({"$ref": reference})
            assert member["properties"][table["propertyName"]]["const"] == value, pointer


@pytest.mark.parametrize("name", [name for name, schema in SCHEMAS.items() if "properties" in schema])
def test_an_object_shows_an_example(name: str) -> None:
    assert SCHEMAS[name]["examples"]


@pytest.mark.parametrize(
    ("value", "schema"), [pytest.param(value, schema, id=pointer) for pointer, value, schema in EXAMPLES]
)
def test_an_example_is_valid(value: object, schema: Mapping[str, Any]) -> None:
    assert violations(value, schema) == []


REFUSED: dict[str, tuple[str, Decoded]] = {
    "model without id": ("Model", {"name": "No id"}),
    "params as a filled object": ("Model", {"id": "a", "name": "b", "params": {"text": {}}}),
    "parameter without name": ("Parameter", {"dataType": "text"}),
    "search without sort": ("SearchRequest", {"q": "gpt"}),
    "functions as objects": ("SearchRequest", {"sort": [{}], "functions": [{"id": "ocr"}]}),
    "direction as a word": ("SortRule", {"dir": "DESC"}),
    "unknown kind of reasoning": ("ReasoningDetail", {"type": "reasoning.audio"}),
    "upload target without addresses": ("UploadTarget", {"key": "k"}),
}


@pytest.mark.parametrize(("name", "value"), REFUSED.values(), ids=REFUSED)
def test_the_schema_refuses_what_the_wire_never_says(name: str, value: object) -> None:
    assert violations(value, {"$ref": f"#/components/schemas/{name}"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("Model", {"id": "a", "name": "b", "status": "resting"}, id="status of a newer backend"),
        pytest.param("Model", {"id": "a", "name": "b", "novelty": [1]}, id="key of a newer backend"),
        pytest.param("Model", {"id": "a", "name": "b", "supplier": 1777}, id="supplier by number"),
        pytest.param("Parameter", {"name": "x", "dataType": "hologram"}, id="dataType of a newer backend"),
        pytest.param("Parameter", {"name": "x", "required": None, "defaultValues": None}, id="null required"),
        pytest.param("RunResult", {"completed": False}, id="unfinished job"),
        pytest.param("RunResult", {"status": "SUCCESS", "data": 3, "usedCredits": "6.4e-06"}, id="credits as text"),
        pytest.param("RunResult", {"details": [{"score": 0.5, "data": "x"}]}, id="index hits"),
        pytest.param("RunResult", {"details": {"action": "NONE", "text": ""}}, id="guardrail verdict"),
        pytest.param("Usage", {"prompt_tokens": "NaN", "total_tokens": 1.0}, id="counts of every kind"),
        pytest.param("Delta", {"tool_calls": {"index": 0}}, id="a single tool call"),
        pytest.param("ErrorBody", {"message": ["a", "b"], "statusCode": "422"}, id="several messages"),
        pytest.param("StreamFrame", {"choices": [], "usage": {}}, id="frame with usage alone"),
        pytest.param("StreamFrame", {"status": "FAILED", "error": "x"}, id="final status"),
    ],
)
def test_the_schema_accepts_what_the_wire_is_known_to_say(name: str, value: object) -> None:
    assert violations(value, {"$ref": f"#/components/schemas/{name}"}) == []
