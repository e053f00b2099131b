"""Pages of a search, awaited."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from typedrun.jsontypes import JSON
from typedrun.records import define
from typedrun.search import Results, page_flow

if TYPE_CHECKING:
    from typedrun.aio.driver import AsyncDriver
    from typedrun.session import Session

ItemT = TypeVar("ItemT")


@define(eq=False)
class AsyncPage(Results[ItemT]):
    """One page of a search: iterate it, index it, or go on to the next."""

    async def next_page(self) -> AsyncPage[ItemT] | None:
        """The page after this one; None after the last."""
        if self._fetch is None or not self.has_more:
            return None
        page: AsyncPage[ItemT] = await self._fetch(self.page_number + 1)
        return None if page.is_empty else page

    async def all(self) -> AsyncIterator[ItemT]:
        """Every result from this page on, fetching further pages when they are reached; each model once.

        Pages may overlap when the catalog changes meanwhile. A page of nothing but repetitions is the end.
        """
        seen = set[object]()
        page: AsyncPage[ItemT] | None = self
        while page is not None:
            new = page._unseen(seen)
            for item in new:
                yield item
            page = await page.next_page() if new or page.undecodable else None


async def fetch_page(
    session: Session[AsyncDriver], filters: Mapping[str, Any], decode: Callable[[Mapping[str, JSON]], ItemT]
) -> AsyncPage[ItemT]:
    """Ask for one page; `filters` have been checked."""

    async def fetch(others: Mapping[str, Any]) -> AsyncPage[ItemT]:
        return await fetch_page(session, others, decode)

    return await session.driver.drive(page_flow(session, filters, decode, fetch, AsyncPage[ItemT]))
