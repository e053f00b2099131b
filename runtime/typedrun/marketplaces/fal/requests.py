"""A request in the queue: where it is asked for, fetched and stopped, and what its status says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from typedrun.core.reply import Reply, decode_json
from typedrun.core.request import Request
from typedrun.errors import APIError, DecodingError, OperationFailedError
from typedrun.jsontypes import JSON, is_array, is_object, members
from typedrun.marketplaces.fal.failures import REQUEST_ID, failure_of, read_error, status_failure
from typedrun.marketplaces.orders import Done, Failed, Fetch, Running, State
from typedrun.openenums import ResponseStatus
from typedrun.results import ModelResult

if TYPE_CHECKING:
    from typedrun.core.reply import Reply as Reply

_COMPLETED: Final = "COMPLETED"
_CANCELLED: Final = frozenset({"CANCELLED", "CANCELED", "CANCELLATION_COMPLETED"})
_OF_THE_RUN: Final = frozenset(range(400, 500)) - {401, 403, 408, 425, 429}
"""Statuses of a result that are the run's own, and no trouble of asking for it."""
_ANY: Final = frozenset(range(400, 600))


def read_status(status: Mapping[str, Any], *, url: str | None = None) -> ModelResult[Any]:
    """Read a status as an unfinished result; a finished one has its data elsewhere."""
    measured: Mapping[str, Any] = members(status.get("metrics"))
    seconds: object = measured.get("inference_time")
    return ModelResult(
        status=str(ResponseStatus.IN_PROGRESS),
        completed=False,
        url=url,
        run_time=float(seconds) if isinstance(seconds, int | float) and not isinstance(seconds, bool) else None,
        request_id=_text(status.get("request_id")),
        raw=status,
        logs=read_logs(status.get("logs")),
        metrics=measured,
    )


def read_logs(logs: JSON) -> str:
    """Read the lines that a run has logged, whole texts or objects with a message."""
    if isinstance(logs, str):
        return logs
    lines = [members(one).get("message") if is_object(one) else one for one in logs] if is_array(logs) else []
    return "".join(f"{line.rstrip()}\n" for line in lines if isinstance(line, str))


def submitted(answer: Mapping[str, Any], label: str | None) -> Running:
    """What the queue says of a new request. Its addresses are used as they are: they are not those of the documents.

    Raises:
        DecodingError: It does not say where to ask for it.
    """
    ask, fetch, stop = (_text(answer.get(f"{what}_url")) for what in ("status", "response", "cancel"))
    if ask is None or fetch is None:
        raise DecodingError(
            "The run goes on, but the answer does not say where to ask for its result",
            model=label,
            response_data=dict(answer),
            request_id=_text(answer.get("request_id")),
        )
    handle = {
        "id": _text(answer.get("request_id")) or _identity_of(ask),
        "status": ask,
        "response": fetch,
        "cancel": stop,
    }
    return Running(handle, read_status(answer, url=ask))


def handle_of_address(text: str) -> JSON:
    """The handle of a request of which only one address is known: that of its status, or of its result."""
    place = _place_of(text)
    return {"id": _identity_of(text), "status": f"{place}/status", "response": place, "cancel": f"{place}/cancel"}


def _identity_of(text: str) -> str:
    """The id of a request, from one of its addresses; empty where that has none."""
    return _place_of(text.partition("?")[0]).rpartition("/requests/")[2] if "/requests/" in text else ""


def _place_of(text: str) -> str:
    return text.rstrip("/").removesuffix("/status").removesuffix("/cancel")


def asked(handle: JSON, status: Mapping[str, Any], label: str | None) -> State | Fetch:
    """What a status says: an unsuccessful run is `COMPLETED`, too, and its result is the error."""
    answer, word = read_status(status), status.get("status")
    answer.request_id = answer.request_id or address_of(handle, "id")
    if word in _CANCELLED:
        return _failed(answer, status_failure(status, label, address_of(handle, "status"), answer.request_id))
    place = address_of(handle, "response")
    if word != _COMPLETED or place is None:
        return Running(handle, answer)
    says_failed = bool(status.get("error") or status.get("error_type"))
    request = Request(
        "GET", place, content_type=None, model=label, kept=_ANY if says_failed else _OF_THE_RUN
    )  # a failed run's result is not asked for again

    def read(reply: Reply) -> Done | Failed:
        error = read_error(reply, model=label)
        if error is not None:
            return refused(error) or _failed(answer, failure_of(error))
        if says_failed:
            return _failed(answer, status_failure(status, label, place, answer.request_id))
        return Done(with_output(answer, decode_json(reply)))

    def refused(error: APIError) -> Failed | None:
        is_the_runs = says_failed or error.status_code in _OF_THE_RUN or "detail" in error.response_data
        return _failed(answer, failure_of(error)) if is_the_runs and error.status_code not in {401, 403} else None

    return Fetch(request, read, refused)


def with_output(answer: ModelResult[Any], output: Any) -> ModelResult[Any]:
    """A finished result: the output is the whole body."""
    answer.status, answer.completed, answer.data = str(ResponseStatus.SUCCESS), True, output
    answer.raw = output if isinstance(output, dict) else {"output": output}
    return answer


def direct(reply: Reply) -> Done:
    """The answer of a run that was waited for in one request."""
    empty = ModelResult[Any](str(ResponseStatus.SUCCESS), True, request_id=reply.header(REQUEST_ID) or None)
    return Done(with_output(empty, decode_json(reply)))


def address_of(handle: JSON, name: str) -> str | None:
    """A member of a handle; None where it has none."""
    return _text(members(handle).get(name))


def _failed(answer: ModelResult[Any], error: OperationFailedError) -> Failed:
    answer.status, answer.completed, answer.error_message = str(ResponseStatus.FAILED), True, error.error
    error.request_id = error.request_id or answer.request_id
    return Failed(error, answer)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
