"""The ways to run a model beside waiting for its result: as a job, as a stream, by asking what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic

from typedrun.call import Call, named, prepare
from typedrun.job import Job, resume_job
from typedrun.metadata.described import DescribedModel
from typedrun.results import DataT, ModelResult
from typedrun.runs.starting import stream, submit
from typedrun.runs.streamed import ends_of, is_list, job_behind
from typedrun.settings import WAIT_TIME, WAITING
from typedrun.streaming import ModelResponseStreamer

if TYPE_CHECKING:
    from typedrun.prices import Cost
    from typedrun.sending.driver import Driver
    from typedrun.session import Session


class ModelRuns(DescribedModel, Generic[DataT]):
    """What a `Model` can do beside `run`."""

    if TYPE_CHECKING:

        @property
        def session(self) -> Session[Driver]:
            """What it needs of the client that runs it."""
            ...

    def run_async(self, *args: Any, **kwargs: Any) -> Job[DataT]:
        """Start a run and return at once; the arguments are those of `run`.

        A model that only runs synchronously is started through the older endpoint, which answers with a job for it too.

        Returns:
            The job, to be polled or waited for, here or in another process.
        """
        call = prepare(self, named(args, kwargs, "run_async"))
        job: Job[DataT] = self.session.driver.drive(submit(self, call))
        return job

    def run_stream(self, *args: Any, **kwargs: Any) -> ModelResponseStreamer:
        """Run the model and read its answer as it is written; the arguments are those of `run`.

        Raises:
            ValidationError: the backend says that this model cannot stream; nothing was sent.
        """
        return self._streamed(prepare(self, named(args, kwargs, "run_stream"), is_stream=True))

    def _streamed(self, call: Call) -> ModelResponseStreamer:
        driver = self.session.driver
        live = driver.live(driver.drive(stream(self, call)))
        reader = driver.wire.answer_reader(is_list(self))
        kind: type[ModelResponseStreamer] = ModelResponseStreamer
        if reader.gathers_items:
            from typedrun.itemstream import ItemStream as kind  # noqa: N813  # few models have it
        streamer = kind(live, model=self.label, url=live.url, request_id=live.request_id, reader=reader)
        streamer.finish, streamer.read_item = ends_of(self, is_list=reader.gathers_items)
        streamer.job = job_behind(self, live.run, live.bill)
        streamer.drives = lambda flow: driver.live(driver.drive(flow))
        return streamer

    def quote(self, *, calls: int | None = None, units: float | None = None) -> Cost:
        """Ask what the marketplace itself estimates for runs of this model, in US dollars; nothing runs.

        Args:
            calls: For so many runs, by what such runs have cost. Default 1, where `units` is not given.
            units: For so many units of its price (pictures, seconds) in their place.

        Raises:
            ValidationError: the marketplace gives no quotes; nothing was sent.
        """
        from typedrun.money.quotes import quote

        found: Cost = self.session.driver.drive(quote(self, calls, units))
        return found

    def poll(self, poll_url: str, timeout: float | None = None) -> ModelResult[DataT]:  # noqa: ARG002  # the reference's
        """Ask once what became of a run.

        Args:
            poll_url: The `url` of its job.
            timeout: Taken for compatibility; the client's own limits hold.
        """
        return resume_job(self.session.driver, poll_url, label=self.label).typed_by(type(self)).poll()

    def sync_poll(
        self, poll_url: str, name: str | None = None, *, timeout: float = WAITING, wait_time: float = WAIT_TIME
    ) -> ModelResult[DataT]:
        """Wait until a run is finished.

        Args:
            poll_url: The `url` of its job.
            name: What to call the run in messages. Default: the model's path.
            timeout: Seconds to wait at most.
            wait_time: Seconds before the second question.
        """
        job = resume_job(self.session.driver, poll_url, label=name or self.label).typed_by(type(self))
        return job.wait(timeout=timeout, wait_time=wait_time)
