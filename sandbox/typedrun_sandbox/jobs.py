"""Asynchronous runs: a token, how long it stays unfinished, and the answer that is waiting."""

from __future__ import annotations

import time
import uuid

from attrs import define, field

from typedrun_sandbox.jsontypes import JSONObject
from typedrun_sandbox.settings import PollForm

_NAMESPACE = uuid.UUID("6f1d0c1e-6f0f-4a57-9b0e-3f4b8a1c2d5e")

POLL_PATHS: dict[PollForm, str] = {
    "v1-data": "{base}/api/v1/data/{token}",
    "v2-data": "{base}/api/v2/data/{token}",
    "sdk-models": "{base}/sdk/models/{token}",
    "sdk-models-result": "{base}/sdk/models/{token}/result",
    "sdk-runs": "{base}/sdk/runs/{token}",
    "sdk-runs-result": "{base}/sdk/runs/{token}/result",
    "relative": "api/v1/data/{token}",
}
"""Every form of poll URL that PROTOCOL §8.1 knows."""


@define
class Job:
    """One asynchronous run."""

    token: str
    model: str
    result: JSONObject
    ready_at: float
    polls_left: int

    def poll(self, now: float) -> JSONObject:
        """The next poll answer: unfinished until both the time and the polls are used up."""
        if self.polls_left > 0 or now < self.ready_at:
            self.polls_left = max(self.polls_left - 1, 0)
            return {"status": "IN_PROGRESS", "completed": False}
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
        """Forget every job; their poll URLs answer 404 from now on."""
        self._jobs.clear()
