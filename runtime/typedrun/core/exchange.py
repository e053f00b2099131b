"""A request and what becomes of it, as a flow: tries, waits, redirects and limits, until a reply is there or an error ends it.

What may be sent again is the table's word (core/retry.py), where the key may go that of the origins (core/origins.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from typedrun.core.course import PLAIN, Course, Rules, Terms, begin
from typedrun.core.deadline import NEVER, Deadline
from typedrun.core.effects import NOW, Drain, Ended, Flow, ReadAll, Send, Tell
from typedrun.core.headers import request_headers, without_key
from typedrun.core.reply import Reply, request_id_of
from typedrun.core.request import Failure, Request, Stage

if TYPE_CHECKING:
    from typedrun.core.transports import IncomingReply

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
"""Statuses that name another address."""


def send(request: Request, rules: Rules, terms: Terms = PLAIN) -> Flow[Reply]:
    """Send a request and read its reply.

    Args:
        request: What to send.
        rules: What holds for every request of the client.
        terms: What the caller says about this one.

    Returns:
        A reply with a 2xx status.
    """
    course = begin(request, rules, terms, (yield from now_for(terms)))
    try:
        return (yield from exchange(course))
    except Ended as ended:
        from typedrun.core.endings import tell_of_bill

        tell_of_bill(course, ended.error)
        raise


def now_for(terms: Terms) -> Flow[float]:
    """The time, where the client's total counts from now on; else nobody asks."""
    if terms.deadline.at is not None:
        return 0.0
    now: float = yield NOW
    return now


def deadline_in(seconds: float | None) -> Flow[Deadline]:
    """The deadline that many seconds from now; None is no limit."""
    if seconds is None:
        return NEVER
    now: float = yield NOW
    return Deadline(now + seconds, seconds)


def exchange(course: Course) -> Flow[Reply]:
    """Send a request until a 2xx reply is read whole."""
    settings = course.rules.settings
    while True:
        incoming = yield from reach(course)
        try:
            body, is_whole = yield ReadAll(incoming, settings.max_reply_bytes, course.deadline.at)
        except Failure as failure:
            yield from _after_failure(course, failure)
            continue
        body = without_key(body, settings)  # at once: a traceback with local variables must not show it
        if not is_whole:
            from typedrun.core.endings import too_long

            raise too_long(course, incoming)
        course.rules.budgets.refund(course.url)
        return Reply(incoming.status, incoming.headers, body, course.url, course.tally.resends)


def reach(course: Course) -> Flow[IncomingReply]:
    """Send a request until the head of a 2xx reply is there."""
    while True:
        try:
            incoming = yield from _try(course)
        except Failure as failure:
            yield from _after_failure(course, failure)
            continue
        request, status = course.request, incoming.status
        if 200 <= status < 300 or status in request.kept or (request.keeps_redirects and status in REDIRECTS):
            return incoming
        if incoming.status in REDIRECTS:
            from typedrun.core.endings import redirect_target

            course.url = redirect_target(course, incoming)
            yield Drain(incoming)
        else:
            from typedrun.core.repeating import after_status

            yield from after_status(course, incoming)


def _after_failure(course: Course, failure: Failure) -> Flow[None]:
    from typedrun.core.repeating import after_failure  # most first tries succeed

    yield from after_failure(course, failure)


def _try(course: Course) -> Flow[IncomingReply]:
    course.started = yield NOW
    if course.deadline.is_past(course.started):
        late = Failure(Stage.NEVER_SENT, "the time was over before it could be sent", timed_out=True)
        from typedrun.core.endings import no_reply

        raise no_reply(course, late, None, course.started)
    request, number = course.request, len(course.attempts) + 1
    if course.is_watched:
        from typedrun.settings.events import RequestSent

        yield Tell(RequestSent(request.method, course.shown_url, request.model, number))
    headers = request_headers(request, course.rules.settings)
    course.is_in_flight = True
    incoming: IncomingReply = yield Send(request.method, course.url, headers, request.body, course.limits())
    if course.is_watched:
        from typedrun.settings.events import ResponseReceived

        now: float = yield NOW
        status, name = incoming.status, request_id_of(incoming.headers)
        seconds = now - course.started
        yield Tell(ResponseReceived(request.method, course.shown_url, request.model, number, status, seconds, name))
    return incoming
