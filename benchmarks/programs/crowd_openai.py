"""AsyncOpenAI: see crowd.py. A job is a response in the background."""

import asyncio

from crowd import FIRST_WAIT, GROWTH, MESSAGES, Streams, arguments, cost_of_jobs, raise_limit
from openai import AsyncOpenAI

base, what, number = arguments()


async def job(client: AsyncOpenAI) -> object:
    answer = await client.responses.create(model="m", input="Hello", background=True)
    wait = FIRST_WAIT
    while True:
        answer = await client.responses.retrieve(answer.id)
        if answer.status == "completed":
            return answer.output_text
        await asyncio.sleep(wait)
        wait *= GROWTH


async def stream(client: AsyncOpenAI, told: Streams) -> None:
    events = 0
    async for chunk in await client.chat.completions.create(model="m", messages=MESSAGES, stream=True):
        events += 1
        if events == 1:
            told.first(chunk.choices[0].delta.content)
    told.events += events


async def main() -> float:
    async with AsyncOpenAI(api_key="k", base_url=base, max_retries=0, timeout=600) as client:
        if what == "jobs":
            return await cost_of_jobs(lambda: job(client), number)
        await stream(client, Streams(1))
        told = Streams(number)
        told.begin()
        await asyncio.gather(*(stream(client, told) for _ in range(number)))
        return told.tell(what)


raise_limit()
print(asyncio.run(main()))
