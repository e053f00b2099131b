"""Every bundled model runs through its generated class, with nothing but what it requires: catalog, client and sandbox agree."""

import asyncio
import inspect
from collections.abc import Awaitable, Iterator
from typing import Any

import pytest

from aixplain_models import Aixplain, AsyncAixplain, Parameter
from fal_models import Fal
from replicate_models import Replicate
from tests.narrowing import Decoded, is_list
from typedrun_codegen.snapshot import bundled_snapshot
from typedrun_sandbox.server import Sandbox

VALUES: dict[str | None, Any] = {
    "number": 1,
    "integer": 1,
    "float": 1.0,
    "boolean": True,
    "json": {"key": "value"},
    "array": ["one"],
    "audio": "https://files.example.com/a.wav",
    "image": "https://files.example.com/a.png",
    "video": "https://files.example.com/a.mp4",
    "document": "https://files.example.com/a.pdf",
    "embedding": [0.1, 0.2],
    "tensor": [[0.1, 0.2]],
}


ACTIONS = {"search": "count", "utilities": "LIST_ACTIONS"}
"""Function -> an action that its models know; the catalog declares it as free text."""


def some_value(parameter: Parameter, function: str | None) -> Any:
    if parameter.name == "action" and not parameter.options:
        return ACTIONS[function or ""]
    value = parameter.options[0] if parameter.options else VALUES.get(parameter.kind, "Hello")
    return [value] if parameter.multiple_values else value


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox(bundled_snapshot()) as sandbox:
        yield sandbox


@pytest.fixture(scope="module", params=[Aixplain, AsyncAixplain])
def aix(request: pytest.FixtureRequest, running: Sandbox) -> Any:
    """A client of either kind."""
    return running.client(request.param)


def settled(given: Any) -> Any:
    """What a door of either client gives, waited for where it is to be; one client serves one loop after the other."""

    async def wait(awaitable: Awaitable[Any]) -> Any:
        return await awaitable

    return asyncio.run(wait(given)) if inspect.isawaitable(given) else given


IDS = [model.id for model in Aixplain("canary-every-model").models]


@pytest.mark.parametrize("identity", IDS)
def test_a_model_runs_with_what_it_requires(aix: Any, identity: str) -> None:
    model = aix.models[identity]
    names = {wire: name for name, wire in model.wire_names.items()}
    required = [one for one in model.params or () if one.required and one.default is None]
    given = {names.get(one.name, one.name): some_value(one, model.function) for one in required}
    assert settled(model.run(**given, wait_time=0.2)).status == "SUCCESS"


@pytest.mark.parametrize("identity", IDS)
def test_a_class_has_the_attributes_of_its_document(aix: Any, identity: str) -> None:
    said: dict[str, Decoded] = settled(aix.Model.get(identity)).attributes or {}
    unchanging = {name: tuple(value) if is_list(value) else value for name, value in said.items()}
    assert dict(aix.models[identity].attributes or {}) == unchanging


MODELS: list[Any] = [model for kind in (Aixplain, Fal, Replicate) for model in kind("canary-every-model").models]


@pytest.mark.parametrize("model", [model for model in MODELS if model.wire_names], ids=lambda model: model.label)
def test_a_payload_has_the_wire_names_of_what_is_spelt_otherwise_in_python(model: Any) -> None:
    spelt = {name: f"value of {name}" for name in model.wire_names}
    assert model.build_run_payload(**spelt) == {wire: f"value of {name}" for name, wire in model.wire_names.items()}
    by_wire = dict.fromkeys(model.wire_names.values(), "v")
    controls: dict[str, object] = {"timeout": 1, "wait_time": 1, "stream": False, "extra": {}}
    kept = model.build_run_payload(**by_wire | controls)
    assert kept == {wire: "v" for wire in by_wire if wire not in {*controls, "session_id"}}
