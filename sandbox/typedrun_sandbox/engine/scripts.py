"""Scripted replies: what a user gives, checked when it is given and again when it is computed."""

from __future__ import annotations

import copy
import inspect
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias, cast

from attrs import define, field, frozen

from typedrun_sandbox.engine.refusals import Refusal
from typedrun_sandbox.jsontypes import JSON, JSONObject, NotJSON, as_json

Given: TypeAlias = "bool | int | float | str | Sequence[Given] | Mapping[str, Given] | None"
"""JSON as a test writes it down: any mapping and any sequence of it."""

Scripted: TypeAlias = "Given | Callable[[JSONObject], Given]"
"""An answer, or what computes one from the body of the request."""

_Kept: TypeAlias = "JSON | Callable[[JSONObject], Given]"

BROKEN = 422
"""Status of an answer whose script failed: a clear no, while after a status from 500 up a run may have been executed."""


class BadScript(ValueError):
    """Something that can never be an answer."""


@frozen
class Reply:
    """A scripted answer."""

    data: JSON


@frozen
class _Script:
    what: str
    """Which reply it is, for messages."""
    data: _Kept


@define
class Scripts:
    """The scripted answers of each model, oldest first; the last one stays."""

    _queues: dict[str, deque[_Script]] = field(factory=dict[str, deque[_Script]])

    def add(self, model: str, name: str, data: object) -> None:
        """Queue an answer.

        Args:
            model: id.
            name: what the user calls the model.
            data: the answer, or a function of the request's body.

        Raises:
            BadScript: it is neither JSON nor a function that takes one argument.
        """
        what = f"the reply scripted for {name!r}"
        self._queues.setdefault(model, deque()).append(_Script(what, _checked(what, data)))

    def take(self, model: str, body: JSONObject) -> Reply | None:
        """Take the next answer to a request of this body; the last one answers every later run too.

        Raises:
            Refusal: 422, the function failed or gave something that is not JSON.
        """
        queue = self._queues.get(model)
        if not queue:
            return None
        script = queue.popleft() if len(queue) > 1 else queue[0]
        return Reply(_computed(script.what, script.data, body) if callable(script.data) else script.data)

    def clear(self) -> None:
        """Forget every answer."""
        self._queues.clear()


def _checked(what: str, data: object) -> _Kept:
    if callable(data):
        return _checked_function(
            what, cast("Callable[..., Given]", data)
        )  # what it returns is checked when it is called
    try:
        return as_json(data)
    except NotJSON as error:
        raise BadScript(f"{what} is not JSON: {error}") from None


def _checked_function(what: str, data: Callable[..., Given]) -> _Kept:
    if inspect.iscoroutinefunction(data):
        raise BadScript(f"{what} is computed by {_shown(data)}, which is async; give a plain function")
    if not _takes_one(data):
        raise BadScript(f"{what} is computed by {_shown(data)}, which must take one argument: the body of the request")
    return data


def _takes_one(function: Callable[..., object]) -> bool:
    try:
        inspect.signature(function).bind({})
    except TypeError:
        return False
    except ValueError:  # a function in C that does not tell
        return True
    return True


def _computed(what: str, function: Callable[[JSONObject], Given], body: JSONObject) -> JSON:
    what = f"{what} is computed by {_shown(function)}, which"
    try:
        given = function(copy.deepcopy(body))
    except Exception as error:
        raise Refusal(BROKEN, f"{what} raised {type(error).__name__}: {error}") from error
    try:
        return as_json(given)
    except NotJSON as error:
        raise Refusal(BROKEN, f"{what} returned something that is not JSON: {error}") from None


def _shown(function: Callable[..., object]) -> str:
    """Name, file and line of a function; neither a path of the machine nor an address."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    name: str = getattr(function, "__qualname__", type(function).__qualname__)
    return f"{name} ({code.co_filename.rpartition('/')[2]}:{code.co_firstlineno})" if code else name
