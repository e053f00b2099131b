"""What a run tells of its cost: it opens a bill where it starts and closes it where it ends. Here a bill notes nothing.

`typedrun.books` makes those that do, for clients with a budget or a ledger.
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self, TypeAlias

from typedrun.core.effects import Ended

if TYPE_CHECKING:
    from typedrun.parameters import Pricing
    from typedrun.prices import Size
    from typedrun.results import ModelResult

BillKind: TypeAlias = Literal["run", "job", "stream"]


class Bill:
    """What is noted about the cost of one run; here: nothing.

    Exactly one of `finished`, `failed` and `broke_off` closes a bill; a second call does nothing. `with` closes it when an
    exception passes.
    """

    def sending(self) -> None:
        """Note that from here on the run may be executed."""

    def sent_again(self, times: int) -> None:
        """Note that the run was sent again, with the caller's permission, while the outcome of the first was unknown."""

    def became_job(self, url: str | None) -> None:
        """Note that the run goes on at the backend; whoever holds the job closes the bill."""

    def finished(self, result: Any) -> None:
        """The run is over.

        Args:
            result: The answer, which an error about the ledger hands on.

        Raises:
            LedgerError: The cost could not be written down.
        """

    def failed(self, error: BaseException) -> None:
        """Note that the run ended with an error. Raise nothing."""

    def broke_off(self, partial: ModelResult[Any]) -> None:
        """Note that a stream ended before its answer did. Raise as `finished` does."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.failed(error.error if isinstance(error, Ended) else error)


FREE = Bill()
"""The bill of a run about which nobody asked."""


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

    def of_job(self, url: str | None, model: str | None) -> Bill:
        """The bill of a job: the one that its run opened, else a new one without reservation (another process started it)."""
        ...
