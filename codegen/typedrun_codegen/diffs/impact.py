"""Which lines of the user's code a change breaks: the checker's new errors, and look-ups that no checker sees, with their causes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from attrs import field, frozen

from typedrun_codegen.diffs.changes import Change, Level
from typedrun_codegen.diffs.checkers import Checker, Finding, Tool, check, find_checker
from typedrun_codegen.diffs.code import Code, Directory, Parsed, Site, find_files, parse_files, read_code
from typedrun_codegen.diffs.effects import effect
from typedrun_codegen.diffs.overlay import Overlay, lay
from typedrun_codegen.diffs.remedies import remedy
from typedrun_codegen.ir.catalog import CatalogSpec
from typedrun_codegen.ir.problems import Location, Problem, UsageProblem
from typedrun_codegen.ir.settings import Config
from typedrun_codegen.marketplaces import marketplace
from typedrun_codegen.plans.lock import Names
from typedrun_codegen.snapshots.store import read_snapshot
from typedrun_codegen.text.words import shown


@frozen(kw_only=True)
class Line:
    """One place in the user's code that a change affects."""

    file: str
    line: int
    column: int
    level: Level
    message: str
    """What the checker says; for what no checker sees, what was found."""
    rule: str = ""
    """The checker's name for the error."""
    is_typed: bool = True
    """False where checkers do not know which model is called."""
    is_certain: bool = True
    """False where it depends on a value that is not written out there."""
    change: Change | None = None
    """The cause; None when no change of the catalog explains the error."""
    remedy: str = ""


@frozen(kw_only=True)
class Impact:
    """What changes mean for some code."""

    lines: tuple[Line, ...]
    """Worst first, then by place."""
    checker: str
    """Which one was asked; empty if nothing had changed."""
    files: int
    """How many were looked at."""
    unknown: tuple[str, ...] = ()
    """`file:line` of look-ups by something that is not written out there: nothing can be said about them."""
    problems: tuple[Problem, ...] = field(default=())

    def counts(self) -> Mapping[str, int]:
        """Lines by level."""
        return Counter(line.level for line in self.lines)


def find_impact(
    config: Config,
    paths: Sequence[Path],
    changes: Sequence[Change],
    scratch: Path,
    *,
    old: tuple[Path | None, Path | None],
    new: tuple[Path | None, Path | None],
    checker: Checker | None = None,
) -> Impact:
    """Find the lines that changes affect.

    Args:
        config: the project.
        paths: its code, files and folders.
        changes: what changed.
        scratch: a folder for the overlays.
        old: snapshot and API schema before.
        new: the same after.
        checker: which one to ask; None is pyright, else mypy.

    Raises:
        UsageProblem: there is no such code, or no checker.
    """
    files = code_files(config, paths)
    if not changes:
        return Impact(lines=(), checker="", files=len(files))
    tool = find_checker(checker)
    parsed = parse_files(files)  # mypy looks at nothing if one file is no Python
    trees = list(parsed.trees)
    before, after = (lay(config, scratch / name, *side, trees) for name, side in (("before", old), ("after", new)))
    names = before.built.manifest.names
    snapshot = old[0] or config.snapshot
    catalog = (
        None if snapshot is None else marketplace(config.backend).reader().read_catalog(read_snapshot(snapshot)).catalog
    )
    code = read_code(parsed.trees, directory(config, names, catalog))
    causes = _Causes(changes, names)
    broken = list(_broken(tool, before, after, code, causes))
    lines = [*broken, *_unchecked(code, causes, {(line.file, line.line) for line in broken})]
    return Impact(
        lines=_in_order(lines),
        checker=tool.name,
        files=len(files),
        unknown=tuple(f"{shown(file)}:{line}" for file, line in code.unknown),
        problems=unreadable(parsed),
    )


def unreadable(parsed: Parsed) -> tuple[Problem, ...]:
    """Files that were not looked at."""
    next_step = "mend it; it was not looked at"
    return tuple(
        Problem("this file is no Python", Location(shown(file)), found=why, next_step=next_step)
        for file, why in parsed.unreadable
    )


def directory(config: Config, names: Names, catalog: CatalogSpec | None) -> Directory:
    """How code may name models.

    Args:
        config: the project.
        names: those of its package.
        catalog: has the ids and paths.
    """
    attributes, classes = dict[str, str](), dict[str, str]()
    for identity, place in names.models.items():
        supplier, module, name = place.split(".")
        attributes[f"{supplier}.{module}"] = identity
        classes[f"{supplier}.{name}"] = identity
    keys = {identity: identity for identity in names.models}
    for model in () if catalog is None else catalog.models:
        keys |= dict.fromkeys((model.id, *model.paths), model.id)
    return Directory(
        package=config.package,
        attributes=attributes,
        classes=classes,
        keys=keys,
        pinned=frozenset(config.typing.pinned),
    )


def code_files(config: Config, paths: Sequence[Path]) -> list[Path]:
    """The Python files at and below some paths, without the generated package.

    Raises:
        UsageProblem: there are none.
    """
    for path in paths:
        if not path.exists():
            raise UsageProblem(
                Problem("there is no such code", Location(shown(path)), next_step="name a file or folder with --code")
            )
    files = list(find_files((path.absolute() for path in paths), config.package_dir))
    if not files:
        where = Location(", ".join(map(shown, paths)))
        raise UsageProblem(
            Problem("there is no Python here", where, next_step="name the folder of your code with --code")
        )
    return files


# --- what the checker says


def _broken(tool: Tool, before: Overlay, after: Overlay, code: Code, causes: _Causes) -> Iterator[Line]:
    """The errors that only the new package gives."""
    known, found = check(tool, (before.tree, after.tree))
    old = Counter(map(_place, known))
    for finding in found:
        if old[_place(finding)]:
            old[_place(finding)] -= 1
            continue
        file = after.origins[finding.file]
        change, name = causes.of(finding, [site for site in code.sites if site.file == file], _text(file, finding.line))
        yield Line(
            file=shown(file),
            line=finding.line,
            column=finding.column,
            level="breaking",
            message=finding.message,
            rule=finding.rule,
            change=change,
            remedy="" if change is None else remedy(change, name),
        )


def _place(finding: Finding) -> tuple[str, int, int, str]:
    return (finding.file, finding.line, finding.column, finding.rule)


def _text(file: Path, line: int) -> str:
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return lines[line - 1] if 0 < line <= len(lines) else ""


class _Causes:
    """Finds the change behind an error."""

    def __init__(self, changes: Sequence[Change], names: Names) -> None:
        self.changes = [change for change in changes if change.level != "compatible"]
        self.by_model: dict[str, list[Change]] = {}
        for change in self.changes:
            if change.model:
                self.by_model.setdefault(change.model, []).append(change)
        self._names = names

    def name(self, change: Change) -> str:
        """What a change's parameter is called in Python."""
        return self._names.parameters.get(change.model, {}).get(change.parameter, change.parameter)

    def of(self, finding: Finding, sites: Sequence[Site], text: str) -> tuple[Change | None, str]:
        """The cause of an error, and what its parameter is called in Python.

        Args:
            finding: the error.
            sites: where its file names models.
            text: its line.
        """
        words = set(re.findall(r"\w+", finding.message))
        # The innermost place first; then any on the line, whose answer may be what is read wrongly there.
        at = sorted((site for site in sites if site.holds(finding.line, finding.column)), key=_size)
        for site in (*at, *(site for site in sites if site.line == finding.line)):
            changes = self.by_model.get(site.model, [])
            affected = [change for change in changes if self._affects(change, site)]
            if affected:
                best = min(affected, key=lambda change: (self.name(change) not in words, change.level != "breaking"))
                return best, self.name(best)
        return self._by_words(words | set(re.findall(r"\w+", text)))

    def _affects(self, change: Change, site: Site) -> bool:
        return effect(change, site, self.name(change)) is not None

    def _by_words(self, words: set[str]) -> tuple[Change | None, str]:
        """The change whose names are in the message or the line: an error may stand where no model is named."""
        best: tuple[int, Change] | None = None
        for change in self.changes:
            hits = sum(name in words for name in self._telling(change))
            if hits and change.level == "breaking" and (best is None or hits > best[0]):
                best = (hits, change)
        return (None, "") if best is None else (best[1], self.name(best[1]))

    def _telling(self, change: Change) -> Iterator[str]:
        if change.model:
            _, module, name = self._names.models.get(change.model, "..").split(".")
            yield from filter(None, (module, name, f"{name}Inputs" if name else ""))
        elif change.subject.startswith("enumeration "):
            members = self._names.members.get(change.subject.removeprefix("enumeration "), {})
            yield from (member for wire, member in members.items() if f'"{wire}"' in change.what)
        else:
            yield change.subject.partition(" ")[2]
            yield from filter(None, (change.parameter,))


def _size(site: Site) -> tuple[int, int]:
    return (site.end[0] - site.line, site.end[1] - site.column)


# --- what no checker sees


def _unchecked(code: Code, causes: _Causes, broken: set[tuple[str, int]]) -> Iterator[Line]:
    """Places that checkers take as they are: models that are looked up while the program runs, and changes that no type shows.

    Args:
        code: the user's.
        causes: what changed.
        broken: file and line of the checker's errors. A checker tells one thing that is wrong with a call, not all.
    """
    for site in (site for site in code.sites if not site.is_answer):
        is_broken = any((shown(site.file), line) in broken for line in range(site.line, site.end[0] + 1))
        for change in causes.by_model.get(site.model, ()):
            if site.is_typed and change.level == "breaking" and change.kind not in _NO_TYPE and not is_broken:
                continue  # the checker is the judge
            name = causes.name(change)
            is_certain = effect(change, site, name)
            if is_certain is None or (is_broken and site.is_typed and not is_certain):
                continue
            yield Line(
                file=shown(site.file),
                line=site.line,
                column=site.column,
                level=change.level,
                message=f"{site.text}: {change.what}",
                is_typed=site.is_typed,
                is_certain=is_certain,
                change=change,
                remedy=remedy(change, name),
            )


_NO_TYPE: Final = frozenset({"function-changed", "parameters-unlisted"})
"""Breaking changes that a checker does not notice at each call."""


def _in_order(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Each place once for each cause, worst first."""
    found: dict[tuple[str, int, str], Line] = {}
    for line in lines:
        cause = "" if line.change is None else f"{line.change.kind} {line.change.model} {line.change.parameter}"
        found.setdefault((line.file, line.line, cause or line.message), line)
    order = {"breaking": 0, "risky": 1, "compatible": 2}
    return tuple(sorted(found.values(), key=lambda line: (order[line.level], line.file, line.line, line.column)))
