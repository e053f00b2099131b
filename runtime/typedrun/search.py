"""Searching the catalog: the filters and the pages of answers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, TypedDict, TypeVar, cast, overload

from typedrun.core.exchange import send
from typedrun.core.reply import decode_json
from typedrun.errors import DecodingError, ParameterError, ResourceError
from typedrun.jsontypes import JSON, is_object
from typedrun.records import define, field, frozen
from typedrun.wording import closest, unknown_name_problem

if TYPE_CHECKING:
    from typedrun.core.effects import Flow
    from typedrun.enums import AssetStatus, OpenStrEnum, OwnershipType, SortBy, SortOrder
    from typedrun.marketplaces.protocol import Wire
    from typedrun.metadata.described import DescribedModel
    from typedrun.sending.driver import Driver
    from typedrun.session import Session

ItemT = TypeVar("ItemT")

PAGE_SIZE = 20
"""Models in a page when a search does not say."""

_log = logging.getLogger("typedrun")


class ModelSearchParams(TypedDict, total=False):
    """Filters of `Model.search`; what is absent or None does not filter. The backend does not promise to honour them."""

    q: str | None
    """Words to look for; the same as the argument `query`."""
    functions: str | OpenStrEnum | Sequence[str | OpenStrEnum] | None
    """Function ids (`text-generation`) or members of `Function`."""
    vendors: str | OpenStrEnum | Sequence[str | OpenStrEnum] | None
    """Supplier codes (`openai`) or members of `Supplier`."""
    suppliers: str | OpenStrEnum | Sequence[str | OpenStrEnum] | None
    """Another name of `vendors`."""
    host: str | None
    """Where the model runs, e.g. `openai`."""
    developer: str | None
    """Who developed it, e.g. `OpenAI`."""
    path: str | None
    """Beginning of the path, e.g. `openai/gpt-4`."""
    status: str | AssetStatus | Sequence[str | AssetStatus] | None
    source_languages: str | OpenStrEnum | Sequence[str | OpenStrEnum] | None
    """Language codes (`en`) or members of `Language`."""
    target_languages: str | OpenStrEnum | Sequence[str | OpenStrEnum] | None
    is_finetunable: bool | None
    saved: bool | None
    ownership: str | OwnershipType | Sequence[str | OwnershipType] | None
    sort_by: str | SortBy | None
    """Field to sort by; `name` when only an order is given."""
    sort_order: str | int | SortOrder | None
    """Ascending unless it says otherwise."""
    page_number: int
    """Zero-based. Default 0."""
    page_size: int
    """Default 20."""
    strict: bool
    """True raises when an item of the page cannot be read. Default False: it is reported and left out."""


_FIELDS = ("results", "page_number", "page_total", "total")
"""What the reference's pages have as items, too."""
_FILTERS = frozenset(ModelSearchParams.__annotations__)
# Taken for compatibility: they chose an address and a key in the reference, which the client does here.
_IGNORED = frozenset({"api_key", "resource_path", "paginate_items_key"})


@frozen()
class Undecodable:
    """An item of a page that is not a model."""

    position: int
    """Where in the page, from 0."""
    found: str
    """What stood there, shortened."""


@define(eq=False)
class Results(Generic[ItemT]):
    """One page of a search as a value: iterate it, index it. The clients' pages derive from this."""

    results: list[ItemT]
    page_number: int
    """Zero-based."""
    page_total: int
    """How many pages there are: the total divided by the page size."""
    total: int
    """How many models the search found."""
    undecodable: tuple[Undecodable, ...] = ()
    """Items of this page that could not be read and are not among the results."""
    has_more: bool = False
    """Whether a further page may hold something: this one is full, or the backend counts more models than were passed."""
    _fetch: Callable[[int], Any] | None = field(default=None, repr=False, alias="fetch")

    @property
    def skipped(self) -> int:
        """How many items of this page could not be read."""
        return len(self.undecodable)

    @property
    def is_empty(self) -> bool:
        """Whether it has nothing, readable or not."""
        return not self.results and not self.undecodable

    def __repr__(self) -> str:
        return f"<Page {self.page_number + 1} of {self.page_total}: {len(self.results)} of {self.total} models>"

    def _repr_html_(self) -> str:
        from typedrun.display import models_html

        title = f"Page {self.page_number + 1} of {self.page_total}: {len(self)} of {self.total} models"
        return models_html(title, cast("list[DescribedModel]", self.results))

    def __iter__(self) -> Iterator[ItemT]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)

    @overload
    def __getitem__(self, position: int) -> ItemT: ...
    @overload
    def __getitem__(self, position: slice) -> list[ItemT]: ...
    @overload
    def __getitem__(self, position: Literal["results"]) -> list[ItemT]: ...
    @overload
    def __getitem__(self, position: Literal["page_number", "page_total", "total"]) -> int: ...
    def __getitem__(self, position: int | slice | str) -> ItemT | list[ItemT] | int:
        """A result by its place; or, as in the reference, a field by its name.

        Raises:
            IndexError: there is no such place.
            KeyError: there is no such field.
        """
        if not isinstance(position, str):
            return self.results[position]
        if position not in _FIELDS:
            raise KeyError(f"a page has no field {position!r}; it has {', '.join(_FIELDS)}")
        value: list[ItemT] | int = getattr(self, position)
        return value

    def _unseen(self, seen: set[object]) -> list[ItemT]:
        """The results that are not among those seen, which they join. Pages may overlap when the catalog changes meanwhile."""
        new = [item for item in self.results if _identity(item) not in seen]
        seen.update(map(_identity, new))
        return new


class Page(Results[ItemT]):
    """One page of a search: iterate it, index it, or go on to the next."""

    __slots__ = ()

    def next_page(self) -> Page[ItemT] | None:
        """The page after this one; None after the last."""
        if self._fetch is None or not self.has_more:
            return None
        page: Page[ItemT] = self._fetch(self.page_number + 1)
        return None if page.is_empty else page

    def all(self) -> Iterator[ItemT]:
        """Every result from this page on, fetching further pages when they are reached; each model once.

        Pages may overlap when the catalog changes meanwhile. A page of nothing but repetitions is the end.
        """
        seen = set[object]()
        page: Page[ItemT] | None = self
        while page is not None:
            new = page._unseen(seen)
            yield from new
            page = page.next_page() if new or page.undecodable else None


PageT = TypeVar("PageT", bound=Results[Any])


def _identity(item: object) -> object:
    return getattr(item, "id", None) or id(item)


def check_filters(filters: Mapping[str, object]) -> dict[str, object]:
    """Check the filters of a search.

    Raises:
        ParameterError: a filter does not exist, or a page number or size is impossible.
    """
    given = {name: value for name, value in filters.items() if name not in _IGNORED}
    known = sorted(_FILTERS | {"query"})
    problems = [unknown_name_problem(name, known, closest(name, known)) for name in given if name not in known]
    problems += [
        f"'{name}' must be a whole number, at least {least}; got {given[name]!r}"
        for name, least in (("page_number", 0), ("page_size", 1))
        if given.get(name) is not None and not _is_count(given[name], least)
    ]
    if problems:
        raise ParameterError(f"The search cannot be made: {'; '.join(problems)}. Nothing was sent", problems=problems)
    return given


def _is_count(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def fetch_page(
    session: Session[Driver], filters: Mapping[str, Any], decode: Callable[[Mapping[str, JSON]], ItemT]
) -> Page[ItemT]:
    """Ask for one page; `filters` have been checked."""

    def fetch(others: Mapping[str, Any]) -> Page[ItemT]:
        return fetch_page(session, others, decode)

    return session.driver.drive(page_flow(session, filters, decode, fetch, Page[ItemT]))


def page_flow(
    session: Session[Any],
    filters: Mapping[str, Any],
    decode: Callable[[Mapping[str, JSON]], Any],
    fetch: Callable[[Mapping[str, Any]], Any],
    made: Callable[..., PageT],
) -> Flow[PageT]:
    """Ask for one page.

    Args:
        session: Whose catalog it is.
        filters: As `check_filters` gives them.
        decode: Makes an item of a document.
        fetch: Fetches another page by its filters, in the way of the client.
        made: The client's class of page.
    """
    wire = session.driver.wire
    answer = decode_json((yield from send(wire.search(filters), session.driver.rules)))
    return read_page(wire, answer, filters, decode, fetch, made)


def read_page(
    wire: Wire,
    answer: JSON,
    filters: Mapping[str, Any],
    decode: Callable[[Mapping[str, JSON]], Any],
    fetch: Callable[[Mapping[str, Any]], Any],
    made: Callable[..., PageT],
) -> PageT:
    """Read the answer of a search: lenient about the counts, exact about the items.

    Raises:
        DecodingError: the answer holds no list of results.
        ResourceError: an item cannot be read, and the search was strict.
    """
    listing = wire.read_listing(answer)
    items, said = listing.documents, listing.total
    if items is None:
        raise DecodingError(f"A search was answered without a list of results, but with {_shorten(answer)}")
    size = filters.get("page_size") or PAGE_SIZE
    number = filters.get("page_number") or 0
    passed = number * size + len(items)
    total = max(said or 0, passed)
    results, undecodable = _decode_items(items, wire.identity, decode)
    if undecodable:
        _report(undecodable, is_strict=bool(filters.get("strict")))
    # `pageTotal` means different things on different endpoints, so it is computed.
    has_more = listing.cursor is not None if listing.has_cursors else _has_more(items, size, said, passed)
    cursor = {"cursor": listing.cursor} if listing.has_cursors else {}

    def fetch_other(number: int) -> Any:
        return fetch({**filters, "page_number": number, **cursor})

    return made(results, number, -(-total // size), total, tuple(undecodable), has_more, fetch_other)


def _has_more(items: Sequence[JSON], size: int, said: int | None, passed: int) -> bool:
    """Whether to ask for another page: counts lie (0, absent, that of the page alone, too small), so a full page always asks for more."""
    return bool(items) and (len(items) >= size or (said or 0) > passed)


def _decode_items(
    items: Iterable[JSON],
    identity: Callable[[Mapping[str, JSON]], str | None],
    decode: Callable[[Mapping[str, JSON]], ItemT],
) -> tuple[list[ItemT], list[Undecodable]]:
    results: list[ItemT] = []
    undecodable: list[Undecodable] = []
    for position, item in enumerate(items):
        if is_object(item) and identity(item) is not None:
            results.append(decode(item))
        else:
            undecodable.append(Undecodable(position, _shorten(item)))
    return results, undecodable


def _report(undecodable: Sequence[Undecodable], *, is_strict: bool) -> None:
    first = undecodable[0]
    message = (
        f"{len(undecodable)} of the models that a search found could not be read: "
        f"item {first.position} is not a model with an id, but {first.found}"
    )
    if is_strict:
        raise ResourceError(message)
    _log.warning(message)


def _shorten(value: object) -> str:
    try:
        text = repr(value)
    except RecursionError:
        return "something nested too deeply to be shown"
    return text if len(text) <= 80 else f"{text[:79]}…"
