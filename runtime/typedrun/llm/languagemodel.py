"""A language model under the older surface: what it is, and its runs as flows."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias, cast

import attrs

from typedrun.answers.started import StartedRun, resume
from typedrun.core.course import Terms
from typedrun.core.deadline import NEVER
from typedrun.core.exchange import deadline_in, send
from typedrun.core.request import Request
from typedrun.errors import (
    APIError,
    DecodingError,
    InvalidRequestError,
    LedgerError,
    TimeoutError,  # noqa: A004  # it is a TimeoutError
    TransportError,
    TypedrunError,
)
from typedrun.llm.responses import ModelResponse as ModelResponse
from typedrun.llm.responses import explained, failed_response, llm_payload, response_of
from typedrun.marketplaces.older import DEFAULT_SUPPLIER, KIND_OF_ASSET, decode_pricing, decode_vendor, older_wire
from typedrun.marketplaces.orders import Done, Failed, Order, Running, State
from typedrun.metadata.described import DescribedModel
from typedrun.openenums import Function, OpenStrEnum, ResponseStatus
from typedrun.parameters import VendorInfo, Version
from typedrun.results import ModelResult
from typedrun.settings import WAITING

if TYPE_CHECKING:
    from typedrun.core.bills import Bill, BillKind
    from typedrun.core.deadline import Deadline
    from typedrun.core.effects import Flow
    from typedrun.core.opening import Opened
    from typedrun.marketplaces.older import OlderWire
    from typedrun.parameters import Pricing
    from typedrun.prices import Cost, Size
    from typedrun.sending.driver import Driver
    from typedrun.session import HasSession, Session

TIMEOUT: Final[float] = float(str(WAITING))
"""The documented default. Asked for by identity: a caller's own 300 is another object, and means what it says."""

Prompt: TypeAlias = str | Mapping[str, Any] | os.PathLike[str]

_TEXTS: Final = ("data", "text", "context", "prompt", "history", "messages")
"""Members of a body that the model reads."""

_FAILURES: Final = (APIError, DecodingError, TimeoutError, TransportError)


class LanguageModel(DescribedModel):
    """A language model under the older surface, but for the ways to run it.

    Args:
        id: Id of the model.
        name: Name of the model.
        description: What it is.
        api_key: Key to run it with. Default: the client's, or the environment's.
        supplier: Who made it: a code, an id, a member of `Supplier`, or an object with `id`, `name` and `code`.
        version: Its version.
        function: Must be text generation.
        is_subscribed: Is the team subscribed to it?
        cost: What it costs.
        temperature: Used when a run gives none.
        function_type: What kind of asset it is.
        additional_info: Anything else, kept in `additional_info`.

    Raises:
        AssertionError: the function is not text generation.
    """

    _client_class: ClassVar[tuple[str, str]] = ("typedrun.client", "Client")
    """Module and name of the client that is made for a model without one."""

    def __init__(
        self,
        id: str,
        name: str,
        description: str = "",
        api_key: str | None = None,
        supplier: Mapping[str, Any] | str | OpenStrEnum | int | VendorInfo = DEFAULT_SUPPLIER,
        version: str | None = None,
        function: OpenStrEnum | str | None = None,
        is_subscribed: bool = False,
        cost: dict[str, Any] | None = None,
        temperature: float | None = 0.001,
        function_type: OpenStrEnum | None = KIND_OF_ASSET,
        **additional_info: Any,
    ) -> None:
        if function != Function.TEXT_GENERATION:
            raise AssertionError(
                f"An LLM generates text; the function of model {id} is {function}, not text-generation"
            )
        super().__init__(
            id=id,
            name=name,
            description=description,
            vendor=supplier if isinstance(supplier, VendorInfo) else decode_vendor(supplier),
            version=None if version is None else Version(id=version),
            function=Function(str(function)) if not isinstance(function, OpenStrEnum) else function,
            function_type=function_type,
        )
        self.is_subscribed = is_subscribed
        self.cost = cost
        self.temperature = temperature
        """Used when a run gives none."""
        self.additional_info = additional_info
        self._api_key = api_key

    @property
    def session(self) -> Session[Driver]:
        """That of its client; of one made from `api_key` and the environment, when it was made without one."""
        if self._session is None or self._api_key is not None:
            module, name = self._client_class
            make: Callable[..., HasSession] = getattr(import_module(module), name)  # which knows this module
            self._session = make(api_key=self._api_key).session
            self._api_key = None  # from here on it is the client's
        return cast("Session[Driver]", self._session)

    @property
    def url(self) -> str:
        """Where asynchronous runs are sent, without the id."""
        return older_wire(self.session.driver.wire).older_url("")

    @property
    def backend_url(self) -> str:
        """The backend that this model belongs to."""
        return self.session.driver.settings.backend_url

    def estimate(
        self,
        data: str | Mapping[str, Any],
        context: str | None = None,
        prompt: str | None = None,
        history: list[dict[str, Any]] | None = None,
        max_tokens: int = 128,
        parameters: Mapping[str, Any] | None = None,
    ) -> Cost:
        """What a run would cost, as far as `cost` or the catalog tells; nothing is sent. The arguments are those of `run`."""
        from typedrun.prices import estimate

        arguments = self._arguments(context, prompt, history, None, max_tokens, None, None)
        return estimate(*self._price(data, arguments, parameters))

    def _arguments(
        self,
        context: str | None,
        prompt: str | None,
        history: list[dict[str, Any]] | None,
        temperature: float | None,
        max_tokens: int,
        top_p: float | None,
        response_format: str | Mapping[str, Any] | None,
    ) -> dict[str, Any]:
        """The members that are always there, null or not, and the two that are there when they are set."""
        chosen = self.temperature if temperature is None else temperature
        always = {
            "context": context,
            "prompt": prompt,
            "history": history,
            "max_tokens": max_tokens,
            "response_format": response_format,
        }
        set_ones = {"temperature": chosen, "top_p": top_p}
        return always | {name: value for name, value in set_ones.items() if value is not None}

    # --- flows

    def run_flow(
        self,
        data: Prompt,
        arguments: Mapping[str, Any],
        parameters: Mapping[str, Any] | None,
        timeout: float | None,
        wait_time: float,
    ) -> Flow[ModelResponse]:
        """Send a run and wait until it is finished.

        Args:
            data: As for `run`.
            arguments: Further members of the body.
            parameters: As for `run`.
            timeout: As for `run`.
            wait_time: As for `run`.
        """
        with self._open_bill("run", data, arguments, parameters) as bill:
            body = yield from self._body(data, arguments, parameters)
            timeout = self._seconds(timeout)
            deadline = yield from deadline_in(timeout)
            try:
                with bill:  # an error becomes a response below
                    order = self._order(body)
                    state = yield from self._send(self._wire.start(order), order, deadline, bill)
                    result = state.answer
                    if isinstance(state, Running):
                        job = self.session.job(self.session.driver, state, self.label)
                        result = yield from job.wait_flow(deadline, timeout, wait_time)
                    bill.finished(result)
            except _FAILURES as error:
                return self._failed(explained(error, body))
            except LedgerError as unwritten:
                raise self._with_response(unwritten) from unwritten.__cause__
            return self._response(result)

    def submit_flow(
        self, data: Prompt, arguments: Mapping[str, Any], parameters: Mapping[str, Any] | None
    ) -> Flow[ModelResponse]:
        """Start a run. Arguments as for `run_flow`."""
        with self._open_bill("job", data, arguments, parameters) as bill:
            body = yield from self._body(data, arguments, parameters)
            try:
                with bill:  # an error becomes a response below
                    request = self._wire.start_older(self.id, body, self.label)
                    state = yield from self._send(request, self._order(body), NEVER, bill)
                    if isinstance(state, Done):
                        bill.finished(state.answer)
            except _FAILURES as error:
                return self._failed(explained(error, body))
            except LedgerError as unwritten:
                raise self._with_response(unwritten) from unwritten.__cause__
        if isinstance(state, Done):
            return self._response(state.answer)
        return ModelResponse(ResponseStatus.IN_PROGRESS, url=state.answer.url)

    def stream_flow(
        self, data: Prompt, arguments: Mapping[str, Any], parameters: Mapping[str, Any] | None, timeout: float | None
    ) -> Flow[Opened]:
        """Send a run whose answer is read as it is written. Arguments as for `run_flow`."""
        driver = self.session.driver
        with self._open_bill("stream", data, arguments, parameters) as bill:
            body = yield from self._body(data, arguments, parameters)
            deadline = yield from deadline_in(self._seconds(timeout))
            terms = Terms(deadline, is_whole=timeout is not TIMEOUT)
            bill.sending()
            try:
                opened = yield from driver.wire.stream(self._order(body), driver.rules, terms)
            except InvalidRequestError as error:
                explained(error, body)
                raise
            return attrs.evolve(opened, bill=bill)

    def poll_flow(self, poll_url: str) -> Flow[ModelResponse]:
        """Ask once what became of a run."""
        try:
            job = self._job(poll_url)
            yield from job.poll_flow()
        except _FAILURES as error:
            return self._failed(error)
        except LedgerError as unwritten:
            raise self._with_response(unwritten) from unwritten.__cause__
        return self._response(job)

    def wait_flow(self, poll_url: str, timeout: float | None, wait_time: float) -> Flow[ModelResponse]:
        """Wait until a run is finished. Arguments as for `sync_poll`."""
        seconds = self._seconds(timeout)
        deadline = yield from deadline_in(seconds)
        try:
            job = self._job(poll_url)
            return self._response((yield from job.wait_flow(deadline, seconds, wait_time)))
        except _FAILURES as error:
            return self._failed(error)
        except LedgerError as unwritten:
            raise self._with_response(unwritten) from unwritten.__cause__

    def _body(
        self, data: Prompt, arguments: Mapping[str, Any], parameters: Mapping[str, Any] | None
    ) -> Flow[dict[str, Any]]:
        prompt: object = data
        if isinstance(data, os.PathLike):
            from typedrun.transfers.media import upload

            prompt = yield from upload(self.session.driver, data, parameter="data", model=self.label)
        return llm_payload(prompt, arguments, parameters)

    @property
    def _wire(self) -> OlderWire:
        return older_wire(self.session.driver.wire)

    def _order(self, body: Mapping[str, Any]) -> Order:
        return Order(model=self.id, body=body, label=self.label)

    def _send(self, request: Request, order: Order, deadline: Deadline, bill: Bill) -> Flow[Done | Running]:
        """Send a run; what came back, finished or not."""
        driver = self.session.driver
        bill.sending()
        state: State = driver.wire.started(order, (yield from send(request, driver.rules, Terms(deadline))))
        if isinstance(state, Failed):
            raise state.error
        if isinstance(state, Running):
            bill.became_job(state.handle, state.answer.url)
        return state

    def _open_bill(
        self, kind: BillKind, data: Prompt, arguments: Mapping[str, Any], parameters: Mapping[str, Any] | None
    ) -> Bill:
        """The bill of a run, before a prompt in a file is uploaded."""
        return self.session.driver.rules.books.open(self.label, kind, lambda: self._price(data, arguments, parameters))

    def _price(
        self, data: Prompt, arguments: Mapping[str, Any], parameters: Mapping[str, Any] | None
    ) -> tuple[Pricing | None, Size]:
        """The price, and what a call hands over."""
        from typedrun.money.weighing import find_price
        from typedrun.prices import measure

        pricing = decode_pricing(self.cost) if self.pricing is None else self.pricing
        is_file = isinstance(data, os.PathLike)
        body = llm_payload("" if is_file else data, arguments, parameters)
        size = measure(body, texts=_TEXTS, media=("data",) if is_file else ())
        return find_price(self) if pricing is None else pricing, size

    def _job(self, place: str) -> StartedRun[Any]:
        return resume(self._make_job, self.session.driver, place, label=self.label)

    def _make_job(self, driver: Driver, state: State, *, label: str | None) -> StartedRun[Any]:
        return self.session.job(driver, state, label)

    def _response(self, answer: ModelResult[Any]) -> ModelResponse:
        return response_of(self.session.driver.wire.read(answer.raw))

    def _with_response(self, unwritten: LedgerError) -> LedgerError:
        """The error, with the response that this surface would have returned."""
        result = cast("ModelResult[Any] | ModelResponse | None", unwritten.result)
        if isinstance(result, ModelResult):
            unwritten.result = self._response(result)
        return unwritten

    def _failed(self, error: TypedrunError) -> ModelResponse:
        return failed_response(error, self.session.driver.wire.read)

    def _seconds(self, timeout: float | None) -> float | None:
        """The limit of a run: the caller's, else the client's."""
        return self.session.driver.settings.run_timeout if timeout is TIMEOUT else timeout

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_api_key": None}  # the receiving process reads its own
