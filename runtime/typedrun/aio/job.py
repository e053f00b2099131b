"""A run that goes on at the backend, awaited."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from typedrun.aio.driver import AsyncDriver
from typedrun.answers.started import StartedRun, resume
from typedrun.results import DataT, ModelResult
from typedrun.settings import WAIT_TIME, WAITING

if TYPE_CHECKING:
    from typedrun.marketplaces.cancellations import Cancellation


_ASKING: Final = set[asyncio.Task[None]]()
"""Cancellations under way."""


class AsyncJob(StartedRun[DataT]):
    """A started run. Its fields are those of the last answer; `wait` and `result` give the finished one.

    A job is a value: `token` names it without the key, and `client.job(token)` picks it up in another process, by either client.
    """

    _driver: AsyncDriver

    async def poll(self) -> AsyncJob[DataT]:
        """Ask the backend once and take over its answer. Returns and raises as the blocking job's."""
        await self._driver.drive(self.poll_flow())
        return self

    async def wait(
        self,
        timeout: float | None = WAITING,
        wait_time: float = WAIT_TIME,
        on_poll: Callable[[AsyncJob[DataT]], object] | None = None,
        *,
        progress: bool = False,
    ) -> ModelResult[DataT]:
        """Ask until the run is finished. Raises as the blocking job's.

        Args:
            timeout: Seconds in all; None waits for ever. Default 300.
            wait_time: Seconds before the second question, growing by a tenth each time up to 60; at least 0.2. Default 0.5.
            on_poll: Called with this job after each answer; what it returns is awaited if it can be.
            progress: True shows the waiting on stderr: a moving line on a terminal and in notebooks (extra `progress`), else plain ones.

        A task that is cancelled meanwhile leaves the run as it is: the error has the job's token in a note and as `job_token`.
        """
        deadline = self._driver.deadline(timeout)
        if not progress:
            return await self._driver.drive(self.wait_flow(deadline, timeout, wait_time, on_poll))
        from typedrun.progress import Progress, both

        with Progress(self.label or "job") as shown:
            return await self._driver.drive(self.wait_flow(deadline, timeout, wait_time, both(on_poll, shown.polled)))

    async def cancel(self) -> Cancellation:
        """Ask the backend to stop the run; again is harmless. Returns and raises as the blocking job's."""
        return await self._driver.drive(self.cancel_flow())

    async def result(self) -> ModelResult[DataT]:  # type: ignore[override]  # as in the blocking job
        """The finished result; waits up to 300 s for it if need be. Raises as `wait` does."""
        return self._finished() if self.completed else await self.wait()


async def give_up(driver: AsyncDriver, token: str, error: BaseException) -> None:
    """Cancel a run whose task was cancelled, in a task of its own that a second cancellation does not end; notes on the error what came of it."""
    job = resume_job(driver, token)
    asking = asyncio.ensure_future(driver.drive(job.give_up_flow(error)))
    _ASKING.add(asking)  # the loop alone would not keep it
    asking.add_done_callback(_ASKING.discard)
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.shield(asking)


def resume_job(driver: AsyncDriver, token_or_url: str, *, label: str | None = None) -> AsyncJob[Any]:
    """Resume a job by its token or its poll address. Nothing is sent. Raises as `resume` does."""
    return resume(AsyncJob, driver, token_or_url, label=label)
