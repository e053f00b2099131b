"""What the core asks of others: time, books, a marketplace's word on replies. For checkers: a run needs none of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from typedrun.core.bills import Bill, BillKind
from typedrun.core.reply import Reply
from typedrun.core.request import Stage
from typedrun.errors import APIError
from typedrun.jsontypes import JSON
from typedrun.parameters import Pricing
from typedrun.prices import Size


class Clock(Protocol):
    """What the driver needs of time. The real one is in drivers/blocking.py, a virtual one in typedrun.testing."""

    def now(self) -> float:
        """Seconds on a clock that never jumps; only differences mean anything."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait that long."""
        ...


class AsyncClock(Protocol):
    """Time as the asyncio driver tells it: waiting is awaited."""

    def now(self) -> float:
        """Seconds on a clock that never jumps; only differences mean anything."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait that long."""
        ...


class FindsStage(Protocol):
    """Finds the column of the retry table for a reply that is no success."""

    def __call__(self, status: int, headers: Mapping[str, str], retry_after: float | None) -> Stage | None:
        """The column; None for a status that no repetition changes."""
        ...


class ReadsErrors(Protocol):
    """Reads what a backend refuses something with."""

    def __call__(self, reply: Reply, *, model: str | None = None) -> APIError | None:
        """The error that a reply stands for; None for a 2xx."""
        ...


class Accounts(Protocol):
    """Where the runs of a client open their bills."""

    is_kept: bool
    """Whether anybody asks: a ledger, or a budget that was opened at some time."""

    def open(
        self, model: str, kind: BillKind, weigh: Callable[[], tuple[Pricing | None, Size]], times: int = 1
    ) -> Bill:
        """Open the bill of a run that is about to start.

        Args:
            model: Id or path of the model.
            kind: What is started.
            weigh: The catalog's price, and what is handed over; called if somebody asks.
            times: How often the run may be executed at most.

        Raises:
            BudgetExceeded: By its estimate the run would pass a limit; nothing was sent.
            LedgerError: The ledger cannot be written; nothing was sent.
        """
        ...

    def of_job(self, handle: JSON, place: str | None, model: str | None) -> Bill:
        """The bill of a job: the one that its run opened, else a new one without reservation (another process started it).

        Args:
            handle: By which the marketplace finds the run.
            place: Where it is asked for.
            model: Id or path of the model.
        """
        ...
