"""Both clients on both sandboxes, over real sockets: what a script cannot show, that is tasks which are cancelled."""

import asyncio
from collections.abc import Iterator
from importlib import import_module
from typing import Any, cast

import pytest

from tests.narrowing import is_list
from typedrun import errors
from typedrun.aio.client import AsyncClient
from typedrun.client import Client
from typedrun.marketplaces.cancellations import CancelOutcome
from typedrun.prices import Cost, plain
from typedrun_sandbox.server import Sandbox
from typedrun_sandbox.settings import Settings

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
        made: Any = opened.client(package.Replicate)
        kind = made.models["oldtimer/fortune"].__class__
        model = made.Model.get(f"oldtimer/fortune:{kind.version}")
        assert isinstance(model, kind), "the version that the class is of"
        assert model.description == kind.description
        made.models["oldtimer/fortune"].run()
        model.run()
        first, second = [one.json["version"] for one in opened.requests if one.operation == "run"]
        assert first == second == kind.version
        with pytest.raises(errors.NotFoundError):
            made.Model.get(f"oldtimer/fortune:{'0' * 64}")


# --- streams of Replicate's runs


@pytest.fixture(scope="module")
def replicate() -> Iterator[Sandbox]:
    with Sandbox(marketplace="replicate") as opened:
        yield opened


@pytest.fixture
def rep(replicate: Sandbox) -> Iterator[Any]:
    replicate.reset()
    with replicate.client(import_module("replicate_models").Replicate) as made:
        yield made


def test_a_stream_that_the_connection_breaks_is_read_on(replicate: Sandbox, rep: Any) -> None:
    llama = rep.models.meta.meta_llama_3_8b_instruct
    whole = [chunk.data for chunk in llama.run_stream(prompt="Tell me a story")]
    replicate.reset()
    replicate.fail_next(on="stream", cut=2)
    replicate.fail_next(on="stream", end=3)
    replicate.fail_next(503, on="stream")
    stream = llama.run_stream(prompt="Tell me a story")
    assert [chunk.data for chunk in stream] == whole
    assert [one.operation for one in replicate.requests].count("run") == 1
    assert llama.run(prompt="Tell me a story").data == stream.final().data


def test_the_asyncio_client_reads_it_on_and_has_its_job(replicate: Sandbox) -> None:
    async def go() -> tuple[str, str, str]:
        async with replicate.client(import_module("replicate_models").AsyncReplicate) as made:
            stream: Any = made.models.meta.meta_llama_3_8b_instruct.run_stream(prompt="Tell me a story")
            before = stream.job
            assert before is None, "nothing was sent"
            async with stream:
                streamed = "".join([chunk.data async for chunk in stream])
                result = await stream.job.wait()
            return streamed, (await stream.final()).data, result.data

    replicate.reset()
    replicate.fail_next(on="stream", cut=2)
    streamed, final, waited = asyncio.run(go())
    assert streamed == final == waited
    assert [one.operation for one in replicate.requests] == ["run", "stream", "stream", "poll"]


def test_the_items_of_a_list_come_one_by_one_in_their_type(replicate: Sandbox, rep: Any) -> None:
    ticker, pictures = rep.models.lakeside.ticker, rep.models.northwind.frame_by_frame
    assert ticker.run(topic="tea").data == [chunk.data for chunk in ticker.run_stream(topic="tea")]
    with ticker.run_stream(topic="tea") as stream:
        items = list(stream.items())
    assert stream.final().data == items == ticker.run(topic="tea").data
    with pictures.run_stream(prompts=["a fox", "a hare"]) as stream:
        first = next(stream.items())
        assert first.read()
        assert stream.final().data[0].url == first.url
    rows = rep.models.northwind.grid_maker
    with rows.run_stream(**{one.name: "a fox" for one in rows.params if one.required}) as stream:
        assert all(is_list(row) and row[0].url for row in stream.items())


def test_asyncio_has_the_items_too_also_of_a_model_without_a_class(replicate: Sandbox) -> None:
    async def go() -> tuple[list[str], list[str]]:
        async with client(AsyncClient, ("replicate", replicate)) as made:
            ticker = await made.Model.get("lakeside/ticker")
            async with ticker.run_stream(topic="tea") as stream:
                items = [item async for item in stream.items()]
            return items, (await ticker.run(topic="tea")).data

    items, data = asyncio.run(go())
    assert items == data
    assert len(items) > 1


def test_a_run_is_cancelled_by_the_job_of_its_stream() -> None:
    with Sandbox(marketplace="replicate", settings=Settings(token_seconds=0.05)) as slow:
        made: Any = slow.client(import_module("replicate_models").Replicate)
        with made.models.lakeside.code_writer_34b.run_stream(prompt="Tell me a story") as stream:
            next(stream)
            assert stream.job.cancel().outcome is CancelOutcome.CANCELLED
            assert stream.job.status == "FAILED"
            with pytest.raises(errors.OperationFailedError, match="cancel"):
                list(stream)
        assert made.job(stream.job.token()).id == stream.job.id


def test_a_direct_stream_has_no_job(sandbox: tuple[str, Sandbox]) -> None:
    if sandbox[0] == "fal":
        with client(Client, sandbox) as made, made.Model.get("lakeside/llm").run_stream(prompt="x") as stream:
            assert stream.job is None
            assert stream.final().completed


# --- quotes


def test_fal_is_asked_what_runs_would_cost_by_both_clients() -> None:
    with Sandbox(marketplace="fal") as opened:
        package = import_module("fal_models")
        flux = opened.client(package.Fal).models.fal_ai.flux_dev
        price = flux.pricing.price
        assert (flux.quote().credits, flux.quote(calls=100).credits) == (price, pytest.approx(100 * price))
        assert str(flux.quote(units=2.5)) == f"{plain(2.5 * price)} credits (quoted)"

        async def go() -> float | None:
            async with opened.client(package.AsyncFal) as made:
                found = await made.models.fal_ai.flux_dev.quote(units=4)
                return cast(Cost, found).credits

        assert asyncio.run(go()) == pytest.approx(4 * price)
        assert [one.body for one in opened.requests][1:3] == [
            {"estimate_type": "historical_api_price", "endpoints": {"fal-ai/flux/dev": {"call_quantity": 100}}},
            {"estimate_type": "unit_price", "endpoints": {"fal-ai/flux/dev": {"unit_quantity": 2.5}}},
        ]
        assert {one.operation for one in opened.requests} == {"pricing"}
        before = len(opened.requests)
        for wrong in ({"calls": 0}, {"units": -1}, {"calls": 1.5}, {"calls": 1, "units": 1}):
            with pytest.raises(errors.ValidationError, match="Nothing was sent"):
                flux.quote(**wrong)
        assert len(opened.requests) == before


def test_a_marketplace_without_quotes_says_so(rep: Any, replicate: Sandbox) -> None:
    with pytest.raises(errors.ValidationError, match="gives no quotes"):
        rep.models.lakeside.hello.quote()
    assert replicate.requests == ()
