"""What became of a run under the older surface, and the body of such a run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Final

from typedrun.errors import (
    InvalidRequestError,
    OperationFailedError,
    TimeoutError,  # noqa: A004  # it is a TimeoutError
    TypedrunError,
)
from typedrun.jsontypes import is_object
from typedrun.openenums import ResponseStatus
from typedrun.results import JSON, ModelResult

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
        usage: dict[str, JSON] | None = None,
        url: str | None = None,
        error_code: str | None = None,
        asset: dict[str, JSON] | None = None,
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
        """Get a field or an additional field, `default` when there is none of that name."""
        return self[key] if key in self else default  # noqa: SIM401  # this is that method

    def keys(self) -> list[str]:
        """Names of all fields, so that `dict(response)` works."""
        return [*_FIELDS, *self.additional_fields]

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def to_dict(self) -> dict[str, Any]:
        """Fields and additional fields as one dictionary."""
        return {key: self[key] for key in self.keys()}  # mapping-style, but no Mapping

    def __eq__(self, other: object) -> bool:
        return self.to_dict() == other.to_dict() if isinstance(other, ModelResponse) else NotImplemented

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # mutable

    def __repr__(self) -> str:
        shown = [f"{key}={self[key]!r}" for key in self.keys() if self[key] not in ("", None, {}, 0.0, False)]
        return f"ModelResponse({', '.join(shown)})"


def response_of(result: ModelResult[Any]) -> ModelResponse:
    """The response for an answer of the backend."""
    answer = result.raw
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
        usage=dict(usage) if isinstance(usage, dict) else None,
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


def explained(error: TypedrunError, body: Mapping[str, Any]) -> TypedrunError:
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


def failed_response(error: TypedrunError, read: Callable[[Mapping[str, JSON]], ModelResult[Any]]) -> ModelResponse:
    """The response for a run that failed on the way or at the backend."""
    if isinstance(error, OperationFailedError):
        response = response_of(read(error.response_data))
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


def llm_payload(
    data: object, arguments: Mapping[str, Any], parameters: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The body of an `LLM` run: the prompt under `data`, everything else flat beside it.

    Args:
        data: The prompt. An object is the body itself and its `data` member the prompt; a string that holds JSON is read as
            JSON (a number stays text).
        arguments: The arguments of the run; those that may be null are sent as null.
        parameters: The caller's own members; they win over `data`, and `data` over the arguments.
    """
    return {**arguments, **_llm_prompt(data), **(parameters or {})}


def _llm_prompt(data: object) -> dict[str, Any]:
    if is_object(data):
        return dict(data)
    if not isinstance(data, str):
        return {"data": data}
    try:
        value = json.loads(data)
    except ValueError:
        return {"data": data}
    if is_object(value):
        return dict(value)
    return {"data": str(value) if isinstance(value, int | float) else value}
