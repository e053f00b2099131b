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
from typedrun_codegen.text.words import printable

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_BETWEEN_LINES = 2.0
"""Seconds between two plain lines of progress."""

_RED, _YELLOW, _GREEN, _DIM, _PLAIN = "\x1b[31m", "\x1b[33m", "\x1b[32m", "\x1b[2m", "\x1b[0m"

COLORS = {"red": _RED, "yellow": _YELLOW, "green": _GREEN, "dim": _DIM}


@frozen(kw_only=True)
class Terminal:
    """How to print, as the options and the streams allow."""

    quiet: bool = False
    """Say nothing but problems and what was asked for."""
    json: bool = False
    """Print one JSON document on stdout and nothing else there."""
    no_color: bool = False

    def line(self, text: str = "") -> None:
        """A line of the summary: silent with `--quiet` and with `--json`."""
        if not (self.quiet or self.json):
            print(text)

    def answer(self, text: str) -> None:
        """What the command was asked for: printed even with `--quiet`, not with `--json`."""
        if not self.json:
            print(text)

    def document(self, value: JSON) -> None:
        """The answer as JSON; printed with `--json` alone."""
        if self.json:
            print(json.dumps(value, indent=2, ensure_ascii=False))

    def note(self, text: str) -> None:
        """A remark on stderr, silent with `--quiet`."""
        if not self.quiet:
            print(text, file=sys.stderr, flush=True)

    def warn(self, text: str) -> None:
        """A sentence on stderr that must be read: printed even with `--quiet`."""
        print(text, file=sys.stderr, flush=True)

    def problems(self, problems: Iterable[Problem]) -> None:
        """Problems as blocks on stderr."""
        for problem in problems:
            first, _, rest = printable(problem.block()).partition("\n")
            print(self.paint("red", first, sys.stderr), *(rest.splitlines() or []), sep="\n", file=sys.stderr)

    def paint(self, color: str, text: str, stream: TextIO) -> str:
        """The text in a colour when that stream is a terminal that shows colours."""
        return f"{COLORS[color]}{text}{_PLAIN}" if self.can_color(stream) else text

    def can_color(self, stream: TextIO) -> bool:
        """Colours only on a terminal, and neither with `--no-color` nor with `NO_COLOR` (any value but empty) set."""
        return not (self.no_color or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb") and stream.isatty()

    def can_progress(self) -> bool:
        """A moving progress bar needs a terminal on stderr."""
        return not self.quiet and not self.json and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


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
        """So many of so many; `what` was the last."""
        if self._bar and self._task is not None:
            self._bar.update(self._task, completed=done, total=total)
        elif not self._terminal.json and (done == total or time.monotonic() - self._told >= _BETWEEN_LINES):
            self._told = time.monotonic()
            self._terminal.note(f"{self._title}: {done} of {total} ({printable(what)})")
