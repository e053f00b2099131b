"""Where the two sides of a diff come from: a path, a git revision, or the live backend.

`--against PATH` and `--against REVISION` name the old side, the configured snapshot is the new one; `--against live` is the new
side, the configured snapshot the old one.
"""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeAlias

from attrs import evolve, frozen

from typedrun_codegen.diffs.catalogs import diff_catalogs
from typedrun_codegen.diffs.changes import Change
from typedrun_codegen.diffs.checkers import Checker
from typedrun_codegen.diffs.report import Report, worst_first
from typedrun_codegen.ir.problems import Location, Problem, UsageProblem
from typedrun_codegen.ir.settings import Config
from typedrun_codegen.marketplaces import marketplace
from typedrun_codegen.snapshots.store import load_json, read_snapshot
from typedrun_codegen.text.words import shown

LIVE = "live"


class Puller(Protocol):
    """Reads the live backend into the configuration's snapshot."""

    def __call__(self, config: Config) -> tuple[Problem, ...]:
        """The problems of the pull."""
        ...


@frozen(kw_only=True)
class Side:
    """One side: what it is called, and its documents."""

    name: str
    snapshot: Path | None = None
    schema: Path | None = None


Look: TypeAlias = Callable[[Report, Side, Side, Path], Report]
"""Adds to a report while the documents of both sides are there; gets a folder for its own use, too."""


def compare(
    config: Config,
    against: str,
    pull: Puller,
    look: Look | None = None,
) -> Report:
    """Find the judged changes between the configured documents and another state of them.

    Args:
        config: names the snapshot and the API schema.
        against: a path, a git revision, or `live`.
        pull: reads the live backend.
        look: what else is to be said.

    Raises:
        UsageProblem: one of the sides cannot be read, or they have nothing in common to compare.
    """
    with tempfile.TemporaryDirectory(prefix="typedrun-diff-") as scratch:
        if against == LIVE:
            live = Side(name=LIVE, snapshot=Path(scratch) / "catalog")
            problems = pull(evolve(config, snapshot=live.snapshot))
            old, new = _here(config, live), live
        else:
            problems = ()
            old = _old(config, against, Path(scratch))
            new = _here(config, old)
        report = _report(old, new, config.backend, problems)
        return report if look is None else look(report, old, new, Path(scratch))


def looking_at(config: Config, paths: Sequence[Path], checker: Checker | None) -> Look:
    """Look at the user's code, too.

    Args:
        config: the project.
        paths: its code.
        checker: which checker to ask; None is the one that is there.
    """

    def look(report: Report, old: Side, new: Side, scratch: Path) -> Report:
        from typedrun_codegen.diffs.impact import find_impact  # builds packages: most comparisons need none of it

        before, after = ((side.snapshot, side.schema) for side in (old, new))
        found = find_impact(config, paths, report.changes, scratch, old=before, new=after, checker=checker)
        return evolve(report, impact=found)

    return look


def _here(config: Config, other: Side) -> Side:
    """The configured documents, called after the first one that the other side has, too."""
    pairs = ((config.snapshot, other.snapshot), (config.schema, other.schema))
    compared = [path for path, theirs in pairs if path and theirs]
    names = [shown(path) for path in (*compared, config.snapshot, config.schema) if path]
    return Side(name=names[0] if names else "nothing", snapshot=config.snapshot, schema=config.schema)


def _report(old: Side, new: Side, backend: str, problems: tuple[Problem, ...] = ()) -> Report:
    changes: list[Change] = []
    found = list(problems)
    if not ((old.snapshot and new.snapshot) or (old.schema and new.schema)):
        raise UsageProblem(
            Problem(
                "there is nothing to compare",
                Location(old.name),
                found=f"{_has(old)} against {_has(new)}",
                next_step="name a snapshot with --snapshot or an API schema with --schema",
            )
        )
    if old.snapshot and new.snapshot:
        before, after = (
            marketplace(backend).reader().read_catalog(read_snapshot(side)) for side in (old.snapshot, new.snapshot)
        )
        changes += diff_catalogs(before.catalog, after.catalog)
        found += [*before.problems, *after.problems]
    if old.schema and new.schema and old.schema.read_bytes() != new.schema.read_bytes():
        from typedrun_codegen.diffs.apis import diff_apis
        from typedrun_codegen.readers.api import read_api

        earlier, later = (read_api(side, shown(side)) for side in (old.schema, new.schema))
        changes += diff_apis(earlier, later)
        found += [*earlier.problems, *later.problems]
    return Report(old=old.name, new=new.name, changes=worst_first(changes), problems=tuple(dict.fromkeys(found)))


def _has(side: Side) -> str:
    return (
        " and ".join(word for word, path in (("a snapshot", side.snapshot), ("an API schema", side.schema)) if path)
        or "nothing"
    )


def _old(config: Config, against: str, scratch: Path) -> Side:
    path = Path(against).expanduser()
    if not path.exists():
        return _revision(config, against, scratch)
    path = path.absolute()
    if path.is_file() and (path.suffix in {".yaml", ".yml"} or _is_schema(path)):
        return Side(name=against, schema=path)
    return Side(name=against, snapshot=path, schema=_beside(config, path))


def _is_schema(path: Path) -> bool:
    """Whether a JSON file is an OpenAPI document rather than a list of models."""
    try:
        value = load_json(path.read_bytes())
    except ValueError:
        return False
    return isinstance(value, dict) and "openapi" in value


def _beside(config: Config, snapshot: Path) -> Path | None:
    """The API schema that stands to this snapshot as the configured schema does to the configured snapshot."""
    if config.schema is None or config.snapshot is None or not snapshot.is_dir():
        return None
    schema = Path(os.path.normpath(snapshot / os.path.relpath(config.schema, config.snapshot)))
    return schema if schema.is_file() else None


def _revision(config: Config, revision: str, scratch: Path) -> Side:
    """The configured documents as a git revision has them."""
    documents = [path.resolve() for path in (config.snapshot, config.schema) if path is not None]
    top = Path(_git(config.root, revision, "rev-parse", "--show-toplevel").decode().strip()).resolve()
    commit = _git(top, revision, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}").decode().strip()
    inside = [path.relative_to(top).as_posix() for path in documents if path.is_relative_to(top)]
    listed = _git(top, revision, "ls-tree", "-z", "--name-only", commit, "--", *inside) if inside else b""
    known = [name for name in listed.decode().split("\0") if name]
    if not known:
        found, next_step = (
            ", ".join(inside) or "the snapshot is outside the repository",
            "name another revision, or a path",
        )
        raise UsageProblem(
            Problem(f"{revision} has no such snapshot", Location(revision), found=found, next_step=next_step)
        )
    with tarfile.open(
        fileobj=io.BytesIO(_git(top, revision, "archive", "--format=tar", commit, "--", *known))
    ) as archive:
        if hasattr(tarfile, "data_filter"):  # from Python 3.11.4 on
            archive.extraction_filter = tarfile.data_filter
        archive.extractall(scratch)  # noqa: S202  # git's own archive of the user's own revision
    then = {path: scratch / path.relative_to(top) for path in documents if path.is_relative_to(top)}
    snapshot, schema = (then.get(path.resolve()) if path else None for path in (config.snapshot, config.schema))
    return Side(
        name=revision,
        snapshot=snapshot if snapshot and snapshot.exists() else None,
        schema=schema if schema and schema.exists() else None,
    )


def _git(root: Path, revision: str, *arguments: str) -> bytes:
    try:
        ran = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, check=False)  # noqa: S603, S607  # git of the user's PATH; no shell
    except FileNotFoundError:
        found = "git is not installed"
    else:
        if ran.returncode == 0:
            return ran.stdout
        found = ran.stderr.decode("utf-8", "replace").strip().partition("\n")[0].removeprefix("fatal: ")
    next_step = "name a snapshot directory, a git revision, or `live` with --against"
    title = f"{revision!r} is neither a path nor a git revision here"
    raise UsageProblem(Problem(title, Location(str(root)), found=found, next_step=next_step))
