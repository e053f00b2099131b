"""Calls and tuples as the formatter writes them: on one line where they fit, else one item a line."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import combining, east_asian_width

from typedrun_codegen.text.docstrings import WIDTH


def bracketed(head: str, items: Sequence[str], brackets: str = "()", *, indent: int = 0, tail: str = "") -> str:
    """`head(item, item)tail`, exploded when it does not fit; `items` are the texts of items on one line each.

    Args:
        head: what stands before the opening bracket, without the indentation.
        items: texts of the items.
        brackets: the two brackets.
        indent: columns before `head`.
        tail: what follows the closing bracket on its line.
    """
    opening, closing = brackets[0], brackets[1]
    lone = "," if len(items) == 1 and brackets == "()" and head.endswith(("= ", ": ")) else ""
    inline = f"{head}{opening}{', '.join(items)}{lone}{closing}{tail}"
    if indent + columns(inline) <= WIDTH and "\n" not in inline:
        return inline
    pad = " " * (indent + 4)
    return f"{head}{opening}\n" + "".join(f"{pad}{item},\n" for item in items) + f"{' ' * indent}{closing}{tail}"


def columns(text: str) -> int:
    """How wide a text is on a screen: East Asian characters take two columns, marks none."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)


def call(name: str, arguments: Sequence[tuple[str, str | Sequence[str]]], *, indent: int, before: int = 0) -> str:
    """A call with keyword arguments; a sequence of texts is a tuple argument. The text has no indentation of its own.

    Args:
        name: what is called.
        arguments: keyword and the text of its value, or the texts of a tuple's items.
        indent: columns before the line that the call stands on.
        before: columns between that and the call.
    """
    inline = ", ".join(f"{key}={_one_line(value)}" for key, value in arguments)
    if indent + before + columns(name) + columns(inline) + 3 <= WIDTH:
        return f"{name}({inline})"
    pad = " " * (indent + 4)
    lines = [f"{pad}{_argument(key, value, indent + 4)},\n" for key, value in arguments]
    return f"{name}(\n{''.join(lines)}{' ' * indent})"


def _one_line(value: str | Sequence[str]) -> str:
    return value if isinstance(value, str) else f"({', '.join(value)}{',' if len(value) == 1 else ''})"


def _argument(key: str, value: str | Sequence[str], indent: int) -> str:
    text = f"{key}={_one_line(value)}"
    if isinstance(value, str) or indent + columns(text) + 1 <= WIDTH:
        return text
    pad = " " * (indent + 4)
    return f"{key}=(\n" + "".join(f"{pad}{item},\n" for item in value) + f"{' ' * indent})"


def signature(head: str, parameters: Sequence[str], result: str, *, indent: int) -> str:
    """An overload's `def name(parameters) -> result: ...` on one line where it fits, else one parameter a line."""
    inline = f"{head}({', '.join(parameters)}) -> {result}: ..."
    if indent + columns(inline) <= WIDTH and "\n" not in inline:
        return inline
    pad = " " * (indent + 4)
    return f"{head}(\n" + "".join(f"{pad}{item},\n" for item in parameters) + f"{' ' * indent}) -> {result}: ..."


def assignment(name: str, value: str, *, indent: int) -> str:
    """`name = value`; a text that fits on a line of its own gets brackets, one that does not stays where it is."""
    inline = f"{name} = {value}"
    if indent + columns(inline) <= WIDTH or indent + 4 + columns(value) > WIDTH or not value.startswith(('"', "'")):
        return inline
    return f"{name} = (\n{' ' * (indent + 4)}{value}\n{' ' * indent})"
