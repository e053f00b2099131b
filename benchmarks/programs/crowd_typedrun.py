"""The asyncio client: see crowd.py."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from crowd import FIRST_WAIT, Streams, arguments, cost_of_jobs, held, raise_limit

from aixplain_models import AsyncAixplain
from typedrun.settings import Timeout

if TYPE_CHECKING:  # it comes with the client
    from aixplain_models.aio.models.openai import AsyncGpt54

base, what, number = arguments()
PATIENT = Timeout(connect=120)
"""A server that is busy with a thousand others takes a connection late."""


async def grown(gpt: AsyncGpt54) -> float:
    for _ in range(number // 10):
        await gpt.run(text="Hello", temperature=0.2)
    before = held()
    for _ in range(number):
        await gpt.run(text="Hello", temperature=0.2)
    return held() - before


async def main() -> float:
    address = f"{base}/sync" if what == "calls" else base
    async with AsyncAixplain(
        api_key="k", timeout=PATIENT, backend_url=base, model_url=f"{address}/api/v2/execute"
    ) as aix:
        gpt = aix.models.openai.gpt_5_4

        async def job() -> object:
            started = await gpt.run_async(text="Hello", temperature=0.2)
            return (await started.wait(wait_time=FIRST_WAIT)).data

        async def stream(told: Streams) -> None:
            events = 0
            async with gpt.run_stream(text="Hello", temperature=0.2) as answer:
                async for chunk in answer:
                    events += 1
                    if events == 1:
                        told.first(str(chunk.data))
            told.events += events

        if what == "jobs":
            return await cost_of_jobs(job, number)
        if what == "calls":
            return await grown(gpt)
        await stream(Streams(1))
        told = Streams(number)
        told.begin()
        await asyncio.gather(*(stream(told) for _ in range(number)))
        return told.tell(what)


raise_limit()
print(asyncio.run(main()))
