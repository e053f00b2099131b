"""Calls and tuples as the formatter writes them: on one line where they fit, else one item a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from unicodedata import combining, east_asian_width

from attrs import frozen

from typedrun_codegen.text.docstrings import WIDTH
from typedrun_codegen.text.literals import Value, py_literal, py_string

_ROOM = 8
"""Characters that a piece of a text has even where the line is full."""


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


def value_text(value: Value, *, indent: int, before: int = 0, after: int = 1) -> str:
    """A literal on one line where it fits, else an item a line, and a text in pieces in brackets.

    Python puts pieces together, and so do the type checkers, inside `Literal` too.

    Args:
        value: what the literal evaluates to.
        indent: columns before the line that it stands on.
        before: columns between that and the literal.
        after: columns behind the literal: a comma, unless said otherwise.
    """
    inline = py_literal(value)
    if indent + before + columns(inline) + after <= WIDTH or isinstance(value, bool | int | float) or not value:
        return inline
    inner = indent + 4
    if isinstance(value, str):
        return _exploded("()", _pieces(value, WIDTH - inner), indent)
    if isinstance(value, Mapping):
        return _exploded("{}", (f"{item(key, each, indent=inner)}," for key, each in value.items()), indent)
    return _exploded("()", (f"{value_text(each, indent=inner)}," for each in value), indent)


def item(key: str, value: Value, *, indent: int) -> str:
    """`key: value` of a dictionary, on lines of its own at an indentation."""
    name = value_text(key, indent=indent)
    return f"{name}: {value_text(value, indent=indent, before=columns(name.rpartition(chr(10))[2]) + 2)}"


def _exploded(brackets: str, lines: Iterable[str], indent: int) -> str:
    pad = " " * indent
    return f"{brackets[0]}\n" + "".join(f"{pad}    {line}\n" for line in lines) + f"{pad}{brackets[1]}"


def _pieces(text: str, width: int) -> Iterator[str]:
    """String literals of at most so many columns that make up a text, cut behind a blank where one is near."""
    while text:
        size = max(width - 2, _ROOM)
        while size > _ROOM and columns(py_string(text[:size])) > width:
            size -= 1
        blank = text.rfind(" ", size // 2, size) + 1
        size = blank if blank and size < len(text) else size
        yield py_string(text[:size])
        text = text[size:]


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
    if indent + before + columns(name) + columns(inline) + 3 <= WIDTH and "\n" not in inline:
        return f"{name}({inline})"
    pad = " " * (indent + 4)
    lines = [f"{pad}{_argument(key, value, indent + 4)},\n" for key, value in arguments]
    return f"{name}(\n{''.join(lines)}{' ' * indent})"


def _one_line(value: str | Sequence[str]) -> str:
    return value if isinstance(value, str) else f"({', '.join(value)}{',' if len(value) == 1 else ''})"


def _argument(key: str, value: str | Sequence[str], indent: int) -> str:
    text = f"{key}={_one_line(value)}"
    if isinstance(value, str) or (indent + columns(text) + 1 <= WIDTH and "\n" not in text):
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


def assignment(name: str, value: Value, *, indent: int) -> str:
    """`name = value`, laid out as `value_text` does."""
    return f"{name} = {value_text(value, indent=indent, before=columns(name) + 3, after=0)}"


@frozen
class Call:
    """A call, or a tuple when it has no name, that may need several lines."""

    head: str
    items: Sequence[str | Call]

    def inline(self) -> str:
        """The text on one line."""
        inner = ", ".join(one if isinstance(one, str) else one.inline() for one in self.items)
        lone = "," if not self.head and len(self.items) == 1 else ""
        return f"{self.head}({inner}{lone})"

    def lines(self, indent: int) -> Iterator[str]:
        """The lines as the formatter writes them at an indentation, a comma at the end."""
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
