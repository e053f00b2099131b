"""The job of a run that was not answered at once, and waiting for it, as a flow."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from typedrun.attachments import local_files, with_placed
from typedrun.call import Call
from typedrun.core.effects import Flow
from typedrun.described import DescribedModel
from typedrun.errors import TimeoutError  # noqa: A004  # it is a TimeoutError
from typedrun.marketplaces.orders import Running, State
from typedrun.media import upload
from typedrun.records import evolve
from typedrun.results import ModelResult

if TYPE_CHECKING:
    from collections.abc import Iterable

    from typedrun.core.bills import Bill
    from typedrun.core.clock import Deadline
    from typedrun.parameters import Parameter
    from typedrun.started import StartedRun


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
        bill.became_job(state.answer.url)
    job: StartedRun[Any] = model.session.job(model.session.driver, state, model.label)
    return job.typed_by(model)


def place_files(model: DescribedModel, call: Call, media: Iterable[Parameter], deadline: Deadline) -> Flow[Call]:
    """Replace local files among the values of these parameters. Raises as `running.upload_media` does."""
    uploaded = dict[str, Any]()
    for parameter in media:
        name, value = parameter.name, call.values.get(parameter.name)
        for place, file in local_files(parameter, value, local_paths=model.session.local_paths):
            address = yield from _upload(model, call, deadline, name, file)
            uploaded[name] = value = with_placed(value, place, address)
    return evolve(call, values={**call.values, **uploaded}) if uploaded else call


def _upload(model: DescribedModel, call: Call, deadline: Deadline, name: str, value: Any) -> Flow[Any]:
    """The address of a local file."""
    progress = functools.partial(call.on_upload, name) if call.on_upload else None
    return (
        yield from upload(
            model.session.driver,
            value,
            parameter=name,
            model=model.label,
            progress=progress,
            deadline=deadline,
            local_paths=model.session.local_paths,
            embeds=True,
        )
    )
