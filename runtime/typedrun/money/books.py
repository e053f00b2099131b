"""The books of one client: its budgets and its ledger. What keeps them is loaded when somebody asks for either."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from typedrun.core.bills import FREE, Bill, BillKind

if TYPE_CHECKING:
    from typedrun.jsontypes import JSON
    from typedrun.marketplaces.protocol import Wire
    from typedrun.parameters import Pricing
    from typedrun.prices import Size
    from typedrun.results import ModelResult
    from typedrun.settings import Settings


class Books:
    """Opens bills; see `typedrun.core.protocols.Accounts`."""

    def __init__(self, settings: Settings, wire: Wire | None) -> None:
        """Open nothing.

        Args:
            settings: The client's.
            wire: What reads answers; without one there are no runs.
        """
        self.ledger: str | None = settings.ledger
        """File of the ledger, absolute."""
        self.is_kept: bool = self.ledger is not None
        """Whether anybody asks: a ledger, or a budget that was opened at some time."""
        self.jobs: dict[str, Bill] = {}
        """Name of a job, or the place to ask for one without -> its bill, until it is closed."""
        self._wire = wire

    def read(self, answer: Mapping[str, Any]) -> ModelResult[Any] | None:
        """Read an answer of a run, by what it says."""
        return None if self._wire is None else self._wire.read(answer)

    def name_of(self, handle: JSON) -> str:
        """The backend's name for a job; empty where it has none."""
        return "" if self._wire is None or handle is None else self._wire.name_of(handle)

    def open(
        self, model: str, kind: BillKind, weigh: Callable[[], tuple[Pricing | None, Size]], times: int = 1
    ) -> Bill:
        """As `Accounts.open`."""
        if not self.is_kept:
            return FREE
        from typedrun.money.billing import open_bill

        return open_bill(self, model, kind, weigh, times)

    def of_job(self, handle: JSON, place: str | None, model: str | None) -> Bill:
        """As `Accounts.of_job`."""
        if not self.is_kept:
            return FREE
        known = self.name_of(handle) or place
        if not known:
            return FREE
        if known in self.jobs:
            return self.jobs[known]
        from typedrun.money.billing import resumed_bill

        return resumed_bill(self, handle, place, model)
