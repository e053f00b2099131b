"""What a run tells of its cost: it opens a bill where it starts and closes it where it ends. Here a bill notes nothing.

`typedrun.money.books` makes those that do, for clients with a budget or a ledger.
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias

from typedrun.core.effects import Ended

if TYPE_CHECKING:
    from typedrun.jsontypes import JSON
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

    def became_job(self, handle: JSON, place: str | None) -> None:
        """Note that the run, which has that handle, goes on at that place; whoever holds the job closes the bill."""

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
