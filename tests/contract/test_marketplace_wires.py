"""Our clients of the further marketplaces, blocking and asyncio, take the steps of the published ones: the requests on the wire are the
same but for what docs/replicate.md and docs/fal.md list, and what they list must still be there.

What is compared is what a run costs: runs, streams, polls, results, cancelling and uploads. Looking models up and fetching files is not.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from tests.sides import Seen, differences_of, read_allowed
from typedrun import errors
from typedrun.aio import AsyncClient
from typedrun.client import Client
from typedrun_sandbox.server import MakesClient, Sandbox
from typedrun_sandbox.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"
FLUX, LLAMA, VECTORS = "black-forest-labs/flux-schnell", "meta/meta-llama-3-8b-instruct", "lakeside/sentence-vectors"
WHISPER, FAL_FLUX, FAL_LLM = "northwind/whisper-table", "fal-ai/flux/dev", "lakeside/llm"
SOUND = b"RIFF" + bytes(300 * 1024)
PROMPT = "What is 2 + 2?"
ANSWER = "2 + 2 = 4."
SOON = {"wait_time": 0.01}

# --- our steps


async def settle(value: Any) -> Any:
    """What a door of either client gives, awaited where it is to be."""
    return await value if inspect.isawaitable(value) else value


async def run(client: Any, id: str, **given: Any) -> Any:
    model = await settle(client.Model.get(id))
    return (await settle(model.run(**given))).data


async def wait(client: Any, id: str, **given: Any) -> Any:
    model = await settle(client.Model.get(id))
    job = await settle(model.run_async(**given))
    return (await settle(job.wait(**SOON))).data


async def stream(client: Any, id: str, **given: Any) -> list[Any]:
    model = await settle(client.Model.get(id))
    opened = model.run_stream(**given)
    if hasattr(opened, "__aiter__"):
        async with opened as chunks:
            return [chunk async for chunk in chunks]
    with opened as chunks:
        return list(chunks)


async def cancel(client: Any, id: str, **given: Any) -> str:
    model = await settle(client.Model.get(id))
    job = await settle(model.run_async(**given))
    return str((await settle(job.cancel())).status)


async def failing(client: Any, id: str, **given: Any) -> str:
    with pytest.raises(errors.OperationFailedError) as caught:
        await run(client, id, **given)
    return str(caught.value)


async def refused(client: Any, id: str, **given: Any) -> str:
    with pytest.raises(errors.ParameterError) as caught:
        await run(client, id, **given)
    return str(caught.value)


async def upload(client: Any) -> str:
    return str(await settle(client.upload(b"abc")))


Step = Callable[[Any], Awaitable[Any]]

STEPS: Mapping[str, Mapping[str, tuple[Step, Callable[[Any], bool]]]] = {
    "replicate": {
        "run": (lambda c: run(c, FLUX, prompt="a red boat", num_outputs=2), lambda files: len(files) == 2),
        "run a text": (lambda c: run(c, LLAMA, prompt=PROMPT), lambda text: "".join(text) == ANSWER),
        "run a version": (lambda c: run(c, VECTORS, text="hello"), lambda rows: rows[0].keys() == {"text", "vectors"}),
        "stream": (lambda c: stream(c, LLAMA, prompt=PROMPT), lambda seen: "".join(one.data for one in seen) == ANSWER),
        "cancel": (lambda c: cancel(c, FLUX, prompt="a red boat"), lambda status: status == "canceled"),
        "poll": (lambda c: wait(c, FLUX, prompt="a red boat"), lambda files: len(files) == 1),
        "upload": (lambda c: run(c, WHISPER, audio=SOUND), lambda table: bool(table["text"])),
        "refused": (lambda c: refused(c, FLUX, num_outputs=99), lambda message: "num_outputs" in message),
        "failed": (lambda c: failing(c, FLUX, prompt="a red boat"), lambda message: "out of memory" in message),
    },
    "fal": {
        "subscribe": (
            lambda c: run(c, FAL_FLUX, prompt=PROMPT, num_images=2, **SOON),
            lambda output: len(output["images"]) == 2,
        ),
        "run": (lambda c: run(c, FAL_LLM, prompt=PROMPT, mode="direct"), lambda output: output["output"] == ANSWER),
        "stream": (lambda c: stream(c, FAL_LLM, prompt=PROMPT), lambda seen: seen[-1].raw["output"] == ANSWER),
        "cancel": (
            lambda c: cancel(c, FAL_FLUX, prompt=PROMPT, priority="low", start_timeout=30),
            lambda status: status == "OK",
        ),
        "upload": (upload, lambda url: "/files/" in url),
        "refused": (lambda c: refused(c, FAL_FLUX, num_images=99), lambda message: "num_images" in message),
        "failed": (lambda c: failing(c, FAL_FLUX, prompt=PROMPT, **SOON), lambda message: "It fell over" in message),
    },
}
"""What we do in the steps of the published clients, by marketplace, and whether what came of it is right."""

COSTLY = frozenset({"run", "stream", "poll", "result", "cancel", "upload", "put"})
"""Operations that are compared."""

# --- the sides


def client_of(name: str, *, is_async: bool) -> MakesClient[Any]:
    """A client of a marketplace without a generated package."""
    made = type("TestedClient", (AsyncClient if is_async else Client,), {"marketplace": name})
    return cast("MakesClient[Any]", made)


def take(name: str, sandbox: Sandbox, client: Any, step: str, scenes: Any, headers: tuple[str, ...]) -> Awaitable[Seen]:
    async def taken() -> Seen:
        sandbox.reset()
        if scene := scenes[name].get(step):
            scene(sandbox)
        result = await STEPS[name][step][0](client)
        return Seen(
            result, [shown(entry, headers, sandbox.url) for entry in sandbox.requests if entry.operation in COSTLY]
        )

    return taken()


def shown(entry: Any, headers: tuple[str, ...], url: str) -> dict[str, Any]:
    kept = {header: entry.headers[header] for header in headers if header in entry.headers}
    return comparable({"method": entry.method, "path": entry.path, "headers": kept, "body": entry.body})


def comparable(request: dict[str, Any]) -> dict[str, Any]:
    """A request without what no two runs share: the port, and a form's boundary and whole body."""
    text = re.sub(r"https?://127\.0\.0\.1:\d+", "{sandbox}", json.dumps(request))
    shared: dict[str, Any] = json.loads(re.sub(r"boundary=[\w-]+", "boundary=…", text))
    return {**shared, "body": "(a form)"} if "boundary" in shared["headers"].get("content-type", "") else shared


@pytest.fixture(scope="module", params=["blocking", "asyncio"])
def ours(request: pytest.FixtureRequest, scenes: Any, compared_headers: tuple[str, ...]) -> dict[str, dict[str, Seen]]:
    """Every step of one of our clients, by marketplace."""
    is_async = request.param == "asyncio"

    async def take_all(name: str, sandbox: Sandbox) -> dict[str, Seen]:
        made = sandbox.client(client_of(name, is_async=is_async))
        try:
            return {step: await take(name, sandbox, made, step, scenes, compared_headers) for step in STEPS[name]}
        finally:
            await settle(made.close())

    found: dict[str, dict[str, Seen]] = {}
    for name in STEPS:
        with Sandbox(marketplace=name, settings=Settings(token_seconds=0.0, job_polls=1)) as sandbox:
            found[name] = asyncio.run(take_all(name, sandbox))
    return found


@pytest.fixture(scope="module")
def published(of_replicate: dict[str, Seen], of_fal: dict[str, Seen]) -> dict[str, dict[str, Seen]]:
    """The same steps of the published clients."""
    return {"replicate": of_replicate, "fal": of_fal}


# --- what is compared


def differences(
    name: str, step: str, published: Mapping[str, Mapping[str, Seen]], ours: Mapping[str, Mapping[str, Seen]]
) -> list[Any]:
    theirs = [comparable(one) for one in published[name][step].requests if is_costly(one)]
    return differences_of(step, Seen(None, theirs), Seen(None, ours[name][step].requests))


def is_costly(request: Mapping[str, Any]) -> bool:
    """Whether a request of the published client is none for a model's metadata or a file."""
    return not (request["method"] == "GET" and re.match(r"/(v1/models|files)/", request["path"]))


ALLOWED = {name: read_allowed((DOCS / f"{name}.md").read_text(encoding="utf-8")) for name in STEPS}
CASES = [(name, step) for name in STEPS for step in STEPS[name]]


@pytest.mark.parametrize(("name", "step"), CASES)
def test_our_clients_get_what_they_expect(name: str, step: str, ours: dict[str, dict[str, Seen]]) -> None:
    assert STEPS[name][step][1](ours[name][step].result), ours[name][step].result


@pytest.mark.parametrize(("name", "step"), CASES)
def test_both_clients_send_the_same(
    name: str, step: str, published: dict[str, dict[str, Seen]], ours: dict[str, dict[str, Seen]]
) -> None:
    found = differences(name, step, published, ours)
    unexplained = [one for one in found if not any(row.covers(one) for row in ALLOWED[name])]
    assert unexplained == []


@pytest.mark.parametrize("name", STEPS)
def test_every_listed_difference_is_still_there(
    name: str, published: dict[str, dict[str, Seen]], ours: dict[str, dict[str, Seen]]
) -> None:
    found = [one for step in STEPS[name] for one in differences(name, step, published, ours)]
    assert [row for row in ALLOWED[name] if not any(row.covers(one) for one in found)] == []
