"""Judged changes as a table for a terminal, as JSON for a program, as Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, TypeAlias

from attrs import asdict, frozen

from typedrun_codegen.diffs.changes import LEVELS, Change, Level
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Problem, problem_json
from typedrun_codegen.text.words import count, markdown_code, markdown_text, printable_line

FailOn: TypeAlias = Literal["breaking", "risky", "any", "never"]

FORMAT = 1
"""Version of the JSON document; a field may be added without raising it."""

_COLORS: dict[Level, str] = {"breaking": "red", "risky": "yellow", "compatible": "green"}

_FAILING: dict[FailOn, tuple[Level, ...]] = {
    "breaking": ("breaking",),
    "risky": ("breaking", "risky"),
    "any": LEVELS,
    "never": (),
}


@frozen(kw_only=True)
class Report:
    """All changes between two sides."""

    old: str
    """What the old side is called: a path, a git revision."""
    new: str
    changes: tuple[Change, ...]
    """Worst first; within a level in catalog order."""
    problems: tuple[Problem, ...] = ()
    """Entries of either side that could not be read, and were not compared."""

    def counts(self) -> dict[Level, int]:
        """How many changes of each level."""
        return {level: sum(change.level == level for change in self.changes) for level in LEVELS}

    def fails(self, fail_on: FailOn) -> bool:
        """Whether a change is as bad as `--fail-on` says, or worse."""
        return any(change.level in _FAILING[fail_on] for change in self.changes)


def worst_first(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Changes by level; the order within a level stays."""
    return tuple(sorted(changes, key=lambda change: LEVELS.index(change.level)))


def summary(report: Report) -> str:
    """One line: how many of each."""
    if not report.changes:
        return f"no changes from {report.old} to {report.new}"
    numbers = ", ".join(f"{number} {level}" for level, number in report.counts().items())
    return f"{count(len(report.changes), 'change')} from {report.old} to {report.new}: {numbers}"


def as_json(report: Report) -> JSON:
    """The document of `--format json`, described in docs/cli.md."""
    return {
        "format": FORMAT,
        "old": report.old,
        "new": report.new,
        "summary": {str(level): number for level, number in report.counts().items()},
        "changes": [asdict(change) for change in report.changes],
        "problems": [problem_json(problem) for problem in report.problems],
    }


def as_table(report: Report, paint: Callable[[str, str], str]) -> Iterator[str]:
    """Aligned lines: level, subject, parameter, change; below each the reason and the affected call. Nothing steers a terminal."""
    rows = [
        (change.level, printable_line(change.subject), printable_line(change.parameter)) for change in report.changes
    ]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    indent = widths[0] + 2
    for change, row in zip(report.changes, rows, strict=True):
        level, subject, parameter = (text.ljust(width) for text, width in zip(row, widths, strict=True))
        yield f"{paint(_COLORS[change.level], level)}  {subject}  {parameter}  {printable_line(change.what)}"
        because = f"{change.reason}: {change.call}" if change.call else change.reason
        yield " " * indent + paint("dim", printable_line(because))
    yield printable_line(summary(report))


def as_markdown(report: Report) -> Iterator[str]:
    """Text for a pull request: a summary, one table per level, what is compatible folded away."""
    yield f"### {markdown_text(summary(report))}"
    for level, number in report.counts().items():
        if number:
            yield ""
            yield from _level(level, [change for change in report.changes if change.level == level])
    if report.problems:
        yield ""
        yield f"**Not compared** ({count(len(report.problems), 'problem')})"
        yield ""
        yield from (
            f"- {markdown_text(problem.title)}: {markdown_code(str(problem.location))}" for problem in report.problems
        )


def _level(level: Level, changes: Sequence[Change]) -> Iterator[str]:
    folded = level == "compatible"
    title = f"{level.capitalize()} ({len(changes)})"
    yield f"<details><summary>{title}</summary>" if folded else f"**{title}**"
    yield ""
    yield "| What | Parameter | Change | Why | Call |"
    yield "|---|---|---|---|---|"
    for change in changes:
        cells = (
            markdown_text(change.subject),
            markdown_code(change.parameter),
            markdown_text(change.what),
            markdown_text(change.reason),
            markdown_code(change.call),
        )
        yield f"| {' | '.join(cells)} |"
    if folded:
        yield ""
        yield "</details>"
