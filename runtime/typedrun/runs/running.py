"""What is sent for a checked call, and what comes back: flows, which the clients' models drive."""

from __future__ import annotations

import functools
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from typedrun.call import Call
from typedrun.core.course import Terms
from typedrun.core.effects import NOW, Flow
from typedrun.core.exchange import deadline_in, send
from typedrun.core.reply import Reply
from typedrun.core.request import Request
from typedrun.inputs import media_parameters
from typedrun.marketplaces.orders import Done, Failed, Order, Running, State
from typedrun.metadata.described import DescribedModel
from typedrun.results import ModelResult

if TYPE_CHECKING:
    from typedrun.core.bills import Bill, BillKind
    from typedrun.core.deadline import Deadline
    from typedrun.parameters import Pricing
    from typedrun.prices import Size


def run(model: DescribedModel, call: Call) -> Flow[ModelResult[Any]]:
    """Send a run and wait until it is finished.

    Whether an answer is final is read from the answer, not from what the catalog says about the model.
    """
    deadline = yield from deadline_in(call.timeout)
    with shown(call), open_bill(model, call, "run") as bill:
        state = yield from start(model, call, deadline, bill, waits=True)
        if isinstance(state, Done):
            bill.finished(state.answer)
            return typed(model, state.answer)
        from typedrun.runs.jobs import wait_for

        return (yield from wait_for(model, call, state, deadline, bill))


def order_of(model: DescribedModel, call: Call, *, waits: bool, seconds: float | None = None) -> Order:
    """Write a checked call as its marketplace takes it.

    Args:
        model: What runs.
        call: Its arguments, files uploaded.
        waits: Whether the caller waits for the result; a marketplace may then answer with it at once.
        seconds: How long is left for the whole run. Default: no limit.
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


def order_by(model: DescribedModel, call: Call, deadline: Deadline, *, waits: bool) -> Flow[Order]:
    """Write a checked call as its marketplace takes it, with the seconds that are left until a deadline."""
    now: float = yield NOW
    return order_of(model, call, waits=waits, seconds=deadline.left(now))


def start(model: DescribedModel, call: Call, deadline: Deadline, bill: Bill, *, waits: bool) -> Flow[Done | Running]:
    """Upload, submit, and read what the answer says."""
    wire = model.session.driver.wire
    whole = yield from upload_media(model, call, deadline)
    order = yield from order_by(model, whole, deadline, waits=waits)
    reply = yield from _send(model, call, wire.start(order), deadline, bill)
    state: State = wire.started(order, reply)
    if isinstance(state, Failed):
        raise state.error
    return state


def shown(call: Call) -> AbstractContextManager[object]:
    """What shows a run to a person, where the caller asked for it."""
    return nullcontext() if call.progress is None else call.progress


def open_bill(model: DescribedModel, call: Call, kind: BillKind) -> Bill:
    """Open the bill of a run that is about to start.

    Raises:
        BudgetExceeded: by its estimate it would pass a limit.
    """
    books = model.session.driver.rules.books
    bill: Bill = books.open(model.label, kind, functools.partial(weigh, model, call), 1 + call.run_retries)
    return bill


def weigh(model: DescribedModel, call: Call) -> tuple[Pricing | None, Size]:
    """The price of a model, and what a call hands over."""
    from typedrun.money.weighing import find_price, measure_call

    return find_price(model), measure_call(model, call.payload)


def _send(model: DescribedModel, call: Call, request: Request, deadline: Deadline, bill: Bill) -> Flow[Reply]:
    bill.sending()
    terms = Terms(deadline, None, call.run_retries, call.run_retry_wait)
    try:
        reply = yield from send(request, model.session.driver.rules, terms)
    except Exception as error:
        if call.is_validated:  # otherwise the caller knew better
            from typedrun.metadata.drift import notice_refusal

            notice_refusal(model, error, call.values)
        raise
    bill.sent_again(reply.resends)
    return reply


def typed(model: DescribedModel, answer: ModelResult[Any]) -> ModelResult[Any]:
    """The answer with data of the type that the model declares."""
    if model.output_type is None:
        return answer
    from typedrun.answers.outputs import output_of

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
    from typedrun.runs.files import place_files

    return (yield from place_files(model, call, media, deadline))
