"""The door for prose: text that a backend wrote becomes docstring or comment text here and nowhere else.

The text of a `DocText` cannot end a docstring, start an escape or hide from the reader: backslashes and double quotes in
runs are escaped, control, direction-changing, zero-width and unpaired surrogate characters are dropped, and every kind of
line break counts as a blank.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

WIDTH = 120
"""Characters a line may have, the indentation included."""

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_QUOTE = re.compile(r'\\.|"')
_ODD = re.compile(r"[^ -~]")


class DocText(str):
    """Text that is safe inside a triple-quoted string or after `#`; only this module makes them."""

    __slots__ = ()


@lru_cache(maxsize=8192)
def doc_text(text: str, limit: int = 600) -> DocText:
    """One line of prose: white space collapsed, unsafe characters gone, cut at a word after `limit` characters.

    `limit` keeps a megabyte of description out of the editor's hover; the manifest's source file still has it all.
    """
    words = text[: 4 * limit + 100] if len(text) > 4 * limit + 100 else text
    line = _one_line(words)
    return DocText(_escape(_shorten(line, limit)))


def doc_line(*parts: str) -> DocText:
    """Join safe parts (each a `DocText` or a constant of ours) to one safe line: what a template may print."""
    text = "".join(parts)
    return DocText(_QUOTE.sub(_escaped_quote, text) if '""' in text or text.endswith('"') else text)


def doc_code(text: str, limit: int = 200) -> DocText:
    """A Python literal inside prose, whose quotes stay as they are; `doc_line` settles them in their surroundings."""
    return DocText(_shorten(text, limit).replace("\\", "\\\\"))


def first_sentence(text: str, limit: int = 200) -> DocText:
    """The first sentence of a description, for a one-line summary."""
    line = _one_line(text[: 4 * limit])
    end = next((m.end() for m in re.finditer(r"[.!?](?= [A-Z]|$)", line)), len(line))
    return DocText(_escape(_shorten(line[:end], limit)))


def wrap(text: DocText, indent: str = "", hanging: str | None = None, *, width: int = WIDTH) -> list[DocText]:
    """Lines of at most `width` columns, broken at blanks.

    textwrap handles hyphens, tabs and sentence ends that are not there, at five times the cost.

    Args:
        text: one line of safe text.
        indent: what the first line begins with.
        hanging: what the others begin with; default: `indent`.
        width: columns, the indentation included.
    """
    if len(indent) + len(text) <= width:
        return [DocText(indent + text)]
    lines: list[DocText] = []
    start, line = indent, ""
    for word in text.split(" "):
        if line and len(start) + len(line) + 1 + len(word) > width:
            lines.append(DocText(start + line))
            start, line = (indent if hanging is None else hanging), word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, DocText(start + line)]


def docstring(lines: Sequence[DocText], indent: int) -> str:
    """A whole docstring: on one line if it has one line, else with the closing quotes on their own.

    Args:
        lines: the first without indentation, the others as they shall stand.
        indent: columns before the closing quotes.
    """
    if len(lines) == 1:
        return f'"""{lines[0]}"""'
    return '"""' + "\n".join(lines) + f'\n{" " * indent}"""'


def _one_line(text: str) -> str:
    return " ".join(_ODD.sub(_visible, text).split())


def _visible(found: re.Match[str]) -> str:
    char = found[0]
    if char.isspace():
        return " "
    return "" if unicodedata.category(char) in _INVISIBLE else char


def _shorten(line: str, limit: int) -> str:
    if len(line) <= limit:
        return line
    cut = line.rfind(" ", 0, limit)
    return line[: cut if cut > limit // 2 else limit].rstrip() + " …"


def _escape(line: str) -> str:
    """Backslashes doubled; every quote that meets another, or the end, escaped."""
    line = line.replace("\\", "\\\\")
    return _QUOTE.sub(_escaped_quote, line) if '""' in line or line.endswith('"') else line


def _escaped_quote(found: re.Match[str]) -> str:
    return '\\"' if found[0] == '"' else found[0]
