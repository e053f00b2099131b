"""Runs that take their time: a token, how long it stays unfinished, and the answer that is waiting."""

from __future__ import annotations

import time
import uuid

from attrs import define, field

from typedrun_sandbox.jsontypes import JSONObject

_NAMESPACE = uuid.UUID("6f1d0c1e-6f0f-4a57-9b0e-3f4b8a1c2d5e")


@define
class Job:
    """One run."""

    token: str
    model: str
    result: JSONObject
    ready_at: float
    polls_left: int

    def ask(self, now: float) -> JSONObject | None:
        """The result, or None until both the time and the polls are used up; each question counts as a poll."""
        if self.polls_left > 0 or now < self.ready_at:
            self.polls_left = max(self.polls_left - 1, 0)
            return None
        return self.result


@define
class Jobs:
    """Every job that was started. Tokens count up, so the same calls give the same tokens."""

    _jobs: dict[str, Job] = field(factory=dict[str, Job])

    def start(self, model: str, result: JSONObject, *, seconds: float, polls: int) -> Job:
        """Start a job that will answer `result`."""
        token = str(uuid.uuid5(_NAMESPACE, f"{model} {len(self._jobs)}"))
        job = Job(token, model, result, time.monotonic() + seconds, polls)
        self._jobs[token] = job
        return job

    def find(self, token: str) -> Job | None:
        """The job of a token."""
        return self._jobs.get(token)

    def clear(self) -> None:
        """Forget every job."""
        self._jobs.clear()
