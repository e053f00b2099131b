import random
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from typedrun.core.request import Kind, Stage
from typedrun.core.retry import (
    TABLE,
    Budget,
    Circumstances,
    GiveUp,
    Policy,
    Retry,
    Tally,
    Verdict,
    decide,
    read_retry_after,
    stage_of_status,
    table_as_markdown,
)

SAFE, KEYED, UNSAFE, OPTED_IN = Kind.SAFE, Kind.KEYED, Kind.UNSAFE, Kind.UNSAFE_OPTED_IN
RETRY, RESEND, RAISE, UNKNOWN = Verdict.RETRY, Verdict.RESEND, Verdict.RAISE, Verdict.UNKNOWN
ROWS = [
    (Stage.NEVER_SENT, RETRY, RETRY, RETRY, RETRY),
    (Stage.NO_REPLY, RETRY, RETRY, UNKNOWN, RESEND),
    (Stage.TIMEOUT_STATUS, RETRY, RETRY, RAISE, RAISE),
    (Stage.RATE_LIMITED, RETRY, RETRY, RETRY, RETRY),
    (Stage.ASKED_TO_WAIT, RETRY, RETRY, RETRY, RETRY),
    (Stage.SERVER_ERROR, RETRY, RETRY, UNKNOWN, RESEND),
    (Stage.STREAM_BEGAN, *[Verdict.INTERRUPTED] * 4),
]
CELLS = [
    pytest.param(stage, kind, verdict, id=f"{stage.name}-{kind.name}".lower())
    for stage, *row in ROWS
    for kind, verdict in zip((SAFE, KEYED, UNSAFE, OPTED_IN), row, strict=True)
]
POLICY = Policy(resends=1)


@pytest.mark.parametrize(("stage", "kind", "verdict"), CELLS)
def test_each_cell_of_the_table_is_what_is_executed(stage: Stage, kind: Kind, verdict: Verdict) -> None:
    decision = decide(POLICY, Circumstances(kind, stage))
    assert TABLE[stage, kind] is verdict
    if verdict in {RETRY, RESEND}:
        assert isinstance(decision, Retry)
    else:
        assert decision == GiveUp(verdict)


def test_the_table_has_a_cell_for_every_stage_and_kind() -> None:
    assert set(TABLE) == {(stage, kind) for stage in Stage for kind in Kind}


def test_the_documentation_shows_the_table_that_is_executed() -> None:
    page = Path(__file__).parents[3] / "docs" / "runtime.md"
    assert table_as_markdown() in page.read_text("utf-8")


@pytest.mark.parametrize(
    ("status", "retry_after", "stage"),
    [
        (408, None, Stage.TIMEOUT_STATUS),
        (425, None, Stage.TIMEOUT_STATUS),
        (429, None, Stage.RATE_LIMITED),
        (497, None, Stage.RATE_LIMITED),
        (503, 1.0, Stage.ASKED_TO_WAIT),
        (503, None, Stage.SERVER_ERROR),
        (500, 1.0, Stage.SERVER_ERROR),
        (502, None, Stage.SERVER_ERROR),
        (504, None, Stage.SERVER_ERROR),
        (524, None, Stage.SERVER_ERROR),
        (400, None, None),
        (401, None, None),
        (404, None, None),
        (501, None, None),
    ],
)
def test_a_status_falls_into_one_column(status: int, retry_after: float | None, stage: Stage | None) -> None:
    assert stage_of_status(status, retry_after) is stage


def test_of_all_statuses_these_may_pass_by_themselves() -> None:
    passing = {status for status in range(100, 600) if stage_of_status(status, None) is not None}
    assert passing == {408, 425, 429, 497, 500, 502, 503, 504, *range(520, 531)}


@pytest.mark.parametrize(("made", "most"), [(0, 0.25), (1, 0.5), (2, 1.0), (4, 4.0), (5, 8.0), (50, 8.0)])
def test_the_delay_is_anything_up_to_a_doubling_bound(made: int, most: float) -> None:
    policy = Policy(retries=100)
    at = Circumstances(SAFE, Stage.SERVER_ERROR, Tally(retries=made))
    assert decide(policy, evolve(at, roll=0.0)) == Retry(0.0, Tally(made + 1))
    assert decide(policy, evolve(at, roll=0.5)) == Retry(most / 2, Tally(made + 1))


def test_retry_after_is_a_floor_for_the_delay() -> None:
    at = Circumstances(SAFE, Stage.RATE_LIMITED, retry_after=3.0, roll=0.9)
    assert decide(Policy(), at) == Retry(3.0, Tally(1))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"retry_after": 61.0}, "longer than 60 s"),
        ({"retry_after": 5.0, "left": 5.0}, "after the deadline"),
        ({"left": 0.1}, "after the deadline"),
        ({"has_budget": False}, "retry budget"),
    ],
    ids=["retry-after over a minute", "retry-after past the deadline", "backoff past the deadline", "no budget"],
)
def test_a_retry_that_cannot_be_is_given_up_with_the_reason(changes: dict[str, Any], words: str) -> None:
    decision = decide(Policy(), evolve(Circumstances(SAFE, Stage.RATE_LIMITED), **changes))
    assert isinstance(decision, GiveUp)
    assert decision.verdict is RAISE
    assert words in decision.why


def test_attempts_end() -> None:
    assert decide(Policy(retries=2), Circumstances(SAFE, Stage.NO_REPLY, Tally(retries=2))) == GiveUp(RAISE)
    assert decide(Policy(retries=0), Circumstances(SAFE, Stage.NO_REPLY)) == GiveUp(RAISE)


def test_opted_in_runs_are_sent_again_only_as_often_as_allowed_and_wait_as_asked() -> None:
    policy = Policy(resends=2, resend_wait=1.5)
    at = Circumstances(OPTED_IN, Stage.NO_REPLY, Tally(retries=3))
    first = decide(policy, at)
    assert first == Retry(1.5, Tally(retries=3, resends=1))
    assert decide(policy, evolve(at, tally=Tally(resends=2))) == GiveUp(UNKNOWN)


def test_the_budget_pays_ten_retries_and_refills_by_successes() -> None:
    budget = Budget()
    for _ in range(10):
        assert budget.can_pay()
        budget = budget.spent()
    assert not budget.can_pay()
    for _ in range(11):
        budget = budget.refunded()
    assert budget.can_pay()
    assert Budget().refunded() == Budget()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:30 GMT", "date": "Wed, 21 Oct 2015 07:28:00 GMT"}, 30.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT", "date": "Wed, 21 Oct 2015 07:29:00 GMT"}, 0.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:30 GMT"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "tomorrow", "date": "Wed, 21 Oct 2015 07:28:00 GMT"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_milliseconds_seconds_and_as_a_date(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert read_retry_after(headers) == seconds


def test_a_delay_never_passes_the_deadline_or_a_minute() -> None:
    dice = random.Random(1)
    for _ in range(5000):
        at = Circumstances(
            dice.choice(list(Kind)),
            dice.choice(list(Stage)),
            Tally(dice.randrange(5), dice.randrange(3)),
            dice.choice([None, dice.random() * 100]),
            dice.choice([None, dice.random() * 20]),
            dice.random() < 0.9,
            dice.random(),
        )
        decision = decide(POLICY, at)
        if isinstance(decision, Retry):
            assert decision.after <= 60
            assert at.left is None or decision.after < at.left
            assert decision.after >= (at.retry_after or 0)
