"""A run that goes on at the backend, as a value: what names it, what an answer makes of it, how it is found again."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from importlib import import_module
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar, cast

import typedrun.core.polling as polling
import typedrun.errors as errors
from typedrun.core.bills import FREE, Bill
from typedrun.core.course import Rules, Terms, check_origin
from typedrun.core.deadline import Deadline
from typedrun.core.effects import NOW, Call, Ended, Flow, Sleep
from typedrun.core.exchange import deadline_in, send
from typedrun.core.request import Request
from typedrun.core.retry import read_retry_after
from typedrun.jsontypes import JSON
from typedrun.marketplaces.orders import Failed, Fetch, Running, State
from typedrun.marketplaces.unfollowed import no_place
from typedrun.openenums import ResponseStatus
from typedrun.records import evolve, field_names
from typedrun.results import DataT, ModelResult
from typedrun.settings import WAIT_TIME

if TYPE_CHECKING:
    from typing import Self

    from typedrun.answers.outputs import Output
    from typedrun.errors.runs import UnfinishedRun
    from typedrun.marketplaces.cancellations import Cancellation
    from typedrun.marketplaces.protocol import Wire


CANCELLING: Final = 20.0
"""Seconds that the wish to cancel a run may take."""


class Bearer(Protocol):
    """A driver, whichever way it waits, as far as flows need it."""

    @property
    def rules(self) -> Rules:
        """What holds for every request of the client."""
        ...

    @property
    def is_scripted(self) -> bool:
        """Whether no network is behind it."""
        ...

    @property
    def wire(self) -> Wire:
        """How the marketplace is talked to."""
        ...


_ALL = field_names(ModelResult)
_FIELDS = tuple(name for name in _ALL if name != "result")
"""What a job takes over of an answer; `result` is the name of a method of its own."""
_taken_over: Callable[[ModelResult[Any]], tuple[Any, ...]] = attrgetter(*_FIELDS)
_values: Callable[[ModelResult[Any]], tuple[Any, ...]] = attrgetter(*_ALL)
"""The fields of an answer, in their order."""


class StartedRun(ModelResult[DataT]):
    """A started run as a value: its fields are those of the last answer. The clients' jobs derive from this."""

    def __init__(self, driver: Bearer, state: State, *, label: str | None = None, handle: JSON = None) -> None:
        """Take what is known of a run.

        Args:
            driver: What asks.
            state: What the first answer said.
            label: Id or path of the model, for messages and the token.
            handle: By which it is found again, if it is over already.
        """
        self._state = state
        self._handle = state.handle if isinstance(state, Running) else handle
        # The fields of ModelResult, but for `result`: that name is the method's here. The wire's field is in `raw`.
        self._answer: ModelResult[Any] = state.answer
        self._driver = driver
        self._output: Output | None = None
        self.label = label
        """Id or path of the model that was called."""
        self._set(self._answer)
        self._is_cancelled = False
        self._bill: Bill = FREE
        if isinstance(state, Running):
            self._bill = driver.rules.books.of_job(state.handle, self.url, label)

    @property
    def id(self) -> str:
        """The backend's name for the run; empty for one that finished at once."""
        return "" if self._handle is None else self._driver.wire.name_of(self._handle)

    def typed_by(self, model: object) -> Self:
        """This run, with data of the type that a model, or its class, declares; None, or one that declares none, leaves it as it comes."""
        if getattr(model, "output_type", None) is None:
            return self
        from typedrun.answers.outputs import output_of

        return self._with_output(output_of(model))

    def _with_output(self, output: Output | None) -> Self:
        self._output = output
        self._set(self._answer)
        return self

    def leave_token(self, error: BaseException) -> None:
        """Note on an exception that ends the waiting (Ctrl-C, a callback's, a refused question) how the run is found again."""
        if self.completed or self._handle is None:
            return
        token = self.token()
        error.add_note(f"The run goes on at the backend; pick it up with aix.job({token!r})")
        with contextlib.suppress(AttributeError):  # an exception with slots has the note alone
            error.job_token = token  # type: ignore[attr-defined]  # documented in docs/errors.md

    def token(self) -> str:
        """A short text that names this job for `client.job`, in another process or on another day.

        It holds the marketplace, the model, and by what the run is found there, neither key nor credentials of a URL.
        """
        if self._handle is None:
            raise errors.ValidationError(
                "This run has finished at once; there is nothing to pick up again", model=self.label
            )
        from typedrun.marketplaces.tokens import write_token

        return write_token(self._driver.wire.marketplace, self._handle, self.label)

    def __eq__(self, other: object) -> bool:
        return self is other  # its fields change while it runs

    def __hash__(self) -> int:  # type: ignore[override]  # attrs took it from the base class, whose values compare by field
        return id(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(id={self.id!r}, status={self.status!r}, completed={self.completed!r}, model={self.label!r})"

    def _repr_html_(self) -> str:
        return self._html()

    def _html(self) -> str:
        show: Callable[..., str] = import_module("typedrun.display").job_html
        return show(self)

    def __reduce__(
        self,
    ) -> tuple[Callable[..., StartedRun[Any]], tuple[object, ...]]:
        return _restored, (type(self), self._driver, self._state, self.label, self._handle, self._output)

    # --- flows

    def poll_flow(self) -> Flow[None]:
        """Ask once and take over the answer; the clients' `poll` drives it."""
        if not self.completed:
            yield from self._ask(None, None)
        self._close_bill()

    def glance_flow(self, seconds: float) -> Flow[None]:
        """Ask once, without a second try, and do not wait longer than that."""
        yield from self._ask(seconds, retries=0)

    def wait_flow(
        self,
        deadline: Deadline,
        timeout: float | None,
        wait_time: float = WAIT_TIME,
        on_poll: Callable[[Any], object] | None = None,
    ) -> Flow[ModelResult[DataT]]:
        """Ask until the run is finished, by a moment that others share: `run` has uploaded and submitted before it waits.

        Args:
            deadline: When the time is over.
            timeout: Seconds that the caller gave in all, for messages.
            wait_time: Seconds before the second question.
            on_poll: Called with this job after each answer.
        """
        if not self.completed:
            self._question()  # without one there is nothing to wait for
        try:
            return (yield from self._wait(deadline, timeout, wait_time, on_poll))
        except (errors.OperationFailedError, errors.TimeoutError):
            raise  # nothing goes on, or the error has the job
        except Ended as ended:
            self.leave_token(ended.error)
            raise
        except Exception as error:
            self.leave_token(error)
            raise

    def _wait(
        self,
        deadline: Deadline,
        timeout: float | None,
        wait_time: float,
        on_poll: Callable[[Any], object] | None,
    ) -> Flow[ModelResult[DataT]]:
        now: float = yield NOW
        state = polling.begin(now, budget=deadline.left(now), wait_time=wait_time)
        seen: polling.Seen = polling.Finished() if self.completed else None
        last: errors.TypedrunError | None = None
        while True:
            now = yield NOW
            state, step = polling.next_step(state, seen, now)
            seen = None
            if isinstance(step, polling.Wait):
                yield Sleep(step.seconds)
            elif isinstance(step, polling.Ask):
                seen = yield from self._seen(step.within)
                last = seen.error if isinstance(seen, polling.Lost) else None
                if on_poll is not None and not isinstance(seen, polling.Lost):
                    yield Call(on_poll, (self,))
            elif isinstance(step, polling.Failed):
                raise step.error
            elif isinstance(step, polling.OutOfTime):
                raise self._out_of_time(step.budget if timeout is None else timeout) from last
            else:
                return self._finished()

    def cancel_flow(self) -> Flow[Cancellation]:
        """Ask the backend to stop the run; the clients' `cancel` drives it."""
        from typedrun.marketplaces.cancellations import Cancellation, CancelOutcome

        if self.completed:
            return Cancellation(CancelOutcome.ALREADY_COMPLETED)
        wire = self._driver.wire
        request = None if self._handle is None else wire.cancel(self._handle, self.label)
        if request is None:
            raise errors.ValidationError(
                "This run cannot be cancelled: the backend has no request for it. Nothing was sent. Next: wait for it",
                model=self.label,
            )
        reply = yield from send(request, self._driver.rules, Terms((yield from deadline_in(CANCELLING))))
        said = wire.cancelled(reply)
        if (ended := wire.stopped(reply, self.label)) is not None:
            self._take_over(ended)
        elif said.outcome is CancelOutcome.CANCELLED:
            self._take_over(self._forgotten(None))
        self._is_cancelled = said.outcome in {CancelOutcome.CANCELLED, CancelOutcome.REQUESTED}
        return said

    def give_up_flow(self, error: BaseException) -> Flow[None]:
        """Cancel the run because of an error that the caller gets, with a note on what came of it. Raises nothing of its own."""
        try:
            said = yield from self.cancel_flow()
        except errors.TypedrunError as refused:
            error.add_note(f"The run could not be cancelled and may go on: {refused}")
        else:
            error.add_note(f"The backend was asked to cancel the run, and said: {said.outcome}")

    def _seen(self, within: float | None) -> Flow[polling.Seen]:
        try:
            retry_after = yield from self._ask(within, retries=0)
        except errors.TypedrunError as error:
            if not (self._is_cancelled and isinstance(error, errors.NotFoundError)):
                return polling.Lost(error)
            self._take_over(self._forgotten(error))
            return polling.Finished()
        return polling.Finished() if self.completed else polling.Pending(retry_after)

    def _forgotten(self, error: errors.NotFoundError | None) -> Failed:
        """A run that was cancelled, and of which the backend has no more to say."""
        failed = errors.OperationFailedError(
            "Operation failed: the run was cancelled", model=self.label, url=self.url, request_id=self.request_id
        )
        failed.__cause__ = error
        answer = evolve(self._answer, status=str(ResponseStatus.FAILED), completed=True)
        return Failed(failed, answer)

    def _ask(self, within: float | None, retries: int | None) -> Flow[float | None]:
        """Ask and take the answer over; return the wait that the backend asked for."""
        rules = self._driver.rules
        total = rules.settings.timeout.total
        deadline = yield from deadline_in(min((limit for limit in (within, total) if limit is not None), default=None))
        terms = Terms(deadline, retries)
        reply = yield from send(self._question(), rules, terms)
        found = self._driver.wire.asked(self._handle, reply, self.label)
        self._take_over((yield from self._fetched(found, terms)) if isinstance(found, Fetch) else found)
        return read_retry_after(reply.headers)

    def _fetched(self, where: Fetch, terms: Terms) -> Flow[State]:
        """The result of a run that lies elsewhere than the answer about it."""
        try:
            reply = yield from send(where.request, self._driver.rules, terms)
        except errors.APIError as error:
            failed = where.refused(error)
            if failed is None:
                raise
            return failed
        return where.read(reply)

    # --- answers

    def _question(self) -> Request:
        if self._handle is None:
            raise no_place(self.label, self.request_id, self.raw)
        return self._driver.wire.ask(self._handle, self.label)

    def _take_over(self, state: State) -> None:
        known, answer = self._answer, state.answer
        answer.url = known.url or answer.url  # an answer cannot send the next question elsewhere
        answer.request_id = answer.request_id or known.request_id
        answer.model = answer.model or known.model
        answer.session_id = answer.session_id or known.session_id
        self._state, self._answer = state, answer
        self._set(answer)

    def _set(self, answer: ModelResult[Any]) -> None:
        shown = answer if self._output is None else self._output.read(answer, self._driver, label=self.label)
        for name, value in zip(_FIELDS, _taken_over(shown), strict=True):
            setattr(self, name, value)

    def _finished(self) -> ModelResult[DataT]:
        self._close_bill()
        finished: ModelResult[DataT] = ModelResult(*_values(self._answer))
        finished.data = self.data
        return finished

    def _close_bill(self) -> None:
        """Note what the run cost, if it is over; raise its failure, if it failed."""
        if not self.completed:
            return
        if isinstance(self._state, Failed):
            self._bill.failed(self._state.error)
            raise self._state.error
        self._bill.finished(self._answer)

    def _out_of_time(self, budget: float) -> errors.TimeoutError:
        return errors.TimeoutError(
            f"Operation timed out after {budget:g} seconds; the run goes on at the backend. Next: wait again with"
            " error.job.wait(), or keep error.job.token() and pick it up later",
            job=cast("UnfinishedRun", self),  # each client's kind can wait
            model=self.label,
            url=self.url,
            request_id=self.request_id,
        )


StartedT = TypeVar("StartedT", bound=StartedRun[Any])


def resume(kind: Callable[..., StartedT], driver: Bearer, token_or_url: str, *, label: str | None = None) -> StartedT:
    """Resume a job by its token or its poll address. Nothing is sent.

    Args:
        kind: The class of job.
        driver: What asks.
        token_or_url: What `token` gave, or where to ask.
        label: Id or path of the model.

    Raises:
        ValidationError: The text is neither.
        UntrustedURLError: The address is outside the configured origins.
    """
    from typedrun.marketplaces.tokens import read_token

    token, wire = read_token(token_or_url), driver.wire
    if token.marketplace is not None and token.marketplace != wire.marketplace:
        from typedrun.marketplaces.tokens import foreign_token

        raise foreign_token(token, wire.marketplace)
    running = wire.resume(token.handle, label or token.model)
    check_origin(wire.ask(running.handle, label).url, driver.rules.origins)
    return kind(driver, running, label=label or token.model)


def _restored(
    kind: type[StartedRun[Any]],
    driver: Bearer,
    state: State,
    label: str | None,
    handle: JSON,
    output: Output | None = None,
) -> StartedRun[Any]:
    return kind(driver, state, label=label, handle=handle)._with_output(output)  # pyright: ignore[reportPrivateUsage]  # its own
