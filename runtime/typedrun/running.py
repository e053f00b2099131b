"""From the arguments of `run` to what is sent: the one place where names, defaults, checks and uploads meet.

`run`, `submit` and `stream` are flows: the clients' models drive them.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

import attrs

from typedrun.core.calls import RUN_CONTROLS, run_headers, stream_payload, v1_fallback_payload
from typedrun.core.course import Terms
from typedrun.core.effects import Flow
from typedrun.core.exchange import Opened, deadline_in, open_stream, send
from typedrun.core.jsontypes import is_array, is_object
from typedrun.core.origins import is_hostile, is_poll_url
from typedrun.core.reply import FAILED, IN_PROGRESS, Reply, decode_object, operation_error, read_result
from typedrun.core.request import Kind, Request
from typedrun.errors import DecodingError, InvalidRequestError, ParameterError, ValidationError
from typedrun.inputs import media_parameters, sent_values, wire_names, wire_parameters
from typedrun.parameters import Parameter
from typedrun.results import ModelResult
from typedrun.settings import header_problems
from typedrun.validation import (
    LOCAL_TEXT,
    PASS_THROUGH,
    closest,
    find_problems,
    is_local_media,
    raise_for_problems,
    seems_local,
    unknown_name_problem,
    wire_value,
)
from typedrun.warned import warn_of_sample

if TYPE_CHECKING:
    from typedrun.core.bills import Bill, BillKind
    from typedrun.core.clock import Deadline
    from typedrun.model import Model
    from typedrun.parameters import Pricing
    from typedrun.prices import Size
    from typedrun.progress import Progress
    from typedrun.started import StartedRun

Shape: TypeAlias = Callable[[Mapping[str, Any]], dict[str, Any]]
"""Makes the body of one endpoint from the flat one."""

WAIT_TIME = 0.5
"""Seconds before the second poll when the caller does not say."""

# Taken for compatibility where a model has no parameter of that name: they chose a key and an address in the reference, which
# the client does here.
_IGNORED = frozenset({"api_key", "resource_path"})


@attrs.frozen(kw_only=True)
class Call:
    """One checked call of a model, ready to be sent."""

    values: Mapping[str, Any]
    """Wire name -> value in its wire form; local files still to be uploaded."""
    extra: Mapping[str, Any]
    headers: Mapping[str, str]
    stream: bool
    timeout: float | None
    """Seconds for the whole run; None is no limit."""
    is_limited: bool
    """Whether the caller said so; then it holds to the end of a stream, else only until its head is there."""
    wait_time: float
    run_retries: int
    run_retry_wait: float
    on_upload: Callable[[str, int, int], object] | None
    on_poll: Callable[[Any], object] | None
    progress: Progress | None
    """Shows what `on_upload` and `on_poll` are told of."""
    is_validated: bool

    @property
    def payload(self) -> dict[str, Any]:
        """The flat body. A parameter that is named like a run control is in it; the run controls are not among the values."""
        return {**self.values, **self.extra}


def prepare(model: Model[Any], given: Mapping[str, Any], *, is_stream: bool = False) -> Call:
    """Check the arguments of a run and translate them into wire form; nothing is sent.

    Args:
        model: What is to run.
        given: The keywords that the caller wrote.
        is_stream: Is a stream asked for, whatever `stream` says?

    Raises:
        ParameterError: one error for everything that is wrong with the call.
        ValidationError: the model was deleted, or cannot stream.
    """
    is_stream = is_stream or bool(given.get("stream"))
    _check_state(model, is_stream=is_stream)
    controls = {name: value for name, value in given.items() if name in RUN_CONTROLS}
    names = wire_names(model.inputs)
    arguments = {
        name: value
        for name, value in given.items()
        if name not in RUN_CONTROLS and (name in names or name not in _IGNORED)
    }
    is_validated = controls.get("validate", True) is not False
    problems = _unknown_names(model, arguments, names) if is_validated else []
    own = {names.get(name, name): value for name, value in arguments.items()}
    values = sent_values(model.inputs) | own
    if is_validated:
        problems += _control_problems(controls)
        problems += find_problems(model.params or (), values, accepts_messages=accepts_messages(model))
        problems += _local_texts(model, values)
    raise_for_problems(problems, model=model.label)
    warn_of_sample(model)
    parameters = wire_parameters(model.inputs)
    values |= {name: _spell(parameters.get(name), value) for name, value in own.items()}
    return Call(
        values={name: value for name, value in values.items() if value is not None},
        extra=controls.get("extra") or {},
        headers=_headers(controls, model),
        stream=is_stream,
        timeout=controls.get("timeout", model.client.driver.settings.run_timeout),
        is_limited="timeout" in controls,
        wait_time=controls.get("wait_time", WAIT_TIME),
        run_retries=max(0, int(controls.get("run_retries") or 0)),
        run_retry_wait=max(0.0, float(controls["run_retry_wait"] if controls.get("run_retry_wait") is not None else 1)),
        **_callbacks(controls, model),
        is_validated=is_validated,
    )


class _Callbacks(TypedDict):
    """The fields of a `Call` that are about watching it."""

    on_upload: Callable[..., object] | None
    on_poll: Callable[..., object] | None
    progress: Progress | None


def _callbacks(controls: Mapping[str, Any], model: Model[Any]) -> _Callbacks:
    on_upload, on_poll = controls.get("on_upload"), controls.get("on_poll")
    if not controls.get("show_progress"):
        return {"on_upload": on_upload, "on_poll": on_poll, "progress": None}
    from typedrun.progress import Progress, both

    shown = Progress(model.label)
    return {"on_upload": both(on_upload, shown.uploaded), "on_poll": both(on_poll, shown.polled), "progress": shown}


def _shown(call: Call) -> AbstractContextManager[object]:
    return nullcontext() if call.progress is None else call.progress


def _check_state(model: Model[Any], *, is_stream: bool) -> None:
    if model.is_deleted:
        raise ValidationError(f"Model {model.label} was deleted and cannot be run. Nothing was sent", model=model.label)
    if is_stream and model.supports_streaming is False:
        raise ValidationError(
            f"Model {model.label} cannot stream. Nothing was sent. Next: run it without stream", model=model.label
        )


def accepts_messages(model: Model[Any]) -> bool:
    """Is `text` a conversation too? It is for language models (and those whose function is not told)."""
    return model.function is None or model.function == "text-generation"


def _unknown_names(model: Model[Any], arguments: Mapping[str, Any], names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Arguments that the model does not have.

    A model of `aix.models` has an exact signature, so each is an error there. A fetched model passes them on as the reference
    does, unless one looks like a misspelt parameter.
    """
    if model.params is None:
        return []
    unknown = [name for name in arguments if name not in names and name not in PASS_THROUGH]
    if not unknown:
        return []
    own = [parameter.name for parameter in model.params]
    free = [name for name in (*own, *sorted(RUN_CONTROLS)) if name not in arguments]
    meant = {name: closest(name, free) for name in unknown}
    is_exact = model.is_generated and not model.is_fetched
    return [(name, unknown_name_problem(name, own, close)) for name, close in meant.items() if close or is_exact]


def _local_texts(model: Model[Any], values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Plain texts that seem to name local files, for a client that takes texts for URLs and values alone."""
    if model.client.local_paths:
        return []
    given = ((parameter, values.get(parameter.name)) for parameter in media_parameters(model.inputs))
    media = {parameter.name: value for parameter, value in given if value != parameter.default}
    return [
        (name, f"Parameter '{name}': {LOCAL_TEXT.format(repr(text[:60]))}")
        for name, value in media.items()
        for text in (value if is_array(value) else (value,))
        if isinstance(text, str) and seems_local(text)
    ]


def _control_problems(controls: Mapping[str, Any]) -> list[tuple[str, str]]:
    problems: list[tuple[str, str]] = []
    if not controls:
        return problems
    for name in ("timeout", "wait_time", "run_retry_wait", "run_retries"):
        value = controls.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0):
            problems.append((name, f"Run control '{name}' must be a number of at least 0, got {value!r}"))
    stream = controls.get("stream")
    if stream is not None and not isinstance(stream, bool):
        problems.append(("stream", f"Run control 'stream' must be True or False, got {stream!r}"))
    problems += [
        (name, f"Run control '{name}' must be callable, got {controls[name]!r}")
        for name in ("on_poll", "on_upload")
        if controls.get(name) is not None and not callable(controls[name])
    ]
    problems += _header_problems(controls.get("extra_headers"))
    if not isinstance(controls.get("extra") or {}, Mapping):
        problems.append(("extra", f"Run control 'extra' must be a mapping, got {type(controls['extra']).__name__}"))
    return problems


def _header_problems(headers: object) -> list[tuple[str, str]]:
    name = "extra_headers"
    if headers is None:
        return []
    if not is_object(headers):
        return [(name, f"Run control '{name}' must be a mapping, got {type(headers).__name__}")]
    return [(name, f"Run control '{name}': {problem}") for problem in header_problems(headers)]


def _spell(parameter: Parameter | None, value: Any) -> Any:
    return value if parameter is None else wire_value(parameter, value)


def _headers(controls: Mapping[str, Any], model: Model[Any]) -> dict[str, str]:
    try:
        return {**(controls.get("extra_headers") or {}), **run_headers(controls)}
    except ValueError as refused:
        name = str(refused.args[0])
        raise ParameterError(
            f"Run control '{name}' travels as an HTTP header and must be printable ASCII; got {controls[name]!r}. Nothing was sent",
            model=model.label,
            parameter=name,
        ) from None


def run(model: Model[Any], call: Call) -> Flow[ModelResult[Any]]:
    """Send a run and wait until it is finished.

    Whether an answer is final is read from the answer, not from what the catalog says about the model.
    """
    deadline = yield from deadline_in(call.timeout)
    with _shown(call), open_bill(model, call, "run") as bill:
        result = yield from _send(model, call, model.build_run_url(), dict, deadline, bill)
        if model.is_sync_only and not result.completed:
            result = _as_said(result)
        if _is_final(result):
            bill.finished(result)
            return result
        return (yield from _job(model, result, bill).wait_flow(deadline, call.timeout, call.wait_time, call.on_poll))


def submit(model: Model[Any], call: Call) -> Flow[Any]:
    """Send a run and return at once, with a job of the client's kind.

    The run endpoint has no asynchronous mode for models that only run synchronously; the older one has (PROTOCOL 9.2).
    """
    deadline = yield from deadline_in(call.timeout)
    with _shown(call), open_bill(model, call, "job") as bill:
        if model.is_sync_only:
            url = f"{model.client.routes.as_start_url(model.client.model_url)}/{model.encoded_id}"
            answer = yield from _send(model, attrs.evolve(call, headers={}), url, v1_fallback_payload, deadline, bill)
        else:
            answer = yield from _send(model, call, model.build_run_url(), dict, deadline, bill)
        job = _job(model, answer, bill)
        if job.completed:
            bill.finished(job)
        return job


def stream(model: Model[Any], call: Call) -> Flow[Opened]:
    """Send a run whose answer is read as it is written."""
    deadline = yield from deadline_in(call.timeout)
    with open_bill(model, call, "stream") as bill:
        with _shown(call):
            request = yield from _request(
                model, call, model.build_run_url(), stream_payload, deadline, "text/event-stream"
            )
        terms = Terms(deadline, None, call.run_retries, call.run_retry_wait, call.is_limited)
        bill.sending()
        try:
            opened = yield from open_stream(request, model.client.driver.rules, terms)
        except InvalidRequestError as refused:
            _notice_refusal(model, call, refused)
            raise
        bill.sent_again(opened.course.tally.resends)
        return attrs.evolve(opened, bill=bill)


def open_bill(model: Model[Any], call: Call, kind: BillKind) -> Bill:
    """The bill of a run that is about to start.

    Raises:
        BudgetExceeded: by its estimate it would pass a limit.
    """
    books = model.client.driver.rules.books
    return books.open(model.label, kind, functools.partial(weigh, model, call), 1 + call.run_retries)


def weigh(model: Model[Any], call: Call) -> tuple[Pricing | None, Size]:
    """The price of a model, and what a call hands over."""
    from typedrun.weighing import find_price, measure_call

    return find_price(model), measure_call(model, call.payload)


def _send(
    model: Model[Any], call: Call, url: str, shape: Shape, deadline: Deadline, bill: Bill
) -> Flow[ModelResult[Any]]:
    """Send a run; what came back, finished or not."""
    request = yield from _request(model, call, url, shape, deadline)
    bill.sending()
    terms = Terms(deadline, None, call.run_retries, call.run_retry_wait)
    try:
        reply = yield from send(request, model.client.driver.rules, terms)
    except InvalidRequestError as refused:
        _notice_refusal(model, call, refused)
        raise
    bill.sent_again(reply.resends)
    return read_answer(reply, model=model.label)


def _notice_refusal(model: Model[Any], call: Call, refused: InvalidRequestError) -> None:
    if call.is_validated:  # otherwise the caller knew better than the signature
        model.notice_refusal(refused, call.values)


def read_answer(reply: Reply, *, model: str) -> ModelResult[Any]:
    """Read the answer to a run: finished, or with a place to ask.

    Raises:
        OperationFailedError: the run failed.
        DecodingError: the run is unfinished, and the answer does not say where to ask for it.
    """
    answer = decode_object(reply)
    result = read_result(answer)
    result.request_id = result.request_id or reply.request_id
    if result.status == FAILED:
        raise operation_error(answer, model=model, url=reply.url, request_id=reply.request_id)
    if result.status == IN_PROGRESS and not result.url:
        raise DecodingError(
            "The run goes on, but the answer does not say where to ask for its result",
            model=model,
            url=reply.url,
            response_data=answer,
            request_id=result.request_id,
        )
    return result


def _job(model: Model[Any], answer: ModelResult[Any], bill: Bill) -> StartedRun[Any]:
    bill.became_job(answer.url)
    return model.client.started(answer, model=model.label)


def _as_said(result: ModelResult[Any]) -> ModelResult[Any]:
    """An unfinished answer of a model that has no jobs: a text that is no poll address is what it answers with (PROTOCOL 6.5).

    Asking a medium's address would download it again and again, with the key. An address that hides where it leads stays one to
    be asked, and is refused.
    """
    place = result.url
    if place is None or is_poll_url(place) or place != result.raw.get("data") or is_hostile(place):
        return result
    return attrs.evolve(result, url=None, data=place)


def _is_final(result: ModelResult[Any]) -> bool:
    """Finished; or in a state that this client does not know and that names no place to ask."""
    return result.completed or not result.url


def _request(
    model: Model[Any], call: Call, url: str, shape: Shape, deadline: Deadline, accept: str = "application/json"
) -> Flow[Request]:
    whole = yield from upload_media(model, call, deadline)
    content = encode_body(shape(whole.payload), model=model.label)
    return Request("POST", url, call.headers, content, Kind.UNSAFE, accept=accept, model=model.label)


def upload_media(model: Model[Any], call: Call, deadline: Deadline) -> Flow[Call]:
    """Replace local files by the addresses of their temporary copies, within the time of the run.

    Raises:
        FileUploadError: a file is missing, too large or refused.
    """
    uploaded = dict[str, Any]()
    for name in [parameter.name for parameter in media_parameters(model.inputs)]:
        value = call.values.get(name)
        if is_array(value):
            addresses: list[Any] = []
            for item in value:
                addresses.append((yield from _upload(model, call, deadline, name, item)))
            uploaded[name] = addresses
        elif name in call.values:
            uploaded[name] = yield from _upload(model, call, deadline, name, value)
    return attrs.evolve(call, values={**call.values, **uploaded}) if uploaded else call


def _upload(model: Model[Any], call: Call, deadline: Deadline, name: str, value: Any) -> Flow[Any]:
    """The address of a local file; anything else as it is."""
    client = model.client
    if not is_local_media(value, local_paths=client.local_paths):
        return value
    progress = functools.partial(call.on_upload, name) if call.on_upload else None
    return (
        yield from client.upload_flow(value, parameter=name, model=model.label, progress=progress, deadline=deadline)
    )


def encode_body(body: Mapping[str, Any], *, model: str | None = None) -> bytes:
    """The body as JSON bytes.

    Raises:
        ParameterError: a value is not JSON; the message names the parameter.
    """
    try:
        return json.dumps(body, default=_plain, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as refused:
        name = next((name for name, value in body.items() if not _is_json(value)), None)
        raise ParameterError(
            f"The value of '{name}' cannot be written as JSON: {refused}. Nothing was sent", model=model, parameter=name
        ) from None


def _is_json(value: object) -> bool:
    try:
        json.dumps(value, default=_plain, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def _plain(value: object) -> Any:
    """What JSON does not know by itself, in the nearest form that it knows."""
    if isinstance(value, Enum):
        return value.value
    if is_object(value):
        return dict(value)
    if is_array(value):
        return list(value)
    raise TypeError(f"{type(value).__name__} is not a JSON type")
