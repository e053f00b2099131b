"""What a command works on, as values: `load_config` in the command's room puts them together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen

from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Location, Problem, UsageProblem

DEFAULT_OUTPUT = "generated"

MYPY_TREE = 500
"""mypy takes some milliseconds for each model that a script can reach, used or not."""

MAX_PINNED = 100
"""Checkers compare every call with all of the overloads."""


@frozen(kw_only=True)
class Select:
    """Which models `pull` takes; all empty means everything that the key can see."""

    models: tuple[str, ...] = ()
    """Ids or paths."""
    words: Mapping[str, tuple[str, ...]] = field(factory=dict[str, tuple[str, ...]])
    """What a model has to be like, by the settings that the marketplace has for it; each that is given has to hold."""

    def of(self, kind: str) -> tuple[str, ...]:
        """The words of one setting."""
        return self.words.get(kind, ())

    def as_json(self) -> dict[str, JSON]:
        """What is given of it, by setting."""
        given = {"models": self.models, **self.words}
        return {kind: list(words) for kind, words in given.items() if words}


@frozen(kw_only=True)
class Typing:
    """How much of the catalog the type checkers are told."""

    pinned: tuple[str, ...] = ()
    """Ids or paths of the models whose `aix.models["…"]` has the type of the model's class; at most `MAX_PINNED`.

    They belong to the snapshot of the same file: another one, given as an option, is read without them.
    """
    mypy_tree: int = MYPY_TREE
    """Models of the largest catalog whose tree `aix.models.<supplier>.<model>` mypy reads; pyright reads it in any case."""


CLIENTS = ("blocking", "asyncio")
"""The clients that a package can have. The second takes from the first what describes a model, so none has it alone."""


@frozen(kw_only=True)
class Config:
    """What a command works on. Every path is absolute."""

    root: Path
    """Directory of the configuration file, or the current directory without one."""
    backend: str = ""
    """The marketplace; empty is the first that the generator knows."""
    schema: Path | None = None
    """OpenAPI document; None generates no API classes."""
    snapshot: Path | None = None
    """Catalog snapshot; None generates from the API schema alone."""
    package: str
    """Import name of the generated package."""
    output: Path
    """Directory that holds the package."""
    select: Select = field(factory=Select)
    typing: Typing = field(factory=Typing)
    clients: tuple[str, ...] = CLIENTS
    """Which clients the package has."""
    file: Path | None = None
    """The configuration file that was read."""

    @property
    def package_dir(self) -> Path:
        """Where the package is written."""
        return self.output / self.package

    def require_snapshot(self) -> Path:
        """Get the catalog snapshot of a command that cannot do without.

        Raises:
            UsageProblem: none is configured.
        """
        if self.snapshot is None:
            where, next_step = Location("--snapshot"), "name a snapshot with --snapshot, or run `typedrun init`"
            raise UsageProblem(Problem("no snapshot is configured", where, next_step=next_step))
        return self.snapshot
