"""What a command says: results on stdout, problems and progress on stderr, one JSON document with `--json`."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Self, TextIO

from attrs import frozen

from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Problem
from typedrun_codegen.text.words import printable, printable_line, printable_text

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_BETWEEN_LINES = 2.0
"""Seconds between two plain lines of progress."""

_RED, _YELLOW, _GREEN, _DIM, _PLAIN = "\x1b[31m", "\x1b[33m", "\x1b[32m", "\x1b[2m", "\x1b[0m"

COLORS = {"red": _RED, "yellow": _YELLOW, "green": _GREEN, "dim": _DIM}


class OutputLost(Exception):
    """What a command says cannot be written to stdout; the system's error is the cause."""


@frozen(kw_only=True)
class Terminal:
    """How to print, as the options and the streams allow."""

    quiet: bool = False
    """Say nothing but problems and what was asked for."""
    json: bool = False
    """Print one JSON document on stdout and nothing else there."""
    no_color: bool = False

    def line(self, text: str = "") -> None:
        """Print a line of the summary: silent with `--quiet` and with `--json`."""
        if not (self.quiet or self.json):
            _print(printable(text))

    def answer(self, text: str) -> None:
        """Print a line of what the command was asked for: printed even with `--quiet`, not with `--json`."""
        if not self.json:
            _print(printable_line(text))

    def text(self, text: str) -> None:
        """Print the answer as several lines: as it is where a program reads it, harmless on a terminal. Not with `--json`."""
        self.piece(text if text.endswith("\n") else f"{text}\n")

    def piece(self, text: str) -> None:
        """Print a piece of it, at once."""
        if not self.json:
            _print(printable_text(text) if sys.stdout.isatty() else text, end="")

    def painted(self, text: str) -> None:
        """Print text with colours, in which everything that a backend wrote is `printable` already."""
        if not self.json:
            _print(text)

    def document(self, value: JSON) -> None:
        """Print the answer as JSON, with `--json` alone."""
        if self.json:
            for line in json.dumps(value, indent=2, ensure_ascii=False).split("\n"):
                _print(line if line.isprintable() else "".join(map(_json_char, line)))

    def note(self, text: str) -> None:
        """Print a remark on stderr, silent with `--quiet`."""
        if not self.quiet:
            print(printable(text), file=sys.stderr, flush=True)

    def warn(self, text: str) -> None:
        """Print a sentence on stderr that must be read, even with `--quiet`."""
        print(printable(text), file=sys.stderr, flush=True)

    def problems(self, problems: Iterable[Problem]) -> None:
        """Print problems as blocks on stderr."""
        for problem in problems:
            first, _, rest = printable(problem.block()).partition("\n")
            print(self.paint("red", first, sys.stderr), *(rest.splitlines() or []), sep="\n", file=sys.stderr)

    def paint(self, color: str, text: str, stream: TextIO) -> str:
        """The text in a colour when that stream is a terminal that shows colours."""
        return f"{COLORS[color]}{text}{_PLAIN}" if self.can_color(stream) else text

    def can_color(self, stream: TextIO) -> bool:
        """Whether to use colours: on a terminal, without `--no-color`, and with `NO_COLOR` unset or empty."""
        return not (self.no_color or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb") and stream.isatty()

    def can_progress(self) -> bool:
        """Whether a progress bar can move: stderr is a terminal."""
        return not self.quiet and not self.json and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def _print(text: str, *, end: str = "\n") -> None:
    """Print a line on stdout; a piece of one is there at once.

    Raises:
        OutputLost: it cannot be written. That its reader has gone is no such error.
    """
    try:
        print(text, end=end, flush=not end)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputLost from error


def _json_char(char: str) -> str:
    """A character inside a JSON document: as it is, or its escape where it could steer a terminal."""
    return char if char.isprintable() else json.dumps(char)[1:-1]


class Bar:
    """Progress of a pull on stderr: a moving bar on a terminal, else a plain line now and then, nothing with `--quiet`."""

    def __init__(self, terminal: Terminal, title: str) -> None:
        self._terminal = terminal
        self._title = title
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._told = 0.0

    def __enter__(self) -> Self:
        if self._terminal.can_progress():
            from rich.console import Console
            from rich.progress import Progress

            console = Console(stderr=True, no_color=not self._terminal.can_color(sys.stderr))
            self._bar = Progress(console=console, transient=True)
            self._task = self._bar.add_task(self._title, total=None)
            self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar:
            self._bar.stop()

    def step(self, done: int, total: int, what: str) -> None:
        """Show that `done` of `total` are there; `what` was the last."""
        if self._bar and self._task is not None:
            self._bar.update(self._task, completed=done, total=total)
        elif not self._terminal.json and (done == total or time.monotonic() - self._told >= _BETWEEN_LINES):
            self._told = time.monotonic()
            self._terminal.note(f"{self._title}: {done} of {total} ({printable_line(what)})")
