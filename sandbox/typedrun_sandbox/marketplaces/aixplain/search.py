"""The paginate endpoints' search: filters, sort, paging."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from attrs import frozen

from typedrun.parameters.presets import option_values
from typedrun_sandbox.jsontypes import JSON, JSONObject, as_list, as_number, as_object, as_text
from typedrun_sandbox.marketplaces.aixplain.catalog import CatalogModel

DEFAULT_PAGE_SIZE = 20

Filter: TypeAlias = "Callable[[CatalogModel, JSON], bool]"


@frozen
class Page:
    """One page of a search."""

    models: tuple[CatalogModel, ...]
    total: int
    number: int
    size: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return math.ceil(self.total / self.size)


def search(models: Sequence[CatalogModel], body: Mapping[str, JSON], filters: Mapping[str, Filter]) -> Page:
    """Filter, sort and cut out one page, as the paginate endpoints do. An absent, null or empty filter asks nothing."""
    wanted = [(test, body[key]) for key, test in filters.items() if body.get(key) not in (None, "", [])]
    found = sort([m for m in models if all(test(m, value) for test, value in wanted)], body.get("sort"))
    number, size = page_bounds(body)
    return Page(tuple(found[number * size : (number + 1) * size]), len(found), number, size)


def page_bounds(body: Mapping[str, JSON]) -> tuple[int, int]:
    """Page number (from 0) and size (at least 1)."""
    number = int(as_number(body.get("pageNumber"), 0))
    size = int(as_number(body.get("pageSize"), DEFAULT_PAGE_SIZE))
    return max(number, 0), max(size, 1)


def sort(models: list[CatalogModel], order: JSON) -> list[CatalogModel]:
    """Order by the fields of `sort`, the first one most significant; entries without a field change nothing."""
    for entry in reversed([as_object(item) for item in as_list(order)]):
        key = SORT_KEYS.get(as_text(entry.get("field")))
        if key is not None:
            models = sorted(models, key=key, reverse=as_number(entry.get("dir"), 1) < 0)
    return models


SORT_KEYS: dict[str, Callable[[CatalogModel], tuple[float, str]]] = {
    "name": lambda m: (0.0, m.name.casefold()),
    "createdAt": lambda m: (0.0, as_text(m.value.get("createdAt"))),
    "updatedAt": lambda m: (0.0, as_text(m.value.get("updatedAt"))),
    "normalizedPrice": lambda m: (m.price, ""),
    "price": lambda m: (m.price, ""),
    "totalSubscribed": lambda m: (as_number(m.value.get("totalSubscribed"), 0.0), ""),
}
"""Sort fields: the three that v1 sends, and the obvious names for v2, whose fields are not documented."""


def _matches_query(model: CatalogModel, query: JSON) -> bool:
    haystack = " ".join((model.id, model.name, model.path, as_text(model.value.get("description")))).casefold()
    return all(word in haystack for word in as_text(query).casefold().split())


def _among(read: Callable[[CatalogModel], Sequence[JSON]]) -> Filter:
    """A filter whose value is a list (or one item) and asks for any of it, ignoring case."""

    def test(model: CatalogModel, wanted: JSON) -> bool:
        asked = {str(item).casefold() for item in (wanted if isinstance(wanted, list) else [wanted])}
        return any(str(have).casefold() in asked for have in read(model) if have is not None)

    return test


def _language(parameters: tuple[str, ...]) -> Filter:
    """Whether the model takes one of these languages in one of these parameters. A parameter without options takes any."""

    def test(model: CatalogModel, wanted: JSON) -> bool:
        asked = {str(code) for code in (wanted if isinstance(wanted, list) else [wanted])}
        taken = [languages(p) for p in model.params if as_text(p.get("name")) in parameters]
        return any(not codes or codes & asked for codes in taken)

    return test


def languages(parameter: JSONObject) -> set[str]:
    """The codes that a language parameter allows: its options, or its fixed values."""
    entries = as_list(parameter.get("availableOptions")) or as_list(parameter.get("values"))
    return set(map(str, option_values(entries)))


def _io_filter(model: CatalogModel, wanted: JSON) -> bool:
    """Whether the model fits v1's `ioFilter`: a list of {code, value}, all of which must fit."""
    asked = [as_object(item) for item in as_list(wanted)]
    return all(_language((as_text(item.get("code")),))(model, item.get("value")) for item in asked)


def _has_prefix(model: CatalogModel, wanted: JSON) -> bool:
    return model.path.startswith(as_text(wanted))


def _flag(key: str) -> Filter:
    return lambda model, wanted: bool(model.value.get(key, False)) is wanted


_COMMON: dict[str, Filter] = {
    "q": _matches_query,
    "functions": _among(lambda m: [m.function]),
    "isFineTunable": _flag("isFineTunable"),
    "isFinetunable": _flag("isFineTunable"),
}

V2_FILTERS: dict[str, Filter] = _COMMON | {
    "suppliers": _among(lambda m: [m.supplier.get("code"), m.supplier.get("name")]),
    "hosts": _among(lambda m: [m.value.get("host")]),
    "developers": _among(lambda m: [m.value.get("developer")]),
    "path": _has_prefix,
    "status": _among(lambda m: [m.value.get("status", "onboarded")]),
    "sourceLanguages": _language(("sourcelanguage", "language")),
    "targetLanguages": _language(("targetlanguage", "targetlanguages")),
    "saved": _flag("saved"),
    "ownership": _among(lambda m: [m.value.get("ownership", "PUBLIC")]),
}
"""Body keys of `POST v2/models/paginate`."""

V1_FILTERS: dict[str, Filter] = _COMMON | {
    "suppliers": _among(lambda m: [m.supplier.get("id"), m.supplier.get("code")]),
    "ownership": _among(lambda m: ["SUBSCRIBED"] if "subscription" in m.value else []),
    "ioFilter": _io_filter,
}
"""Body keys of `POST sdk/models/paginate`."""
