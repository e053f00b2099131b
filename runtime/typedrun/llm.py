"""The older surface: `LLM` with its own arguments, and `ModelResponse` (PROTOCOL 9.3, 9.4).

A run that fails, for whatever reason on the way or at the backend, comes back as a response with status FAILED: that is what
users of this surface check. The error itself is in `ModelResponse.exception`. Wrong arguments and a missing key raise.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, overload

import attrs

from typedrun.core.calls import llm_payload, stream_payload
from typedrun.core.clock import NEVER
from typedrun.core.course import Terms
from typedrun.core.exchange import deadline_in, open_stream, send
from typedrun.core.jsontypes import is_object
from typedrun.core.reply import read_result
from typedrun.core.request import Kind, Request
from typedrun.core.routes import quote_id
from typedrun.enums import Function, FunctionType, OpenStrEnum, ResponseStatus
from typedrun.errors import (
    APIError,
    DecodingError,
    InvalidRequestError,
    LedgerError,
    OperationFailedError,
    TimeoutError,  # noqa: A004  # it is a TimeoutError
    TransportError,
    TypedrunError,
)
from typedrun.model import Model
from typedrun.parameters import VendorInfo, Version, decode_pricing, decode_vendor
from typedrun.results import JSON, ModelResult
from typedrun.running import WAIT_TIME, encode_body, read_answer

if TYPE_CHECKING:
    from typedrun.client import Client
    from typedrun.core.bills import Bill, BillKind
    from typedrun.core.clock import Deadline
    from typedrun.core.effects import Flow
    from typedrun.core.exchange import Opened
    from typedrun.parameters import Pricing
    from typedrun.prices import Cost, Size
    from typedrun.streaming import ModelResponseStreamer

_FIELDS: Final = (
    "status",
    "data",
    "details",
    "completed",
    "error_message",
    "used_credits",
    "run_time",
    "usage",
    "url",
    "error_code",
    "asset",
)
_SPELLINGS: Final = frozenset({*_FIELDS, "usedCredits", "runTime", "errorCode"})
"""Members of an answer that have a field here; the others become additional fields."""

_OWN_DEFAULTS: Final[Mapping[str, float]] = {"temperature": 0.001, "top_p": 1.0}
"""Sampling settings that are sent although no caller asked for them, as this surface has always documented them."""

TIMEOUT: Final[float] = float("300")
"""The documented default. Asked for by identity: a caller's own 300 is another object, and means what it says."""

Prompt: TypeAlias = str | Mapping[str, Any] | os.PathLike[str]

_TEXTS: Final = ("data", "text", "context", "prompt", "history", "messages")
"""Members of a body that the model reads."""

_FAILURES: Final = (APIError, DecodingError, TimeoutError, TransportError)


class ModelResponse:
    """What became of an `LLM` run; fields are also items (`response["data"]`), unknown members of the answer too."""

    def __init__(
        self,
        status: ResponseStatus,
        data: Any = "",
        details: Any = None,
        completed: bool = False,
        error_message: str = "",
        used_credits: float = 0.0,
        run_time: float = 0.0,
        usage: dict[str, Any] | None = None,
        url: str | None = None,
        error_code: str | None = None,
        asset: dict[str, Any] | None = None,
        **additional_fields: Any,
    ) -> None:
        self.status = status
        self.data = data
        self.details: Any = {} if details is None else details
        self.completed = completed
        self.error_message = error_message
        self.used_credits = used_credits
        self.run_time = run_time
        """Seconds."""
        self.usage = usage
        self.url = url
        """Where to ask for a run that goes on."""
        self.error_code = error_code
        self.asset = asset
        self.additional_fields = additional_fields
        self.exception: TypedrunError | None = None
        """What went wrong, as an error that tells status, request id and attempts."""

    def __getitem__(self, key: str) -> Any:
        if key in _FIELDS:
            return getattr(self, key)
        if key in self.additional_fields:
            return self.additional_fields[key]
        raise KeyError(f"There is no '{key}' in this response; it has {', '.join(self.keys())}")

    def __setitem__(self, key: str, value: Any) -> None:
        if key in _FIELDS:
            setattr(self, key, value)
        elif key in self.additional_fields:
            self.additional_fields[key] = value
        else:
            raise KeyError(f"There is no '{key}' in this response; it has {', '.join(self.keys())}")

    def __contains__(self, key: object) -> bool:
        return key in _FIELDS or key in self.additional_fields

    def get(self, key: str, default: Any = None) -> Any:
        """A field or an additional field, `default` when there is none of that name."""
        return self[key] if key in self else default  # noqa: SIM401  # this is that method

    def keys(self) -> list[str]:
        """Names of all fields, so that `dict(response)` works."""
        return [*_FIELDS, *self.additional_fields]

    def __iter__(self) -> Any:
        return iter(self.keys())

    def to_dict(self) -> dict[str, Any]:
        """Fields and additional fields as one dictionary."""
        return {key: self[key] for key in self.keys()}  # mapping-style, but no Mapping

    def __eq__(self, other: object) -> bool:
        return self.to_dict() == other.to_dict() if isinstance(other, ModelResponse) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # mutable

    def __repr__(self) -> str:
        shown = [f"{key}={self[key]!r}" for key in self.keys() if self[key] not in ("", None, {}, 0.0, False)]
        return f"ModelResponse({', '.join(shown)})"


class LLM(Model[str]):
    """A language model under the older surface.

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

    def __init__(
        self,
        id: str,
        name: str,
        description: str = "",
        api_key: str | None = None,
        supplier: Mapping[str, Any] | str | OpenStrEnum | int | VendorInfo = "aiXplain",
        version: str | None = None,
        function: OpenStrEnum | str | None = None,
        is_subscribed: bool = False,
        cost: dict[str, Any] | None = None,
        temperature: float | None = 0.001,
        function_type: FunctionType | None = FunctionType.AI,
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
    def client(self) -> Client:
        """The client that runs this model; made from `api_key` and the environment when it was made without one."""
        if self._client is not None and self._api_key is None:
            return self._client
        from typedrun import Client  # the front door: client.py knows this module

        self._client = Client(api_key=self._api_key)
        self._api_key = None  # from here on it is the client's
        return self._client

    @property
    def url(self) -> str:
        """Where asynchronous runs are sent, without the id."""
        return self.client.routes.as_start_url(self.client.model_url)

    @property
    def backend_url(self) -> str:
        """The backend that this model belongs to."""
        return self.client.backend_url

    @overload  # type: ignore[override]  # the older surface has arguments and a result of its own
    def run(
        self,
        data: str | Mapping[str, Any] | os.PathLike[str],
        context: str | None = None,
        prompt: str | None = None,
        history: list[dict[str, Any]] | None = None,
        temperature: float | None = None,
        max_tokens: int = 128,
        top_p: float | None = 1.0,
        name: str = "model_process",
        timeout: float | None = TIMEOUT,
        parameters: Mapping[str, Any] | None = None,
        wait_time: float = WAIT_TIME,
        stream: Literal[False] = False,
        response_format: str | Mapping[str, Any] | None = None,
    ) -> ModelResponse: ...
    @overload
    def run(
        self,
        data: str | Mapping[str, Any] | os.PathLike[str],
        context: str | None = None,
        prompt: str | None = None,
        history: list[dict[str, Any]] | None = None,
        temperature: float | None = None,
        max_tokens: int = 128,
        top_p: float | None = 1.0,
        name: str = "model_process",
        timeout: float | None = TIMEOUT,
        parameters: Mapping[str, Any] | None = None,
        wait_time: float = WAIT_TIME,
        *,
        stream: Literal[True],
        response_format: str | Mapping[str, Any] | None = None,
    ) -> ModelResponseStreamer: ...
    @overload
    def run(
        self,
        data: str | Mapping[str, Any] | os.PathLike[str],
        context: str | None = None,
        prompt: str | None = None,
        history: list[dict[str, Any]] | None = None,
        temperature: float | None = None,
        max_tokens: int = 128,
        top_p: float | None = 1.0,
        name: str = "model_process",
        timeout: float | None = TIMEOUT,
        parameters: Mapping[str, Any] | None = None,
        wait_time: float = WAIT_TIME,
        stream: bool = False,
        response_format: str | Mapping[str, Any] | None = None,
    ) -> ModelResponse | ModelResponseStreamer: ...
    def run(  # pyright: ignore[reportIncompatibleMethodOverride]  # as above
        self,
        data: str | Mapping[str, Any] | os.PathLike[str],
        context: str | None = None,
        prompt: str | None = None,
        history: list[dict[str, Any]] | None = None,
        temperature: float | None = None,
        max_tokens: int = 128,
        top_p: float | None = 1.0,
        name: str = "model_process",
        timeout: float | None = TIMEOUT,
        parameters: Mapping[str, Any] | None = None,
        wait_time: float = WAIT_TIME,
        stream: bool = False,
        response_format: str | Mapping[str, Any] | None = None,
    ) -> ModelResponse | ModelResponseStreamer:
        """Generate text and wait for it.

        Args:
            data: The prompt, or an object whose members are the body; a path is uploaded first.
            context: System message.
            prompt: Put before the text.
            history: Earlier messages, in the OpenAI form.
            temperature: Default: the model's.
            max_tokens: How many tokens to write at most.
            top_p: Nucleus sampling; None sends nothing.
            name: Taken for compatibility.
            timeout: Seconds for the whole run; None is no limit. Omitted, the client's total for runs: 300, unless it was made with
                another.
            parameters: Further members of the body; they win over the arguments.
            wait_time: Seconds before the second poll.
            stream: True gives a streamer.
            response_format: A word or a JSON schema object.

        Returns:
            The response, with status FAILED when the run failed; a streamer with `stream=True`.
        """
        del name
        arguments = self._arguments(context, prompt, history, temperature, max_tokens, top_p, response_format)
        if stream:
            return self._streamed_text(data, arguments, parameters, timeout)
        return self.client.driver.drive(self.run_flow(data, arguments, parameters, timeout, wait_time))

    def run_async(  # type: ignore[override]  # as above
        self,
        data: str | Mapping[str, Any] | os.PathLike[str],
        context: str | None = None,
        prompt: str | None = None,
        history: list[dict[str, Any]] | None = None,
        temperature: float | None = None,
        max_tokens: int = 128,
        top_p: float | None = 1.0,
        name: str = "model_process",
        parameters: Mapping[str, Any] | None = None,
        response_format: str | Mapping[str, Any] | None = None,
    ) -> ModelResponse:
        """Start a run and return at once; the arguments are those of `run`.

        Returns:
            A response with status IN_PROGRESS and the `url` to ask (`poll`, `sync_poll`).
        """
        del name
        arguments = self._arguments(context, prompt, history, temperature, max_tokens, top_p, response_format)
        return self.client.driver.drive(self.submit_flow(data, arguments, parameters))

    def run_stream(
        self, data: str | Mapping[str, Any], parameters: Mapping[str, Any] | None = None
    ) -> ModelResponseStreamer:
        """Generate text and read it as it is written.

        Args:
            data: The prompt, or an object whose members are the body.
            parameters: Further members of the body.
        """
        return self._streamed_text(data, {}, parameters, TIMEOUT)

    def poll(  # type: ignore[override]  # as above
        self, poll_url: str, name: str = "model_process"
    ) -> ModelResponse:
        """Ask once what became of a run."""
        del name
        return self.client.driver.drive(self.poll_flow(poll_url))

    def sync_poll(  # type: ignore[override]  # as above
        self, poll_url: str, name: str = "model_process", wait_time: float = WAIT_TIME, timeout: float | None = TIMEOUT
    ) -> ModelResponse:
        """Wait until a run is finished, `timeout` seconds at most; omitted, the client's total for runs (300)."""
        del name
        return self.client.driver.drive(self.wait_flow(poll_url, timeout, wait_time))

    def estimate(  # as above
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

    # --- flows ---

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
                    result = yield from self._send(self.build_run_url(), body, deadline, bill)
                    if not result.completed and result.url is not None:
                        job = self.client.job(result.url, model=self.label)
                        result = yield from job.wait_flow(deadline, timeout, wait_time)
                    bill.finished(result)
            except _FAILURES as error:
                return _failed(_explained(error, body))
            except LedgerError as unwritten:
                raise _with_response(unwritten) from unwritten.__cause__
            return _response(result.raw)

    def submit_flow(
        self, data: Prompt, arguments: Mapping[str, Any], parameters: Mapping[str, Any] | None
    ) -> Flow[ModelResponse]:
        """Start a run. Arguments as for `run_flow`."""
        with self._open_bill("job", data, arguments, parameters) as bill:
            body = yield from self._body(data, arguments, parameters)
            try:
                with bill:  # an error becomes a response below
                    result = yield from self._send(f"{self.url}/{quote_id(self.id)}", body, NEVER, bill)
                    if result.completed:
                        bill.finished(result)
            except _FAILURES as error:
                return _failed(_explained(error, body))
            except LedgerError as unwritten:
                raise _with_response(unwritten) from unwritten.__cause__
        is_over = result.completed or result.url is None
        return _response(result.raw) if is_over else ModelResponse(ResponseStatus.IN_PROGRESS, url=result.url)

    def stream_flow(
        self, data: Prompt, arguments: Mapping[str, Any], parameters: Mapping[str, Any] | None, timeout: float | None
    ) -> Flow[Opened]:
        """Send a run whose answer is read as it is written. Arguments as for `run_flow`."""
        with self._open_bill("stream", data, arguments, parameters) as bill:
            body = yield from self._body(data, arguments, parameters)
            request = self._request(self.build_run_url(), stream_payload(body), accept="text/event-stream")
            deadline = yield from deadline_in(self._seconds(timeout))
            terms = Terms(deadline, is_whole=timeout is not TIMEOUT)
            bill.sending()
            try:
                opened = yield from open_stream(request, self.client.driver.rules, terms)
            except InvalidRequestError as error:
                _explained(error, body)
                raise
            return attrs.evolve(opened, bill=bill)

    def poll_flow(self, poll_url: str) -> Flow[ModelResponse]:
        """Ask once what became of a run."""
        try:
            job = self.client.job(poll_url, model=self.label)
            yield from job.poll_flow()
        except _FAILURES as error:
            return _failed(error)
        except LedgerError as unwritten:
            raise _with_response(unwritten) from unwritten.__cause__
        return _response(job.raw)

    def wait_flow(self, poll_url: str, timeout: float | None, wait_time: float) -> Flow[ModelResponse]:
        """Wait until a run is finished. Arguments as for `sync_poll`."""
        seconds = self._seconds(timeout)
        deadline = yield from deadline_in(seconds)
        try:
            job = self.client.job(poll_url, model=self.label)
            return _response((yield from job.wait_flow(deadline, seconds, wait_time)).raw)
        except _FAILURES as error:
            return _failed(error)
        except LedgerError as unwritten:
            raise _with_response(unwritten) from unwritten.__cause__

    def _body(
        self, data: Prompt, arguments: Mapping[str, Any], parameters: Mapping[str, Any] | None
    ) -> Flow[dict[str, Any]]:
        prompt: object = data
        if isinstance(data, os.PathLike):
            prompt = yield from self.client.upload_flow(data, parameter="data", model=self.label)
        return llm_payload(prompt, arguments, parameters)

    def _request(self, url: str, body: Mapping[str, Any], accept: str = "application/json") -> Request:
        content = encode_body(body, model=self.label)
        return Request("POST", url, body=content, kind=Kind.UNSAFE, accept=accept, model=self.label)

    def _send(self, url: str, body: Mapping[str, Any], deadline: Deadline, bill: Bill) -> Flow[ModelResult[Any]]:
        """Send a run; what came back, finished or not."""
        request = self._request(url, body)
        bill.sending()
        reply = yield from send(request, self.client.driver.rules, Terms(deadline))
        result = read_answer(reply, model=self.label)
        if not result.completed:
            bill.became_job(result.url)
        return result

    def _open_bill(
        self, kind: BillKind, data: Prompt, arguments: Mapping[str, Any], parameters: Mapping[str, Any] | None
    ) -> Bill:
        """The bill of a run, before a prompt in a file is uploaded."""
        return self.client.driver.rules.books.open(self.label, kind, lambda: self._price(data, arguments, parameters))

    def _price(
        self, data: Prompt, arguments: Mapping[str, Any], parameters: Mapping[str, Any] | None
    ) -> tuple[Pricing | None, Size]:
        """The price, and what a call hands over."""
        from typedrun.prices import measure
        from typedrun.weighing import find_price

        pricing = decode_pricing(self.cost) if self.pricing is None else self.pricing
        is_file = isinstance(data, os.PathLike)
        body = llm_payload("" if is_file else data, arguments, parameters)
        size = measure(body, texts=_TEXTS, media=("data",) if is_file else ())
        return find_price(self) if pricing is None else pricing, size

    def _seconds(self, timeout: float | None) -> float | None:
        """The limit of a run: the caller's, else the client's."""
        return self.client.driver.settings.run_timeout if timeout is TIMEOUT else timeout

    def _streamed_text(
        self, data: Prompt, arguments: Mapping[str, Any], parameters: Mapping[str, Any] | None, timeout: float | None
    ) -> ModelResponseStreamer:
        from typedrun.streaming import ModelResponseStreamer

        driver = self.client.driver
        live = driver.live(driver.drive(self.stream_flow(data, arguments, parameters, timeout)))
        return ModelResponseStreamer(live, model=self.label, url=live.url, request_id=live.request_id)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_api_key": None}  # the receiving process reads its own


def _response(answer: Mapping[str, JSON]) -> ModelResponse:
    """The response for an answer of the backend."""
    result = read_result(answer)
    usage, code = answer.get("usage"), answer.get("error_code") or answer.get("errorCode")
    data, details = result.data, answer.get("details")
    return ModelResponse(
        status=ResponseStatus(result.status),
        data="" if data is None else data,
        details=details,
        completed=result.completed,
        error_message=_error_message(answer),
        used_credits=result.used_credits or 0.0,
        run_time=result.run_time or 0.0,
        usage=dict(usage) if is_object(usage) else None,
        url=result.url,
        error_code=code if isinstance(code, str) else None,
        asset=result.asset,
        **{name: value for name, value in answer.items() if name not in _SPELLINGS},
    )


def _error_message(answer: Mapping[str, JSON]) -> str:
    said = answer.get("error_message")
    if isinstance(said, str) and said:
        return said
    parts = (answer.get("error") or answer.get("errorMessage"), answer.get("supplierError"))
    return " - ".join(str(part) for part in parts if part)


def _explained(error: TypedrunError, body: Mapping[str, Any]) -> TypedrunError:
    """The error, with a note if it names a setting that the caller never gave: reasoning models refuse both."""
    words = f"{error} {dict(error.response_data or {})}"
    refused = [
        name
        for name, value in _OWN_DEFAULTS.items()
        if body.get(name) == value and (name in words or name.replace("_", "") in words)
    ]
    if refused and isinstance(error, InvalidRequestError | OperationFailedError):
        names = " and ".join(f"{name}={_OWN_DEFAULTS[name]:g}" for name in refused)
        error.add_note(
            f"LLM sends {names} unless it is told otherwise, and this model does not take it. Next: LLM(…, temperature=None) and"
            " run(…, top_p=None) send neither"
        )
    return error


def _with_response(unwritten: LedgerError) -> LedgerError:
    """The error, with the response that this surface would have returned."""
    if hasattr(unwritten.result, "raw"):
        unwritten.result = _response(unwritten.result.raw)
    return unwritten


def _failed(error: TypedrunError) -> ModelResponse:
    """The response for a run that failed on the way or at the backend."""
    if isinstance(error, OperationFailedError):
        response = _response(error.response_data)
    else:
        response = ModelResponse(
            ResponseStatus.FAILED, completed=not isinstance(error, TimeoutError), error_code=error.code
        )
    response.status = ResponseStatus.FAILED
    response.error_message = "\n".join((response.error_message or str(error), *getattr(error, "__notes__", ())))
    if isinstance(error, TimeoutError) and error.job is not None:
        response.url = error.job.url
    response.exception = error
    return response
