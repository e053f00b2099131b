import pytest

from typedrun import errors
from typedrun.core import polling
from typedrun.core.polling import Ask, Done, Failed, Finished, Lost, OutOfTime, Pending, Wait


def waits(seen: list[polling.Seen], *, budget: float | None = 300.0, wait_time: float = 0.5) -> list[object]:
    """What the machine says when each question takes no time; sleeps pass on the spot."""
    now, answers, said = 100.0, iter(seen), list[object]()
    state = polling.begin(now, budget=budget, wait_time=wait_time)
    current: polling.Seen = None
    while True:
        state, step = polling.next_step(state, current, now)
        current = None
        said.append(step)
        if isinstance(step, Wait):
            now += step.seconds
        elif isinstance(step, Ask):
            current = next(answers, Pending())
        else:
            return said


def seconds(steps: list[object]) -> list[float]:
    return [step.seconds for step in steps if isinstance(step, Wait)]


def test_the_first_question_is_asked_at_once() -> None:
    assert waits([Finished()]) == [Ask(300.0), Done()]


def test_waits_start_at_half_a_second_and_grow_by_a_tenth() -> None:
    steps = waits([Pending(), Pending(), Pending(), Finished()])
    assert seconds(steps) == pytest.approx([0.5, 0.55, 0.605])


def test_waits_never_pass_a_minute() -> None:
    steps = waits([*[Pending()] * 80, Finished()], budget=None)
    assert max(seconds(steps)) == 60.0
    assert Ask(None) in steps


@pytest.mark.parametrize(("wait_time", "first"), [(0.0, 0.2), (0.1, 0.2), (2.0, 2.0)])
def test_a_wait_is_at_least_a_fifth_of_a_second(wait_time: float, first: float) -> None:
    assert seconds(waits([Pending(), Finished()], wait_time=wait_time)) == [first]


def test_retry_after_of_an_answer_is_waited_for() -> None:
    assert seconds(waits([Pending(retry_after=7.0), Pending(), Finished()])) == pytest.approx([7.0, 0.55])


def test_the_budget_ends_the_waiting_and_its_last_question_still_fits() -> None:
    steps = waits([], budget=10.0)
    assert steps[-1] == OutOfTime(10.0)
    assert sum(seconds(steps)) == pytest.approx(10.0)
    last = [step.within for step in steps if isinstance(step, Ask) and step.within is not None][-1]
    assert 0.2 <= last <= 1.2


def test_a_budget_of_nothing_still_asks_once() -> None:
    steps = waits([Pending()], budget=0.0)
    assert isinstance(steps[0], Ask)
    assert isinstance(steps[-1], OutOfTime)
    assert waits([Finished()], budget=0.0)[-1] == Done()


RIDDEN_OUT = [
    errors.TransportError("reset"),
    errors.TimeoutError("silence"),
    errors.DecodingError("an HTML page"),
    errors.ServerError("bad gateway", 502),
    errors.RateLimitError("slow down", 429),
    errors.APIError("request timeout", 408),
    errors.NotFoundError("not yet", 404),
]


@pytest.mark.parametrize("error", RIDDEN_OUT, ids=lambda error: type(error).__name__ + str(error.status_code or ""))
def test_what_may_pass_costs_a_wait_and_not_the_job(error: errors.TypedrunError) -> None:
    assert waits([Lost(error), Finished()])[-1] == Done()


FINAL = [
    errors.AuthenticationError("key expired", 401),
    errors.PermissionDeniedError("no", 403),
    errors.BillingError("no credits", 402),
    errors.InvalidRequestError("what?", 400),
    errors.OperationFailedError("the supplier gave up"),
    errors.UntrustedURLError("elsewhere"),
    errors.ConfigurationError("no key"),
]


@pytest.mark.parametrize("error", FINAL, ids=lambda error: type(error).__name__)
def test_what_the_backend_decided_ends_the_waiting_at_once(error: errors.TypedrunError) -> None:
    assert waits([Pending(), Lost(error)])[-1] == Failed(error)


def test_a_404_long_after_the_submission_is_final() -> None:
    error = errors.NotFoundError("gone", 404)
    assert waits([*[Pending()] * 30, Lost(error)])[-1] == Failed(error)


def test_retry_after_of_a_refusal_is_waited_for_up_to_a_minute() -> None:
    patient = errors.RateLimitError("slow down", 429, retry_after=5.0)
    rude = errors.RateLimitError("slow down", 429, retry_after=7200.0)
    assert seconds(waits([Lost(patient), Lost(rude), Finished()])) == [5.0, 60.0]


def test_failures_for_ever_end_with_the_budget() -> None:
    steps = waits([Lost(errors.ServerError("down", 503))] * 1000, budget=60.0)
    assert steps[-1] == OutOfTime(60.0)
    assert sum(seconds(steps)) == pytest.approx(60.0)
