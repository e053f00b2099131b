"""What several tests of the runtime start from: a client on a scripted network, and two models as the backend describes them."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import pytest

from typedrun.client import Client
from typedrun.model import from_document
from typedrun.testing import Answer, ScriptedNetwork, VirtualClock
from typedrun.testing.network import Outcome, Received, Script

KEY = "canary-0123456789"


def param(name: str, **fields: Any) -> dict[str, Any]:
    """One entry of `params`."""
    return {"name": name, "required": False, "dataType": "text", "dataSubType": "text"} | fields


@pytest.fixture
def language_model() -> dict[str, Any]:
    """A language model that may stream and runs both ways."""
    return {
        "id": "64aaaaaaaaaaaaaaaaaaaaaa",
        "name": "Quill",
        "description": "Writes.",
        "status": "onboarded",
        "function": {"id": "text-generation", "name": "Text Generation"},
        "vendor": {"id": 7, "name": "Quill Labs", "code": "quill"},
        "version": {"name": None, "id": "2"},
        "connectionType": ["synchronous", "asynchronous"],
        "supportsStreaming": True,
        "assetInfo": {"instanceId": "quill/quill-2/quill", "assetPath": "quill/quill-2"},
        "params": [
            param("text", required=True),
            param("temperature", dataSubType="number", defaultValues=[{"value": "0.7", "label": "0.7"}]),
            param("effort", availableOptions=[{"value": "low", "label": "Low"}, {"value": "high", "label": "High"}]),
            param("json_mode", dataSubType="boolean"),
            param("tools", dataSubType="json"),
        ],
    }


@pytest.fixture
def translator() -> dict[str, Any]:
    """A translation model that runs only synchronously and cannot stream."""
    return {
        "id": "64bbbbbbbbbbbbbbbbbbbbbb",
        "name": "Babel",
        "function": {"id": "translation"},
        "supplier": "aixplain",
        "connectionType": ["synchronous"],
        "supportsStreaming": False,
        "params": [
            param("text", required=True),
            param("sourcelanguage", required=True, dataType="label", dataSubType="label", isFixed=True, values=["en"]),
            param("targetlanguage", required=None, dataType="label", defaultValues=None, availableOptions=["es", "fr"]),
        ],
    }


Step: TypeAlias = Outcome | Callable[[Received], Outcome]
"""What a call meets: an outcome, or alone a function from request to outcome."""


def script_of(*steps: Step) -> Script:
    """Outcomes in turn, or the one function."""
    (first, *others) = steps or (None,)
    if callable(first) and not others:
        return first
    return [step for step in steps if not callable(step)]


class Bench:
    """A client whose backend is a script; `sent` is what reached it."""

    def __init__(self, *script: Step) -> None:
        self.clock = VirtualClock()
        self.network = ScriptedNetwork(script_of(*script), self.clock)
        self.client = Client(
            KEY,
            "https://platform.test",
            None,
            "https://models.test/api/v2/execute",
            transport=self.network,
            clock=self.clock,
        )

    @property
    def sent(self) -> list[Any]:
        return self.network.received

    def model(self, document: Mapping[str, Any]) -> Any:
        """A model as nobody declared it: of any attributes."""
        return from_document(document, self.client)


@pytest.fixture
def bench() -> type[Bench]:
    """Makes a bench from outcomes, or from a function from request to outcome."""
    return Bench


@pytest.fixture
def done() -> Answer:
    """A run that is finished at once."""
    return Answer(json={"status": "SUCCESS", "completed": True, "data": "Hola", "requestId": "r-1"})


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key and no address of the developer's own environment."""
    for name in (
        "TEAM_API_KEY",
        "AIXPLAIN_API_KEY",
        "BACKEND_URL",
        "MODELS_RUN_URL",
        "PIPELINES_RUN_URL",
        "AIXPLAIN_TRUSTED_HOSTS",
        "AIXPLAIN_HTTP_CONNECT_TIMEOUT",
        "AIXPLAIN_HTTP_READ_TIMEOUT",
    ):
        monkeypatch.delenv(name, raising=False)
