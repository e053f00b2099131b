"""Where aiXplain's catalog is pulled from: its endpoints (PROTOCOL 2.1, 4.1, 14), and what its documents say of a selection."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from urllib.parse import quote

from attrs import frozen

from typedrun.core.request import Request
from typedrun.enums import AssetStatus
from typedrun.marketplaces import find_marketplace
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Problem
from typedrun_codegen.ir.settings import Config, Select
from typedrun_codegen.ir.snapshot import rows_of
from typedrun_codegen.marketplaces.aixplain.documents import model_path
from typedrun_codegen.marketplaces.selection import unknown_word


@frozen
class AixplainSource:
    """The catalog's endpoints."""

    url: str = "https://platform-api.aixplain.com"
    url_variable: str = "BACKEND_URL"
    key_variables: tuple[str, ...] = find_marketplace("aixplain").environment.keys
    page_size: int = 100
    """The largest size that the public documentation uses."""

    def enumeration(self, url: str, name: str) -> Request:
        """`GET sdk/<name>`."""
        return Request("GET", f"{url}/sdk/{name}")

    def page(self, url: str, number: int, filters: Mapping[str, JSON]) -> Request:
        """`POST v2/models/paginate`."""
        body: dict[str, JSON] = {"pageNumber": number, "pageSize": self.page_size, "sort": [{}], **filters}
        return Request("POST", f"{url}/v2/models/paginate", body=json.dumps(body).encode())

    def model(self, url: str, asked: str) -> Request:
        """`GET v2/models/{id or path}`."""
        return Request("GET", f"{url}/v2/models/{quote(asked, safe='')}", model=asked)

    def filters(self, select: Select) -> list[dict[str, JSON]]:
        """Search bodies whose union is the selection: a language may be read or written, and a body asks for one of both."""
        base: dict[str, JSON] = {
            wire: list(values)
            for wire, values in (
                ("functions", select.functions),
                ("suppliers", select.suppliers),
                ("status", select.status),
            )
            if values
        }
        if not select.languages:
            return [base]
        return [{**base, wire: list(select.languages)} for wire in ("sourceLanguages", "targetLanguages")]

    def is_selected(self, value: Mapping[str, JSON], select: Select) -> bool:
        """Whether a model that a search let through is one that was asked for; what it does not tell counts as yes."""
        if {str(value.get("id")), model_path(value)} & set(select.models):
            return True
        known = (
            (select.functions, _function(value)),
            (select.suppliers, _supplier(value)),
            (select.status, _status(value)),
        )
        return all(not found or not wanted or wanted & found for wanted, found in ((set(w), set(f)) for w, f in known))

    def unknown_words(
        self, config: Config, lists: Mapping[str, JSON | None], models: Iterable[Mapping[str, JSON]]
    ) -> Iterator[Problem]:
        """Problems for the words of a selection that neither the backend's enumerations nor its models know.

        Args:
            config: whose selection it is.
            lists: the answers of the enumeration endpoints, by name; a kind without a list is not judged.
            models: the model objects that were found: what one of them says is no misspelling, listed or not.
        """
        found = tuple(models)
        for kind, (noun, listed, used) in _WORDS.items():
            known = set(listed(lists))
            wanted: tuple[str, ...] = getattr(config.select, kind)
            for index, word in enumerate(wanted):
                if known and word not in known and not any(word in used(model) for model in found):
                    yield unknown_word(config, kind, index, noun, word, known)


def _members(lists: Mapping[str, JSON | None], name: str, key: str) -> Iterator[str]:
    for row in rows_of(lists.get(name)) or ():
        if isinstance(row, dict) and isinstance(word := row.get(key), str):
            yield word


def _function(model: Mapping[str, JSON]) -> list[str]:
    return _word(model.get("function"), "id")


def _supplier(model: Mapping[str, JSON]) -> list[str]:
    return _word(model.get("vendor") or model.get("supplier"), "code")


def _status(model: Mapping[str, JSON]) -> list[str]:
    return _word(model.get("status"), "")


def _languages(model: Mapping[str, JSON]) -> list[str]:
    """Everything that a parameter for languages offers."""
    params = model.get("params")
    rows = [row for row in params if isinstance(row, dict)] if isinstance(params, list) else []
    offered = [row.get("availableOptions") for row in rows if "language" in str(row.get("name")).lower()]
    return [word for options in offered for option in rows_of(options) or () for word in _word(option, "value")]


def _word(value: JSON, key: str) -> list[str]:
    found = value.get(key) if isinstance(value, dict) else value
    return [found] if isinstance(found, str) else []


_Listed = Callable[[Mapping[str, "JSON | None"]], Iterable[str]]
_Used = Callable[[Mapping[str, JSON]], list[str]]

_WORDS: Mapping[str, tuple[str, _Listed, _Used]] = {
    "functions": ("function", lambda lists: _members(lists, "functions", "id"), _function),
    "suppliers": ("supplier", lambda lists: _members(lists, "suppliers", "code"), _supplier),
    "languages": ("language", lambda lists: _members(lists, "languages", "value"), _languages),
    "status": ("status", lambda _: map(str, AssetStatus), _status),
}
"""Setting → what one of its words is, where the backend lists them, and what a model says."""
