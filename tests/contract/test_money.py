"""Budgets and ledgers, against the sandbox: those of the asyncio client (the blocking client's are in tests/runtime), and every
marketplace's jobs."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aixplain_models import Aixplain, AsyncAixplain, BudgetExceeded
from fal_models import AsyncFal, Fal
from replicate_models import AsyncReplicate, Replicate
from typedrun.money import ledger
from typedrun_codegen.snapshot import bundled_snapshot
from typedrun_sandbox.server import Sandbox
from typedrun_sandbox.settings import Settings


def client(sandbox: Sandbox, ledger: Path) -> AsyncAixplain:
    return AsyncAixplain(sandbox.api_key, sandbox.backend_url, None, sandbox.model_url, ledger=ledger)


def test_tasks_at_the_same_time_do_not_pass_a_limit_together(tmp_path: Path) -> None:
    async def main(sandbox: Sandbox) -> tuple[list[str], float, float]:
        async with client(sandbox, tmp_path / "spend.jsonl") as aix:
            gpt = aix.models.openai.gpt_5_4
            estimate = gpt.estimate(text="Hello", max_tokens=50).credits
            assert estimate is not None
            async with aix.budget(2 * estimate) as spent, aix.tags(job="gather"):
                runs = [gpt.run(text="Hello", max_tokens=50) for _ in range(4)]
                done = await asyncio.gather(*runs, return_exceptions=True)
            return [type(each).__name__ for each in done], spent.spent, spent.reserved

    with Sandbox(bundled_snapshot()) as sandbox:
        names, spent, reserved = asyncio.run(main(sandbox))
    assert names.count("ModelResult") == names.count(BudgetExceeded.__name__) == 2
    lines = [json.loads(line) for line in (tmp_path / "spend.jsonl").read_text().splitlines()]
    assert [line["tags"] for line in lines] == [{"job": "gather"}] * 2
    assert sum(line["cost"] for line in lines) == pytest.approx(spent)
    assert reserved == 0


def test_jobs_and_streams_are_billed_at_their_end(tmp_path: Path) -> None:
    async def main(sandbox: Sandbox) -> None:
        async with client(sandbox, tmp_path / "spend.jsonl") as aix, aix.budget(1) as spent:
            job = await aix.models.aws.amazon_translate.run_async(text="Hello", targetlanguage="es")
            assert (spent.reserved, spent.runs) == (7.5e-05, 0)
            await job.wait()
            assert (spent.reserved, spent.runs) == (0.0, 1)
            async with aix.models.openai.gpt_5_4.run_stream(text="Hello") as stream:
                async for _ in stream:
                    assert spent.reserved > 0
            assert (spent.reserved, spent.runs) == (0.0, 2)

    with Sandbox(bundled_snapshot()) as sandbox:
        asyncio.run(main(sandbox))
    lines = [json.loads(line) for line in (tmp_path / "spend.jsonl").read_text().splitlines()]
    assert [line["kind"] for line in lines] == ["job", "stream"]


def test_a_run_whose_task_is_cancelled_may_have_been_billed(tmp_path: Path) -> None:
    async def main(sandbox: Sandbox) -> tuple[float, float]:
        async with client(sandbox, tmp_path / "spend.jsonl") as aix, aix.budget(1) as spent:
            run = asyncio.create_task(aix.models.aws.amazon_translate.run(text="Hello", targetlanguage="es"))
            while not sandbox.requests:  # it was sent
                await asyncio.sleep(0.01)
            run.cancel()
            with pytest.raises(asyncio.CancelledError):
                await run
            return spent.spent, spent.reserved + spent.possible

    with Sandbox(bundled_snapshot(), settings=Settings(job_seconds=60)) as sandbox:
        spent, open_ = asyncio.run(main(sandbox))
    assert (spent, open_) == (0.0, 7.5e-05)


CLIENTS: dict[str, tuple[Any, Any]] = {
    "aixplain": (Aixplain, AsyncAixplain),
    "fal": (Fal, AsyncFal),
    "replicate": (Replicate, AsyncReplicate),
}
STARTS: dict[str, tuple[str, dict[str, object]]] = {
    "aixplain": ("aws/amazon-translate/aws", {"text": "Hello", "targetlanguage": "es"}),
    "fal": ("fal-ai/flux/dev", {"prompt": "A fox"}),
    "replicate": ("black-forest-labs/flux-schnell", {"prompt": "A fox"}),
}
"""A model of each marketplace that has jobs, and a call of it."""


@pytest.fixture(scope="module", params=CLIENTS)
def market(request: pytest.FixtureRequest) -> Iterator[tuple[str, Sandbox]]:
    """The name of a marketplace, and a sandbox of it."""
    with Sandbox(marketplace=request.param, settings=Settings(job_polls=1)) as sandbox:
        yield request.param, sandbox


async def settled(value: Any) -> Any:
    """What a door of either client gives, awaited where it is to be."""
    return await value if inspect.isawaitable(value) else value


@pytest.mark.parametrize("is_async", [False, True], ids=["blocking", "asyncio"])
def test_the_ledger_names_each_job_as_the_marketplace_does(
    market: tuple[str, Sandbox], tmp_path: Path, is_async: bool
) -> None:
    (name, sandbox), book = market, tmp_path / "spend.jsonl"
    path, call = STARTS[name]

    async def main() -> list[str]:
        kind = CLIENTS[name][is_async]
        client = kind(sandbox.api_key, backend_url=sandbox.backend_url, model_url=sandbox.model_url, ledger=book)
        model = await settled(client.Model.get(path))
        jobs = [await settled(model.run_async(**call)) for _ in range(3)]
        for job in jobs:
            await settled(job.wait(wait_time=0.01))
        await settled(client.job(jobs[0].token()).wait(wait_time=0.01))  # as another process that waits for it, too
        await settled(client.aclose() if is_async else client.close())
        return [job.id for job in jobs]

    ids = asyncio.run(main())
    assert len(set(ids)) == 3
    assert [json.loads(line)["job"] for line in book.read_text().splitlines()] == [*ids, ids[0]]
    entries, broken = ledger.read(book)
    assert ([entry.job for entry in entries], broken) == (ids, [])
