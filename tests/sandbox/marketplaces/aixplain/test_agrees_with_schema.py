"""The sandbox and the API schema were written from the same facts; each is checked against the other here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
import urllib3

from tests.documents import api_schema
from tests.narrowing import Decoded, decoded, is_list
from typedrun_codegen.snapshot import bundled_snapshot
from typedrun_sandbox.server import Sandbox
from typedrun_sandbox.settings import Settings

METHODS = ("get", "post", "put", "delete")


class Platform:
    """Calls the sandbox and holds each answer against the schema."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.schema: Any = api_schema()
        self.pool = urllib3.PoolManager(retries=False)

    def call(self, method: str, template: str, name: str = "", body: Any = None, **headers: str) -> Any:
        url = self.sandbox.url + template.replace("{id}", name).replace("{token}", name).replace("{name}", name)
        sent = {"x-api-key": self.sandbox.api_key, "Authorization": f"Token {self.sandbox.api_key}"} | headers
        data = body if isinstance(body, bytes | None) else json.dumps(body)
        reply = self.pool.request(method.upper(), url, body=data, headers=sent)
        kind = reply.headers["Content-Type"].partition(";")[0]
        rules = self.rules(method, template, reply.status, kind)
        for value in self.values(reply.data, kind):
            self.validate(value, rules)
        return json.loads(reply.data) if kind == "application/json" else reply.data

    def values(self, body: bytes, kind: str) -> list[Any]:
        if kind == "application/json":
            return [json.loads(body)]
        frames = [line.removeprefix("data: ") for line in body.decode().split("\n\n") if line]
        return [json.loads(frame) for frame in frames if frame != "[DONE]"]

    def rules(self, method: str, template: str, status: int, kind: str) -> Any:
        answers = self.schema["paths"][template][method]["responses"]
        found = answers.get(str(status)) or answers[f"{status // 100}XX"]
        while "$ref" in found:
            found = self.schema["components"]["responses"][found["$ref"].rsplit("/", 1)[1]]
        return found["content"][kind]["schema"] if "content" in found else {}

    def validate(self, value: Any, rules: Any) -> None:
        jsonschema.validate(value, {**rules, "components": self.schema["components"]}, jsonschema.Draft202012Validator)


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    with Sandbox(bundled_snapshot(), settings=Settings(token_seconds=0, job_polls=1)) as sandbox:
        made = Platform(sandbox)
        yield made
        made.pool.clear()


def operations() -> list[tuple[str, str]]:
    paths = api_schema()["paths"]
    return [(method, path) for path, methods in paths.items() for method in methods if method in METHODS]


@pytest.mark.parametrize(("method", "path"), operations(), ids=lambda part: part)
def test_every_operation_of_the_schema_has_an_endpoint(platform: Platform, method: str, path: str) -> None:
    url = platform.sandbox.url + path.replace("{id}", "x").replace("{token}", "x").replace("{name}", "x")
    reply = platform.pool.request(method.upper(), url, headers={})
    assert reply.status == 401  # known, and it wants a key


def value_for(parameter: Decoded) -> Any:
    """A value that the catalog allows."""
    said: list[Decoded] = parameter.get("availableOptions") or []
    options: list[Decoded] = [option["value"] if isinstance(option, dict) else option for option in said]
    samples: dict[str, Decoded] = {
        "audio": "https://example.com/a.mp3",
        "image": "https://example.com/a.png",
        "video": "https://example.com/a.mp4",
        "document": "https://example.com/a.pdf",
        "integer": 3,
        "number": 3,
        "float": 0.5,
        "boolean": True,
        "array": ["a", "b"],
        "json": {"a": 1},
        "embedding": [0.1, 0.2],
    }
    value = options[0] if options else samples.get(parameter.get("dataType") or "", "3 dogs love Paris")
    return [value] if parameter.get("multipleValues") and not is_list(value) else value


def body_for(model: Decoded) -> Decoded:
    parameters = model.get("params")
    required = [p for p in parameters if p.get("required")] if is_list(parameters) else []
    body: dict[str, Decoded] = {p["name"]: value_for(p) for p in required if not (p.get("isFixed") and p.get("values"))}
    is_index = model.get("function", {}) and model["function"]["id"] == "search"
    asks = {"action": "count" if is_index else "LIST_ACTIONS"} if "action" in body else {}
    return body | (asks if not value_has_options(parameters, "action") else {})


def value_has_options(parameters: Decoded, name: str) -> bool:
    return is_list(parameters) and any(p.get("name") == name and p.get("availableOptions") for p in parameters)


MODELS = [decoded(path.read_text("utf-8")) for path in sorted((bundled_snapshot() / "models").glob("*.json"))]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: str(model.get("name")))
def test_every_bundled_model_is_read_and_run_as_the_schema_says(platform: Platform, model: Decoded) -> None:
    id = model["id"]
    assert platform.call("get", "/v2/models/{id}", id) == model
    platform.call("get", "/sdk/models/{id}", id)
    answer = platform.call("post", "/api/v2/execute/{id}", id, body_for(model))
    token = str(answer.get("data")).rsplit("/", 1)[1] if answer["status"] == "IN_PROGRESS" else ""
    while answer["status"] == "IN_PROGRESS":
        answer = platform.call("get", "/api/v1/data/{token}", token)
    assert answer["status"] == "SUCCESS", answer


def test_streams_are_as_the_schema_says(platform: Platform) -> None:
    gpt = "69b7e5f1b2fe44704ab0e7d0"
    for raw in (True, False):
        platform.call("post", "/api/v2/execute/{id}", gpt, {"text": "Hello", "options": {"stream": True, "raw": raw}})


def test_searches_and_enumerations_are_as_the_schema_says(platform: Platform) -> None:
    page = platform.call("post", "/v2/models/paginate", body={"sort": [{}], "pageSize": 1000})
    assert page["total"] == len(MODELS)
    platform.call("post", "/sdk/models/paginate", body={"q": "", "pageSize": 1000})
    for name in ("functions", "suppliers", "languages", "licenses"):
        platform.call("get", f"/sdk/{name}")


def test_refusals_are_as_the_schema_says(platform: Platform) -> None:
    gpt = "69b7e5f1b2fe44704ab0e7d0"
    platform.call("get", "/v2/models/{id}", gpt, **{"x-api-key": "wrong"})
    platform.call("get", "/v2/models/{id}", "nobody")
    platform.call("post", "/v2/models/paginate", body={})
    platform.call("post", "/api/v2/execute/{id}", gpt, {})
    platform.call("post", "/api/v1/execute/{id}", gpt, {"data": "Hello"})
    platform.call(
        "post", "/api/v2/execute/{id}", "66311fda6eb563279c574b71", {"source_audio": "x", "sourcelanguage": "en"}
    )
    platform.call("get", "/sdk/runs/{token}", "nothing")
    for status in (402, 422, 429, 497, 500, 502, 503, 504):
        platform.sandbox.fail_next(status)
        platform.call("post", "/api/v2/execute/{id}", gpt, {"text": "Hello"})


def test_deleting_is_as_the_schema_says(platform: Platform) -> None:
    id = MODELS[0]["id"]
    platform.call("delete", "/sdk/models/{id}", id)
    platform.call("delete", "/sdk/models/{id}", id)
    assert platform.sandbox.backend.catalog.find(id) is None
    platform.sandbox.reset()
    assert platform.sandbox.backend.catalog.find(id) is not None


def test_uploads_are_as_the_schema_says(platform: Platform) -> None:
    form = b"contentType=text%2Fplain&originalName=a.txt"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    for path in ("/sdk/file/upload/temp-url", "/sdk/file/upload-url"):
        platform.call("post", path, body=form, **kind)
        platform.call("post", path, body=b"", **kind)
