"""What follows a try that brought no 2xx reply: a wait before the next one, or the error that ends it. Imported when one does."""

from __future__ import annotations

from typing import Final, TypeAlias

from typedrun.core.course import ERROR_BODY, Course
from typedrun.core.effects import NOW, Drain, Flow, ReadAll, Sleep, Tell
from typedrun.core.endings import no_reply, status_error
from typedrun.core.headers import without_key
from typedrun.core.reply import Reply
from typedrun.core.request import Failure, Stage
from typedrun.core.retry import Circumstances, GiveUp, Retry, decide, final_verdict, read_retry_after, stage_of_status
from typedrun.core.transports import IncomingReply
from typedrun.settings.events import RetryPlanned

_ERROR_SECONDS: Final = 10.0
"""For the body of an error, where no deadline is nearer: its status has said the most important."""

Steps: TypeAlias = Flow[None]


def after_failure(course: Course, failure: Failure) -> Steps:
    """Wait for the next try after one without a reply, or raise."""
    course.is_in_flight = False
    now: float = yield NOW
    decision: Retry | GiveUp
    if failure.is_final:
        decision = GiveUp(final_verdict(course.kind, failure.stage))
    else:
        decision = decide(course.policy, _circumstances(course, failure.stage, None, now))
    if isinstance(decision, GiveUp):
        raise no_reply(course, failure, decision, now) from failure
    yield from _pause(course, failure.what, decision, now)


def after_status(course: Course, incoming: IncomingReply) -> Steps:
    """Wait for the next try after a reply with an error status, or raise."""
    course.is_in_flight = False
    now: float = yield NOW
    retry_after = read_retry_after(incoming.headers)
    find = course.rules.stage_of
    stage = (
        stage_of_status(incoming.status, retry_after)
        if find is None
        else find(incoming.status, incoming.headers, retry_after)
    )
    decision: Retry | GiveUp | None = None
    if stage is not None:
        decision = decide(course.policy, _circumstances(course, stage, retry_after, now))
    elif incoming.status >= 500:  # 501, 505 and their like: no repetition helps, and a run may still have been executed
        decision = GiveUp(final_verdict(course.kind, Stage.SERVER_ERROR))
    if isinstance(decision, Retry):
        yield Drain(incoming)
        yield from _pause(course, f"HTTP {incoming.status}", decision, now)
        return
    soon = now + _ERROR_SECONDS
    try:
        body, _ = yield ReadAll(
            incoming, ERROR_BODY, soon if course.deadline.at is None else min(soon, course.deadline.at)
        )
        body = without_key(body, course.rules.settings)
    except Failure:
        body = b""  # the status says enough
    reply = Reply(incoming.status, incoming.headers, body, course.url)
    now = yield NOW
    raise status_error(course, reply, decision, now)


def _pause(course: Course, failure: str, decision: Retry, now: float) -> Steps:
    course.tally = decision.tally
    course.rules.budgets.charge(course.url)
    course.note(failure, now, decision.after)
    if course.is_watched:
        request, number = course.request, len(course.attempts)
        yield Tell(RetryPlanned(request.method, course.shown_url, request.model, number, failure, decision.after))
    yield Sleep(decision.after)


def _circumstances(course: Course, stage: Stage, retry_after: float | None, now: float) -> Circumstances:
    """What a decision about another try depends on."""
    has_budget = course.rules.budgets.of(course.url).can_pay()
    left = course.deadline.left(now)
    return Circumstances(course.kind, stage, course.tally, retry_after, left, has_budget, course.rules.roll())
