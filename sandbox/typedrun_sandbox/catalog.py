"""The models of a snapshot as the backend's metadata endpoints answer them: get, search with filters, sort and paging."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from attrs import frozen

from typedrun_codegen.ir.snapshot import Snapshot
from typedrun_codegen.snapshots.store import read_snapshot
from typedrun_sandbox.jsontypes import JSON, JSONObject, as_list, as_number, as_object, as_text

DEFAULT_PAGE_SIZE = 20

_LISTS = ("functions", "suppliers", "languages", "licenses")


@frozen
class CatalogModel:
    """One model object, read leniently: a snapshot may hold any variant that the wire knows."""

    value: JSONObject

    @property
    def id(self) -> str:
        """The model's id."""
        return str(self.value.get("id", ""))

    @property
    def name(self) -> str:
        """The display name."""
        return as_text(self.value.get("name"))

    @property
    def path(self) -> str:
        """`assetInfo.instanceId`, else `assetInfo.assetPath`, else `path` (PROTOCOL §3.4)."""
        info = as_object(self.value.get("assetInfo"))
        places = (info.get("instanceId"), info.get("assetPath"), self.value.get("path"))
        return next((place for place in places if isinstance(place, str) and place), "")

    @property
    def function(self) -> str:
        """The function's id; it may come as an object or as a bare string."""
        function = self.value.get("function")
        return function if isinstance(function, str) else as_text(as_object(function).get("id"))

    @property
    def supplier(self) -> JSONObject:
        """`vendor`, else `supplier`, as an object."""
        for key in ("vendor", "supplier"):
            value = self.value.get(key)
            if isinstance(value, dict):
                return value
            if isinstance(value, str | int) and value != "":
                return {"id": value, "name": str(value), "code": str(value)}
        return {}

    @property
    def params(self) -> list[JSONObject]:
        """The parameter objects that have a name."""
        return [p for p in map(as_object, as_list(self.value.get("params"))) if as_text(p.get("name"))]

    @property
    def connection_type(self) -> tuple[str, ...]:
        """How the model can be called; a bare string counts as a list of one."""
        kinds = self.value.get("connectionType")
        return (kinds,) if isinstance(kinds, str) else tuple(map(as_text, as_list(kinds)))

    @property
    def is_asynchronous(self) -> bool:
        """Does a run of this model answer with a poll URL?"""
        return "asynchronous" in self.connection_type

    @property
    def can_stream(self) -> bool:
        """`supportsStreaming`; where it is null, text generation streams and nothing else does."""
        flag = self.value.get("supportsStreaming")
        return flag if isinstance(flag, bool) else self.function == "text-generation"

    @property
    def price(self) -> float:
        """The price per unit, in credits; 0 when the catalog gives none."""
        pricing = as_object(self.value.get("pricing"))
        return as_number(pricing.get("price", pricing.get("value")), 0.0)

    @property
    def unit(self) -> str:
        """What the price is for: CHAR, TOKEN, REQUEST …"""
        return as_text(as_object(self.value.get("pricing")).get("unitType")).upper()


class Catalog:
    """Every model of a snapshot, by id, path and name, and the enumeration lists."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._all = tuple(CatalogModel(entry.value) for entry in snapshot.models)
        self._removed: set[str] = set()
        self.problems = snapshot.problems
        given = (snapshot.functions, snapshot.suppliers, snapshot.languages, snapshot.licenses)
        derived = (self._functions, self._suppliers, list[JSON], list[JSON])
        self.lists: dict[str, JSON] = {
            name: make() if value is None else value for name, value, make in zip(_LISTS, given, derived, strict=True)
        }
        self._by_id = {model.id: model for model in self._all}
        self._by_path = {model.path: model for model in self._all if model.path}
        self._by_name = {model.name: model for model in self._all}

    @classmethod
    def read(cls, snapshot: Path) -> Catalog:
        """Read a snapshot directory or a JSON list of models."""
        return cls(read_snapshot(snapshot))

    @property
    def models(self) -> tuple[CatalogModel, ...]:
        """Every model that was not deleted, in the snapshot's order."""
        return tuple(model for model in self._all if model.id not in self._removed)

    def find(self, id_or_path: str) -> CatalogModel | None:
        """A model by id or by its case-sensitive path."""
        return self._present(self._by_id.get(id_or_path) or self._by_path.get(id_or_path))

    def find_name(self, name: str) -> CatalogModel | None:
        """A model by display name."""
        return self._present(self._by_name.get(name))

    def remove(self, model: CatalogModel) -> None:
        """Delete a model; the snapshot itself stays as it is."""
        self._removed.add(model.id)

    def restore(self) -> None:
        """Bring every deleted model back."""
        self._removed.clear()

    def _present(self, model: CatalogModel | None) -> CatalogModel | None:
        return None if model is None or model.id in self._removed else model

    def output_type(self, function: str) -> str:
        """The dataType of a function's first output; empty when the function list has none."""
        items = as_list(as_object(self.lists["functions"]).get("items"))
        entry = next((item for item in map(as_object, items) if item.get("id") == function), None)
        outputs = as_list(entry.get("output")) if entry else []
        return as_text(as_object(outputs[0]).get("dataType")) if outputs else ""

    def _functions(self) -> JSON:
        ids = sorted({model.function for model in self.models if model.function})
        items: list[JSON] = [{"id": id, "name": id.replace("-", " ").title(), "params": [], "output": []} for id in ids]
        return {"total": len(items), "pageTotal": len(items), "items": items}

    def _suppliers(self) -> list[JSON]:
        by_code = {str(model.supplier.get("code")): model.supplier for model in self.models if model.supplier}
        return [dict(by_code[code]) for code in sorted(by_code)]


# -- search ----------------------------------------------------------------------------------------------------------

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
    """Can the model take one of these languages in one of these parameters? A parameter without options takes any."""

    def test(model: CatalogModel, wanted: JSON) -> bool:
        asked = {str(code) for code in (wanted if isinstance(wanted, list) else [wanted])}
        taken = [languages(p) for p in model.params if as_text(p.get("name")) in parameters]
        return any(not codes or codes & asked for codes in taken)

    return test


def languages(parameter: JSONObject) -> set[str]:
    """The codes that a language parameter allows: its options, or its fixed values."""
    entries = as_list(parameter.get("availableOptions")) or as_list(parameter.get("values"))
    return {str(as_object(entry).get("value", "")) for entry in entries}


def _io_filter(model: CatalogModel, wanted: JSON) -> bool:
    """v1's `ioFilter`: a list of {code, value}, all of which must fit."""
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
"""Body keys of `POST v2/models/paginate` (PROTOCOL §4.2)."""

V1_FILTERS: dict[str, Filter] = _COMMON | {
    "suppliers": _among(lambda m: [m.supplier.get("id"), m.supplier.get("code")]),
    "ownership": _among(lambda m: ["SUBSCRIBED"] if "subscription" in m.value else []),
    "ioFilter": _io_filter,
}
"""Body keys of `POST sdk/models/paginate` (PROTOCOL §4.3)."""
