"""What is sent for a checked call, and what comes back: flows, which the clients' models drive."""

from __future__ import annotations

import functools
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from typedrun.call import Call
from typedrun.core.course import Terms
from typedrun.core.effects import NOW, Ended, Flow
from typedrun.core.exchange import Opened, deadline_in, send
from typedrun.core.reply import Reply
from typedrun.core.request import Request
from typedrun.described import DescribedModel
from typedrun.errors import InvalidRequestError, TimeoutError  # noqa: A004  # it is a TimeoutError
from typedrun.inputs import media_parameters
from typedrun.marketplaces.orders import Done, Failed, Order, Running, State, Unfollowed
from typedrun.records import evolve
from typedrun.results import ModelResult

if TYPE_CHECKING:
    from typedrun.core.bills import Bill, BillKind
    from typedrun.core.clock import Deadline
    from typedrun.marketplaces.protocol import Wire
    from typedrun.parameters import Pricing
    from typedrun.prices import Size
    from typedrun.started import StartedRun


def run(model: DescribedModel, call: Call) -> Flow[ModelResult[Any]]:
    """Send a run and wait until it is finished.

    Whether an answer is final is read from the answer, not from what the catalog says about the model.
    """
    deadline = yield from deadline_in(call.timeout)
    with _shown(call), open_bill(model, call, "run") as bill:
        state = yield from _start(model, call, deadline, bill, waits=True)
        if isinstance(state, Done):
            bill.finished(state.answer)
            return typed(model, state.answer)
        job = job_of(model, state, bill)
        try:
            return (yield from job.wait_flow(deadline, call.timeout, call.wait_time, call.on_poll))
        except TimeoutError as late:
            if call.cancels_on_timeout:
                yield from job.give_up_flow(late)
            raise


def submit(model: DescribedModel, call: Call) -> Flow[Any]:
    """Send a run and return at once, with a job of the client's kind."""
    deadline = yield from deadline_in(call.timeout)
    with _shown(call), open_bill(model, call, "job") as bill:
        state = yield from _start(model, call, deadline, bill, waits=False)
        job = job_of(model, state, bill)
        if job.completed:
            bill.finished(job)
        return job


def stream(model: DescribedModel, call: Call) -> Flow[Opened]:
    """Send a run whose answer is read as it is written."""
    deadline = yield from deadline_in(call.timeout)
    driver = model.session.driver
    with open_bill(model, call, "stream") as bill:
        with _shown(call):
            whole = yield from upload_media(model, call, deadline)
        terms = Terms(deadline, None, call.run_retries, call.run_retry_wait, call.is_limited)
        order = yield from _order(model, whole, deadline, waits=True)
        bill.sending()
        try:
            wire: Wire = driver.wire
            opened = yield from wire.stream(order, driver.rules, terms)
        except InvalidRequestError as refused:
            _notice_refusal(model, call, refused)
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


def order_of(model: DescribedModel, call: Call, *, waits: bool, seconds: float | None = None) -> Order:
    """A checked call, as its marketplace takes it.

    Args:
        model: What is to run.
        call: Its arguments, files uploaded.
        waits: Whether the caller waits for the answer.
        seconds: What is left of the time for the whole run.
    """
    return Order(
        model=model.id,
        body=call.payload,
        label=model.label,
        headers=call.headers,
        version=model.pinned_version,
        controls=call.controls,
        waits=waits,
        is_sync_only=model.is_sync_only,
        seconds=seconds,
    )


def _order(model: DescribedModel, call: Call, deadline: Deadline, *, waits: bool) -> Flow[Order]:
    now: float = yield NOW
    return order_of(model, call, waits=waits, seconds=deadline.left(now))


def _start(model: DescribedModel, call: Call, deadline: Deadline, bill: Bill, *, waits: bool) -> Flow[Done | Running]:
    """Upload, submit, and read what the answer says."""
    wire = model.session.driver.wire
    whole = yield from upload_media(model, call, deadline)
    order = yield from _order(model, whole, deadline, waits=waits)
    reply = yield from _send(model, call, wire.start(order), deadline, bill)
    state: State = wire.started(order, reply)
    if isinstance(state, Failed):
        raise state.error
    return state


def _shown(call: Call) -> AbstractContextManager[object]:
    return nullcontext() if call.progress is None else call.progress


def open_bill(model: DescribedModel, call: Call, kind: BillKind) -> Bill:
    """The bill of a run that is about to start.

    Raises:
        BudgetExceeded: by its estimate it would pass a limit.
    """
    books = model.session.driver.rules.books
    bill: Bill = books.open(model.label, kind, functools.partial(weigh, model, call), 1 + call.run_retries)
    return bill


def weigh(model: DescribedModel, call: Call) -> tuple[Pricing | None, Size]:
    """The price of a model, and what a call hands over."""
    from typedrun.weighing import find_price, measure_call

    return find_price(model), measure_call(model, call.payload)


def _send(model: DescribedModel, call: Call, request: Request, deadline: Deadline, bill: Bill) -> Flow[Reply]:
    bill.sending()
    terms = Terms(deadline, None, call.run_retries, call.run_retry_wait)
    try:
        reply = yield from send(request, model.session.driver.rules, terms)
    except InvalidRequestError as refused:
        _notice_refusal(model, call, refused)
        raise
    bill.sent_again(reply.resends)
    return reply


def _notice_refusal(model: DescribedModel, call: Call, refused: InvalidRequestError) -> None:
    if call.is_validated:  # otherwise the caller knew better than the signature
        from typedrun.drift import notice_refusal

        notice_refusal(model, refused, call.values)


def job_of(model: DescribedModel, state: State, bill: Bill) -> StartedRun[Any]:
    """The job, of the client's kind, of a run that has started; its bill is the run's."""
    if isinstance(state, Running):
        bill.became_job(state.answer.url)
    job: StartedRun[Any] = model.session.job(model.session.driver, state, model.label)
    return job.typed_by(model)


def typed(model: DescribedModel, answer: ModelResult[Any]) -> ModelResult[Any]:
    """The answer with data of the type that the model declares."""
    if model.output_type is None:
        return answer
    from typedrun.outputs import output_of

    output = output_of(model)
    return answer if output is None else output.read(answer, model.session.driver, label=model.label)


def upload_media(model: DescribedModel, call: Call, deadline: Deadline) -> Flow[Call]:
    """Replace local files by the addresses of their temporary copies, within the time of the run.

    Raises:
        FileUploadError: a file is missing, too large or refused.
    """
    media = media_parameters(model.inputs)
    if not media:
        return call
    from typedrun.attachments import local_files, with_placed

    uploaded = dict[str, Any]()
    for parameter in media:
        name, value = parameter.name, call.values.get(parameter.name)
        for place, file in local_files(parameter, value, local_paths=model.session.local_paths):
            address = yield from _upload(model, call, deadline, name, file)
            uploaded[name] = value = with_placed(value, place, address)
    return evolve(call, values={**call.values, **uploaded}) if uploaded else call


def _upload(model: DescribedModel, call: Call, deadline: Deadline, name: str, value: Any) -> Flow[Any]:
    """The address of a local file."""
    from typedrun.media import upload

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
