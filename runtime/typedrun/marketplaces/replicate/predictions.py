"""A prediction: one document that holds status and result, whoever asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import typedrun.results as results
from typedrun.core.failures import text_or_none
from typedrun.errors import DecodingError
from typedrun.jsontypes import JSON, is_object, members
from typedrun.marketplaces.orders import Done, Failed, Running, State
from typedrun.marketplaces.replicate.failures import failure_of
from typedrun.openenums import ResponseStatus
from typedrun.results import ModelResult

_FAILED: Final = frozenset({"failed", "canceled", "aborted"})
_SUCCEEDED: Final = "succeeded"


def read_prediction(prediction: Mapping[str, Any]) -> ModelResult[Any]:
    """Read a prediction as a result; its output is there when it has succeeded."""
    status = prediction.get("status")
    is_done, has_failed = status == _SUCCEEDED, status in _FAILED
    word = ResponseStatus.SUCCESS if is_done else ResponseStatus.FAILED if has_failed else ResponseStatus.IN_PROGRESS
    measured: Mapping[str, Any] = members(prediction.get("metrics"))
    seconds: object = measured.get("predict_time")
    return ModelResult(
        status=str(word),
        completed=is_done or has_failed,
        error_message=_words(prediction.get("error")),
        url=_url(prediction, "get"),
        data=prediction.get("output") if is_done else None,
        run_time=float(seconds) if isinstance(seconds, int | float) and not isinstance(seconds, bool) else None,
        request_id=text_or_none(prediction.get("id")),
        model=text_or_none(prediction.get("model")),
        raw=prediction,
        logs=prediction.get("logs") or "",
        metrics=measured,
    )


def state_of(prediction: dict[str, results.JSON], label: str | None, api: str, handle: JSON = None) -> State:
    """What a prediction says of its run.

    Args:
        prediction: As received.
        label: What messages call the model.
        api: Base of the API, for a prediction that names no place to ask.
        handle: By which the run is known already.

    Raises:
        DecodingError: It goes on, and nothing says where to ask for it.
    """
    answer = read_prediction(prediction)
    if answer.status == ResponseStatus.FAILED:
        return Failed(failure_of(prediction, label, answer.url), answer)
    if answer.completed:
        return Done(answer)
    known = handle or handle_of(prediction, api)
    if known is None:
        raise DecodingError(
            "The run goes on, but the answer has neither an id nor an address to ask for its result",
            model=label,
            response_data=prediction,
        )
    answer.url = answer.url or (address_of(known, "get") if is_object(known) else None)
    return Running(known, answer)


def handle_of(prediction: Mapping[str, Any], api: str) -> JSON:
    """What a run is found again by: its id, and where it is asked for and stopped."""
    identity = text_or_none(prediction.get("id"))
    ask, stop = _url(prediction, "get"), _url(prediction, "cancel")
    if ask is None and identity is None:
        return None
    if ask is None:
        return handle_of_id(identity or "", api)
    return {"id": identity or "", "get": ask, "cancel": stop or f"{ask.rstrip('/')}/cancel"}


def handle_of_id(identity: str, api: str) -> JSON:
    """What a run is found again by, of which only the id is known."""
    place = f"{api}/v1/predictions/{identity}"
    return {"id": identity, "get": place, "cancel": f"{place}/cancel"}


def address_of(handle: JSON, name: str) -> str | None:
    """An address of a handle; None where it has none."""
    found = handle.get(name) if is_object(handle) else None
    return found if isinstance(found, str) and found else None


def stream_of(prediction: Mapping[str, Any]) -> str | None:
    """Where a prediction is streamed; None for one of a model that does not."""
    return _url(prediction, "stream")


def _url(prediction: Mapping[str, Any], name: str) -> str | None:
    found = members(prediction.get("urls")).get(name)
    return found if isinstance(found, str) and found else None


def _words(error: JSON) -> str | None:
    return error if isinstance(error, str) and error else None if not error else str(error)
