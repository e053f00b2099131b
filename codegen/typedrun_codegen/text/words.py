"""Words of reports: counts, paths as people type them, and backend text that is safe to print."""

from __future__ import annotations

import html
import re
from pathlib import Path


def printable(text: str) -> str:
    """Text that a backend wrote, safe for a terminal: control, direction and surrogate characters become escapes."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char == "\n" else ascii(char)[1:-1] for char in text)


def printable_text(text: str) -> str:
    """Text of several lines with tabs, as a model writes it, safe for a terminal."""
    return "\t".join(map(printable, text.split("\t")))


def printable_line(text: str) -> str:
    """Text that a backend wrote, safe for a terminal and on one line: a line break is an escape, too."""
    return printable(text).replace("\n", "\\n")


def markdown_text(text: str) -> str:
    """Text of a backend in a cell of a Markdown table: no markup, no mention, no line break."""
    flat = html.escape(" ".join(printable(text).split()), quote=False)
    return re.sub(r"([\\`*_\[\]|~#])", r"\\\1", flat).replace("@", "&#64;")


def markdown_code(text: str) -> str:
    """A code span of Markdown that the text cannot leave; empty for nothing."""
    flat = html.escape(" ".join(printable(text).split()), quote=False).replace("@", "&#64;").replace("|", "&#124;")
    return f"<code>{flat}</code>" if flat else ""


def count(number: int, noun: str) -> str:
    """`1 model`, `2 models`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def shown(path: Path) -> str:
    """A path as a person here would type it: relative below the current directory, else absolute."""
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else str(path)


def plain_number(number: float) -> str:
    """A price as people write it, without an exponent."""
    return f"{number:.12f}".rstrip("0").rstrip(".") if 1e-10 < abs(number) < 1e15 else repr(number) if number else "0"
