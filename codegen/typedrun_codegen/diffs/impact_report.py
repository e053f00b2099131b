"""The affected lines of the user's code as a table for a terminal, as JSON for a program, as Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from typedrun_codegen.diffs.changes import COLORS, LEVELS, Level
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import problem_json
from typedrun_codegen.text.words import count, markdown_code, markdown_text, printable_line

if TYPE_CHECKING:
    from typedrun_codegen.diffs.impact import Impact, Line

_VERBS: dict[Level, str] = {"breaking": "break", "risky": "may behave differently", "compatible": "go on"}


def summary(impact: Impact) -> str:
    """One line: how many lines of the code are affected, and how."""
    looked = f"{count(impact.files, 'file')}{f', checked with {impact.checker}' if impact.checker else ''}"
    parts = [f"{number} {_VERBS[level]}" for level in LEVELS if (number := impact.counts().get(level, 0))]
    return f"your code ({looked}): {', '.join(parts) if parts else 'no line is affected'}"


def as_json(impact: Impact) -> JSON:
    """The member `impact` of the document, described in docs/impact.md."""
    return {
        "checker": impact.checker,
        "files": impact.files,
        "lines": [_line_json(line) for line in impact.lines],
        "unknown": list(impact.unknown),
        "problems": [problem_json(problem) for problem in impact.problems],
    }


def _line_json(line: Line) -> JSON:
    change = line.change
    cause: JSON = None
    if change is not None:
        cause = {"kind": change.kind, "model": change.model, "subject": change.subject, "parameter": change.parameter}
        cause |= {"what": change.what, "reason": change.reason}
    return {
        "file": line.file,
        "line": line.line,
        "column": line.column,
        "level": line.level,
        "message": line.message,
        "rule": line.rule,
        "typed": line.is_typed,
        "certain": line.is_certain,
        "cause": cause,
        "remedy": line.remedy,
    }


def as_table(impact: Impact, paint: Callable[[str, str], str]) -> Iterator[str]:
    """For each line its place, then what breaks, the cause and the remedy. Nothing steers a terminal."""
    for line in impact.lines:
        marks = "".join(f", {mark}" for mark in _marks(line))
        place = printable_line(f"{line.file}:{line.line}:{line.column}")
        yield f"{place}  {paint(COLORS[line.level], line.level)}{marks}"
        yield f"  {printable_line(_first(line.message))}"
        yield f"  {paint('dim', printable_line(f'because: {_cause(line)}'))}"
        if line.remedy:
            yield f"  {paint('dim', printable_line(f'next: {line.remedy}'))}"
    for place in impact.unknown:
        yield printable_line(f"{place}  which model is looked up here is not written out; nothing can be said")
    yield printable_line(summary(impact))


def as_markdown(impact: Impact) -> Iterator[str]:
    """One table for each level; what is no break is folded away."""
    yield f"**Y{markdown_text(summary(impact))[1:]}**"
    for level in LEVELS:
        lines = [line for line in impact.lines if line.level == level]
        if lines:
            yield ""
            yield from _level(level, lines)
    if impact.unknown:
        yield ""
        places = ", ".join(markdown_code(place) for place in impact.unknown)
        yield f"Nothing can be said about models that are looked up by a variable: {places}"


def _level(level: Level, lines: Sequence[Line]) -> Iterator[str]:
    if level != "breaking":
        yield f"<details><summary>Lines that {_VERBS[level]} ({len(lines)})</summary>"
        yield ""
    yield "| Where | What | Because | Next |"
    yield "|---|---|---|---|"
    for line in lines:
        marks = _marks(line)
        what = markdown_text(_first(line.message)) + (f" ({', '.join(marks)})" if marks else "")
        cells = (
            markdown_code(f"{line.file}:{line.line}"),
            what,
            markdown_text(_cause(line)),
            markdown_text(line.remedy),
        )
        yield f"| {' | '.join(cells)} |"
    if level != "breaking":
        yield ""
        yield "</details>"


def _marks(line: Line) -> list[str]:
    marks = [] if line.is_typed else ["untyped"]
    return marks if line.is_certain else [*marks, "depends on a value"]


def _first(message: str) -> str:
    return message.partition("\n")[0]


def _cause(line: Line) -> str:
    change = line.change
    if change is None:
        return "no change of the catalog explains it"
    parameter = f" {change.parameter}" if change.parameter else ""
    return f"{change.subject}{parameter}: {change.what} ({change.kind})"
