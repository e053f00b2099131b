"""Runs that take their time: a token, how far one is, and the answer that is waiting."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Literal, TypeAlias

from attrs import define, field

from typedrun_sandbox.jsontypes import JSONObject

_NAMESPACE = uuid.UUID("6f1d0c1e-6f0f-4a57-9b0e-3f4b8a1c2d5e")

Stage: TypeAlias = Literal["waiting", "running", "finished", "cancelled"]
"""How far a run is; it waits until somebody asks for it, or half of its time is over."""


@define
class Job:
    """One run."""

    token: str
    model: str
    result: JSONObject
    ready_at: float
    polls: int
    """How many questions find it unfinished, at least."""
    seconds: float = 0.0
    """How long it takes, at least."""
    asked: int = 0
    """How often somebody asked for it."""
    is_cancelled: bool = False

    def ask(self, now: float) -> JSONObject | None:
        """Ask for the result, or None until both the time and the polls are used up; each question counts as a poll."""
        self.asked += 1
        return self.result if self._is_over(now) else None

    def stage(self, now: float) -> Stage:
        """How far it is; looking does not count as a poll."""
        if self.is_cancelled:
            return "cancelled"
        if self._is_over(now):
            return "finished"
        is_half_over = self.seconds > 0 and now >= self.ready_at - self.seconds / 2
        return "running" if self.asked or is_half_over else "waiting"

    def finish(self) -> None:
        """Let it be finished from now on."""
        self.polls, self.ready_at = -1, 0.0

    def _is_over(self, now: float) -> bool:
        return self.asked > self.polls and now >= self.ready_at


@define
class Jobs:
    """Every job that was started. Tokens count up, so the same calls give the same tokens."""

    _jobs: dict[str, Job] = field(factory=dict[str, Job])

    def start(
        self, model: str, result: JSONObject, *, seconds: float, polls: int, spell: Callable[[uuid.UUID], str] = str
    ) -> Job:
        """Start a job that will answer `result`; `spell` writes its token as the marketplace's tokens look."""
        token = spell(uuid.uuid5(_NAMESPACE, f"{model} {len(self._jobs)}"))
        job = Job(token, model, result, time.monotonic() + seconds, polls, seconds)
        self._jobs[token] = job
        return job

    def find(self, token: str) -> Job | None:
        """Find the job of a token."""
        return self._jobs.get(token)

    def clear(self) -> None:
        """Forget every job."""
        self._jobs.clear()
