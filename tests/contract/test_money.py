"""Budgets and ledger of the asyncio client, against the sandbox: the blocking client's are in tests/runtime."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from aixplain_models import AsyncAixplain, BudgetExceeded
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
