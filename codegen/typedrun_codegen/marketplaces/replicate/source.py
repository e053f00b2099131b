"""Where Replicate's catalog is pulled from: its endpoints, as its own OpenAPI document ("Replicate HTTP API") has them.

A catalog of everything is tens of thousands of models, and no listing but a collection's or a search's is narrower: who selects
by owner or name alone has every page read, and only the models that fit asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from urllib.parse import quote, urlencode

from attrs import field, frozen

from typedrun.core.hostile import is_same_origin
from typedrun.core.request import Request
from typedrun.marketplaces import find_marketplace
from typedrun.marketplaces.protocol import Marketplace
from typedrun.marketplaces.replicate.documents import split_version, with_version
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Problem
from typedrun_codegen.ir.settings import Config, Select
from typedrun_codegen.ir.snapshot import rows_of
from typedrun_codegen.marketplaces.replicate.documents import NAME, model_id
from typedrun_codegen.marketplaces.selection import matches, unknown_patterns
from typedrun_codegen.marketplaces.source import Elsewhere, Extras, Known, Page, Row, Search, Vocabulary

MOST_FOUND = 50
"""The largest `limit` of a search; there is no second page."""

VOLATILE = frozenset({"run_count", "default_example", "cover_image_url"})
"""Counts, pictures that are exchanged, and an example whose files expire."""

SCHEMA_PARTS = ("components", "info", "openapi")
"""What an `openapi_schema` says of the model. The rest is the HTTP interface of its container, which nobody calls."""


@frozen
class Collections:
    """The words of `collections`."""

    def ask(self, url: str) -> Request:
        """`GET /v1/collections`."""
        return Request("GET", f"{url}/v1/collections")

    def read(self, answer: JSON, request: Request) -> tuple[Sequence[str], Request | None]:
        """Read the slugs of a page."""
        slugs = [row.get("slug") for row in rows_of(answer) or () if isinstance(row, dict)]
        return [slug for slug in slugs if isinstance(slug, str)], _next(answer, request)[0]


@frozen
class Versions:
    """Where the version stands that a selection names: `owner/name:version`."""

    def lacking(self, url: str, asked: str, document: Mapping[str, JSON]) -> Request | None:  # noqa: ARG002  # a model has but one
        """`GET /v1/models/{owner}/{name}/versions/{id}`."""
        name, version = split_version(asked)
        address = f"{url}/v1/models/{quote(name, safe='/')}/versions/{quote(version, safe='')}"
        return Request("GET", address, model=asked) if version else None

    def completed(self, document: Mapping[str, JSON], answer: JSON) -> dict[str, JSON]:
        """The model with that version in the place of its newest one.

        Raises:
            ValueError: it is none.
        """
        if isinstance(answer, dict) and isinstance(answer.get("openapi_schema"), dict):
            return with_version(document, answer)
        raise ValueError("no version with a schema")


@frozen
class ReplicateSource:
    """The catalog's endpoints."""

    needs_key: bool = True
    words: Mapping[str, str] = field(
        factory=lambda: {"owners": "owner", "names": "name", "search": "search", "collections": "collection"}
    )
    selection: Mapping[str, tuple[str, ...]] = field(factory=lambda: {"collections": ("official",)})
    """The models that Replicate itself keeps running, in place of everybody's."""
    published: frozenset[str] = frozenset({"latest_version"})
    vocabulary: Vocabulary | None = Collections()
    elsewhere: Elsewhere | None = Versions()
    extras: Extras | None = None

    @property
    def runtime(self) -> Marketplace:
        """Addresses, variables, and where the key goes."""
        return find_marketplace(NAME)

    def lists(self, url: str) -> Mapping[str, Request]:  # noqa: ARG002  # there are none, wherever it is
        """None."""
        return {}

    def searches(self, url: str, select: Select) -> Sequence[Search]:
        """`GET /v1/search`, `GET /v1/collections/{slug}`, else every page of `GET /v1/models`."""
        found = [
            Search(
                request=Request("GET", f"{url}/v1/search?{urlencode({'query': word, 'limit': MOST_FOUND})}"),
                read=partial(_read_found, select=select),
                is_ranked=True,
            )
            for word in select.of("search")
        ]
        collected = [
            Search(
                request=Request("GET", f"{url}/v1/collections/{quote(word, safe='')}"),
                read=partial(_read_collection, select=select),
                kind="collections",
                word=word,
            )
            for word in select.of("collections")
        ]
        if found or collected or (select.models and not any(select.words.values())):
            return found + collected
        return [Search(request=Request("GET", f"{url}/v1/models"), read=partial(_read_page, select=select))]

    def model(self, url: str, asked: str) -> Request:
        """`GET /v1/models/{owner}/{name}`."""
        return Request("GET", f"{url}/v1/models/{quote(self.name_in(asked), safe='/')}", model=asked)

    def name_in(self, asked: str) -> str:
        """`owner/name` of `owner/name:version`."""
        return split_version(asked)[0]

    def read_model(self, answer: JSON) -> dict[str, JSON] | None:
        """Read the answer itself.

        Raises:
            ValueError: it is no model, or one of which no version was pushed.
        """
        if not isinstance(answer, dict) or model_id(answer) is None:
            raise ValueError("an answer without owner and name")
        if not _can_run(answer):
            raise ValueError("a model without a version, which nobody can run")
        return answer

    def scrubbed(self, document: Mapping[str, JSON]) -> dict[str, JSON]:
        """The model without counts and examples, its schema without its container's interface."""
        kept = {name: value for name, value in document.items() if name not in VOLATILE}
        version = kept.get("latest_version")
        schema = version.get("openapi_schema") if isinstance(version, dict) else None
        if isinstance(version, dict) and isinstance(schema, dict):
            parts = {name: schema[name] for name in SCHEMA_PARTS if name in schema}
            kept["latest_version"] = {**version, "openapi_schema": parts}
        return kept

    def is_selected(self, value: Mapping[str, JSON], select: Select) -> bool:
        """Whether owner and name are wanted ones."""
        id = model_id(value)
        return id is not None and (id in map(self.name_in, select.models) or _is_wanted(id, select))

    def unknown_words(self, config: Config, known: Known) -> Iterator[Problem]:
        """Problems for owners and names that no listed model has."""
        ids = {*known.listed, *(id for model in known.models if (id := model_id(model)))}
        parts = [id.split("/", 1) for id in ids if "/" in id]
        yield from unknown_patterns(config, "owners", "owner", {owner for owner, _ in parts})
        yield from unknown_patterns(config, "names", "name", {name for _, name in parts})


def _is_wanted(id: str, select: Select) -> bool:
    owner, _, name = id.partition("/")
    return matches(owner, select.of("owners")) and matches(name, select.of("names"))


def _can_run(model: Mapping[str, JSON]) -> bool:
    return model.get("is_official") is True or isinstance(model.get("latest_version"), dict)


def _read_page(answer: JSON, request: Request, select: Select) -> Page:
    """A page of models: the next one is named by its whole URL."""
    rows = rows_of(answer) if isinstance(answer, dict) else None
    following, flaw = _next(answer, request)
    return Page(rows=None if rows is None else [_row(row, select) for row in rows], next=following, flaw=flaw)


def _read_found(answer: JSON, request: Request, select: Select) -> Page:  # noqa: ARG001  # there is no next page
    """What a search found: models, each beside what the search makes of it."""
    rows = answer.get("models") if isinstance(answer, dict) else None
    if not isinstance(rows, list):
        return Page(rows=None, next=None)
    return Page(rows=[_row(row.get("model") if isinstance(row, dict) else row, select) for row in rows], next=None)


def _read_collection(answer: JSON, request: Request, select: Select) -> Page:  # noqa: ARG001  # there is no next page
    """The models of a collection."""
    rows = answer.get("models") if isinstance(answer, dict) else None
    return Page(rows=[_row(row, select) for row in rows] if isinstance(rows, list) else None, next=None)


def _row(row: JSON, select: Select) -> Row:
    id = model_id(row) if isinstance(row, dict) else None
    wanted = id is not None and isinstance(row, dict) and _is_wanted(id, select) and _may_run(row)
    return Row(found=row, id=id, is_wanted=wanted)


def _may_run(row: Mapping[str, JSON]) -> bool:
    """Whether a record does not say that its model has no version; one may leave versions out."""
    return "latest_version" not in row or _can_run(row)


def _next(answer: JSON, request: Request) -> tuple[Request | None, str]:
    """What asks for the page after an answer, or why there is nothing to ask although the answer names something."""
    address = answer.get("next") if isinstance(answer, dict) else None
    if address is None:
        return None, ""
    if not isinstance(address, str) or not is_same_origin(address, request.url):
        return None, f"the next page is said to be {address!r:.120}, which is not at this backend"
    return Request("GET", address), ""
