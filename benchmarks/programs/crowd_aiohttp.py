"""Bare aiohttp with json.loads: see crowd.py."""

import asyncio
import json

import aiohttp
from crowd import FIRST_WAIT, GROWTH, MESSAGES, Streams, arguments, cost_of_jobs, held, raise_limit

base, what, number = arguments()


async def job(session: aiohttp.ClientSession) -> object:
    async with session.post(f"{base}/api/v1/execute/m", json={"data": "Hello"}) as reply:
        place = json.loads(await reply.read())["data"]
    wait = FIRST_WAIT
    while True:
        async with session.get(place) as reply:
            answer = json.loads(await reply.read())
        if answer["completed"]:
            return answer["data"]
        await asyncio.sleep(wait)
        wait *= GROWTH


async def stream(session: aiohttp.ClientSession, told: Streams) -> None:
    rest, events = b"", 0
    async with session.post(f"{base}/chat/completions", json={"messages": MESSAGES, "stream": True}) as reply:
        async for block in reply.content.iter_any():
            *whole, rest = (rest + block).split(b"\n\n")
            for frame in whole:
                if not frame.startswith(b"data: [DONE]"):
                    text = json.loads(frame[6:])["choices"][0]["delta"]["content"]
                    events += 1
                    if events == 1:
                        told.first(text)
    told.events += events


async def grown(session: aiohttp.ClientSession) -> float:
    async def call() -> None:
        async with session.post(f"{base}/sync/m", json={"text": "Hello"}) as reply:
            json.loads(await reply.read())

    for _ in range(number // 10):
        await call()
    before = held()
    for _ in range(number):
        await call()
    return held() - before


async def main() -> float:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), headers={"x-api-key": "k"}) as session:
        if what == "jobs":
            return await cost_of_jobs(lambda: job(session), number)
        if what == "calls":
            return await grown(session)
        await stream(session, Streams(1))
        told = Streams(number)
        told.begin()
        await asyncio.gather(*(stream(session, told) for _ in range(number)))
        return told.tell(what)


raise_limit()
print(asyncio.run(main()))
