"""Every mutant of a file: one token of the code that is another.

The mutations are the classic ones (comparison, arithmetic, logic, number, truth value, a word of the wire); prose, annotations and
docstrings are left alone, because no behaviour hangs on them.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Final

from attrs import frozen


@frozen
class Mutant:
    """One token of one file, and what stands in its place."""

    file: str
    line: int
    column: int
    """In bytes, as `ast` counts."""
    old: str
    new: str

    def applied(self, text: str) -> str:
        """The file with it."""
        lines = text.encode().splitlines(keepends=True)
        line, old = lines[self.line - 1], self.old.encode()
        assert line[self.column : self.column + len(old)] == old, self
        lines[self.line - 1] = line[: self.column] + self.new.encode() + line[self.column + len(old) :]
        return b"".join(lines).decode()

    def shown(self, text: str) -> str:
        """Where it is and how the line reads."""
        return f"{self.file}:{self.line}: {self.line_of(text)}    # was: {self.old}"

    def line_of(self, text: str) -> str:
        """The line with it."""
        return self.applied(text).splitlines()[self.line - 1].strip()


COMPARISONS: Final[Mapping[type[ast.cmpop], tuple[str, str]]] = {
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
}
ARITHMETIC: Final[Mapping[type[ast.operator], tuple[str, str]]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "+"),
    ast.FloorDiv: ("//", "*"),
    ast.Div: ("/", "*"),
    ast.Mod: ("%", "+"),
}


class _Finder(ast.NodeVisitor):
    """Every mutant of one file."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.lines = text.encode().splitlines()
        self.found: list[Mutant] = []

    def add(self, line: int, column: int, old: str, new: str) -> None:
        if self.lines[line - 1][column : column + len(old.encode())] == old.encode():
            self.found.append(Mutant(self.file, line, column, old, new))

    def between(self, left: ast.expr, right: ast.expr, old: str, new: str) -> None:
        """An operator that stands between two operands on one line."""
        if left.end_lineno == right.lineno and left.end_col_offset is not None:
            gap = self.lines[right.lineno - 1][left.end_col_offset : right.col_offset].decode()
            if (place := gap.find(old)) >= 0 and gap.strip(" ()") == old:
                self.add(right.lineno, left.end_col_offset + place, old, new)

    def visit_Compare(self, node: ast.Compare) -> None:
        for left, right, operator in zip([node.left, *node.comparators], node.comparators, node.ops, strict=False):
            self.between(left, right, *COMPARISONS[type(operator)])
            for operand in (left, right):
                self.word(operand)
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if (pair := ARITHMETIC.get(type(node.op))) and not any(map(_is_text, (node.left, node.right))):
            self.between(node.left, node.right, *pair)
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        pair = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            self.between(left, right, *pair)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            self.add(node.lineno, node.col_offset, "not ", "")
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, bool):
            self.add(node.lineno, node.col_offset, str(node.value), str(not node.value))
        elif isinstance(node.value, int):
            self.add(node.lineno, node.col_offset, ast.unparse(node), str(node.value + 1))

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.word(node.slice)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute) and node.func.attr in {"get", "pop", "setdefault"}:
            for argument in node.args[:1]:
                self.word(argument)
        self.generic_visit(node)

    def word(self, node: ast.expr) -> None:
        """A word that the wire, or a document, has to spell like this."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isascii() and node.value:
            quoted = f'"{node.value}"'
            self.add(node.lineno, node.col_offset, quoted, f'"{node.value}_"')

    # What is for checkers and readers alone.

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        if not any("overload" in ast.unparse(each) for each in node.decorator_list):
            for part in (*node.args.defaults, *filter(None, node.args.kw_defaults), *node.body):
                self.visit(part)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        for part in (*node.args.defaults, *filter(None, node.args.kw_defaults), *node.body):
            self.visit(part)

    def visit_If(self, node: ast.If) -> None:
        if ast.unparse(node.test) in {"TYPE_CHECKING", "MYPY", "not TYPE_CHECKING", "__name__ == '__main__'"}:
            for part in (*(node.body if "not" in ast.unparse(node.test) else ()), *node.orelse):
                self.visit(part)
        else:
            self.generic_visit(node)

    def visit_Assert(self, node: ast.Assert) -> None:
        """Asserts are for checkers here."""


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def mutants_of(file: str, text: str) -> list[Mutant]:
    """Every mutant of a file, in its order."""
    finder = _Finder(file, text)
    finder.visit(ast.parse(text))
    return sorted(set(finder.found), key=lambda each: (each.line, each.column, each.new))
