"""A run as marketplaces see it: what is ordered, and what an answer says has become of it. Values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from typedrun.records import field, frozen

if TYPE_CHECKING:
    from typedrun.core.reply import Reply
    from typedrun.core.request import Request
    from typedrun.errors import APIError, OperationFailedError
    from typedrun.jsontypes import JSON
    from typedrun.results import ModelResult


@frozen(kw_only=True, eq=False)
class Order:
    """A run that is to start."""

    model: str
    """The marketplace's id of the model."""
    body: Mapping[str, Any]
    """What to send, by wire name."""
    label: str
    """What messages call the model."""
    headers: Mapping[str, str] = field(factory=dict[str, str])
    """Of this run."""
    version: str = ""
    """Which version of the model; empty where it has none, or the newest is meant."""
    controls: Mapping[str, Any] = field(factory=dict[str, Any])
    """The run controls as the caller wrote them, the marketplace's own among them."""
    waits: bool = True
    """Whether the caller waits for the answer; else the run is only started."""
    is_sync_only: bool = False
    """Whether the model has no other way than the synchronous one."""
    seconds: float | None = None
    """How long the whole run may take; None is no limit."""


class Done(NamedTuple):
    """The run is over, and this is its answer."""

    answer: ModelResult[Any]


class Failed(NamedTuple):
    """The run is over, and failed."""

    error: OperationFailedError
    answer: ModelResult[Any]


class Running(NamedTuple):
    """The run goes on at the backend."""

    handle: JSON
    """By which any process finds it again; without key and credentials."""
    answer: ModelResult[Any]
    """What is known of it; its `url` is where to ask."""


class Fetch(NamedTuple):
    """The run is over, and its result lies elsewhere."""

    request: Request
    """Asks for it."""
    read: Callable[[Reply], Done | Failed]
    """Reads what that brings."""
    refused: Callable[[APIError], Failed | None]
    """The failure of the run that an error stands for; None where the error is the asking's."""


State: TypeAlias = Done | Failed | Running
"""Where a run is."""
