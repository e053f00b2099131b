"""Both clients on both sandboxes, over real sockets: what a script cannot show, that is tasks which are cancelled."""

import asyncio
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from typedrun import errors
from typedrun.aio.client import AsyncClient
from typedrun.cancellations import CancelOutcome
from typedrun.client import Client
from typedrun_sandbox.server import Sandbox

MODELS = {"replicate": "meta/meta-llama-3-8b-instruct", "fal": "fal-ai/flux/dev"}


@pytest.fixture(scope="module", params=list(MODELS))
def sandbox(request: pytest.FixtureRequest) -> Iterator[tuple[str, Sandbox]]:
    with Sandbox(marketplace=request.param) as opened:
        yield request.param, opened


def client(kind: Any, sandbox: tuple[str, Sandbox]) -> Any:
    name, opened = sandbox
    cls = type(name.title(), (kind,), {"marketplace": name})
    return cls(opened.api_key, opened.backend_url, model_url=opened.model_url)


def requests(sandbox: tuple[str, Sandbox]) -> list[Any]:
    return list(sandbox[1].requests)


def test_the_asyncio_client_runs_streams_and_cancels(sandbox: tuple[str, Sandbox]) -> None:
    async def go() -> tuple[Any, Any, Any]:
        async with client(AsyncClient, sandbox) as made:
            model = await made.Model.get(MODELS[sandbox[0]])
            result = await model.run(prompt="Hello")
            async with model.run_stream(prompt="Hello") as stream:
                streamed = await stream.final()
            job = await model.run_async(prompt="Hello")
            return result, streamed, await job.cancel()

    result, streamed, said = asyncio.run(go())
    assert result.completed
    assert type(streamed.data) is type(result.data)
    assert said.outcome in {CancelOutcome.CANCELLED, CancelOutcome.ALREADY_COMPLETED}


@pytest.mark.parametrize("asked", [True, False], ids=["asked", "not asked"])
def test_a_cancelled_task_cancels_its_run_when_asked(sandbox: tuple[str, Sandbox], asked: bool) -> None:
    async def go() -> str:
        async with client(AsyncClient, sandbox) as made:
            model = await made.Model.get(MODELS[sandbox[0]])
            polled = asyncio.Event()

            async def look(_: Any) -> None:
                polled.set()
                await asyncio.sleep(60)  # until the task is cancelled

            controls = {"prefer_wait": False} if sandbox[0] == "replicate" else {}
            task = asyncio.create_task(model.run(prompt="Hello", on_poll=look, cancel_on_timeout=asked, **controls))
            await asyncio.wait_for(polled.wait(), 20)
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
            return "\n".join(caught.value.__notes__)

    before = len(requests(sandbox))
    notes = asyncio.run(go())
    cancels = [one for one in requests(sandbox)[before:] if one.path.endswith("/cancel")]
    assert len(cancels) == asked
    assert ("asked to cancel" in notes) == asked
    assert "pick it up with" in notes


def test_the_catalog_that_a_package_was_made_of_is_no_news_to_it(sandbox: tuple[str, Sandbox]) -> None:
    name, opened = sandbox
    package: Any = import_module(f"{name}_models")
    with getattr(package, name.title())(opened.api_key, opened.backend_url, model_url=opened.model_url) as made:
        found = list(made.Model.search().all())  # a warning is an error here
    assert len(found) > 30
    assert all(model.is_generated for model in found)


def test_a_run_that_failed_says_why(sandbox: tuple[str, Sandbox]) -> None:
    with client(Client, sandbox) as made:
        model = made.Model.get({"replicate": "black-forest-labs/flux-schnell"}.get(sandbox[0], MODELS[sandbox[0]]))
        with pytest.raises(errors.APIError) as caught:
            model.run(validate=False)
    assert "prompt" in str(caught.value)


def test_a_model_by_its_version_runs_as_that_version() -> None:
    package: Any = import_module("replicate_models")
    with Sandbox(marketplace="replicate") as opened:
        made = opened.client(package.Replicate)
        kind = type(made.models["oldtimer/fortune"])
        model = made.Model.get(f"oldtimer/fortune:{kind.version}")
        assert isinstance(model, kind), "the version that the class is of"
        assert model.description == kind.description
        made.models["oldtimer/fortune"].run()
        model.run()
        first, second = [one.body["version"] for one in opened.requests if one.operation == "run"]
        assert first == second == kind.version
        with pytest.raises(errors.NotFoundError):
            made.Model.get(f"oldtimer/fortune:{'0' * 64}")
