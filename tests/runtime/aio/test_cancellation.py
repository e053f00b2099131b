"""Cancelling a task ends what it waits for, frees the connection, and says what became of the run."""

import asyncio
import gc
import subprocess
import sys
import textwrap
from collections.abc import Callable

import pytest

from aixplain_models import AsyncAixplain
from typedrun import errors
from typedrun_sandbox.server import Sandbox

Connect = Callable[..., AsyncAixplain]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


def test_a_cancelled_run_says_that_it_may_have_been_billed(connect: Connect, sandbox: Sandbox) -> None:
    async def main() -> None:
        async with connect() as aix:
            sandbox.fail_next(on="run", latency=5)
            task = asyncio.create_task(aix.models.openai.gpt_5_4.run(text="Hello"))
            await until(lambda: len(sandbox.requests) > 0 or task.done())
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
            assert "may have been executed and billed" in "".join(caught.value.__notes__)

    asyncio.run(main())


def test_a_run_that_was_not_sent_says_so(connect: Connect, sandbox: Sandbox) -> None:
    async def main() -> None:
        async with connect() as aix:
            sandbox.fail_next(429, on="run", retry_after="30")
            task = asyncio.create_task(aix.models.openai.gpt_5_4.run(text="Hello"))
            await until(lambda: len(sandbox.requests) > 0)
            await asyncio.sleep(0.2)  # it waits for its second try
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
            assert "had not been sent" in "".join(caught.value.__notes__)

    asyncio.run(main())


def test_a_cancelled_wait_leaves_the_jobs_token(connect: Connect, sandbox: Sandbox) -> None:
    async def main() -> None:
        async with connect() as aix:
            sandbox.fail_next(on="poll", latency=5)
            job = await aix.models.openai.gpt_5_4.run_async(text="Hello")
            task = asyncio.create_task(job.wait(timeout=None))
            await asyncio.sleep(0.2)
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
            assert vars(caught.value)["job_token"] == job.token()
            assert job.token() in "".join(caught.value.__notes__)

    asyncio.run(main())


def test_the_callers_timeout_and_the_runs_own_both_hold(connect: Connect, sandbox: Sandbox) -> None:
    async def main() -> None:
        async with connect() as aix:
            gpt = aix.models.openai.gpt_5_4
            sandbox.fail_next(on="run", latency=5, times=2)
            with pytest.raises(TimeoutError) as caught:
                async with asyncio.timeout(0.3):
                    await gpt.run(text="Hello")
            assert "may have been executed and billed" in "".join(caught.value.__cause__.__notes__)  # type: ignore[union-attr]
            with pytest.raises(errors.OutcomeUnknownTimeout, match=r"within the 0\.3 s given"):
                await gpt.run(text="Hello", timeout=0.3)

    asyncio.run(main())


PROGRAM = """
    import asyncio, gc, os, sys
    from aixplain_models import AsyncAixplain

    def connections():
        return sum(os.readlink(f"/proc/self/fd/{fd}").startswith("socket:") for fd in os.listdir("/proc/self/fd") if os.path.islink(f"/proc/self/fd/{fd}"))

    async def main():
        before = connections()
        aix = AsyncAixplain(api_key=sys.argv[1], backend_url=sys.argv[2], model_url=sys.argv[3])
        gpt = aix.models.openai.gpt_5_4
        async for chunk in gpt.run_stream(text="Tell me a story"):
            break
        del chunk
        stream = gpt.run_stream(text="Tell me a story")
        await anext(stream)
        del stream
        gc.collect()
        task = asyncio.create_task(gpt.run(text="Hello"))
        await asyncio.sleep(0)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            pass
        await asyncio.sleep(0.3)
        assert connections() - before <= 1, connections() - before
        await gpt.run(text="Hello")
        # Nothing is closed: the loop's end and the collector have to do that.

    for _ in range(2):
        asyncio.run(main())
        gc.collect()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="counts sockets through /proc")
def test_streams_that_are_dropped_and_clients_that_are_not_closed_leak_nothing(sandbox: Sandbox) -> None:
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", textwrap.dedent(PROGRAM)]
    command += [sandbox.api_key, sandbox.backend_url, sandbox.model_url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    for word in ("Unclosed", "unclosed", "Task was destroyed", "never retrieved", "never awaited", "Traceback"):
        assert word not in done.stderr, done.stderr


def test_closing_a_client_in_the_midst_of_a_stream_ends_it(connect: Connect) -> None:
    async def main() -> None:
        aix = connect()
        stream = aix.models.openai.gpt_5_4.run_stream(text="Tell me a story")
        await anext(stream)
        await stream.close()
        await aix.close()
        gc.collect()

    asyncio.run(main())
