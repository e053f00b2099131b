"""What is wrong with the input, as values: readers collect problems, the CLI prints them, the rest is generated."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping

from attrs import frozen

from typedrun_codegen.ir.jsontypes import JSON


@frozen
class Location:
    """A place in the input: the file (relative to the snapshot or as given) and a JSON pointer into it."""

    file: str
    pointer: str = ""

    def __str__(self) -> str:
        """`file#/pointer`, or the file alone when the whole of it is meant."""
        return f"{self.file}#{self.pointer}" if self.pointer else self.file

    def at(self, *parts: str | int) -> Location:
        """The location of a member: `location.at("params", 4)`."""
        return Location(self.file, self.pointer + "".join(f"/{escape_pointer(part)}" for part in parts))


@frozen
class Problem:
    """One bad entry. `block()` is what a person reads; the fields are what a program reads."""

    title: str
    location: Location
    found: str = ""
    next_step: str = ""
    model: str | None = None
    parameter: str | None = None

    def block(self) -> str:
        """The problem as one block of text: what, which model and parameter, where, what was found, what next."""
        rows = (
            ("model", self.model),
            ("parameter", self.parameter),
            ("where", str(self.location)),
            ("found", self.found),
            ("next", self.next_step),
        )
        # A line break of a backend's text must not look like a row of ours.
        told = (f"  {label:<9}  " + text.replace("\n", f"\n{' ' * 13}") for label, text in rows if text)
        return "\n".join((f"error: {self.title}", *told))


class UsageProblem(Exception):
    """The command cannot do its work at all (exit code 2); carries the problem to print."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.block())
        self.problem = problem

    def __reduce__(self) -> tuple[type[UsageProblem], tuple[Problem]]:
        return type(self), (self.problem,)  # it may be raised in another process


def escape_pointer(part: str | int) -> str:
    """One reference token of a JSON pointer (RFC 6901)."""
    return str(part).replace("~", "~0").replace("/", "~1")


def problem_json(problem: Problem) -> JSON:
    """A problem as `--json` shows it; empty parts are left out."""
    parts: dict[str, str | None] = {
        "title": problem.title,
        "model": problem.model,
        "parameter": problem.parameter,
        "file": problem.location.file,
        "pointer": problem.location.pointer,
        "found": problem.found,
        "next": problem.next_step,
    }
    return {name: text for name, text in parts.items() if text}


def read_problem(value: Mapping[str, JSON]) -> Problem:
    """The problem that `problem_json` wrote."""
    text = {name: part for name, part in value.items() if isinstance(part, str)}
    return Problem(
        title=text.get("title", ""),
        location=Location(text.get("file", ""), text.get("pointer", "")),
        found=text.get("found", ""),
        next_step=text.get("next", ""),
        model=text.get("model"),
        parameter=text.get("parameter"),
    )


def excerpt(value: object) -> str:
    """What was found, short; a value that is nested too deeply to be written whole by its outermost levels."""
    try:
        text = repr(value)
    except RecursionError:
        text = reprlib.repr(value)
    return text[:80]
