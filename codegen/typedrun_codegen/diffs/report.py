"""Judged changes as a table for a terminal, as JSON for a program, as Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import asdict, frozen

from typedrun_codegen.diffs import impact_report
from typedrun_codegen.diffs.changes import COLORS, LEVELS, Change, Level
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Problem, problem_json
from typedrun_codegen.text.words import count, markdown_code, markdown_text, printable_line

if TYPE_CHECKING:
    from typedrun_codegen.diffs.impact import Impact

FailOn: TypeAlias = Literal["breaking", "risky", "any", "never"]

FORMAT = 1
"""Version of the JSON document; a field may be added without raising it."""


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
    impact: Impact | None = None
    """Which lines of the user's code are affected, where that was asked."""

    def counts(self) -> dict[Level, int]:
        """How many changes of each level."""
        return {level: sum(change.level == level for change in self.changes) for level in LEVELS}

    def fails(self, fail_on: FailOn) -> bool:
        """Whether a change, or with code an affected line, is as bad as `--fail-on` says, or worse."""
        judged = self.changes if self.impact is None else self.impact.lines
        return any(each.level in _FAILING[fail_on] for each in judged)


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
    document: dict[str, JSON] = {
        "format": FORMAT,
        "old": report.old,
        "new": report.new,
        "summary": {str(level): number for level, number in report.counts().items()},
        "changes": [asdict(change) for change in report.changes],
        "problems": [problem_json(problem) for problem in report.problems],
    }
    return document if report.impact is None else document | {"impact": impact_report.as_json(report.impact)}


def as_table(report: Report, paint: Callable[[str, str], str]) -> Iterator[str]:
    """Aligned lines: level, subject, parameter, change; below each the reason and the affected call. Nothing steers a terminal.

    The user's lines, where they were asked for, come first.
    """
    if report.impact is not None:
        yield from impact_report.as_table(report.impact, paint)
        yield ""
    rows = [
        (change.level, printable_line(change.subject), printable_line(change.parameter)) for change in report.changes
    ]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    indent = widths[0] + 2
    for change, row in zip(report.changes, rows, strict=True):
        level, subject, parameter = (text.ljust(width) for text, width in zip(row, widths, strict=True))
        yield f"{paint(COLORS[change.level], level)}  {subject}  {parameter}  {printable_line(change.what)}"
        because = f"{change.reason}: {change.call}" if change.call else change.reason
        yield " " * indent + paint("dim", printable_line(because))
    yield printable_line(summary(report))


def as_markdown(report: Report) -> Iterator[str]:
    """Text for a pull request: a summary, the user's lines, one table per level, what is compatible folded away."""
    yield f"### {markdown_text(summary(report))}"
    if report.impact is not None:
        yield ""
        yield from impact_report.as_markdown(report.impact)
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
