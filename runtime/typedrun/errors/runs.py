"""What errors know of the runs that they are about, as types: the classes themselves stand above the errors. Only checkers load this module."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol


class RunOutcome(Protocol):
    """What a run gave: a `ModelResult`, or the `ModelResponse` of an `LLM`."""

    @property
    def status(self) -> str:
        """As the result has it."""
        ...

    @property
    def completed(self) -> bool:
        """Whether the run is finished."""
        ...

    @property
    def data(self) -> Any:
        """The model's output."""
        ...

    @property
    def used_credits(self) -> float | None:
        """What the run cost; None when that was not told."""
        ...

    @property
    def error_message(self) -> str | None:
        """Why the run failed."""
        ...


class UnfinishedRun(Protocol):
    """A run that goes on: a `Job`, or the `AsyncJob` of the asyncio client."""

    @property
    def id(self) -> str:
        """The backend's name of the run."""
        ...

    @property
    def url(self) -> str | None:
        """Where it can be asked for."""
        ...

    @property
    def status(self) -> str:
        """As the last answer had it."""
        ...

    @property
    def completed(self) -> bool:
        """Whether the run is finished."""
        ...

    @property
    def poll(self) -> Callable[..., Any]:
        """Ask once; what that of an `AsyncJob` gives is awaited."""
        ...

    @property
    def wait(self) -> Callable[..., Any]:
        """Wait for the result; what that of an `AsyncJob` gives is awaited."""
        ...

    @property
    def cancel(self) -> Callable[..., Any]:
        """Ask the backend to stop; what that of an `AsyncJob` gives is awaited."""
        ...

    def token(self) -> str:
        """A text by which any process can take the run up again."""
        ...
