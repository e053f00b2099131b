"""Faults on order: what goes wrong, with which requests, how often.

A fault is a value; `FaultPlan` decides which request meets it, `exchange` carries it out.
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Callable
from typing import Any, cast

from attrs import define, evolve, field, frozen

from typedrun_sandbox.jsontypes import JSON, JSONObject, NotJSON, as_json

ANY = "any"
"""What a fault waits for that meets every request."""


@frozen(kw_only=True)
class Fault:
    """One fault. Several effects combine: latency comes first, then a status or a broken connection."""

    on: str = ANY
    """The operation it waits for: one that the marketplace has, or `any`. `run` covers streamed runs too, `stream` only those."""
    model: str | None = None
    """Only for this model's id or path."""
    times: int | None = 1
    """How many requests it meets; None for every one."""
    latency: float = 0.0
    """Wait before anything is sent, in seconds."""
    status: int | None = None
    """Answer with this status and do nothing else."""
    retry_after: str | None = None
    """`Retry-After` of that answer: seconds or an HTTP date."""
    headers: dict[str, str] = field(factory=dict[str, str])
    """Further headers of that answer."""
    body: JSON = None
    """Body of that answer: a string is sent as text, None becomes a message in the marketplace's shape."""
    reset: bool = False
    """Reset the TCP connection (RST): before a byte is sent, or after `truncate` bytes or `cut` frames."""
    truncate: int | None = None
    """Close the connection after this many bytes of the body."""
    cut: int | None = None
    """Close the connection after this many stream frames, in the middle of the next one."""
    end: int | None = None
    """End the stream properly after this many frames, without `[DONE]`."""

    @property
    def breaks_at_once(self) -> bool:
        """Whether the connection is reset before a byte is sent."""
        return self.reset and self.truncate is None and self.cut is None


_HEADER = re.compile(r"[ -~]*")
"""What may stand in a header."""

_FLAGS = {"reset"}


def _split_header(text: str) -> tuple[str, str]:
    name, _, value = text.partition(":")
    return name.strip(), value.strip()


_WORDS: dict[str, tuple[str, Callable[[str], object]]] = {
    "on": ("on", str),
    "model": ("model", str),
    "times": ("times", lambda text: None if text == "always" else int(text)),
    "latency": ("latency", float),
    "status": ("status", int),
    "retry-after": ("retry_after", str),
    "header": ("headers", lambda text: dict([_split_header(text)])),
    "body": ("body", str),
    "truncate": ("truncate", int),
    "cut": ("cut", int),
    "end": ("end", int),
}


def parse_fault(text: str) -> Fault:
    """Read a `--fault` value: `status=503,retry-after=1,times=2,on=run`, `reset,on=poll`, `latency=0.5,times=always`.

    Raises:
        ValueError: a sentence that names the wrong part.
    """
    fields: dict[str, object] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, value = _read_part(part, text)
        before = fields.get(name)
        fields[name] = {**before, **value} if isinstance(before, dict) and isinstance(value, dict) else value
    return make_fault(fields)


def make_fault(fields: dict[str, object]) -> Fault:
    """Build a fault from its fields, checking them.

    Raises:
        ValueError: a sentence that names the wrong field.
    """
    unknown = sorted(set(fields) - set(_NAMES))
    if unknown:
        raise ValueError(f"unknown fault field {unknown[0]!r}; known: {', '.join(sorted(_NAMES))}")
    fault = Fault(**cast("dict[str, Any]", fields))  # names were checked above, types are checked below
    wrong = [name for name, kinds in _TYPES.items() if not isinstance(getattr(fault, name), kinds)]
    if wrong:
        raise ValueError(f"fault field {wrong[0]!r} has the wrong type: {getattr(fault, wrong[0])!r}")
    if fault.retry_after is not None and not _HEADER.fullmatch(fault.retry_after):
        raise ValueError(f"a fault's retry_after is one line of ASCII, found {fault.retry_after!r}")
    try:
        fault = evolve(fault, body=as_json(fault.body, "body"))
    except NotJSON as error:
        raise ValueError(f"a fault's body is not JSON: {error}") from None
    parts: list[object] = [part for pair in fault.headers.items() for part in pair]
    if not all(isinstance(part, str) and _HEADER.fullmatch(part) for part in parts):
        raise ValueError(f"a fault's headers are lines of ASCII by name, found {fault.headers!r}")
    _check_numbers(fault)
    return fault


def _check_numbers(fault: Fault) -> None:
    if fault.status is not None and not _FIRST_STATUS <= fault.status <= _LAST_STATUS:
        raise ValueError(
            f"a fault cannot answer with status {fault.status}; a status is {_FIRST_STATUS} to {_LAST_STATUS}"
        )
    if fault.times is not None and fault.times < 1:
        raise ValueError(f"a fault cannot meet {fault.times} requests; give at least 1, or leave it open for every one")
    for name in ("latency", "truncate", "cut", "end"):
        value = getattr(fault, name)
        if value is not None and not 0 <= value < math.inf:
            raise ValueError(f"a fault's {name} is a number from 0 up, found {value!r}")


_FIRST_STATUS, _LAST_STATUS = 200, 599
"""The statuses of final answers: an answer of 1xx never ends, and above 599 HTTP knows none."""


def fault_fields(fault: Fault) -> JSONObject:
    """The fault as the control endpoint shows it."""
    return {name: getattr(fault, name) for name in _NAMES}


_NUMBER = (int, float)
_TYPES: dict[str, tuple[type, ...]] = {
    "on": (str,),
    "model": (str, type(None)),
    "times": (int, type(None)),
    "latency": _NUMBER,
    "status": (int, type(None)),
    "retry_after": (str, type(None)),
    "headers": (dict,),
    "reset": (bool,),
    "truncate": (int, type(None)),
    "cut": (int, type(None)),
    "end": (int, type(None)),
}
_NAMES = (*_TYPES, "body")


def _read_part(part: str, text: str) -> tuple[str, object]:
    word, equals, value = part.partition("=")
    if word in _FLAGS and not equals:
        return word, True
    if word not in _WORDS or not equals:
        known = ", ".join([*sorted(_FLAGS), *(f"{name}=…" for name in _WORDS)])
        raise ValueError(f"{part!r} in the fault {text!r} is not understood; known: {known}")
    name, read = _WORDS[word]
    try:
        return name, read(value)
    except ValueError:
        raise ValueError(f"{word} in the fault {text!r} wants a number, found {value!r}") from None


@define
class _Pending:
    fault: Fault
    left: int | None


@define
class FaultPlan:
    """The faults that are still to come, in the order they were asked for. Safe to use from any thread."""

    _pending: list[_Pending] = field(factory=list[_Pending])
    _lock: threading.Lock = field(factory=threading.Lock)

    def add(self, fault: Fault) -> None:
        """Queue a fault behind the others."""
        with self._lock:
            self._pending.append(_Pending(fault, fault.times))

    def clear(self) -> None:
        """Forget every pending fault."""
        with self._lock:
            self._pending.clear()

    def pending(self) -> tuple[Fault, ...]:
        """What is still to come; `times` says how often."""
        with self._lock:
            return tuple(evolve(pending.fault, times=pending.left) for pending in self._pending)

    def take(self, operation: str, names: tuple[str, ...]) -> Fault | None:
        """Take the first fault that waits for this request, used up once; None for most requests.

        Args:
            operation: what the marketplace calls the request.
            names: id and path of the model that the request is about.
        """
        with self._lock:
            for pending in self._pending:
                if _meets(pending.fault, operation, names):
                    self._use(pending)
                    return pending.fault
        return None

    def _use(self, pending: _Pending) -> None:
        if pending.left is not None:
            pending.left -= 1
            if pending.left <= 0:
                self._pending.remove(pending)


def _meets(fault: Fault, operation: str, names: tuple[str, ...]) -> bool:
    aimed = {ANY: True, "run": operation in ("run", "stream")}.get(fault.on, fault.on == operation)
    return aimed and (fault.model is None or fault.model in names)
