"""What the generator must be told about a marketplace. One value and one source in its folder, and nothing about it elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

from attrs import frozen

from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Problem
from typedrun_codegen.ir.snapshot import ModelEntry, Snapshot
from typedrun_codegen.ir.vocabulary import Vocabulary
from typedrun_codegen.marketplaces.source import Source

if TYPE_CHECKING:
    from typedrun_codegen.ir.catalog import CatalogSpec


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


MAY_STREAM = "class-streaming"
NEVER_STREAMS = "class-no-streaming"


@frozen(kw_only=True)
class Reader:
    """How the documents of a marketplace become specs."""

    reasons: Mapping[str, str]
    """Name of a row of its type tables → why it gives its type; `MAY_STREAM` and `NEVER_STREAMS` → why a model's class is such a one."""
    unknown_output: str
    """The row of a result that no function tells about."""
    read_catalog: ReadCatalog
    find_contradictions: Callable[[CatalogSpec, Iterable[ModelEntry]], Iterator[Problem]]
    """What a catalog says and cannot mean."""


@frozen(kw_only=True)
class Marketplace:
    """A marketplace, as far as its name, its documents and its words concern the generator."""

    name: str
    """The value of `backend` in a configuration and in a snapshot's manifest."""
    client: str
    """Class of the generated client."""
    vocabulary: Vocabulary
    """What generated code calls things."""
    package: str
    """Import name of the generated package, unless a configuration says otherwise."""
    folder: str
    """Below which the API schema (`openapi.yaml`) and the snapshot (`catalog`) stand, in a project and in what ships with typedrun."""
    id_of: Callable[[Mapping[str, JSON]], str | None]
    """The id in a model's document, by which a snapshot keeps it; None in what is no model."""
    path_of: Callable[[Mapping[str, JSON]], str | None]
    """The readable id in a model's document; where ids can be read it is the id."""
    reader: Callable[[], Reader]
    """Imports what reads its catalog, which most commands, and the shell's completion, can do without."""
    source: Source
