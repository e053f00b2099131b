"""A page of a search, as marketplaces give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from typedrun.errors import ParameterError
from typedrun.records import frozen

if TYPE_CHECKING:
    from typedrun.jsontypes import JSON


@frozen(kw_only=True)
class Listing:
    """The documents of a page."""

    documents: Sequence[JSON] | None
    """None: the answer holds no list."""
    total: int | None = None
    """How many models the search found; None where the answer does not say."""
    has_cursors: bool = False
    """Whether pages follow by a cursor; else by their number."""
    cursor: str | None = None
    """By which the next page is asked for; None after the last."""


def check_known(filters: Mapping[str, Any], known: frozenset[str], whose: str) -> None:
    """Refuse filters that a marketplace's search does not have.

    Raises:
        ParameterError: There is one, or a page number without the page before it.
    """
    steering = {"page_number", "page_size", "strict", "cursor"}
    problems = [
        f"{whose} has no filter '{name}'; it has {', '.join(sorted(known)) or 'none'}"
        for name, value in filters.items()
        if value is not None and name not in known | steering
    ]
    if filters.get("page_number") and filters.get("cursor") is None:
        problems.append(f"{whose} has no page numbers; go on with page.next_page() or page.all()")
    if problems:
        raise ParameterError(f"The search cannot be made: {'; '.join(problems)}. Nothing was sent", problems=problems)
