"""A catalog as it was committed, as values: the documents of its models and its listings."""

from __future__ import annotations

from pathlib import Path

from attrs import field, frozen

from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Location, Problem


@frozen
class ModelEntry:
    """One model object exactly as the backend sent it, and where it stands."""

    file: str
    """Path relative to the snapshot's root (its own name when the snapshot is a single file)."""
    pointer: str
    """JSON pointer inside the file: empty, or `/17` in a list."""
    value: dict[str, JSON]
    sha: bytes = field(default=b"", repr=False, eq=False)
    """SHA-256 of what the value was read from; empty when nobody asked."""

    @property
    def location(self) -> Location:
        """File and pointer as one value."""
        return Location(self.file, self.pointer)


@frozen
class Snapshot:
    """A catalog as committed: model objects in file order, the enumeration endpoints' answers, and what was unreadable."""

    path: Path
    models: tuple[ModelEntry, ...]
    functions: JSON = None
    suppliers: JSON = None
    languages: JSON = None
    licenses: JSON = None
    problems: tuple[Problem, ...] = ()
    is_sample: bool = False
    """Whether its entries show what a catalog is like and do not come from a backend."""


def rows_of(value: JSON) -> list[JSON] | None:
    """The rows of an answer: a bare list, or `results` or `items` of an object; None when it has neither."""
    rows = (value.get("results", value.get("items"))) if isinstance(value, dict) else value
    return rows if isinstance(rows, list) else None
