"""Moving lines on a terminal and in notebooks, by rich (the extra `progress`)."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn


class RichBars:
    """A line for each matter."""

    def __init__(self, lines: Progress) -> None:
        self._lines = lines
        self._tasks: dict[str, TaskID] = {}

    def start(self) -> None:
        """Begin to move."""
        self._lines.start()

    def stop(self) -> None:
        """Wipe them."""
        self._lines.stop()

    def show(self, what: str, text: str, *, completed: float | None = None, total: float | None = None) -> None:
        """Say on the line of one matter how far it is."""
        if what not in self._tasks:
            self._tasks[what] = self._lines.add_task(text, total=None)
        self._lines.update(self._tasks[what], description=text, completed=completed, total=total)


def open_bars() -> RichBars:
    """Open lines that do not move yet."""
    console = Console() if "ipykernel" in sys.modules else Console(stderr=True)
    words = TextColumn("{task.description}", markup=False)  # a backend's words are no markup
    return RichBars(Progress(SpinnerColumn(), words, BarColumn(), TimeElapsedColumn(), console=console, transient=True))
