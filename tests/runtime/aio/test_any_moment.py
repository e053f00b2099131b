"""A task that is cancelled at any moment of a flow: each turn of the loop is such a moment, and each is tried once.

After each one nothing is open but kept connections, the next call of the same client works, and what is told of the bill is right.
"""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import textwrap
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from aixplain_models import AsyncAixplain
from typedrun_sandbox.server import Sandbox

HELLO = "Hello! How can I help you today?"
MOST = 400
"""Turns of the loop in which each door is over, and more."""

Door = Callable[[AsyncAixplain], Awaitable[object]]


async def run(aix: AsyncAixplain) -> object:
    return await aix.models.openai.gpt_5_4.run(text="Hello")


async def stream(aix: AsyncAixplain) -> object:
    async with aix.models.openai.gpt_5_4.run_stream(text="Hello") as opened:
        return [chunk async for chunk in opened]


async def job(aix: AsyncAixplain) -> object:
    started = await aix.models.aws.amazon_translate.run_async(text="Hello", targetlanguage="es")
    return await started.wait(wait_time=0.2)


async def upload(aix: AsyncAixplain) -> object:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(3):
            await asyncio.sleep(0)
            yield b"x" * 200_000

    return await aix.upload(pieces())


async def search(aix: AsyncAixplain) -> object:
    return [model.id async for model in aix.Model.iter_search("gpt", page_size=2)]


DOORS: dict[str, Door] = {"run": run, "stream": stream, "job": job, "upload": upload, "search": search}


class Turns(asyncio.SelectorEventLoop):
    """A loop that counts its turns, and in one of them cancels a task."""

    def __init__(self) -> None:
        super().__init__()
        self.left = 0
        self.victim: asyncio.Task[Any] | None = None

    def _run_once(self) -> None:
        super()._run_once()  # type: ignore[misc]  # of the loop's class, which the stubs do not show
        if self.victim is not None:
            self.left -= 1
            if self.left <= 0:
                self.victim.cancel()
                self.victim = None


async def strike(loop: Turns, door: Door, aix: AsyncAixplain, turn: int) -> bool:
    """Cancel the door in that turn. Whether it was over before."""
    task = asyncio.ensure_future(door(aix))
    loop.left, loop.victim = turn, task
    try:
        await task
    except asyncio.CancelledError as error:
        notes = "".join(getattr(error, "__notes__", ()))
        assert "billed" not in notes or ("may have been" in notes) != ("had not been sent" in notes)
        return False
    finally:
        loop.victim = None
    return True


@pytest.mark.parametrize("name", DOORS)
def test_a_cancellation_in_any_turn_of_the_loop_leaves_nothing_behind(name: str, sandbox: Sandbox) -> None:
    complaints = list[str]()

    async def main(loop: Turns) -> int:
        turn = 0
        async with sandbox.async_client(AsyncAixplain) as aix:
            await DOORS["run"](aix)  # imports and a first connection are not the subject
            for turn in range(1, MOST):
                if await strike(loop, DOORS[name], aix, turn):
                    break
                left = [one for one in asyncio.all_tasks() if one is not asyncio.current_task()]
                assert all("to_thread" in repr(one) for one in left), left  # a thread ends by itself
            result: Any = await aix.models.openai.gpt_5_4.run(text="Hello")
            assert result.data == HELLO
        return turn

    def complain(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        complaints.append(str(context))

    loop = Turns()
    loop.set_exception_handler(complain)
    with warnings.catch_warnings(record=True) as caught, asyncio.Runner(loop_factory=lambda: loop) as runner:
        warnings.simplefilter("always")
        turns = runner.run(main(loop))
        gc.collect()
    assert complaints == []
    assert [str(one.message) for one in caught if issubclass(one.category, ResourceWarning | RuntimeWarning)] == []
    assert 3 < turns < MOST - 1


ENDS = """
    import asyncio, gc, os, signal, sys
    from aixplain_models import AsyncAixplain
    from typedrun import errors

    aix = AsyncAixplain(api_key=sys.argv[1], backend_url=sys.argv[2], model_url=sys.argv[3])
    gpt = aix.models.openai.gpt_5_4
    HELLO = "Hello! How can I help you today?"

    async def hello():
        return (await gpt.run(text="Hello")).data

    def collected(what):
        for _ in range(3):
            gc.collect()
        assert asyncio.run(hello()) == HELLO, what

    # Ctrl+C in the midst of a run, and of a stream
    async def interrupted():
        async with gpt.run_stream(text="Tell me a story") as stream:
            await anext(stream)
            asyncio.get_running_loop().call_soon(signal.raise_signal, signal.SIGINT)
            async for _ in stream:
                await asyncio.sleep(0.01)

    async def interrupted_run():
        asyncio.get_running_loop().call_later(0.001, signal.raise_signal, signal.SIGINT)
        while True:
            await hello()

    for main in (interrupted, interrupted_run):
        try:
            asyncio.run(main())
        except KeyboardInterrupt:
            collected(main)
        else:
            raise AssertionError("no KeyboardInterrupt")

    # a group whose other task fails; a caller's time limit around one event
    async def group():
        async def fail():
            await asyncio.sleep(0.01)
            raise LookupError

        async with asyncio.TaskGroup() as tasks:
            for _ in range(20):
                tasks.create_task(hello())
            tasks.create_task(fail())

    try:
        asyncio.run(group())
    except* LookupError:
        collected(group)

    async def one_event_late():
        async with gpt.run_stream(text="Tell me a story") as stream:
            try:
                async with asyncio.timeout(0):
                    async for _ in stream:
                        pass
            except TimeoutError:
                pass
            try:
                rest = [chunk async for chunk in stream]
            except errors.StreamInterrupted:
                rest = []
            return rest

    asyncio.run(one_event_late())
    collected(one_event_late)

    # a child of a fork, while the parent holds a connection and a stream
    async def parent():
        async with gpt.run_stream(text="Tell me a story") as stream:
            await anext(stream)
            child = os.fork()
            if child == 0:
                asyncio.events._set_running_loop(None)
                os._exit(0 if asyncio.run(hello()) == HELLO else 1)
            _, status = await asyncio.to_thread(os.waitpid, child, 0)
            assert status == 0
            assert len([chunk async for chunk in stream]) > 5  # its connection is still its own

    asyncio.run(parent())
    collected(parent)

    # a loop that is closed under a stream, by those who do not use asyncio.run
    loop = asyncio.new_event_loop()
    stream = gpt.run_stream(text="Tell me a story")
    loop.run_until_complete(anext(stream))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
    del stream
    collected("closed")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="forks")
def test_loops_and_processes_that_end_in_the_midst_leave_nothing_behind(sandbox: Sandbox) -> None:
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", textwrap.dedent(ENDS)]
    command += [sandbox.api_key, sandbox.backend_url, sandbox.model_url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    said = [line for line in done.stderr.splitlines() if not line.startswith("Executing <")]  # a turn that took long
    assert said == []
