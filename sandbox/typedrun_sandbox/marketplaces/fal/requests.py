"""Requests of the queue as values: one run from its submission to its end, and what the queue says of it."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from attrs import define, field

from typedrun_sandbox.answers.answer import Answer
from typedrun_sandbox.engine.jobs import Job, Stage
from typedrun_sandbox.engine.refusals import Refusal
from typedrun_sandbox.jsontypes import JSON, JSONObject, as_object, as_text
from typedrun_sandbox.marketplaces.fal.catalog import CatalogModel
from typedrun_sandbox.marketplaces.fal.errors import request_error

IN_QUEUE, IN_PROGRESS, COMPLETED = "IN_QUEUE", "IN_PROGRESS", "COMPLETED"

_WORDS: dict[Stage, str] = {"waiting": IN_QUEUE, "running": IN_PROGRESS, "finished": COMPLETED, "cancelled": COMPLETED}


@define
class Run:
    """What came of a run: its output, or the error that it is answered with."""

    output: JSON
    answer: Answer
    error: Refusal | None = None


@define
class QueuedRequest:
    """One run in the queue."""

    job: Job
    model: CatalogModel
    base_url: str
    """Where the client found the sandbox: its links lead back there."""
    run: Run
    start_limit: float | None = None
    """Seconds within which it has to start."""
    is_held: bool = False
    """Whether it goes on until somebody cancels it: its script says so."""
    created: datetime = field(factory=lambda: datetime.now(UTC))
    born: float = field(factory=time.monotonic)

    @property
    def id(self) -> str:
        """Its id."""
        return self.job.token

    def stage(self) -> Stage:
        """How far it is now."""
        if self.is_held and not self.job.is_cancelled:
            stage: Stage = "running" if self.job.asked > 1 else "waiting"
        else:
            stage = self.job.stage(time.monotonic())
        if stage == "waiting" and self.start_limit is not None and time.monotonic() >= self.born + self.start_limit:
            self._never_start()
            stage = "finished"
        return stage

    def status(self) -> str:
        """Its word for how far it is."""
        return _WORDS[self.stage()]

    def urls(self) -> JSONObject:
        """Where it is looked at, fetched and stopped: below the application, whatever follows that in the model's id."""
        here = f"{self.base_url}/queue/{self.model.application}/requests/{self.id}"
        return {"response_url": here, "status_url": f"{here}/status", "cancel_url": f"{here}/cancel"}

    def submitted(self) -> JSONObject:
        """The answer to the submission."""
        return {"status": IN_QUEUE, "request_id": self.id, **self.urls(), "queue_position": 0}

    def show(self, *, with_logs: bool) -> JSONObject:
        """Show the answer of its status address now."""
        status = self.status()
        shown: JSONObject = {"status": status, "request_id": self.id, **self.urls()}
        if status == IN_QUEUE:
            return shown | {"queue_position": 0}
        shown["logs"] = self.logs(2 if status == COMPLETED else 1) if with_logs else None
        if status == COMPLETED:
            shown["metrics"] = {"inference_time": self.seconds()}
            shown |= self.failure()
        return shown

    def failure(self) -> JSONObject:
        """What a completed request says of its error; empty when there is none."""
        error = self.error()
        if error is None:
            return {}
        body = as_object(error.body)
        failure: JSONObject = {"error": as_text(body.get("detail")) or "The model refused its input."}
        return failure | ({"error_type": body["error_type"]} if "error_type" in body else {})

    def error(self) -> Refusal | None:
        """What its result is answered with in place of an output."""
        if self.job.is_cancelled:
            return request_error("client_cancelled", "Request was cancelled by the client")
        return self.run.error

    def logs(self, steps: int) -> list[JSON]:
        """What it has logged after some of its two steps."""
        when = self.created.isoformat()
        return [
            {"message": f"step {step} of 2", "level": "INFO", "source": "sandbox", "timestamp": when}
            for step in range(1, steps + 1)
        ]

    def seconds(self) -> float:
        """How long it took, by the length of the answer: the same answer always takes the same time."""
        return round(0.05 + 0.01 * len(self.run.answer.stream_pieces), 3)

    def _never_start(self) -> None:
        """End it unstarted: the caller's limit for the start is reached."""
        detail = "Request timed out before it started"
        self.run = Run(None, Answer(), request_error("request_timeout", detail, by_user=True))
        self.is_held, self.start_limit = False, None
        self.job.finish()
