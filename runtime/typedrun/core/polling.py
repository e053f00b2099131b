"""When to ask for a job again. A pure machine: time comes in as an argument and leaves as a value.

    step = next_step(state, seen, now)      # Ask | Wait(seconds) | Done | Failed(error) | OutOfTime

Rules:
- The first question is asked at once; then waits of 0.5 s, each 1.1 times the one before, up to 60 s, never below 0.2 s.
- What may pass by itself (reset, 5xx, rate limit, an HTML page, a 404 soon after the submission) costs a wait, not the job.
- What the backend decided (401, a failed run, an untrusted address) ends the waiting at once.
- The last wait is cut so that one more question still fits into the budget.
"""

from __future__ import annotations

from typing import TypeAlias

import typedrun.errors as errors
from typedrun.records import frozen
from typedrun.settings import WAIT_TIME as FIRST_WAIT
from typedrun.settings import WAITING as BUDGET

SHORTEST_WAIT = 0.2
LONGEST_WAIT = 60.0
GROWTH = 1.1
NOT_FOUND_GRACE = 30.0
"""Seconds after the first question during which a 404 means "not yet": stores behind a load balancer lag."""
_LAST_QUESTION = 1.0
"""Seconds of the budget kept for the last question (a tenth of a budget below 10 s)."""


@frozen()
class Polling:
    """State of one wait."""

    started: float
    deadline: float | None
    budget: float | None
    interval: float


@frozen()
class Pending:
    """The backend says: not finished."""

    retry_after: float | None = None


@frozen()
class Finished:
    """The backend says: finished, well or badly."""


@frozen()
class Lost:
    """A question without an answer."""

    error: errors.TypedrunError


Seen: TypeAlias = Pending | Finished | Lost | None


@frozen()
class Ask:
    """Ask now; the answer must be there within so many seconds (None: no limit)."""

    within: float | None


@frozen()
class Wait:
    """Sleep so long, then take the next step."""

    seconds: float


@frozen()
class Done:
    """The job is finished."""


@frozen()
class Failed:
    """Raise this: no further question would change it."""

    error: errors.TypedrunError


@frozen()
class OutOfTime:
    """The budget is spent; the job goes on."""

    budget: float


Step: TypeAlias = Ask | Wait | Done | Failed | OutOfTime


def begin(now: float, *, budget: float | None = BUDGET, wait_time: float = FIRST_WAIT) -> Polling:
    """Start waiting.

    Args:
        now: Seconds on a monotonic clock.
        budget: Seconds to wait in all; None waits for ever. Default 300.
        wait_time: Seconds before the second question; at least 0.2. Default 0.5.
    """
    deadline = None if budget is None else now + max(0.0, budget)
    return Polling(now, deadline, budget, interval=max(SHORTEST_WAIT, wait_time))


def next_step(state: Polling, seen: Seen, now: float) -> tuple[Polling, Step]:
    """What to do, given what was seen since the last step.

    Args:
        state: As the last call returned it.
        seen: The answer to an `Ask`; None after a `Wait` and at the start.
        now: Seconds on the same clock.
    """
    if seen is None:
        return _ask(state, now)
    if isinstance(seen, Finished):
        return state, Done()
    if isinstance(seen, Lost) and not _may_pass(seen.error, now - state.started):
        return state, Failed(seen.error)
    return _wait(state, seen, now)


def _ask(state: Polling, now: float) -> tuple[Polling, Step]:
    if state.deadline is None:
        return state, Ask(None)
    left = state.deadline - now
    if left <= 0 and state.budget != 0 and now > state.started:
        return state, OutOfTime(state.budget or 0.0)
    # A budget of 0, or one that the clock cannot tell from 0, still asks once; the request itself needs some time.
    return state, Ask(left if left > 0 else _LAST_QUESTION)


def _wait(state: Polling, seen: Pending | Lost, now: float) -> tuple[Polling, Step]:
    asked = seen.retry_after if isinstance(seen, Pending) else seen.error.retry_after
    seconds = max(state.interval, min(asked or 0.0, LONGEST_WAIT))
    longer = min(LONGEST_WAIT, state.interval * GROWTH)
    grown = Polling(state.started, state.deadline, state.budget, longer)
    if state.deadline is None:
        return grown, Wait(seconds)
    left = state.deadline - now
    if left <= 0:
        return state, OutOfTime(state.budget or 0.0)
    if seconds < left:
        return grown, Wait(seconds)
    before_last = left - min(_LAST_QUESTION, (state.budget or 0.0) / 10)
    return grown, Wait(before_last if before_last >= SHORTEST_WAIT else left)


def _may_pass(error: errors.TypedrunError, waited: float) -> bool:
    """Whether this is a trouble that goes away."""
    if isinstance(error, errors.NotFoundError):
        return waited < NOT_FOUND_GRACE
    if isinstance(error, errors.APIError):
        return isinstance(error, errors.ServerError | errors.RateLimitError) or error.status_code in {408, 425}
    return isinstance(error, errors.TransportError | errors.TimeoutError | errors.DecodingError)
