"""Cells of a notebook: code with `await` at its top level, each cell a task of its own on a loop that never stops between them."""

import ast
import asyncio
import inspect
from types import FunctionType
from typing import Any

import pytest

from aixplain_models import Aixplain, AsyncAixplain
from typedrun_sandbox.server import Sandbox

CELLS = (
    "gpt = aix.models.openai.gpt_5_4",
    "first = (await gpt.run(text='Hello')).data",
    "job = await gpt.run_async(text='Hello')",
    "second = (await job.wait()).data",
    "stream = gpt.run_stream(text='Tell me a story'); chunk = await anext(stream)",
    "rest = [one async for one in stream]; whole = (await stream.final()).data",
    "async with gpt.run_stream(text='Tell me a story') as left:\n    async for chunk in left:\n        break",
    "third, fourth = [one.data for one in await asyncio.gather(gpt.run(text='Hello'), gpt.run(text='Hello'))]",
    "found = [model.path async for model in aix.Model.iter_search('gpt', page_size=3)]",
    "in_threads = blocking.models.openai.gpt_5_4.run(text='Hello').data",
    "await aix.close()",
    "fifth = (await gpt.run(text='Hello')).data",
)
HELLO = "Hello! How can I help you today?"


async def run_cell(cell: str, names: dict[str, Any]) -> None:
    """As IPython does it: compiled with the flag that allows `await`, and awaited if that gave a coroutine."""
    code = compile(cell, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    came = FunctionType(code, names)()
    if inspect.iscoroutine(came):
        await asyncio.create_task(came)


async def run_notebook(names: dict[str, Any]) -> None:
    for cell in CELLS:
        await run_cell(cell, names)
        await asyncio.sleep(0)


@pytest.mark.parametrize("kind", ["asyncio", "uvloop"])
def test_cells_share_a_client_on_a_loop_that_is_running(kind: str, sandbox: Sandbox) -> None:
    make = None if kind == "asyncio" else pytest.importorskip("uvloop", reason="not on this platform").new_event_loop
    with sandbox.client(Aixplain) as blocking, asyncio.Runner(loop_factory=make) as runner:
        names: dict[str, Any] = {
            "aix": sandbox.async_client(AsyncAixplain),
            "blocking": blocking,
            "asyncio": asyncio,
        }
        runner.run(run_notebook(names))
    assert [names[name] for name in ("first", "second", "third", "fourth", "fifth", "in_threads")] == [HELLO] * 6
    assert len(names["whole"]) > 100
    assert len(names["found"]) > 3
