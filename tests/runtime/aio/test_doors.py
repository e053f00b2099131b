"""The doors of the asyncio client, on the real sandbox: each does what the blocking one does."""

import asyncio
import contextlib
import io
import pickle
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from aixplain_models import AsyncAixplain
from aixplain_models.api import types
from typedrun import Hooks, errors
from typedrun.aio import AsyncJob, AsyncModel
from typedrun.core.streams import Outcome
from typedrun_sandbox.server import Sandbox

Connect = Callable[..., AsyncAixplain]
GPT = "openai/gpt-5.4/openai"


def test_a_run_gives_its_result(connect: Connect) -> None:
    async def main() -> None:
        async with connect() as aix:
            result = await aix.models.openai.gpt_5_4.run(text="Hello", temperature=0.2)
            assert result.completed
            assert result.data == "Hello! How can I help you today?"

    asyncio.run(main())


def test_one_client_works_in_one_loop_after_the_other(connect: Connect) -> None:
    aix = connect()

    async def main() -> str:
        return (await aix.models.openai.gpt_5_4.run(text="Hello")).data

    assert asyncio.run(main()) == asyncio.run(main()) == "Hello! How can I help you today?"


def test_a_stream_gives_its_chunks_and_its_whole(connect: Connect) -> None:
    async def main() -> None:
        async with connect() as aix:
            async with aix.models.openai.gpt_5_4.run_stream(text="Tell me a story") as stream:
                told = "".join([str(chunk.data) async for chunk in stream if chunk.data])
            assert stream.outcome is Outcome.COMPLETED
            assert told == (await stream.final()).data
            assert len(told) > 100

    asyncio.run(main())


def test_run_with_stream_gives_a_stream(connect: Connect) -> None:
    async def main() -> None:
        async with connect() as aix:
            stream = await aix.models.openai.gpt_5_4.run(text="Hello", stream=True)
            assert (await stream.final()).data == "Hello! How can I help you today?"

    asyncio.run(main())


def test_a_stream_that_is_left_early_is_cancelled(connect: Connect) -> None:
    async def main() -> None:
        async with connect() as aix:
            async with aix.models.openai.gpt_5_4.run_stream(text="Tell me a story") as stream:
                async for _ in stream:
                    break
            assert stream.outcome is Outcome.CANCELLED
            with pytest.raises(errors.StreamInterrupted):
                await anext(stream)

    asyncio.run(main())


def test_a_stream_forgets_its_text(connect: Connect) -> None:
    async def main() -> None:
        async with connect() as aix, aix.models.openai.gpt_5_4.run_stream(text="Tell me a story") as stream:
            stream.forget_text()
            assert [chunk async for chunk in stream]
            assert not stream.partial.data

    asyncio.run(main())


def test_a_refused_stream_raises_where_it_is_entered(connect: Connect, sandbox: Sandbox) -> None:
    async def main() -> None:
        async with connect() as aix:
            sandbox.fail_next(402, on="stream")
            with pytest.raises(errors.BillingError):
                async with aix.models.openai.gpt_5_4.run_stream(text="Hello"):
                    pass

    asyncio.run(main())


def test_a_job_is_waited_for_and_resumed_by_its_token(connect: Connect) -> None:
    polled = list[str]()

    async def told(job: AsyncJob[Any]) -> None:
        await asyncio.sleep(0)
        polled.append(job.status)

    async def main() -> None:
        async with connect() as aix:
            job = await aix.models.openai.gpt_5_4.run_async(text="Hello")
            again = aix.job(job.token())
            assert (await job.wait(timeout=60, on_poll=told)).data == "Hello! How can I help you today?"
            assert (await again.result()).data == "Hello! How can I help you today?"
            assert (await aix.job(job.token()).poll()).completed

    asyncio.run(main())
    assert polled[-1] == "SUCCESS"


def test_a_blocking_client_picks_up_what_an_asyncio_client_started(connect: Connect, sandbox: Sandbox) -> None:
    async def main() -> str:
        async with connect() as aix:
            return (await aix.models.openai.gpt_5_4.run_async(text="Hello")).token()

    token = asyncio.run(main())
    with sandbox.client() as aix:
        assert aix.job(token).wait().data == "Hello! How can I help you today?"


def test_searches_are_paged(connect: Connect) -> None:
    async def main() -> None:
        async with connect() as aix:
            page = await aix.Model.search("gpt", page_size=3)
            assert len(page) == 3
            following = await page.next_page()
            assert following is not None
            assert {one.id for one in page}.isdisjoint(one.id for one in following)
            assert len({page, following, page}) == 2  # a page is itself, whatever it holds
            every = [model.id async for model in aix.Model.iter_search("gpt", page_size=3)]
            assert len(every) == len(set(every)) == page.total

    asyncio.run(main())


def test_a_fetched_model_is_one_of_its_generated_class(connect: Connect) -> None:
    async def main() -> None:
        async with connect() as aix:
            model = await aix.Model.get(GPT)
            assert isinstance(model, type(aix.models.openai.gpt_5_4))
            assert model.is_fetched
            assert (await model.run(text="Hello")).data == "Hello! How can I help you today?"
            with pytest.raises(errors.NotFoundError):
                await aix.Model.get("nobody/nothing")

    asyncio.run(main())


def test_wrong_arguments_are_refused_before_a_byte_is_sent(connect: Connect, sandbox: Sandbox) -> None:
    async def main() -> None:
        async with connect() as aix:
            gpt: Any = aix.models.openai.gpt_5_4
            with pytest.raises(errors.ParameterError, match="temprature"):
                await gpt.run(text="Hello", temprature=1)
            with pytest.raises(errors.ParameterError):
                gpt.run_stream(text="Hello", temprature=1)

    asyncio.run(main())
    assert sandbox.requests == ()


def test_files_of_every_kind_are_uploaded(connect: Connect, tmp_path: Path) -> None:
    file = tmp_path / "note.txt"
    file.write_bytes(b"from a path")
    sent = list[tuple[int, int]]()

    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b"piece ", b"by ", b"piece"):
            await asyncio.sleep(0)
            yield piece

    async def main() -> None:
        async with connect() as aix:
            for source in (file, b"bytes", io.BytesIO(b"a file"), pieces()):
                address = await aix.upload(source, progress=lambda done, whole: sent.append((done, whole)))
                assert address.startswith("http://127.0.0.1")

    asyncio.run(main())
    assert sent == [(11, 11), (5, 5), (6, 6), (14, 14)]


def test_an_asynchronous_source_that_gives_text_is_refused(connect: Connect) -> None:
    async def text() -> AsyncIterator[Any]:
        yield "text"

    async def main() -> None:
        async with connect() as aix:
            with pytest.raises(errors.FileUploadError, match="it gave str"):
                await aix.upload(text())

    asyncio.run(main())


def test_an_asynchronous_source_is_read_no_longer_than_its_upload_may_take(connect: Connect, sandbox: Sandbox) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0)
            yield b"x"

    async def main() -> None:
        async with connect() as aix:
            with pytest.raises(errors.TimeoutError, match=r"within the 0 s given\. Nothing was sent"):
                await aix.upload(endless(), deadline=aix.driver.deadline(0))

    asyncio.run(main())
    assert sandbox.requests == ()


def test_an_asynchronous_source_may_give_as_much_as_a_file_may_hold_and_no_more(connect: Connect) -> None:
    async def pieces(*given: bytes) -> AsyncIterator[bytes]:
        for piece in given:
            yield piece

    async def main() -> None:
        async with connect(max_upload_bytes=4) as aix:
            assert await aix.upload(pieces(b"ab", b"cd"))
            with pytest.raises(errors.FileUploadError, match="the client's limit is 4"):
                await aix.upload(pieces(b"ab", b"cd", b"e"))

    asyncio.run(main())


@pytest.mark.parametrize(("model", "name"), [(None, "upload"), ("openai/whisper", "openai/whisper")])
def test_an_upload_shows_for_which_model_it_is(
    connect: Connect, model: str | None, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def main() -> None:
        async with connect() as aix:
            await aix.upload(b"x" * 2048, model=model, show_progress=True)

    asyncio.run(main())
    assert capsys.readouterr().err == f"{name}: uploading file, 2.0 KiB of 2.0 KiB\n"


def test_hooks_hear_of_tries_and_may_be_coroutines(connect: Connect) -> None:
    heard = list[str]()

    async def on_request(request: Any) -> None:
        await asyncio.sleep(0)
        heard.append(request.method)

    async def main() -> None:
        hooks = Hooks(on_request=on_request, on_response=lambda reply: heard.append(str(reply.status)))
        async with connect(hooks=hooks) as aix:
            await aix.models.openai.gpt_5_4.run(text="Hello")

    asyncio.run(main())
    assert heard == ["POST", "200"]


def test_the_older_surface_answers_with_responses(connect: Connect, sandbox: Sandbox) -> None:
    async def main() -> None:
        async with connect() as aix:
            llm = aix.LLM("69b7e5f1b2fe44704ab0e7d0", "GPT", function="text-generation")
            assert (await llm.run("Hello")).data == "Hello! How can I help you today?"
            started = await llm.run_async("Hello")
            assert started.url is not None
            assert (await llm.sync_poll(started.url)).completed
            async with llm.run_stream("Hello") as stream:
                assert (await stream.final()).completed
            sandbox.fail_next(402, on="run")
            assert (await llm.run("Hello")).status == "FAILED"

    asyncio.run(main())


def test_results_and_clients_pickle(connect: Connect, monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> None:
    monkeypatch.setenv("TEAM_API_KEY", sandbox.api_key)

    async def main() -> None:
        async with connect() as aix:
            result = await aix.models.openai.gpt_5_4.run(text="Hello")
            assert pickle.loads(pickle.dumps(result)) == result
            again = pickle.loads(pickle.dumps(aix))
            assert (await again.models.openai.gpt_5_4.run(text="Hello")).data == result.data
            await again.close()
            job = pickle.loads(pickle.dumps(await aix.models.openai.gpt_5_4.run_async(text="Hello")))
            assert (await job.wait()).data == result.data
            await job._driver.close()

    asyncio.run(main())


def test_a_hundred_runs_at_once_share_a_client(connect: Connect) -> None:
    async def main() -> None:
        async with connect() as aix:
            gpt = aix.models.openai.gpt_5_4
            results = await asyncio.gather(*(gpt.run(text=f"Say {number}") for number in range(100)))
            assert all(f"Say {number}" in result.data for number, result in enumerate(results))

    asyncio.run(main())


def test_a_budget_holds_for_a_block(connect: Connect) -> None:
    async def main() -> None:
        async with connect() as aix:
            async with aix.budget(0.000001):
                with pytest.raises(errors.BudgetExceeded):
                    await aix.models.openai.gpt_5_4.run(text="Hello")
            await aix.models.openai.gpt_5_4.run(text="Hello")

    asyncio.run(main())


def test_a_model_that_was_met_at_run_time_takes_what_it_is_given(connect: Connect) -> None:
    async def main() -> None:
        async with connect() as aix:
            model: AsyncModel[Any] = aix.Model(id="69b7e5f1b2fe44704ab0e7d0")
            assert (await model.run(text="Hello")).completed

    asyncio.run(main())


def test_operations_of_the_api_are_awaited(connect: Connect) -> None:
    async def main() -> None:
        async with connect() as aix:
            model = await aix.api.get_model("69b7e5f1b2fe44704ab0e7d0")
            assert model.name == "GPT-5.4"
            body = types.SearchRequest(q="gpt", page_number=0, page_size=2, sort=[])
            assert (await aix.api.search_models(body=body)).results
            asked: Any = {"text": "Hello", "options": {"stream": True}}
            async with aix.api.run_model_stream(model.id, body=asked) as frames:
                assert [frame async for frame in frames]

    asyncio.run(main())


def test_uvloop_works(connect: Connect) -> None:
    uvloop = pytest.importorskip("uvloop", reason="not on this platform")

    async def main() -> None:
        async with connect() as aix:
            assert (await aix.models.openai.gpt_5_4.run(text="Hello")).completed
            async with aix.models.openai.gpt_5_4.run_stream(text="Tell me a story") as stream:
                async for _ in stream:
                    break

    with contextlib.closing(uvloop.new_event_loop()) as loop:
        loop.run_until_complete(main())
        loop.run_until_complete(loop.shutdown_asyncgens())


def test_a_stream_whose_run_failed_is_not_sent_again(connect: Connect, sandbox: Sandbox) -> None:
    async def main() -> None:
        async with connect() as aix:
            sandbox.fail_next(500, on="stream")
            stream = aix.models.openai.gpt_5_4.run_stream(text="Hello")
            for _ in range(2):
                with pytest.raises(errors.OutcomeUnknown):
                    await stream.final()

    asyncio.run(main())
    assert len(sandbox.requests) == 1


class ReadWithAwait:
    """A file as aiofiles and Starlette give them."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    async def read(self, size: int = -1, /) -> bytes:
        await asyncio.sleep(0)
        return self._content.read(size)


async def sound() -> AsyncIterator[bytes]:
    for piece in (b"RIFF", b"\x24\x00\x00\x00", b"WAVEfmt "):
        await asyncio.sleep(0)
        yield piece


@pytest.mark.parametrize("make", [sound, lambda: ReadWithAwait(b"RIFF\x24\x00\x00\x00WAVEfmt ")])
def test_media_that_are_read_with_await_are_arguments_of_runs(
    connect: Connect, sandbox: Sandbox, make: Callable[[], Any]
) -> None:
    async def main() -> None:
        async with connect() as aix:
            whisper = aix.models["openai/whisper-large/groq"]
            assert (await whisper.run(source_audio=make(), sourcelanguage="en")).completed
            assert await aix.upload(make())
            job = await whisper.run_async(source_audio=make(), sourcelanguage="en")
            assert (await job.wait()).completed

    asyncio.run(main())
    runs = [request for request in sandbox.requests if "source_audio" in str(request.body)]
    assert len(runs) == 2
    assert all("http://127.0.0.1" in str(request.body) for request in runs)


def test_media_that_are_read_with_await_are_read_after_the_checks(connect: Connect, sandbox: Sandbox) -> None:
    asked = list[str]()

    async def pieces() -> AsyncIterator[bytes]:
        asked.append("")
        yield b"RIFF"

    async def main() -> None:
        async with connect() as aix:
            whisper: Any = aix.models["openai/whisper-large/groq"]
            with pytest.raises(errors.ParameterError, match="nothing_like_it"):
                await whisper.run(source_audio=pieces(), sourcelanguage="en", nothing_like_it=1)

    asyncio.run(main())
    assert asked == []
    assert sandbox.requests == ()


@pytest.mark.parametrize("format", ["openai", "anthropic", "mcp"])
def test_models_are_tools_whose_calls_are_awaited(connect: Connect, sandbox: Sandbox, format: Any) -> None:
    call = {"id": "call-1", "name": "gpt_5_4", "input": {"text": "Hello"}}

    async def main() -> None:
        async with connect() as aix:
            tools = await aix.tools([aix.models.openai.gpt_5_4, "openai/whisper-large/groq"], format=format)
            with sandbox.client() as blocking:
                same = blocking.tools(["openai/gpt-5.4/openai", "openai/whisper-large/groq"], format=format)
                assert list(tools) == list(same)
                name = next(iter(tools.models))
                asked = {**call, "name": name}
                assert await tools.answer(asked) == same.answer(asked)
                assert await tools.call(name, {"text": "Hello"}) == same.call(name, {"text": "Hello"})
                assert await tools.answer({**call, "name": "nobody"}) == same.answer({**call, "name": "nobody"})

    asyncio.run(main())
