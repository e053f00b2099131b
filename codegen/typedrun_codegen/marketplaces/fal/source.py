"""Where fal's catalog is pulled from: the Platform API (`GET /models`, `/models/pricing`), as its own OpenAPI document has it.

A listing brings whole documents. A document that could not be made is asked for where each endpoint publishes its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import product
from urllib.parse import parse_qsl, quote, urlencode

from attrs import field, frozen

from typedrun.core.request import Auth, Request
from typedrun.marketplaces import find_marketplace
from typedrun.marketplaces.protocol import Marketplace
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Problem
from typedrun_codegen.ir.settings import Config, Select
from typedrun_codegen.marketplaces.fal.documents import NAME, model_id
from typedrun_codegen.marketplaces.selection import matches, unknown_patterns, unknown_word
from typedrun_codegen.marketplaces.source import Elsewhere, Extras, Known, Page, Row, Search, Vocabulary

EXPAND = ("expand", "openapi-3.0")
STATUSES = frozenset({"active", "deprecated"})
CATEGORIES = frozenset(
    {
        *("text-to-image", "image-to-image", "text-to-video", "image-to-video", "video-to-video", "video-to-image"),
        *("text-to-audio", "text-to-speech", "speech-to-text", "audio-to-audio", "video-to-audio", "audio-to-video"),
        *(
            "image-to-3d",
            "text-to-3d",
            "text-to-json",
            "image-to-json",
            "text-to-text",
            "vision",
            "llm",
            "json",
            "training",
        ),
    }
)
"""For suggestions: a category that is not among them is known where an endpoint has it."""

VOLATILE = frozenset({"is_favorited", "thumbnail_url", "thumbnail_animated_url", "updated_at", "highlighted", "pinned"})
"""Members of `metadata` that belong to an account or change without the endpoint."""

PUBLIC_HOST, DOCUMENTS_HOST = "https://api.fal.ai", "https://fal.ai"
"""A document alone is published elsewhere than the listing; any other backend has both under one address."""


_NAMED = frozenset({"properties", "schemas"})
"""Parts of a document whose members have names of the model's own."""


@frozen
class Documents:
    """Where each endpoint's document stands alone; no key is sent there."""

    def lacking(self, url: str, asked: str, document: Mapping[str, JSON]) -> Request | None:  # noqa: ARG002  # no versions
        """`GET https://fal.ai/api/openapi/queue/openapi.json?endpoint_id=<id>`."""
        if _is_schema(document.get("openapi")):
            return None
        query = urlencode({"endpoint_id": model_id(document) or ""})
        address = f"{DOCUMENTS_HOST if url == PUBLIC_HOST else url}/api/openapi/queue/openapi.json?{query}"
        return Request("GET", address, auth=Auth.NONE, model=model_id(document))

    def completed(self, document: Mapping[str, JSON], answer: JSON) -> dict[str, JSON]:
        """The entry with that document.

        Raises:
            ValueError: it is none.
        """
        if _is_schema(answer):
            return {**document, "openapi": answer}
        raise ValueError("no OpenAPI document of this endpoint, neither in the listing nor alone")


@frozen
class Prices:
    """`GET /models/pricing`."""

    member: str = "pricing"
    size: int = 50

    def ask(self, url: str, ids: Sequence[str]) -> Request:
        """Ask for the prices of so many endpoints."""
        return Request("GET", f"{url}/v1/models/pricing?{urlencode([('endpoint_id', id) for id in ids])}")

    def read(self, answer: JSON) -> Mapping[str, JSON]:
        """Read the entries of an answer, by endpoint.

        Raises:
            ValueError: there is no list of prices.
        """
        rows = answer.get("prices") if isinstance(answer, dict) else None
        if not isinstance(rows, list):
            raise ValueError("no list of prices")
        return {id: row for row in rows if isinstance(row, dict) and (id := model_id(row)) is not None}


@frozen
class FalSource:
    """The catalog's endpoints."""

    needs_key: bool = False
    words: Mapping[str, str] = field(
        factory=lambda: {"owners": "owner", "categories": "category", "status": "status", "search": "search"}
    )
    selection: Mapping[str, tuple[str, ...]] = field(factory=lambda: {"status": ("active",)})
    published: frozenset[str] = frozenset({"openapi"})
    vocabulary: Vocabulary | None = None
    elsewhere: Elsewhere | None = Documents()
    extras: Extras | None = Prices()

    @property
    def runtime(self) -> Marketplace:
        """Addresses, variables, and where the key goes."""
        return find_marketplace(NAME)

    def lists(self, url: str) -> Mapping[str, Request]:  # noqa: ARG002  # there are none, wherever it is
        """None."""
        return {}

    def searches(self, url: str, select: Select) -> Sequence[Search]:
        """`GET /models`: each parameter takes one word, so several words are several listings."""
        if select.models and not any(select.words.values()):
            return ()
        statuses = [word for word in select.of("status") if word in STATUSES]
        if select.of("status") and not statuses:
            return ()
        kinds = (("q", select.of("search")), ("category", select.of("categories")), ("status", statuses))
        given = [[(name, word) for word in words] for name, words in kinds if words]
        return [
            Search(
                request=_page(url, (*query, EXPAND)),
                read=partial(_read, select=select),
                is_ranked=bool(select.of("search")),
            )
            for query in product(*given)
        ]

    def model(self, url: str, asked: str) -> Request:
        """`GET /models?endpoint_id=<id>`."""
        return Request("GET", f"{url}/v1/models?{_query((('endpoint_id', asked), EXPAND))}", model=asked)

    def name_in(self, asked: str) -> str:
        """The word itself: there are no versions to name."""
        return asked

    def read_model(self, answer: JSON) -> dict[str, JSON] | None:
        """Read the one entry of a page; None for an empty one.

        Raises:
            ValueError: it is no page, or its entry has no id.
        """
        rows = _rows(answer)
        if rows is None:
            raise ValueError("an answer without a list of models")
        if not rows:
            return None
        if isinstance(rows[0], dict) and model_id(rows[0]) is not None:
            return rows[0]
        raise ValueError("an entry without an endpoint_id")

    def scrubbed(self, document: Mapping[str, JSON]) -> dict[str, JSON]:
        """The entry without what belongs to an account or changes by itself, and without examples that are addresses."""
        kept = dict(document)
        metadata = kept.pop("metadata", None)
        if isinstance(metadata, dict) and (said := {n: v for n, v in metadata.items() if n not in VOLATILE}):
            kept["metadata"] = said
        kept["openapi"] = _without_examples(kept.get("openapi"))
        return kept

    def is_selected(self, value: Mapping[str, JSON], select: Select) -> bool:
        """Whether owner, category and status are wanted ones; an endpoint without metadata tells neither of the two."""
        id = model_id(value)
        if id is None or id in select.models:
            return id is not None
        told = ((_said(value, "category"), select.of("categories")), (_said(value, "status"), select.of("status")))
        return _is_owned(id, select) and all(not word or not wanted or word in wanted for word, wanted in told)

    def unknown_words(self, config: Config, known: Known) -> Iterator[Problem]:
        """Problems for owners and categories that no endpoint has, and for statuses that there are not."""
        ids = {*known.listed, *(id for model in known.models if (id := model_id(model)))}
        yield from unknown_patterns(config, "owners", "owner", {id.partition("/")[0] for id in ids})
        used = {_said(model, "category") for model in known.models}
        for kind, noun, words in (("categories", "category", CATEGORIES), ("status", "status", STATUSES)):
            for index, word in enumerate(config.select.of(kind)):
                if word not in words and word not in used:
                    yield unknown_word(config, kind, index, noun, word, words)


def _is_schema(value: JSON) -> bool:
    return isinstance(value, dict) and isinstance(value.get("openapi"), str)


def _is_owned(id: str, select: Select) -> bool:
    return matches(id.partition("/")[0], select.of("owners"))


def _said(value: Mapping[str, JSON], name: str) -> str:
    metadata = value.get("metadata")
    found = metadata.get(name) if isinstance(metadata, dict) else None
    return found if isinstance(found, str) else ""


def _rows(answer: JSON) -> list[JSON] | None:
    rows = answer.get("models") if isinstance(answer, dict) else None
    return rows if isinstance(rows, list) else None


def _page(url: str, query: Sequence[tuple[str, str]]) -> Request:
    return Request("GET", f"{url}/v1/models?{_query(query)}")


def _query(query: Sequence[tuple[str, str]]) -> str:
    return urlencode(query, quote_via=quote)


def _read(answer: JSON, request: Request, select: Select) -> Page:
    """A page of entries: the next one is named by a cursor."""
    rows = _rows(answer)
    cursor = answer.get("next_cursor") if isinstance(answer, dict) else None
    has_more = answer.get("has_more") if isinstance(answer, dict) else None
    following, flaw = None, ""
    if isinstance(cursor, str) and cursor:
        address, _, given = request.url.partition("?")
        query = [(name, word) for name, word in parse_qsl(given) if name != "cursor"]
        following = Request("GET", f"{address}?{_query((*query, ('cursor', cursor)))}")
    elif cursor or has_more is True:
        flaw = f"there is more, and the cursor for it is {cursor!r:.60}"
    return Page(rows=None if rows is None else [_row(row, select) for row in rows], next=following, flaw=flaw)


def _row(row: JSON, select: Select) -> Row:
    id = model_id(row) if isinstance(row, dict) else None
    if id is None or not isinstance(row, dict):
        return Row(found=row, id=None)
    return Row(found=row, id=id, document=row, is_wanted=_is_owned(id, select))


def _without_examples(schema: JSON, *, are_names: bool = False) -> JSON:
    """A schema without examples that are addresses: the files behind them expire, and others take their place.

    Args:
        schema: the schema, or a part of it.
        are_names: whether the members of this part are called by whoever wrote the model.
    """
    if isinstance(schema, dict):
        return {
            name: _without_examples(value, are_names=not are_names and name in _NAMED)
            for name, value in schema.items()
            if are_names or name not in ("example", "examples") or not _has_address(value)
        }
    return [_without_examples(value) for value in schema] if isinstance(schema, list) else schema


def _has_address(value: JSON) -> bool:
    if isinstance(value, dict):
        return any(map(_has_address, value.values()))
    if isinstance(value, list):
        return any(map(_has_address, value))
    return isinstance(value, str) and value.startswith(("http://", "https://", "data:"))
