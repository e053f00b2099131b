"""The door for values: a JSON value becomes the text of a Python literal here and nowhere else.

The text is what the formatter would write: double quotes unless single ones need fewer escapes, one line, no line
breaks, no invisible or direction-changing characters (they are escaped), no character that UTF-8 cannot carry.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

Value: TypeAlias = "bool | int | float | str | Sequence[Value] | Mapping[str, Value] | None"
"""What has a literal: JSON, with any sequence for a list."""


class PyLiteral(str):
    """The text of a Python literal; only this module makes them."""

    __slots__ = ()


_NAMED = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_PLAIN = re.compile(r"[ !#-&(-\[\]-~]*", re.ASCII)


def py_literal(value: Value) -> PyLiteral:
    """The literal of a JSON value; lists become tuples, because what we emit is never changed."""
    if isinstance(value, str):
        return py_string(str(value))
    if value is None or isinstance(value, bool | int):
        return PyLiteral(repr(value))
    if isinstance(value, float):
        return py_float(value)
    if isinstance(value, Mapping):
        return PyLiteral("{" + ", ".join(f"{py_string(k)}: {py_literal(v)}" for k, v in value.items()) + "}")
    return py_tuple([py_literal(item) for item in value])


def py_lines(lines: Sequence[str]) -> PyLiteral:
    """A text of several lines, each on its own line of the source.

    Raises:
        ValueError: a line holds something else than printable ASCII.
    """
    if not all(line.isascii() and line.isprintable() for line in lines):
        raise ValueError("a line of a text that is written as it is must be printable ASCII")
    text = "".join(f"{line}\n" for line in lines).replace("\\", "\\\\").replace('"', '\\"')
    return PyLiteral(f'"""\\\n{text}"""' if lines else '""')


def py_tuple(items: Sequence[PyLiteral]) -> PyLiteral:
    """A tuple of literals: `()`, `(1,)`, `(1, 2)`."""
    return PyLiteral(f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})")


def py_float(value: float) -> PyLiteral:
    """A float; the three values without a literal are spelt `float("nan")`, `float("inf")`, `float("-inf")`."""
    return PyLiteral(repr(value) if math.isfinite(value) else f'float("{value}")')


@lru_cache(maxsize=8192)
def py_string(text: str) -> PyLiteral:
    """A string literal on one line."""
    if _PLAIN.fullmatch(text):
        return PyLiteral(f'"{text}"')
    quote = "'" if text.count('"') > text.count("'") else '"'
    return PyLiteral(quote + "".join(_escaped(char, quote) for char in text) + quote)


def _escaped(char: str, quote: str) -> str:
    if char == quote:
        return "\\" + char
    if char in _NAMED:
        return _NAMED[char]
    if char.isprintable():
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
