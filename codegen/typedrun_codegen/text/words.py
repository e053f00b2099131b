"""Words of reports: counts, paths as people type them, and backend text that is safe to print."""

from __future__ import annotations

from pathlib import Path


def printable(text: str) -> str:
    """Text that a backend wrote, safe for a terminal: control, direction and surrogate characters become escapes."""
    return "".join(char if char.isprintable() or char == "\n" else ascii(char)[1:-1] for char in text)


def count(number: int, noun: str) -> str:
    """`1 model`, `2 models`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def shown(path: Path) -> str:
    """A path as a person here would type it: relative below the current directory, else absolute."""
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else str(path)
