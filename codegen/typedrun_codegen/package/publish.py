"""Build the package and put it on disk: what `typedrun generate` does and says.

A run that is interrupted leaves the old package or the new one, and says which. The manifest is what lets a later run remove
our files and only ours. It is therefore replaced twice when files change: first by one that claims the old and the new files
together, last by the new one. A run that is killed outright in between leaves a package that the next run completes, and no
file that nobody owns.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Problem, problem_json
from typedrun_codegen.ir.settings import Config
from typedrun_codegen.package.manifest import NAME as MANIFEST
from typedrun_codegen.package.manifest import read_manifest
from typedrun_codegen.package.shelf import open_shelf
from typedrun_codegen.package.state import find_current, remember
from typedrun_codegen.package.writer import WriteReport, drafts_of, write_tree
from typedrun_codegen.snapshots.interrupts import Interrupted
from typedrun_codegen.text.words import count, shown

if TYPE_CHECKING:
    from typedrun_codegen.package.build import Built

_SINGULAR = {"aliases": "alias", "classes": "class"}


@frozen(kw_only=True)
class Published:
    """What a generation did."""

    package: str
    """The package's directory, as a person would type it."""
    counts: dict[str, int]
    """How many of what was generated: `models`, and whatever else the build counts."""
    report: WriteReport
    problems: tuple[Problem, ...]
    seconds: float
    is_refused: bool = False
    """Whether nothing was written, because a part that cannot be left out cannot be imported."""
    note: str = ""
    """What the user should know about the package, beyond problems of its inputs."""

    def summary(self) -> str:
        """The lines printed after a generation."""
        counted = " · ".join(f"{number} {_noun(plural, number)}" for plural, number in self.counts.items())
        files = self.report
        return "\n".join(
            (
                f"{self.package}: {counted}",
                f"files: {len(files.written)} written, {len(files.unchanged)} unchanged, {len(files.removed)} removed",
                *((self.note,) if self.note else ()),
                f"{count(len(self.problems), 'warning')}, {self.seconds:.1f} s",
            )
        )

    def as_json(self) -> JSON:
        """The answer of `typedrun generate --json`."""
        return {
            "package": self.package,
            "counts": dict(self.counts),
            "written": list(self.report.written),
            "unchanged": len(self.report.unchanged),
            "removed": list(self.report.removed),
            "problems": [problem_json(problem) for problem in self.problems],
            "note": self.note,
            "seconds": round(self.seconds, 3),
        }


def _noun(plural: str, number: int) -> str:
    return plural if number != 1 else _SINGULAR.get(plural, plural.removesuffix("s"))


def publish(config: Config, *, cache: bool = True) -> Published:
    """Generate the configured package into its directory.

    Args:
        config: what is generated from what.
        cache: whether what earlier runs found out counts; the package is the same either way.

    Raises:
        UsageProblem: the snapshot or the API schema cannot be read at all.
        Interrupted: Ctrl-C or SIGTERM came.
    """
    made: list[Built] = []
    try:
        return _publish(config, made, cache=cache)
    except KeyboardInterrupt as stop:
        # The manifest takes its place last, and it names every other file with its hash.
        is_new = any(_is_in_place(config.package_dir, built) for built in made)
        leaves = "the package is the new one, what its snapshot gives" if is_new else "the package is as it was"
        raise Interrupted(f"interrupted: {leaves}") from stop


def _is_in_place(root: Path, built: Built) -> bool:
    manifest = root / MANIFEST
    return manifest.is_file() and manifest.read_bytes() == built.files[MANIFEST].encode()


def _publish(config: Config, made: list[Built], *, cache: bool) -> Published:
    started = time.monotonic()
    if cache and (current := find_current(config)) is not None:
        report = WriteReport(written=(), unchanged=current.files, removed=())
        return Published(
            package=shown(config.package_dir),
            counts=dict(current.counts),
            report=report,
            problems=current.problems,
            seconds=time.monotonic() - started,
            note=_tree_note(config, current.counts),
        )
    # A quarter of a second, which an unchanged package need not take.
    from typedrun_codegen.package.proof import build_proven

    shelf = open_shelf(config)
    proven = build_proven(config, shelf if cache else None)
    built, is_refused = proven.built, bool(proven.refused)
    if is_refused:
        report = WriteReport(written=(), unchanged=(), removed=())
    else:
        made.append(built)
        report = write_package(config.package_dir, built.files, built.manifest.files)
        remember(config, built)
        shelf.put(built.keys, built.manifest.files, proven.examined)
    return Published(
        package=shown(config.package_dir),
        counts=dict(built.counts),
        report=report,
        problems=built.problems,
        seconds=time.monotonic() - started,
        is_refused=is_refused,
        note="nothing was written: the package is as it was" if is_refused else _tree_note(config, built.counts),
    )


def _tree_note(config: Config, counts: Mapping[str, int]) -> str:
    limit = config.typing.mypy_tree
    if counts.get("models", 0) <= limit:
        return ""
    return (
        f"mypy: more than {limit} models, so it is not shown the tree `aix.models.…` and takes it for untyped; it checks classes "
        f"imported from {config.package}.models.<supplier>. pyright checks both. Next: nothing, or set mypy_tree"
    )


def write_package(root: Path, files: Mapping[str, str], digests: Mapping[str, str]) -> WriteReport:
    """Write a built package, its manifest last.

    Args:
        root: the package directory.
        files: path below the root → text, the manifest among them.
        digests: path → SHA-256 of all others, as that manifest records them.
    """
    owned = owned_files(root)
    claimed = evolve(read_manifest(root), files={**owned, **digests}).text()
    _sweep_drafts(root, {*owned, *files})
    theirs = {path: owned[path] for path in owned if path != MANIFEST}
    return write_tree(root, files, theirs, digests=digests, claim={MANIFEST: claimed})


def owned_files(root: Path) -> dict[str, str]:
    """What earlier generations wrote below a package directory: path → SHA-256, from its manifest; empty without one.

    Raises:
        UsageProblem: the manifest cannot be read.
    """
    return {path: sha for path, sha in read_manifest(root).files.items() if _is_below(path)}


def _is_below(path: str) -> bool:
    """Whether the path is below: a manifest that was tampered with must not make us remove files elsewhere."""
    return not PurePosixPath(path).is_absolute() and ".." not in PurePosixPath(path).parts


def _sweep_drafts(root: Path, paths: Collection[str]) -> None:
    """Remove the half-written files that a killed run left beside the files it was replacing."""
    drafts = {draft for path in paths for draft in drafts_of(path)}
    for folder in {path.rpartition("/")[0] for path in paths}:
        found = (root / folder).iterdir() if (root / folder).is_dir() else ()
        for draft in drafts.intersection(f"{folder}/{file.name}".lstrip("/") for file in found):
            (root / draft).unlink(missing_ok=True)
