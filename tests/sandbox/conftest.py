"""A small catalog of invented models, a sandbox that serves it, and an HTTP client without any cleverness."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

import pytest
import urllib3
from attrs import frozen

from tests.narrowing import Decoded, decoded
from typedrun_sandbox.server import Sandbox
from typedrun_sandbox.settings import Settings

TEXT: dict[str, object] = {"name": "text", "required": True, "dataType": "text", "dataSubType": "text"}


def parameter(name: str, data_type: str, *, options: tuple[str, ...] = (), **more: object) -> dict[str, object]:
    listed = [{"value": option, "label": option} for option in options]
    return {"name": name, "required": False, "dataType": data_type, "availableOptions": listed, **more}


def model(id: str, name: str, function: str, params: list[dict[str, object]], **more: object) -> dict[str, object]:
    return {
        "id": id,
        "name": name,
        "status": "onboarded",
        "function": {"id": function},
        "vendor": {"id": 7, "name": "Acme", "code": "acme"},
        "connectionType": ["synchronous"],
        "supportsStreaming": False,
        "pricing": {"price": 0.001, "unitType": "REQUEST"},
        "assetInfo": {"instanceId": f"acme/{name.lower().replace(' ', '-')}/acme"},
        "attributes": {},
        "params": params,
        **more,
    }


LANGUAGES = [
    parameter("sourcelanguage", "label", options=("en", "es")),
    parameter("targetlanguage", "label", options=("en", "es", "pt")),
]

CHAT = [
    TEXT,
    parameter("temperature", "text", dataSubType="number"),
    parameter("max_tokens", "text", dataSubType="number"),
    parameter("tools", "text", dataSubType="json"),
    parameter("response_format", "text", dataSubType="json"),
    parameter("reasoning_effort", "text", options=("low", "high")),
]

MODELS: list[dict[str, object]] = [
    model("chat", "Chat", "text-generation", CHAT, supportsStreaming=True, pricing={"price": 0.5, "unitType": "TOKEN"}),
    model("slow", "Slow Translate", "translation", [TEXT, *LANGUAGES], connectionType=["asynchronous"]),
    model("quick", "Quick Translate", "translation", [TEXT, *LANGUAGES], pricing={"price": 2, "unitType": "CHAR"}),
    model("voice", "Voice", "speech-synthesis", [TEXT]),
    model("hear", "Hear", "speech-recognition", [parameter("source_audio", "audio", required=True)]),
    model("draw", "Draw", "text-to-image-generation", [TEXT]),
    model("film", "Film", "video-generation", [TEXT]),
    model("embed", "Embed", "text-embedding", [TEXT], attributes=[{"name": "embeddingSize", "value": 16}]),
    model(
        "index",
        "Index",
        "search",
        [parameter("action", "text", required=True), parameter("data", "text", required=True)],
    ),
    model("web", "Web Search", "search", [TEXT]),
    model("guard", "Guard", "guardrails", [TEXT]),
    model("mood", "Mood", "sentiment-analysis", [TEXT]),
    model(
        "tool", "Tool", "utilities", [parameter("action", "text"), parameter("data", "text")], functionType="connection"
    ),
    model("plug", "Plug", "connector", [], functionType="connector"),
    model(
        "old",
        "Old <b>&amp;</b> Model",
        "summarization",
        [],
        host="elsewhere",
        supplier="ancient",
        vendor=None,
    )
    | {"params": {}},
]


@pytest.fixture(scope="session")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("snapshot") / "models.json"
    path.write_text(json.dumps(MODELS), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def running(snapshot: Path) -> Iterator[Sandbox]:
    with Sandbox(snapshot, settings=Settings(token_seconds=0.0, job_polls=1)) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.reset()
    return running


@frozen
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Decoded:
        return decoded(self.body)

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")


class Http:
    def __init__(self, sandbox: Sandbox, key: Mapping[str, str] | None = None) -> None:
        self.sandbox = sandbox
        self.key = {"x-api-key": sandbox.api_key} if key is None else key
        self.pool = urllib3.PoolManager(retries=False, timeout=10)

    def __call__(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Send JSON (or bytes as they are) with the key, unless other headers are given."""
        sent = self.key if headers is None else dict(headers)
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        url = path if path.startswith("http") else self.sandbox.url + path
        reply = self.pool.request(method, url, body=data, headers=sent)
        return Answer(reply.status, reply.headers, reply.data)

    def json(
        self,
        method: str,
        path: str,
        body: object = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Decoded:
        """What is answered, with this status; the key is sent beside other headers."""
        answer = self(method, path, body, {**self.key, **(headers or {})})
        assert answer.status == status, answer.text
        return answer.json if answer.body else None

    def run(self, id: str, **body: object) -> Answer:
        return self("POST", f"/api/v2/execute/{id}", body)

    def result(self, id: str, **body: object) -> Decoded:
        answer = self.run(id, **body)
        assert answer.status == 200, answer.text
        return answer.json


@pytest.fixture
def http(sandbox: Sandbox) -> Iterator[Http]:
    client = Http(sandbox)
    yield client
    client.pool.clear()


Talk: TypeAlias = Callable[[Sandbox, Mapping[str, str]], Http]


@pytest.fixture
def talk_to() -> Iterator[Talk]:
    """Makes clients of other sandboxes, from a sandbox and the headers that carry its key."""
    made: list[Http] = []

    def make(sandbox: Sandbox, key: Mapping[str, str]) -> Http:
        made.append(Http(sandbox, key))
        return made[-1]

    yield make
    for client in made:
        client.pool.clear()
