"""A request until the head of its reply is there, as a flow: what streams and downloads begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from typedrun.core.bills import FREE, Bill
from typedrun.core.course import PLAIN, Course, Rules, Terms, begin
from typedrun.core.effects import Ended, Flow
from typedrun.core.endings import tell_of_bill
from typedrun.core.exchange import now_for, reach
from typedrun.core.request import Request
from typedrun.records import frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from typedrun.core.transports import IncomingReply

Again: TypeAlias = "Callable[[str, float], Flow[Opened]]"
"""Takes the id of the last event, and seconds to wait before."""


@frozen(eq=False)
class Opened:
    """A reply whose head is there and whose body is still arriving: what a driver makes a live reply of."""

    incoming: IncomingReply
    course: Course
    until: float | None
    """A moment on the clock when the body must be over; None is no limit."""
    bill: Bill = FREE
    request_id: str | None = None
    """The backend's name of the run, where the reply itself does not carry it."""
    run: object = None
    """The run that the reply tells of, where it goes on by itself: a value of its marketplace."""
    again: Again | None = None
    """Opens the reply anew, behind an event, where that starts nothing."""


def open_stream(request: Request, rules: Rules, terms: Terms = PLAIN) -> Flow[Opened]:
    """Send a request until the head of a 2xx reply is there. Arguments as for `send`."""
    course = begin(request, rules, terms, (yield from now_for(terms)))
    try:
        incoming = yield from reach(course)
    except Ended as ended:
        tell_of_bill(course, ended.error)
        raise
    rules.budgets.refund(course.url)
    return Opened(incoming, course, terms.deadline.at if terms.is_whole else None)
