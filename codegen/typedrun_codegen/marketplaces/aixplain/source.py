"""Where aiXplain's catalog is pulled from: its endpoints, and what its documents say of a selection."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from urllib.parse import quote

from attrs import field, frozen

from typedrun.core.request import Request
from typedrun.enums import AssetStatus
from typedrun.marketplaces import find_marketplace
from typedrun.marketplaces.protocol import Marketplace
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Problem
from typedrun_codegen.ir.settings import Config, Select
from typedrun_codegen.ir.snapshot import rows_of
from typedrun_codegen.marketplaces.aixplain.documents import NAME, model_id, model_path
from typedrun_codegen.marketplaces.selection import unknown_word
from typedrun_codegen.marketplaces.source import Elsewhere, Extras, Known, Page, Row, Search, Vocabulary

PAGE_SIZE = 100
"""The largest size that the public documentation uses."""

LISTS = ("functions", "suppliers", "languages", "licenses")
"""Names of the enumerations; each is that of an endpoint."""


@frozen
class AixplainSource:
    """The catalog's endpoints."""

    needs_key: bool = True
    selection: Mapping[str, tuple[str, ...]] = field(factory=dict[str, tuple[str, ...]])
    published: frozenset[str] = frozenset()
    vocabulary: Vocabulary | None = None
    elsewhere: Elsewhere | None = None
    extras: Extras | None = None

    @property
    def words(self) -> Mapping[str, str]:
        """Functions, suppliers, languages and statuses."""
        return {kind: noun for kind, (noun, _, _) in _WORDS.items()}

    @property
    def runtime(self) -> Marketplace:
        """Addresses, variables, and where the key goes."""
        return find_marketplace(NAME)

    def lists(self, url: str) -> Mapping[str, Request]:
        """`GET sdk/<name>`."""
        return {name: Request("GET", f"{url}/sdk/{name}") for name in LISTS}

    def searches(self, url: str, select: Select) -> Sequence[Search]:
        """`POST v2/models/paginate`: a language may be read or written, and a body asks for one of both."""
        base: dict[str, JSON] = {
            wire: list(words)
            for wire, words in ((kind, select.of(kind)) for kind in ("functions", "suppliers", "status"))
            if words
        }
        languages = list[JSON](select.of("languages"))
        bodies = [{**base, wire: languages} for wire in ("sourceLanguages", "targetLanguages")] if languages else [base]
        if select.models and not any(bodies):
            return ()
        first: dict[str, JSON] = {"pageNumber": 0, "pageSize": PAGE_SIZE, "sort": [{}]}
        return [Search(request=_page(f"{url}/v2/models/paginate", {**first, **body}), read=_read) for body in bodies]

    def model(self, url: str, asked: str) -> Request:
        """`GET v2/models/{id or path}`."""
        return Request("GET", f"{url}/v2/models/{quote(asked, safe='')}", model=asked)

    def name_in(self, asked: str) -> str:
        """The word itself: there are no versions to name."""
        return asked

    def read_model(self, answer: JSON) -> dict[str, JSON] | None:
        """Read the answer itself.

        Raises:
            ValueError: it has no id.
        """
        if isinstance(answer, dict) and model_id(answer) is not None:
            return answer
        raise ValueError("an answer without an id")

    def scrubbed(self, document: Mapping[str, JSON]) -> dict[str, JSON]:
        """The document as it is: nothing in it changes by itself."""
        return dict(document)

    def is_selected(self, value: Mapping[str, JSON], select: Select) -> bool:
        """Whether a model that a search let through is one that was asked for; what it does not tell counts as yes."""
        if {str(value.get("id")), model_path(value)} & set(select.models):
            return True
        known = (
            (select.of("functions"), _function(value)),
            (select.of("suppliers"), _supplier(value)),
            (select.of("status"), _status(value)),
        )
        return all(not found or not wanted or wanted & found for wanted, found in ((set(w), set(f)) for w, f in known))

    def unknown_words(self, config: Config, known: Known) -> Iterator[Problem]:
        """Problems for words that neither the backend's enumerations nor its models know."""
        for kind, (noun, listed, used) in _WORDS.items():
            words = set(listed(known.lists))
            for index, word in enumerate(config.select.of(kind)):
                if words and word not in words and not any(word in used(model) for model in known.models):
                    yield unknown_word(config, kind, index, noun, word, words)


def _page(url: str, body: dict[str, JSON]) -> Request:
    return Request("POST", url, body=json.dumps(body).encode())


def _read(answer: JSON, request: Request) -> Page:
    """A page, and the request with the next number: no page says that it is the last."""
    rows, body = rows_of(answer), json.loads(request.body if isinstance(request.body, bytes) else b"")
    return Page(
        rows=None if rows is None else [_row(row) for row in rows],
        next=_page(request.url, {**body, "pageNumber": body["pageNumber"] + 1}),
        size=PAGE_SIZE,
        total=_total(answer),
    )


def _row(row: JSON) -> Row:
    id = model_id(row) if isinstance(row, dict) else None
    return Row(found=row, id=id if id and id.strip() else None)


def _total(answer: JSON) -> int | None:
    total = answer.get("total") if isinstance(answer, dict) else None
    return total if isinstance(total, int) and not isinstance(total, bool) and total >= 0 else None


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
