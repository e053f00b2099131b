"""Runs that are not waited for: starting a job or a stream, as flows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typedrun.call import Call
from typedrun.core.course import Terms
from typedrun.core.effects import Ended, Flow
from typedrun.core.exchange import deadline_in
from typedrun.core.opening import Opened
from typedrun.errors import InvalidRequestError
from typedrun.marketplaces.orders import Running
from typedrun.marketplaces.unfollowed import Unfollowed
from typedrun.metadata.described import DescribedModel
from typedrun.records import evolve
from typedrun.runs.jobs import job_of
from typedrun.runs.running import open_bill, order_by, shown, start, upload_media

if TYPE_CHECKING:
    from typedrun.marketplaces.protocol import Wire


def submit(model: DescribedModel, call: Call) -> Flow[Any]:
    """Send a run and return at once, with a job of the client's kind."""
    deadline = yield from deadline_in(call.timeout)
    with shown(call), open_bill(model, call, "job") as bill:
        state = yield from start(model, call, deadline, bill, waits=False)
        job = job_of(model, state, bill)
        if job.completed:
            bill.finished(job)
        return job


def stream(model: DescribedModel, call: Call) -> Flow[Opened]:
    """Send a run whose answer is read as it is written."""
    deadline = yield from deadline_in(call.timeout)
    driver = model.session.driver
    with open_bill(model, call, "stream") as bill:
        with shown(call):
            whole = yield from upload_media(model, call, deadline)
        terms = Terms(deadline, None, call.run_retries, call.run_retry_wait, call.is_limited)
        order = yield from order_by(model, whole, deadline, waits=True)
        bill.sending()
        try:
            wire: Wire = driver.wire
            opened = yield from wire.stream(order, driver.rules, terms)
        except InvalidRequestError as refused:
            if call.is_validated:  # otherwise the caller knew better
                from typedrun.metadata.drift import notice_refusal

                notice_refusal(model, refused, call.values)
            raise
        except Unfollowed as lost:
            job_of(model, lost.running, bill).leave_token(lost.error)
            raise lost.error from lost.error.__cause__
        except Ended as ended:
            if isinstance(ended.leaves, Running):
                job_of(model, ended.leaves, bill).leave_token(ended.error)
            raise
        bill.sent_again(opened.course.tally.resends)
        return evolve(opened, bill=bill)
