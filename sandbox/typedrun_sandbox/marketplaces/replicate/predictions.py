"""Predictions as values: one run from its creation to its end, and what the API says of it."""

from __future__ import annotations

import base64
import re
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

from attrs import define, field

from typedrun_sandbox.answers.answer import Answer
from typedrun_sandbox.answers.tokens import count
from typedrun_sandbox.engine.jobs import Job, Stage
from typedrun_sandbox.jsontypes import JSON, JSONObject, as_list, as_text
from typedrun_sandbox.marketplaces.replicate.catalog import HIDDEN, CatalogModel

ENDED = frozenset({"succeeded", "failed", "canceled", "aborted"})
"""Statuses in which nothing happens any more."""

STATUSES = ENDED | {"starting", "processing"}

LONGEST_WAIT = 60
"""Seconds that a request is kept open at most, and the length of a bare `Prefer: wait`."""

SHORTEST_LIFE = 5.0
"""Seconds that `Cancel-After` must leave."""

_WAIT = re.compile(r"wait(?:=(\d{1,2}))?")
_LIFE = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")


@define
class Prediction:
    """One run."""

    job: Job
    model: CatalogModel
    base_url: str
    """Where the client found the sandbox: its links lead back there."""
    given: JSONObject
    """The input."""
    answer: Answer
    result: JSONObject
    """Members that the ended prediction has: output, error, metrics …"""
    deployment: str = ""
    life: float | None = None
    """Seconds after which it is cancelled."""
    is_held: bool = False
    """Whether it goes on until somebody cancels it: its script says so."""
    created: datetime = field(factory=lambda: datetime.now(UTC))
    born: float = field(factory=time.monotonic)
    ended: datetime | None = None
    is_aborted: bool = False
    """Whether its time of life was over before it began to run."""

    @property
    def id(self) -> str:
        """Its id."""
        return self.job.token

    def ask(self) -> None:
        """Count a poll."""
        self.job.ask(time.monotonic())

    def cancel(self) -> None:
        """Stop it; one that has ended stays as it is."""
        if self.status() not in ENDED:
            self.job.is_cancelled = True
            self.ended = datetime.now(UTC)

    @property
    def is_stopped(self) -> bool:
        """Whether somebody cancelled it, or its time was over."""
        return self.status() in ("canceled", "aborted")

    def stage(self) -> Stage:
        """How far it is now, its time of life regarded."""
        if self.is_held and not self.job.is_cancelled:
            stage: Stage = "running" if self.job.asked else "waiting"
        else:
            stage = self.job.stage(time.monotonic())
        if self.life is not None and stage in ("waiting", "running") and time.monotonic() >= self.born + self.life:
            self.is_aborted = stage == "waiting"
            self.job.is_cancelled, self.ended, stage = True, datetime.now(UTC), "cancelled"
        return stage

    def status(self) -> str:
        """Its status."""
        stage = self.stage()
        return {
            "waiting": "starting",
            "running": "processing",
            "cancelled": "aborted" if self.is_aborted else "canceled",
            "finished": as_text(self.result.get("status")) or "succeeded",
        }[stage]

    def show(self) -> JSONObject:
        """Show the prediction as the API answers it now."""
        stage, status = self.stage(), self.status()
        shown: JSONObject = {
            "id": self.id,
            "model": self.model.id,
            "version": self.model.version or HIDDEN,
            "input": self.given,
            "logs": "",
            "output": None,
            "data_removed": False,
            "error": None,
            "source": "api",
            "status": status,
            "created_at": stamp(self.created),
            "urls": self.urls(),
        }
        if self.deployment:
            shown["deployment"] = self.deployment
        if self.life is not None:
            shown["deadline"] = stamp(self.created + timedelta(seconds=self.life))
        if stage == "running":
            shown |= {"started_at": stamp(self.created), "logs": logs_of(self.answer, 1), "output": self._half()}
        if stage == "finished":
            self.ended = self.ended or datetime.now(UTC)
            shown |= {"started_at": stamp(self.created), "logs": logs_of(self.answer, 2), "output": self.answer.data}
            shown |= {"metrics": self.metrics()} | self.result
        if status in ENDED:
            shown["completed_at"] = stamp(self.ended or datetime.now(UTC))
        return shown

    def urls(self) -> JSONObject:
        """Where it is looked at, stopped and streamed."""
        here = f"{self.base_url}/v1/predictions/{self.id}"
        found: JSONObject = {
            "get": here,
            "cancel": f"{here}/cancel",
            "web": f"https://replicate.com/p/{self.id}",
        }
        return found | ({"stream": f"{self.base_url}/stream/v1/predictions/{self.id}"} if self.model.can_stream else {})

    def metrics(self) -> JSONObject:
        """How long it took, by the length of the answer: the same answer always takes the same time."""
        seconds = round(0.05 + 0.01 * len(self.answer.stream_pieces), 3)
        times: JSONObject = {"predict_time": seconds, "total_time": seconds}
        if not self.model.yields_text:
            return times
        asked = " ".join(as_text(value) for value in self.given.values())
        return {"input_token_count": count(asked), "output_token_count": len(self.answer.pieces), **times}

    def _half(self) -> JSON:
        """What a run that goes on has written so far."""
        pieces = as_list(self.answer.data)
        return pieces[: len(pieces) // 2] if self.model.can_stream and pieces else None


def logs_of(answer: Answer, steps: int) -> str:
    """What a run has logged after some of its two steps, in the form of the progress bars that clients read."""
    if answer.failure:
        return f"Traceback: {answer.failure}\n"
    return "".join(f"{50 * step:3}%|{'█' * (5 * step):<10}| {step}/2\n" for step in range(1, steps + 1))


def stamp(moment: datetime) -> str:
    """A time as the API writes it."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def spell_id(number: UUID) -> str:
    """26 letters and digits."""
    return base64.b32hexencode(number.bytes).decode().rstrip("=").lower()


def seconds_to_wait(header: str | None) -> int:
    """How long `Prefer` asks to keep the request open; 0 when it does not."""
    found = _WAIT.fullmatch((header or "").strip().lower())
    return min(max(int(found[1] or LONGEST_WAIT), 1), LONGEST_WAIT) if found else 0


def seconds_of_life(header: str | None) -> float | None:
    """The time that `Cancel-After` leaves.

    Raises:
        ValueError: it is no duration, or one below five seconds.
    """
    if header is None:
        return None
    found = _LIFE.fullmatch(header.strip().lower())
    hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    life = float(hours * 3600 + minutes * 60 + seconds)
    if life < SHORTEST_LIFE:
        raise ValueError(f"Cancel-After must be a duration of at least {SHORTEST_LIFE:g}s")
    return life
