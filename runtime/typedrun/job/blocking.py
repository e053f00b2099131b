"""A started run that the blocking client asks for: ask, wait, cancel."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Self

import typedrun.errors as errors
from typedrun.answers.started import StartedRun
from typedrun.results import DataT, ModelResult
from typedrun.sending.driver import Driver
from typedrun.settings import WAIT_TIME, WAITING

if TYPE_CHECKING:
    from typedrun.marketplaces.cancellations import Cancellation

_GLANCE: Final = 2.0
"""Seconds that a notebook waits for a job that it shows."""


class BlockingRun(StartedRun[DataT]):
    """What a `Job` can do."""

    _driver: Driver

    def _repr_html_(self) -> str:
        """Where the run is now: a notebook that shows an unfinished job asks for it, once and briefly."""
        if not self.completed:
            with contextlib.suppress(errors.TypedrunError):
                self._driver.drive(self.glance_flow(_GLANCE))
        return self._html()

    def poll(self) -> Self:
        """Ask the backend once and take over its answer.

        Returns:
            This job.

        Raises:
            OperationFailedError: The run failed; the supplier's words are in the message.
            UntrustedURLError: The poll address is outside the configured origins.
            APIError: The backend refused the question.
            TransportError: It could not be asked.
        """
        self._driver.drive(self.poll_flow())
        return self

    def wait(
        self,
        timeout: float | None = WAITING,
        wait_time: float = WAIT_TIME,
        on_poll: Callable[[Self], object] | None = None,
        *,
        progress: bool = False,
    ) -> ModelResult[DataT]:
        """Ask until the run is finished.

        Args:
            timeout: Seconds in all; None waits for ever. Default 300.
            wait_time: Seconds before the second question, growing by a tenth each time up to 60; at least 0.2. Default 0.5.
            on_poll: Called with this job after each answer.
            progress: True shows the waiting on stderr: a moving line on a terminal and in notebooks (extra `progress`), else plain ones.

        Returns:
            The finished result.

        Raises:
            TimeoutError: The time is over. The run goes on; the error's `job` is this one.
            OperationFailedError: The run failed; the supplier's words are in the message.
            APIError: The backend refused a question in a way that does not pass (401, say).

        Whatever else ends the waiting (Ctrl-C, an exception of `on_poll`) goes to the caller with the job's token in a note and as
        the attribute `job_token`; so do refused questions.
        """
        deadline = self._driver.deadline(timeout)
        if not progress:
            return self._driver.drive(self.wait_flow(deadline, timeout, wait_time, on_poll))
        from typedrun.progress import Progress, both

        with Progress(self.label or "job") as shown:
            return self._driver.drive(self.wait_flow(deadline, timeout, wait_time, both(on_poll, shown.polled)))

    def cancel(self) -> Cancellation:
        """Ask the backend to stop the run; again is harmless.

        Returns:
            What the backend said. A run that is being stopped ends, when it is waited for, with `OperationFailedError`.

        Raises:
            ValidationError: The backend has no such request; nothing was sent.
            APIError: It refused.
            TransportError: It could not be asked.
        """
        return self._driver.drive(self.cancel_flow())

    def result(self) -> ModelResult[DataT]:  # type: ignore[override]  # the wire's rarely used field of that name is in `raw`
        """The finished result; waits up to 300 s for it if need be. Raises as `wait` does."""
        return self._finished() if self.completed else self.wait()
