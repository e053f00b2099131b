"""Thousands of bad days: the real driver and the real job on a network that fails as a seed says.

A failing seed is printed with its story. Replay one with `TYPEDRUN_SEED=1234 pytest tests/runtime/test_schedules.py`; try more of
them with `TYPEDRUN_SEEDS=100000`.
"""

import os
import random

import pytest
from attrs import frozen

from typedrun import errors
from typedrun.core.reply import decode_object
from typedrun.core.request import Kind, Request
from typedrun.job import Job
from typedrun.marketplaces.aixplain import MARKETPLACE
from typedrun.marketplaces.aixplain.answers import read_result
from typedrun.marketplaces.aixplain.wire import AixplainWire
from typedrun.sending.driver import Driver
from typedrun.settings import Secret, Settings, Timeout
from typedrun.testing import Answer, FaultyNetwork, Received

RUN_URL = "https://models.example.com/api/v2/execute"
POLL_URL = "https://models.example.com/api/v1/data/job-1"
SETTINGS = Settings(
    backend_url="https://platform.example.com",
    run_url=RUN_URL,
    api_key=Secret("test"),
    timeout=Timeout(connect=5, idle=30, total=90),
)
WIRE = AixplainWire(SETTINGS.backend_url, RUN_URL, MARKETPLACE.routes)
RUN_BUDGET, POLL_BUDGET = 90.0, 240.0

REPLAYED = os.environ.get("TYPEDRUN_SEED")
COUNT = int(os.environ.get("TYPEDRUN_SEEDS", "4000"))
CHUNK = 500
CHUNKS = (
    [range(int(REPLAYED), int(REPLAYED) + 1)] if REPLAYED else [range(at, at + CHUNK) for at in range(0, COUNT, CHUNK)]
)


@frozen
class Day:
    """What happened under one seed."""

    network: FaultyNetwork
    driver: Driver
    opted_in: int
    result: object
    error: errors.TypedrunError | None
    was_submitted: bool

    def runs(self) -> list[Received]:
        return [request for request in self.network.executed if request.method == "POST"]

    def story(self) -> str:
        tries = ", ".join(self.network.history)
        return f"seed {self.network.seed}, run_retries={self.opted_in}: {tries} -> {self.error or self.result!r}"


def bad_day(seed: int) -> Day:
    dice = random.Random(seed)
    questions = iter(range(dice.randrange(6), -1, -1))
    opted_in = dice.choice([0, 0, 0, 2])

    def backend(request: Received) -> Answer:
        if request.method == "POST":
            return Answer(json={"status": "IN_PROGRESS", "data": POLL_URL, "requestId": "r-1"})
        if next(questions, 0):
            return Answer(json={"completed": False})
        return Answer(json={"completed": True, "status": "SUCCESS", "data": "the answer"})

    network = FaultyNetwork(backend, seed=seed, rate=dice.choice([0.1, 0.4, 0.7, 0.95]))
    driver = Driver(SETTINGS, transport=network, clock=network.clock, roll=dice.random, wire=WIRE)
    was_submitted = False
    try:
        request = Request("POST", f"{RUN_URL}/m", body=b"{}", kind=Kind.UNSAFE)
        reply = driver.send(request, run_retries=opted_in)
        was_submitted = True
        result = Job[str](driver, WIRE.going_on(read_result(decode_object(reply)))).wait(POLL_BUDGET)
    except errors.TypedrunError as error:
        return Day(network, driver, opted_in, None, error, was_submitted)
    return Day(network, driver, opted_in, result.data, None, was_submitted)


@pytest.mark.parametrize("seeds", CHUNKS, ids=lambda seeds: f"{seeds.start}-{seeds.stop - 1}")
def test_no_schedule_of_faults_breaks_the_promises(seeds: range) -> None:
    for seed in seeds:
        day = bad_day(seed)
        story, clock = day.story(), day.network.clock
        assert len(day.runs()) <= 1 + day.opted_in, f"a run was executed twice: {story}"
        assert day.error is not None or day.result == "the answer", f"a wrong result: {story}"
        if day.error is not None and day.error.is_retry_safe and not day.was_submitted:
            assert not day.runs(), f"the error says that a retry is safe, but it was executed: {story}"
        if isinstance(day.error, errors.OutcomeUnknown):
            assert day.error.maybe_billed, story
        assert max(clock.sleeps, default=0) <= 60, f"slept too long: {story}"
        limit = RUN_BUDGET + POLL_BUDGET if day.was_submitted else RUN_BUDGET
        assert clock.now() <= limit + 0.1, f"took {clock.now():.1f} s: {story}"
        if isinstance(day.error, errors.TimeoutError) and day.was_submitted:
            assert day.error.job is not None, f"the job is lost: {story}"


def test_a_schedule_replays_exactly() -> None:
    for seed in range(50):
        one, again = bad_day(seed), bad_day(seed)
        assert one.story() == again.story()
        assert one.network.clock.sleeps == again.network.clock.sleeps


def test_the_schedules_meet_every_outcome() -> None:
    """A guard for the tests above: a network that is never bad proves nothing."""
    days = [bad_day(seed) for seed in range(400)]
    met = {type(day.error).__name__ for day in days}
    assert {"NoneType", "OutcomeUnknown", "TransportError", "RateLimitError", "TimeoutError"} <= met
    assert any(len(day.runs()) > 1 for day in days)
    assert any(len(day.network.history) > 10 and day.error is None for day in days)
