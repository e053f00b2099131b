"""The job of a run that was not answered at once, and waiting for it, as a flow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typedrun.call import Call
from typedrun.core.effects import Flow
from typedrun.errors import TimeoutError  # noqa: A004  # it is a TimeoutError
from typedrun.marketplaces.orders import Running, State
from typedrun.metadata.described import DescribedModel
from typedrun.results import ModelResult

if TYPE_CHECKING:
    from typedrun.answers.started import StartedRun
    from typedrun.core.bills import Bill
    from typedrun.core.deadline import Deadline


def wait_for(model: DescribedModel, call: Call, state: State, deadline: Deadline, bill: Bill) -> Flow[ModelResult[Any]]:
    """Wait until a run that goes on is finished."""
    job = job_of(model, state, bill)
    try:
        return (yield from job.wait_flow(deadline, call.timeout, call.wait_time, call.on_poll))
    except TimeoutError as late:
        if call.cancels_on_timeout:
            yield from job.give_up_flow(late)
        raise


def job_of(model: DescribedModel, state: State, bill: Bill) -> StartedRun[Any]:
    """The job, of the client's kind, of a run that has started; its bill is the run's."""
    if isinstance(state, Running):
        bill.became_job(state.handle, state.answer.url)
    job: StartedRun[Any] = model.session.job(model.session.driver, state, model.label)
    return job.typed_by(model)
