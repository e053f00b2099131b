"""Bills that note something: what a run may cost is reserved in the budgets before it starts, what it cost goes there and to the ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol

import typedrun.money.ledger as ledger
from typedrun.core.bills import Bill, BillKind
from typedrun.core.protocols import Accounts
from typedrun.errors import (
    APIError,
    LedgerError,
    OperationFailedError,
    OutcomeUnknown,
    TimeoutError,  # noqa: A004  # it is a TimeoutError
    TransportError,
    TypedrunError,
    ValidationError,
)
from typedrun.jsontypes import JSON
from typedrun.money.budget import Hold, Tag, budgets_of, reserve, tags_of
from typedrun.parameters import Pricing
from typedrun.prices import Basis, Cost, Size, cost_of, estimate
from typedrun.results import ModelResult


class Kept(Accounts, Protocol):
    """Books, as far as their bills need them."""

    @property
    def ledger(self) -> str | None:
        """File of the ledger, absolute."""
        ...

    @property
    def jobs(self) -> dict[str, Bill]:
        """Name of a job, or the place to ask for one without -> its bill, until it is closed."""
        ...

    def name_of(self, handle: JSON) -> str:
        """The backend's name for a job; empty where it has none."""
        ...

    def read(self, answer: Mapping[str, Any]) -> ModelResult[Any] | None:
        """Read an answer of a run, by what it says."""
        ...


class OpenBill(Bill):
    """The bill of a run under a budget or a ledger."""

    def __init__(
        self,
        books: Kept,
        model: str,
        kind: BillKind,
        hold: Hold,
        estimated: Cost,
        price: tuple[Pricing | None, Size | None],
        tags: Mapping[str, Tag],
    ) -> None:
        self._books = books
        self._model = model
        self._kind: BillKind = kind
        self._hold = hold
        self._estimated = estimated
        self._pricing, self._size = price
        self._tags = tags
        self._is_sent = False
        self._lost = 0
        self._job = ""
        self._kept_under: str | None = None
        self._closing = dict[str, object]()  # whose first entry closes: a lock could be held where a fork copies it

    def sending(self) -> None:
        """Note that the run may be executed from here on."""
        self._is_sent = True

    def sent_again(self, times: int) -> None:
        """Note how many runs before this one nobody knows the outcome of."""
        self._lost = times

    def became_job(self, handle: JSON, place: str | None) -> None:
        """Leave the bill to whoever asks for that run."""
        self._job = self._books.name_of(handle)
        self._kept_under = self._job or place
        if self._kept_under:
            self._books.jobs[self._kept_under] = self

    def finished(self, result: Any) -> None:
        """Count the cost and write it down."""
        if self._close():
            cost = cost_of(result, self._pricing, self._size)
            self._hold.charge(cost, self._lost)
            self._write(cost, result.request_id, result)

    def failed(self, error: BaseException) -> None:
        """Give the reservation back, or keep it where the run may have been executed."""
        if isinstance(error, OperationFailedError):
            self._failed_at_the_backend(error)
        elif self._kept_under:
            return  # it goes on there, and the job closes the bill
        elif self._close():
            if not self._is_sent or _was_not_executed(error):
                self._hold.release()
            else:
                self._keep(error)

    def broke_off(self, partial: ModelResult[Any]) -> None:
        """Count what the stream told of its cost; else what it may have cost."""
        if partial.used_credits is not None or partial.usage is not None:
            self.finished(partial)
        elif self._close():
            self._hold.keep(1 + self._lost)
            self._write(self._possible(), partial.request_id, partial)

    def _failed_at_the_backend(self, error: OperationFailedError) -> None:
        """Bill a failed run if the answer says so, by credits, seconds or tokens."""
        if not self._close():
            return
        answer = self._books.read(error.response_data)
        cost = Cost() if answer is None else cost_of(answer, self._pricing, None)
        if cost.basis not in {Basis.REPORTED, Basis.METRICS, Basis.USAGE} or not cost.credits:
            self._hold.release()
            return
        self._hold.charge(cost, self._lost)
        self._note_on(error, cost, error.request_id)

    def _keep(self, error: BaseException) -> None:
        self._hold.keep(1 + self._lost)
        request_id = error.request_id if isinstance(error, TypedrunError) else None
        self._note_on(error, self._possible(), request_id)

    def _possible(self) -> Cost:
        known = self._estimated
        return Cost(known.credits, Basis.POSSIBLE, known.units, known.unit)

    def _close(self) -> bool:
        """Whether it was open until now."""
        mine = object()
        if self._closing.setdefault("by", mine) is not mine:
            return False
        if self._kept_under:
            self._books.jobs.pop(self._kept_under, None)
        return True

    def _note_on(self, error: BaseException, cost: Cost, request_id: str | None) -> None:
        """Write a line for a run that ended with an error, which the caller must see whatever becomes of the line."""
        try:
            self._write(cost, request_id, None)
        except LedgerError as unwritten:
            error.add_note(str(unwritten))

    def _write(self, cost: Cost, request_id: str | None, result: ModelResult[Any] | None) -> None:
        path = self._books.ledger
        if path is None:
            return
        entry = ledger.Entry(
            time=datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
            model=self._model,
            cost=cost.credits,
            basis=str(cost.basis),
            units=cost.units,
            unit=cost.unit,
            kind="job" if self._kept_under and self._kind == "run" else self._kind,
            request_id=request_id,
            job=self._job or None,
            tags=self._tags,
        )
        try:
            ledger.append(path, entry.to_line())
        except OSError as refused:
            raise LedgerError(
                f"The run is over, but its line could not be added to the ledger {path}: {refused}. Next: the result is in this"
                f" error's `result`; make room, and add the line: {entry.to_line().decode().strip()}",
                result=result,
                model=self._model,
                request_id=request_id,
            ) from refused


def open_bill(
    books: Kept, model: str, kind: BillKind, weigh: Callable[[], tuple[Pricing | None, Size]], times: int
) -> Bill:
    """As `Books.open`."""
    if books.ledger is not None:
        _check(books.ledger, model)
    pricing, size = weigh()
    estimated = estimate(pricing, size)
    hold = reserve(budgets_of(books), estimated, model, times)
    return OpenBill(books, model, kind, hold, estimated, (pricing, size), tags_of(books))


def resumed_bill(books: Kept, handle: JSON, place: str | None, model: str | None) -> Bill:
    """As `Books.of_job`, for a job that another process started: its cost is written down, and no budget here was asked for it."""
    bill = OpenBill(books, model or "", "job", Hold((), Decimal(0), 0), _ELSEWHERE, (None, None), tags_of(books))
    bill.sending()
    bill.became_job(handle, place)
    return bill


def _check(path: str, model: str) -> None:
    try:
        ledger.check(path)
    except OSError as refused:
        raise LedgerError(
            f"Model {model} was not run, because its cost could not be written to the ledger {path}: {refused}. Nothing was sent."
            " Next: make the folder, or give another file",
            model=model,
        ) from refused


def _was_not_executed(error: BaseException) -> bool:
    """Whether an error says that the run did not begin: refused, or never sent."""
    if isinstance(error, OutcomeUnknown | OperationFailedError):
        return False
    if isinstance(error, TimeoutError):
        return error.job is None  # its time was over before it could be sent
    return isinstance(error, APIError | TransportError | ValidationError)


_ELSEWHERE = Cost(note="another process started it")
