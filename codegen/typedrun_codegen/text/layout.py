"""Calls and tuples as the formatter writes them: on one line where they fit, else one item a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from unicodedata import combining, east_asian_width

from attrs import frozen

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


@frozen
class Call:
    """A call, or a tuple when it has no name, that may need several lines."""

    head: str
    items: Sequence[str | Call]

    def inline(self) -> str:
        """On one line."""
        inner = ", ".join(one if isinstance(one, str) else one.inline() for one in self.items)
        lone = "," if not self.head and len(self.items) == 1 else ""
        return f"{self.head}({inner}{lone})"

    def lines(self, indent: int) -> Iterator[str]:
        """As the formatter writes it at an indentation, a comma at the end."""
        if indent + len(self.inline()) + 1 <= WIDTH:
            yield f"{' ' * indent}{self.inline()},"
            return
        yield f"{' ' * indent}{self.head}("
        for one in self.items:
            yield from [f"{' ' * (indent + 4)}{one},"] if isinstance(one, str) else one.lines(indent + 4)
        yield f"{' ' * indent}),"


def tuple_argument(name: str, values: Sequence[Call]) -> Iterator[str]:
    """A keyword argument that is a tuple, one value a line."""
    lone = values[0].inline() if len(values) == 1 else ""
    if lone and len(lone) + len(name) + 13 <= WIDTH:
        yield f"{name}=({lone},),"  # the formatter keeps a tuple of one on its line
    elif values:
        yield f"{name}=("
        # Eight columns stand before these lines: four of the call, four of the tuple.
        yield from (line[4:] for value in values for line in value.lines(8))
        yield "),"
