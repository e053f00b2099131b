"""The door for prose: text that a backend wrote becomes docstring or comment text here and nowhere else.

The text of a `DocText` cannot end a docstring, start an escape or hide from the reader: backslashes and double quotes in
runs are escaped, control, direction-changing, zero-width and unpaired surrogate characters are dropped, and every kind of
line break counts as a blank.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

WIDTH = 120
"""Characters a line may have, the indentation included."""

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_PLAIN = re.compile(r"[ !#-\[\]-~]*", re.ASCII)


class DocText(str):
    """Text that is safe inside a triple-quoted string or after `#`; only this module makes them."""

    __slots__ = ()


@lru_cache(maxsize=65536)
def doc_text(text: str, limit: int = 600) -> DocText:
    """One line of prose: white space collapsed, unsafe characters gone, cut at a word after `limit` characters.

    `limit` keeps a megabyte of description out of the editor's hover; the manifest's source file still has it all.
    """
    words = text[: 4 * limit + 100] if len(text) > 4 * limit + 100 else text
    if not _PLAIN.fullmatch(words):
        words = "".join(char for char in map(_visible, words) if char)
    line = " ".join(words.split())
    return DocText(_escape(_shorten(line, limit)))


def doc_line(*parts: str) -> DocText:
    """Joins safe parts (each a `DocText` or a constant of ours) to one safe line."""
    return DocText("".join(parts))


def first_sentence(text: str, limit: int = 200) -> DocText:
    """The first sentence of a description, for a one-line summary."""
    line = " ".join("".join(char for char in map(_visible, text[: 4 * limit]) if char).split())
    end = next((m.end() for m in re.finditer(r"[.!?](?= [A-Z]|$)", line)), len(line))
    return DocText(_escape(_shorten(line[:end], limit)))


def wrap(text: DocText, indent: str, *, width: int = WIDTH) -> list[DocText]:
    """Lines of at most `width` characters at blanks; the lines after the first begin with `indent`.

    textwrap handles hyphens, tabs and sentence ends that are not there, at five times the cost.
    """
    if len(text) <= width:
        return [text]
    lines: list[DocText] = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line.strip() else line + word
        if len(longer) > width and line.strip():
            lines.append(DocText(line))
            longer = indent + word
        line = longer
    return [*lines, DocText(line)]


def _visible(char: str) -> str:
    if char.isspace():
        return " "
    return "" if unicodedata.category(char) in _INVISIBLE else char


def _shorten(line: str, limit: int) -> str:
    if len(line) <= limit:
        return line
    cut = line.rfind(" ", 0, limit)
    return line[: cut if cut > limit // 2 else limit].rstrip() + " …"


def _escape(line: str) -> str:
    """Backslashes doubled; every quote that could meet two others, or the closing ones, escaped."""
    line = line.replace("\\", "\\\\").replace('""', '\\"\\"').replace('\\""', '\\"\\"')
    return line[:-1] + '\\"' if line.endswith('"') and not line.endswith('\\"') else line
