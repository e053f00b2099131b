"""Build the package and put it on disk: what `typedrun generate` does and says.

The manifest is what lets a later run remove our files and only ours. It is therefore written twice when files change:
first claiming the old and the new files together, last the new ones alone. A run that is killed in between leaves a package
that the next run completes, and no file that nobody owns.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath

from attrs import evolve, frozen

from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Problem, problem_json
from typedrun_codegen.ir.settings import Config
from typedrun_codegen.package.build import build_package
from typedrun_codegen.package.manifest import NAME as MANIFEST
from typedrun_codegen.package.manifest import read_manifest
from typedrun_codegen.package.state import find_current, remember
from typedrun_codegen.package.writer import WriteReport, draft_of, write_tree
from typedrun_codegen.text.words import count, shown

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


def publish(config: Config) -> Published:
    """Generate the configured package into its directory.

    Raises:
        UsageProblem: the snapshot or the API schema cannot be read at all.
    """
    started = time.monotonic()
    if (current := find_current(config)) is not None:
        report = WriteReport(written=(), unchanged=current.files, removed=())
        return Published(
            package=shown(config.package_dir),
            counts=dict(current.counts),
            report=report,
            problems=(),
            seconds=time.monotonic() - started,
            note=_tree_note(config, current.counts),
        )
    built = build_package(config)
    report = write_package(config.package_dir, built.files, built.manifest.files)
    if not built.problems:
        remember(config, built.manifest, built.files[MANIFEST], built.counts)
    return Published(
        package=shown(config.package_dir),
        counts=dict(built.counts),
        report=report,
        problems=built.problems,
        seconds=time.monotonic() - started,
        note=_tree_note(config, built.counts),
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
    package = {path: text for path, text in files.items() if path != MANIFEST}
    claimed = {**owned, **digests}
    _sweep_drafts(root, {*owned, *files})
    reports = (
        write_tree(root, package, owned, before=lambda: _claim(root, claimed)),
        write_tree(root, {MANIFEST: files[MANIFEST]}, {}),
    )
    return WriteReport(
        written=tuple(sorted(path for report in reports for path in report.written)),
        unchanged=tuple(sorted(path for report in reports for path in report.unchanged)),
        removed=reports[0].removed,
    )


def owned_files(root: Path) -> dict[str, str]:
    """What earlier generations wrote below a package directory: path → SHA-256, from its manifest; empty without one.

    Raises:
        UsageProblem: the manifest cannot be read.
    """
    return {path: sha for path, sha in read_manifest(root).files.items() if _is_below(path)}


def _is_below(path: str) -> bool:
    """A manifest that was tampered with must not make us remove files elsewhere."""
    return not PurePosixPath(path).is_absolute() and ".." not in PurePosixPath(path).parts


def _claim(root: Path, files: Mapping[str, str]) -> None:
    write_tree(root, {MANIFEST: evolve(read_manifest(root), files=files).text()}, {})


def _sweep_drafts(root: Path, paths: Collection[str]) -> None:
    """Remove the half-written files that a killed run left beside the files it was replacing."""
    drafts = {draft_of(path) for path in paths}
    for folder in {path.rpartition("/")[0] for path in paths}:
        found = (root / folder).iterdir() if (root / folder).is_dir() else ()
        for draft in drafts.intersection(f"{folder}/{file.name}".lstrip("/") for file in found):
            (root / draft).unlink(missing_ok=True)
