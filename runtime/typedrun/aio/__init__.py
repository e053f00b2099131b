"""The asyncio client: the doors of the blocking one, with await. Everything that is done behind them is one flow for both.

    async with AsyncClient() as aix:
        model = await aix.Model.get("openai/gpt-5.4/openai")
        result = await model.run(text="Hello")

aiohttp (the extra `async`) is imported with the first request.
"""

from typedrun.aio.client import AsyncClient
from typedrun.aio.job import AsyncJob
from typedrun.aio.model import AsyncAnyModel, AsyncModel, AsyncNonStreamingModel
from typedrun.aio.search import AsyncPage
from typedrun.aio.streaming import AsyncStream

__all__ = [
    "AsyncAnyModel",
    "AsyncClient",
    "AsyncJob",
    "AsyncModel",
    "AsyncNonStreamingModel",
    "AsyncPage",
    "AsyncStream",
]
