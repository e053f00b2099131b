"""What the pages of a listing add up to, and whether they are all of it. Nothing here talks to a backend.

A pull removes what a listing no longer has, so a listing counts as complete only when the rows that were seen say so: exactly the
`total` was seen; or an empty page ended it, no row is missing of the `total`, and each page but the last was full. Where the
total is nothing, or less than what was seen, it says nothing, and full pages alone count. `pageTotal` means different things in
different answers, so it is not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from attrs import frozen

from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Location, Problem
from typedrun_codegen.ir.snapshot import rows_of
from typedrun_codegen.text.words import count

_UNTIL_THEN = "until then no model is removed"


@frozen
class Listing:
    """The models of one search."""

    ids: tuple[str, ...]
    """Each once, in the order in which they came."""
    gaps: tuple[Problem, ...]
    """Why models may be missing; empty when the listing is complete."""


def read_listing(ask: Callable[[int], JSON], url: str, page_size: int) -> Listing:
    """Ask for page after page until one says nothing new.

    Args:
        ask: a page's answer by its number, from 0; None where the backend has no such page.
        url: the endpoint, for problems.
        page_size: models of a full page.
    """
    ids: dict[str, None] = {}
    bad: list[Problem] = []
    sizes: list[int] = []
    total: int | None = None
    seen = number = 0
    while True:
        answer = ask(number)
        rows = rows_of(answer)
        total = _total(answer, total)
        before = len(ids)
        for position, row in enumerate(rows or ()):
            id = row.get("id") if isinstance(row, dict) else None
            if isinstance(id, str) and id.strip():
                ids.setdefault(id)
            else:
                bad.append(_no_id(url, number, position, row))
        sizes.append(len(ids) + len(bad) - seen)
        seen += sizes[-1]
        if len(ids) == before:
            break
        number += 1
    end = _end(answer, rows, number)
    if seen == total:
        is_whole = answer is None or rows is not None
    else:  # `sizes` ends with the page that said nothing new, and before that the last one, which may be short
        short = next((page for page, size in enumerate(sizes[:-2]) if size < page_size), None)
        is_whole = rows == [] and seen > (total or 0) and short is None
        if short is not None and seen > (total or 0):
            end = f"page {short} has {sizes[short]} of {page_size}, and is not the last"
    return Listing(tuple(ids), (*bad, *(() if is_whole else [_incomplete(url, seen, total, end)])))


def _total(answer: JSON, before: int | None) -> int | None:
    total = answer.get("total") if isinstance(answer, dict) else None
    if not isinstance(total, int) or isinstance(total, bool) or total < 0:
        return before
    return max(total, before or 0)  # a page beyond the last may announce nothing


def _end(answer: JSON, rows: list[JSON] | None, number: int) -> str:
    if answer is None:
        return f"the backend refuses page {number}"
    if rows is None:
        return f"page {number} is not a list of models"
    return f"page {number} is empty" if not rows else f"page {number} has nothing that was not on earlier pages"


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
