"""What the pages of a listing add up to, and whether they are all of it. Nothing here talks to a backend.

A pull removes what a listing no longer has, so a listing counts as complete only when what was seen says so:

- Pages that name the next one are complete when one names none. A page that leads back to one that was read, or pages without end
  in which nothing is new, are a gap and no loop.
- Pages with numbers are complete when exactly the `total` was seen; or when an empty page ended it, no row is missing of the
  `total`, and each page but the last was full. Where the total is nothing, or less than what was seen, it says nothing, and full
  pages alone count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from attrs import define, field, frozen

from typedrun.core.request import Request
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Location, Problem
from typedrun_codegen.marketplaces.source import Page, Row
from typedrun_codegen.text.words import count

IDLE_PAGES = 20
"""So many pages in a row may have nothing new before a listing that names a next one counts as endless."""

MOST_PAGES = 20_000
"""More than any catalog has: at 25 models a page, half a million models."""

_UNTIL_THEN = "until then no model is removed"


@frozen
class Listing:
    """The models of one search."""

    ids: tuple[str, ...]
    """Of the models that may be wanted: each once, in the order in which they came."""
    gaps: tuple[Problem, ...] = ()
    """Why models may be missing; empty when the listing is complete."""
    seen: frozenset[str] = frozenset()
    """Ids of all models that it named."""
    documents: Mapping[str, dict[str, JSON]] = field(factory=dict[str, "dict[str, JSON]"])
    """Models that came whole, by id."""


def read_listing(ask: Callable[[Request], JSON], read: Callable[[JSON, Request], Page], first: Request) -> Listing:
    """Ask for page after page until there are no more.

    Args:
        ask: the answer to a request; None where the backend has no such page.
        read: what an answer says.
        first: asks for the first page.
    """
    seen = _Seen(first.url)
    request: Request | None = first
    while request is not None:
        answer = ask(request)
        request = seen.take(None if answer is None else read(answer, request), request)
    return seen.listing()


@define
class _Seen:
    """A listing as far as it was read."""

    url: str
    rows: dict[str, Row] = field(factory=dict[str, Row], init=False)
    bad: list[Problem] = field(factory=list[Problem], init=False)
    sizes: list[int] = field(factory=list[int], init=False)
    """What each page had that none before it had."""
    asked: set[tuple[str, bytes]] = field(factory=set[tuple[str, bytes]], init=False)
    total: int | None = field(default=None, init=False)
    size: int | None = field(default=None, init=False)
    end: str = field(default="", init=False)
    """Why there may be more; empty where it is complete."""

    def take(self, page: Page | None, request: Request) -> Request | None:
        """Take a page; what to ask next, if anything."""
        number, before = len(self.sizes), self._count()
        known = len(self.rows)
        self.asked.add(_key(request))
        if page is not None:
            self.size = page.size
            if page.total is not None:  # a page beyond the last may announce nothing
                self.total = max(page.total, self.total or 0)
            for position, row in enumerate(page.rows or ()):
                if row.id is None:
                    self.bad.append(_no_id(self.url, number, position, row.found))
                else:
                    self.rows.setdefault(row.id, row)
        self.sizes.append(self._count() - before)
        is_new = len(self.rows) > known
        if self.size is not None and page is not None and is_new:
            return page.next
        self.end = self._numbered_end(page, number) if self.size is not None else self._chained_end(page, number)
        return page.next if page is not None and self.size is None and not self.end else None

    def listing(self) -> Listing:
        """What was read."""
        wanted = {id: row for id, row in self.rows.items() if row.is_wanted}
        documents = {id: row.document for id, row in wanted.items() if row.document is not None}
        gaps = (*self.bad, *([_incomplete(self.url, self._count(), self.total, self.end)] if self.end else []))
        return Listing(tuple(wanted), gaps, frozenset(self.rows), documents)

    def _chained_end(self, page: Page | None, number: int) -> str:
        """What is wrong with where pages that name the next one have come to; empty as long as nothing is."""
        if page is None or page.rows is None:
            return _end(page, number)
        if page.flaw or page.next is None:
            return page.flaw
        if _key(page.next) in self.asked:
            return f"page {number} leads back to a page before it"
        if number + 1 >= MOST_PAGES or (number >= IDLE_PAGES and not any(self.sizes[-IDLE_PAGES:])):
            return f"page {number} has nothing that is new, and leads on"
        return ""

    def _numbered_end(self, page: Page | None, number: int) -> str:
        """What pages with numbers lack, now that one says nothing new."""
        rows, seen = page.rows if page is not None else None, self._count()
        if seen == self.total:
            return "" if page is None or rows is not None else _end(page, number)
        if rows is None or rows or seen <= (self.total or 0):
            return _end(page, number)
        # `sizes` ends with the page that said nothing new, and before that the last one, which may be short
        short = next((page for page, size in enumerate(self.sizes[:-2]) if size < (self.size or 0)), None)
        return "" if short is None else f"page {short} has {self.sizes[short]} of {self.size}, and is not the last"

    def _count(self) -> int:
        return len(self.rows) + len(self.bad)


def _key(request: Request) -> tuple[str, bytes]:
    return request.url, request.body if isinstance(request.body, bytes) else b""


def _end(page: Page | None, number: int) -> str:
    if page is None:
        return f"the backend refuses page {number}"
    if page.rows is None:
        return f"page {number} is not a list of models"
    return f"page {number} has nothing that was not on earlier pages" if page.rows else f"page {number} is empty"


def _incomplete(url: str, seen: int, total: int | None, end: str) -> Problem:
    announced = f"{count(seen, 'model')}, and no total" if total is None else f"{seen} of {count(total, 'model')}"
    return Problem(
        "the backend's listing is not complete",
        Location(url),
        found=f"{announced}; {end}",
        next_step=f"run `typedrun pull` again, or ask the backend's operator; {_UNTIL_THEN}",
    )


def _no_id(url: str, number: int, position: int, row: JSON) -> Problem:
    return Problem(
        "a record of the listing has no usable id",
        Location(url, f"/results/{position}"),
        found=f"page {number}, position {position}: {' '.join(_described(row))}",
        next_step=f"ask the backend's operator; {_UNTIL_THEN}",
    )


def _described(row: JSON) -> Iterator[str]:
    """What a record without id is, so that a person can find it."""
    if not isinstance(row, dict):
        yield f"{row!r:.60}"
        return
    yield f"id is {row['id']!r:.60}" if "id" in row else "no id"
    if isinstance(name := row.get("name"), str):
        yield f"(name {name!r:.60})"
