"""Where a catalog is pulled from, as a marketplace has to say it: requests come out, answers go in. Nothing here asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from attrs import frozen

from typedrun.core.request import Request
from typedrun.marketplaces.protocol import Marketplace
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Problem
from typedrun_codegen.ir.settings import Config, Select


@frozen(kw_only=True)
class Row:
    """One record of a listing."""

    found: JSON
    """As it came."""
    id: str | None
    """The id of its model; None where the record has none that can be used."""
    document: dict[str, JSON] | None = None
    """The model itself, where the listing has it whole: then it is not asked for."""
    is_wanted: bool = True
    """Whether the model may belong to the selection. One that does not is seen, and not asked for."""


@frozen(kw_only=True)
class Page:
    """What one answer of a listing says."""

    rows: Sequence[Row] | None
    """None: the answer is no page."""
    next: Request | None
    """The page after it; None where this is the last."""
    size: int | None = None
    """Models of a full page, where pages have numbers and none says that it is the last."""
    total: int | None = None
    """How many models there are, where the answer says it."""
    flaw: str = ""
    """Why there is no way on although the answer names one."""


@frozen(kw_only=True)
class Search:
    """The first page of a listing, and which part of a selection it stands for."""

    request: Request
    read: Callable[[JSON, Request], Page]
    """What the answer to a request of this listing says."""
    kind: str = ""
    """A word of this kind names the listing: where the backend does not have it, the word is unknown."""
    word: str = ""
    is_ranked: bool = False
    """Whether it lists the best of what fits: a model that it no longer names need not be gone."""


@frozen(kw_only=True)
class Known:
    """What a pull knows of a catalog, to judge the words of a selection by."""

    lists: Mapping[str, JSON | None]
    """The enumerations, by name; a kind without one is not judged by it."""
    models: Sequence[Mapping[str, JSON]]
    """The documents that were found: what one of them says is no misspelling, listed or not."""
    listed: frozenset[str] = frozenset()
    """Ids of all models that the listings named, wanted or not."""


class Vocabulary(Protocol):
    """Words of a selection of which each names a listing: where they are listed, for a suggestion."""

    def ask(self, url: str) -> Request:
        """Ask for them."""
        ...

    def read(self, answer: JSON, request: Request) -> tuple[Sequence[str], Request | None]:
        """Read the words of an answer, and what asks for more."""
        ...


class Elsewhere(Protocol):
    """What a document may lack although the backend has it at another address."""

    def lacking(self, url: str, asked: str, document: Mapping[str, JSON]) -> Request | None:
        """Ask for what a document lacks; None where it is whole.

        Args:
            url: of the backend.
            asked: the id or path that it was asked for by, with a version where the selection has one.
            document: as it came.
        """
        ...

    def completed(self, document: Mapping[str, JSON], answer: JSON) -> dict[str, JSON]:
        """The document with what it lacked.

        Raises:
            ValueError: the answer does not have it, either; the message says what was found.
        """
        ...


class Extras(Protocol):
    """What stands elsewhere about models, for several at a time and with a key alone: prices."""

    @property
    def member(self) -> str:
        """What it becomes in a document: a member of ours."""
        ...

    @property
    def size(self) -> int:
        """Models that one request may name."""
        ...

    def ask(self, url: str, ids: Sequence[str]) -> Request:
        """Ask for it."""
        ...

    def read(self, answer: JSON) -> Mapping[str, JSON]:
        """Read what an answer says, by model.

        Raises:
            ValueError: it is no such answer; the message says what was found.
        """
        ...


class Source(Protocol):
    """Where a catalog is pulled from: what to ask, and which answers belong to a selection. Nothing here asks."""

    # --- whom to ask

    @property
    def runtime(self) -> Marketplace:
        """What clients know before they ask: addresses, variables, where the key goes."""
        ...

    @property
    def needs_key(self) -> bool:
        """Whether nothing can be asked without a key."""
        ...

    # --- what a selection says

    @property
    def words(self) -> Mapping[str, str]:
        """Setting of `[tool.typedrun.select]`, besides `models` → what one of its words is."""
        ...

    @property
    def selection(self) -> Mapping[str, tuple[str, ...]]:
        """What a new configuration selects; nothing means everything."""
        ...

    def unknown_words(self, config: Config, known: Known) -> Iterator[Problem]:
        """Problems for the words of a selection that nothing of what is known has."""
        ...

    def is_selected(self, value: Mapping[str, JSON], select: Select) -> bool:
        """Whether a model that a listing let through is one that was asked for; what it does not tell counts as yes."""
        ...

    @property
    def vocabulary(self) -> Vocabulary | None:
        """The words that name listings, where there are such."""
        ...

    # --- the catalog

    def lists(self, url: str) -> Mapping[str, Request]:
        """Ask for the enumerations that a snapshot keeps beside its models, by name."""
        ...

    def searches(self, url: str, select: Select) -> Sequence[Search]:
        """Listings whose union is the selection, the named models left aside; empty where nothing else is selected."""
        ...

    def model(self, url: str, asked: str) -> Request:
        """Ask for one model by id or path."""
        ...

    def name_in(self, asked: str) -> str:
        """The id or path in a word of `models`, which may name a version besides."""
        ...

    def read_model(self, answer: JSON) -> dict[str, JSON] | None:
        """Read the model's document in an answer; None where the answer says that there is none.

        Raises:
            ValueError: it is no model; the message says what was found.
        """
        ...

    def scrubbed(self, document: Mapping[str, JSON]) -> dict[str, JSON]:
        """The document without what changes by itself: counts, dates of use, addresses that expire."""
        ...

    @property
    def published(self) -> frozenset[str]:
        """Members of a document that hold JSON Schema: a name in there is a parameter's, never that of a secret."""
        ...

    @property
    def elsewhere(self) -> Elsewhere | None:
        """Where a document is made whole that came without a part."""
        ...

    @property
    def extras(self) -> Extras | None:
        """What else there is about models."""
        ...
