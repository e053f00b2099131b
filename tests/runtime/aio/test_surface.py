"""Both clients have the same doors: names, arguments and defaults, except for what the event loop makes different."""

import asyncio
import inspect
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

import typedrun.aio.driver
import typedrun.drivers.live
import typedrun.llm
import typedrun.sending.driver
from aixplain_models import Aixplain, AsyncAixplain
from typedrun.aio.client import AsyncClient
from typedrun.aio.job import AsyncJob
from typedrun.aio.llm import AsyncLLM
from typedrun.aio.model import AsyncModel
from typedrun.aio.operations import AsyncApiClient, AsyncEventStream
from typedrun.aio.search import AsyncPage
from typedrun.aio.streaming import AsyncStream
from typedrun.aio.tools import AsyncTools
from typedrun.client import Client
from typedrun.errors import ConfigurationError
from typedrun.exports.tools import Tools
from typedrun.job import Job
from typedrun.model import Model
from typedrun.operations import ApiClient, EventStream
from typedrun.search import Page
from typedrun.streaming import ModelResponseStreamer

PAIRS: dict[str, tuple[type[Any], type[Any]]] = {
    "client": (Client, AsyncClient),
    "generated client": (Aixplain, AsyncAixplain),
    "driver": (typedrun.sending.driver.Driver, typedrun.aio.driver.AsyncDriver),
    "live reply": (typedrun.drivers.live.LiveReply, typedrun.aio.driver.AsyncLiveReply),
    "model": (Model, AsyncModel),
    "LLM": (typedrun.llm.LLM, AsyncLLM),
    "job": (Job, AsyncJob),
    "page": (Page, AsyncPage),
    "stream": (ModelResponseStreamer, AsyncStream),
    "tools": (Tools, AsyncTools),
    "client of a document": (ApiClient, AsyncApiClient),
    "events of an operation": (EventStream, AsyncEventStream),
}
ONLY_ASYNCIO = {
    "client": {"aclose"},
    "generated client": {"aclose"},
    "stream": {"open", "aclose"},
    "live reply": {"read"},
    "events of an operation": {"aclose"},
}


def public(kind: type[Any]) -> set[str]:
    return {name for name in dir(kind) if not name.startswith("_")}


def arguments(method: Any) -> list[tuple[str, Any, Any]]:
    return [(one.name, one.kind, one.default) for one in inspect.signature(method).parameters.values()]


@pytest.mark.parametrize("pair", PAIRS)
def test_both_have_the_same_names(pair: str) -> None:
    blocking, awaited = PAIRS[pair]
    assert public(awaited) - public(blocking) == ONLY_ASYNCIO.get(pair, set())
    assert public(blocking) - public(awaited) == set()


@pytest.mark.parametrize("pair", PAIRS)
def test_every_method_takes_the_same_arguments(pair: str) -> None:
    blocking, awaited = PAIRS[pair]
    for name in sorted(public(blocking) & public(awaited)):
        member = getattr(blocking, name)  # some are read when they are asked for
        if inspect.isfunction(member) or inspect.ismethod(member):
            assert arguments(getattr(awaited, name)) == arguments(member), name


def test_both_clients_are_made_with_the_same_arguments() -> None:
    assert arguments(AsyncClient.__init__) == arguments(Client.__init__)
    assert arguments(AsyncApiClient.__init__) == arguments(ApiClient.__init__)


def models() -> Iterator[tuple[Model[Any], AsyncModel[Any]]]:
    catalog = AsyncAixplain(api_key="canary-1234").models
    for model in Aixplain(api_key="canary-1234").models:
        yield model, catalog[model.id]


def test_every_generated_model_says_the_same_and_takes_the_same() -> None:
    for blocking, awaited in models():
        assert type(awaited).__name__ == f"Async{type(blocking).__name__}"
        for name in (
            "id",
            "path",
            "name",
            "params",
            "pricing",
            "function",
            "vendor",
            "wire_names",
            "supports_streaming",
        ):
            assert getattr(awaited, name) == getattr(blocking, name), (blocking, name)
        for name in ("run", "run_async", "run_stream"):
            assert arguments(getattr(type(awaited), name)) == arguments(getattr(type(blocking), name)), (blocking, name)
        assert inspect.iscoroutinefunction(type(awaited).run)
        assert inspect.iscoroutinefunction(type(awaited).run_async)
        assert dict(awaited.inputs) == dict(blocking.inputs)


def test_every_operation_of_the_api_takes_the_same() -> None:
    blocking, awaited = Aixplain(api_key="canary-1234").api, AsyncAixplain(api_key="canary-1234").api
    assert public(type(blocking)) == public(type(awaited))
    for name in sorted(public(type(blocking))):
        if inspect.ismethod(getattr(blocking, name)):
            assert arguments(getattr(awaited, name)) == arguments(getattr(blocking, name)), name


def test_the_blocking_half_imports_nothing_of_the_asyncio_half() -> None:
    code = (
        "import sys, aixplain_models\n"
        "aix = aixplain_models.Aixplain(api_key='canary-1234')\n"
        "aix.models.openai.gpt_5_4.inputs; aix.models['openai/gpt-5.4/openai']\n"
        "print([name for name in sys.modules if '.aio' in name or name in {'asyncio', 'aiohttp'}])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_without_aiohttp_the_first_request_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    monkeypatch.delitem(sys.modules, "typedrun.drivers.aiohttp_network", raising=False)
    aix = AsyncAixplain(api_key="canary-1234", backend_url="http://127.0.0.1:9")
    with pytest.raises(ConfigurationError, match=r"pip install 'typedrun\[async\]'"):
        asyncio.run(aix.get_json("x"))
