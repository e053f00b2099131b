"""Calls with await: right ones are silent, wrong ones are flagged where they stand."""

from __future__ import annotations

from typing import Any, assert_type

from aixplain_models import AsyncAixplain
from aixplain_models.aio.functions import AsyncTextGeneration
from typedrun.aio import AsyncAnyModel, AsyncJob, AsyncPage, AsyncStream
from typedrun.results import ModelResult, StreamChunk


async def main() -> None:
    async with AsyncAixplain(api_key="key") as aix:
        gpt = aix.models.openai.gpt_5_4
        google = aix.models.google.google_cloud_translation

        # Right uses.
        assert_type(await gpt.run(text="Hello"), ModelResult[str])
        assert_type(await gpt.run(text="Hello", temperature=0.2, max_tokens=100), ModelResult[str])
        assert_type(await gpt.run(text=[{"role": "user", "content": "Hello"}], timeout=60), ModelResult[str])
        assert_type(await gpt.run(text="Hello", identifier="me", session_id="talk", run_retries=2), ModelResult[str])
        assert_type(await gpt.run(text="Hello", stream=True), AsyncStream)
        assert_type(await gpt.run(text="Hello", stream=bool(input())), ModelResult[str] | AsyncStream)
        assert_type(await gpt.run_async(text="Hello"), AsyncJob[str])
        assert_type(await (await gpt.run_async(text="Hello")).wait(timeout=10), ModelResult[str])
        assert_type((await google.run(text="Hello", sourcelanguage="en", targetlanguage="fr")).data, str)
        async with gpt.run_stream(text="Hello") as stream:
            assert_type(stream, AsyncStream)
            async for chunk in stream:
                assert_type(chunk, StreamChunk)
        assert_type(await aix.Model.search("gpt"), AsyncPage[AsyncAnyModel])
        async for model in aix.Model.iter_search("gpt"):
            assert_type(model, AsyncAnyModel)
            assert_type(await model.run(anything=1), ModelResult[Any])
        assert_type(aix.models.by_function("text-generation"), tuple[AsyncTextGeneration, ...])
        assert_type(gpt.inputs.temperature, float | None)
        gpt.inputs.temperature = 0.3

        # Wrong parameter names.
        await gpt.run(text="Hello", temprature=0.2)  # E: mypy[call-overload] pyright[reportCallIssue]
        await gpt.run_async(text="Hello", temprature=0.2)  # E: mypy[call-arg] pyright[reportCallIssue]
        gpt.run_stream(text="Hello", temprature=0.2)  # E: mypy[call-arg] pyright[reportCallIssue]
        await google.run(text="Hello", sourcelanguage="en", target="fr")  # E: mypy[call-arg] pyright[reportCallIssue]

        # Wrong types and options.
        await gpt.run(text=42)  # E: mypy[call-overload] pyright[reportArgumentType]
        await gpt.run_async(text=42)  # E: mypy[arg-type] pyright[reportArgumentType]
        await gpt.run(text="Hello", reasoning_effort="extreme")  # E: mypy[call-overload] pyright[reportArgumentType]
        gpt.inputs.temperature = "warm"  # E: mypy[assignment] pyright[reportAttributeAccessIssue]

        # Missing required arguments.
        await gpt.run()  # E: mypy[call-overload] pyright[reportCallIssue]

        # A model that cannot stream.
        google.run_stream(text="Hello")  # E: mypy[call-arg] pyright[reportCallIssue]

        # Wrong names of models and suppliers.
        print(aix.models.openai.gpt_9)  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
        print(aix.models.nobody)  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
