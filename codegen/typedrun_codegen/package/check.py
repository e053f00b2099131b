"""Is the package exactly what its snapshot gives? Nothing is written but the shelf; what `typedrun check` does and says."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec

from attrs import evolve, frozen

from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Problem, problem_json
from typedrun_codegen.ir.settings import Config
from typedrun_codegen.package.build import relative_name
from typedrun_codegen.package.guard import find_foreign_code
from typedrun_codegen.package.proof import build_proven
from typedrun_codegen.package.publish import owned_files
from typedrun_codegen.package.shelf import Shelf, open_shelf
from typedrun_codegen.package.state import find_current
from typedrun_codegen.package.writer import Drift, digest, digest_file, find_drift, find_extra
from typedrun_codegen.text.words import count, shown

KINDS = ("missing", "stale", "edited", "extra")
"""What can be wrong with a file, in the order of the report."""

REMARKS = {
    "missing": "the snapshot gives this file, the package lacks it",
    "stale": "written from an older snapshot",
    "edited": "changed by hand since it was written",
    "extra": "nothing in the snapshot gives this file",
}


@frozen(kw_only=True)
class Checked:
    """How a package differs from what its snapshot gives."""

    package: str
    drift: Drift
    problems: tuple[Problem, ...]
    """Entries of the input that were skipped, and schemas that a second parser reads otherwise; they are no drift."""
    foreign: tuple[Problem, ...]
    """Emitted code that no template writes (guard.py)."""
    is_refused: bool = False
    """Whether `generate` would write nothing (proof.py); `problems` say why."""

    @property
    def is_clean(self) -> bool:
        """Whether there is no drift, and nothing in the emitted code that does not belong there."""
        return not self.drift and not self.foreign and not self.is_refused

    def files(self) -> Iterator[tuple[str, str]]:
        """(kind, path) of every file that differs."""
        for kind in KINDS:
            paths: tuple[str, ...] = getattr(self.drift, kind)
            yield from ((kind, path) for path in paths)

    def lines(self) -> Iterator[str]:
        """One line per file that differs."""
        for kind, path in self.files():
            yield f"{kind:<8}{self.package}/{path}  ({REMARKS[kind]})"

    def summary(self) -> str:
        """The last line of the report."""
        if self.is_clean:
            return f"{self.package} is what its snapshot gives"
        found = sum(1 for _ in self.files())
        drift = f"{count(found, 'file')} {'differs' if found == 1 else 'differ'}" if found else ""
        foreign = f"{count(len(self.foreign), 'place')} with foreign code" if self.foreign else ""
        refused = "it cannot be imported as generated" if self.is_refused else ""
        next_step = "; next: typedrun generate" if found and not self.is_refused else ""
        return f"{self.package}: {', '.join(part for part in (drift, foreign, refused) if part)}{next_step}"

    def as_json(self) -> JSON:
        """The answer of `typedrun check --json`."""
        return {
            "package": self.package,
            "in_sync": self.is_clean,
            **{kind: [path for each, path in self.files() if each == kind] for kind in KINDS},
            "foreign": [problem_json(problem) for problem in self.foreign],
            "problems": [problem_json(problem) for problem in self.problems],
        }


def check_package(config: Config, *, cache: bool = True) -> Checked:
    """Compare the package on disk with what the snapshot gives, and the emitted code with what it may contain.

    Where the last generation on this machine read the same, and nothing was touched since, its files are what they should be, and
    nothing is built.

    Args:
        config: what is generated from what.
        cache: whether what earlier runs found out counts.

    Raises:
        UsageProblem: the snapshot or the API schema cannot be read at all.
    """
    current = find_current(config) if cache else None
    if current is not None:
        drift = Drift((), (), find_extra(config.package_dir, current.files), ())
        problems = (*current.problems, *_differences(config))
        return Checked(package=shown(config.package_dir), drift=drift, problems=problems, foreign=())
    shelf = open_shelf(config)
    proven = build_proven(config, shelf if cache else None)
    built, hashes = proven.built, proven.built.manifest.files
    known = shelf.examined if cache else frozenset[str]()
    foreign = find_foreign_code(built.files, config.package, [path for path, sha in hashes.items() if sha not in known])
    shelf = _read_twice(config, shelf, cache=cache)
    if not foreign:
        shelf.put(built.keys, hashes, (sha for path, sha in hashes.items() if path.endswith(".py")))
    return Checked(
        package=shown(config.package_dir),
        drift=find_drift(config.package_dir, built.files, owned_files(config.package_dir), hashes),
        problems=(*built.problems, *shelf.differences),
        foreign=foreign,
        is_refused=bool(proven.refused),
    )


def _differences(config: Config) -> tuple[Problem, ...]:
    """What a second parser reads otherwise, of a package that is not built again."""
    if config.schema is None:
        return ()
    shelf = _read_twice(config, open_shelf(config), cache=True)
    shelf.save()
    return shelf.differences


def _read_twice(config: Config, shelf: Shelf, *, cache: bool) -> Shelf:
    """The shelf with what a second parser makes of the API schema, where both are there (the extra `second-opinion`)."""
    if config.schema is None or find_spec("datamodel_code_generator") is None:
        return evolve(shelf, read_twice="", differences=())
    label = relative_name(config.schema, config.root)
    key = digest(repr((label, digest_file(config.schema), version("datamodel-code-generator"))))
    if cache and shelf.read_twice == key:
        return shelf
    from typedrun_codegen.readers.second import second_opinion  # imports datamodel-code-generator, half a second

    return evolve(shelf, read_twice=key, differences=second_opinion(config.schema, label).differences)
