"""What the generator must be told about a marketplace. One value and one source in its folder, and nothing about it elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol

from attrs import frozen

from typedrun.core.request import Request
from typedrun_codegen.ir.catalog import CatalogSpec
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Problem
from typedrun_codegen.ir.settings import Config, Select
from typedrun_codegen.ir.snapshot import ModelEntry, Snapshot


@frozen
class Read:
    """A catalog, and what in it could not be understood."""

    catalog: CatalogSpec
    problems: tuple[Problem, ...]


class ReadCatalog(Protocol):
    """Reads every entry of a snapshot."""

    def __call__(self, snapshot: Snapshot, entries: Iterable[ModelEntry | Problem] | None = None) -> Read:
        """Read it.

        Args:
            snapshot: the enumerations, and the models.
            entries: the models as they are read, in place of the snapshot's own: then they need not be in memory together.
        """
        ...


class Source(Protocol):
    """Where a catalog is pulled from: what to ask, and which answers belong to a selection. Nothing here asks."""

    @property
    def url(self) -> str:
        """Where the catalog is read when nobody says otherwise."""
        ...

    @property
    def url_variable(self) -> str:
        """Environment variable with another address."""
        ...

    @property
    def key_variables(self) -> tuple[str, ...]:
        """Environment variables that hold a key, in the order in which they are read."""
        ...

    @property
    def page_size(self) -> int:
        """Models in a full page of the listing."""
        ...

    def enumeration(self, url: str, name: str) -> Request:
        """Asks for one of the lists that a snapshot keeps beside its models."""
        ...

    def page(self, url: str, number: int, filters: Mapping[str, JSON]) -> Request:
        """Asks for one page of the listing, from 0."""
        ...

    def model(self, url: str, asked: str) -> Request:
        """Asks for one model by id or path."""
        ...

    def filters(self, select: Select) -> list[dict[str, JSON]]:
        """Filters of listings whose union is the selection."""
        ...

    def is_selected(self, value: Mapping[str, JSON], select: Select) -> bool:
        """Whether a model that a listing let through is one that was asked for; what it does not tell counts as yes."""
        ...

    def unknown_words(
        self, config: Config, lists: Mapping[str, JSON | None], models: Iterable[Mapping[str, JSON]]
    ) -> Iterator[Problem]:
        """Problems for the words of a selection that neither the lists nor the models know."""
        ...


@frozen(kw_only=True)
class Marketplace:
    """A marketplace, as far as its name, its documents and its words concern the generator."""

    name: str
    """The value of `backend` in a configuration and in a snapshot's manifest."""
    client: str
    """Class of the generated client."""
    package: str
    """Import name of the generated package, unless a configuration says otherwise."""
    folder: str
    """Below which the API schema (`openapi.yaml`) and the snapshot (`catalog`) stand, in a project and in what ships with typedrun."""
    reasons: Mapping[str, str]
    """Name of a row of its type tables → why it gives its type."""
    unknown_output: str
    """The row of a result that no function tells about."""
    path_of: Callable[[Mapping[str, JSON]], str | None]
    """The readable id in a model's document."""
    read_catalog: ReadCatalog
    find_contradictions: Callable[[CatalogSpec, Iterable[ModelEntry]], Iterator[Problem]]
    """What a catalog says and cannot mean."""
    source: Source
