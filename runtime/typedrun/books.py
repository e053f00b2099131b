"""The books of one client: its budgets and its ledger. What keeps them is loaded when somebody asks for either."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from typedrun.core.bills import FREE, Bill, BillKind

if TYPE_CHECKING:
    from typedrun.marketplaces.protocol import Wire
    from typedrun.parameters import Pricing
    from typedrun.prices import Size
    from typedrun.results import ModelResult
    from typedrun.settings import Settings


class Books:
    """Opens bills; see `typedrun.core.bills.Accounts`."""

    def __init__(self, settings: Settings, find_wire: Callable[[], Wire]) -> None:
        """Open nothing; the wire is asked for with the first job under a budget or a ledger."""
        self.ledger: str | None = settings.ledger
        """File of the ledger, absolute."""
        self.is_kept: bool = self.ledger is not None
        """Whether anybody asks: a ledger, or a budget that was opened at some time."""
        self.jobs: dict[str, Bill] = {}
        """Place to ask for a job -> its bill, until it is closed."""
        self._find_wire = find_wire

    def address(self, url: str) -> str | None:
        """The place to ask for a job, as the job spells it."""
        return self._find_wire().place(url)

    def read(self, answer: Mapping[str, Any]) -> ModelResult[Any]:
        """An answer of a run, by what it says."""
        return self._find_wire().read(answer)

    def open(
        self, model: str, kind: BillKind, weigh: Callable[[], tuple[Pricing | None, Size]], times: int = 1
    ) -> Bill:
        """As `Accounts.open`."""
        if not self.is_kept:
            return FREE
        from typedrun.billing import open_bill

        return open_bill(self, model, kind, weigh, times)

    def of_job(self, url: str | None, model: str | None) -> Bill:
        """As `Accounts.of_job`."""
        if url is None or not self.is_kept:
            return FREE
        if url in self.jobs:
            return self.jobs[url]
        from typedrun.billing import resumed_bill

        return resumed_bill(self, url, model)
