"""What the trial (`trial.py`) needs of a module before it can run it: found out of its text, without running anything.

A large API is as long in being read as in being imported. A helper therefore reads ahead, from the last module to the first, in a
process of its own; what it has not done when a module is wanted, or cannot do, is done where it is wanted.
"""

from __future__ import annotations

import ast
import marshal
import os
import signal
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from mmap import mmap
from tempfile import TemporaryFile
from types import CodeType
from typing import IO, NoReturn, TypeAlias

from attrs import define, field, frozen

from typedrun_codegen.package.guard import Nodes, find_faults, nodes_of
from typedrun_codegen.package.workers import processors

WORTH = 200
"""Modules that are worth a helper."""

RECORDS = "typedrun_codegen.package.records"
"""What modules import here where they say `attrs`."""

Import: TypeAlias = "tuple[str, tuple[tuple[str, str], ...]]"
"""A module, and the names that are imported from it: there, and here."""


class ForeignCode(ImportError):
    """A module holds what no template writes; it is not executed."""


@frozen
class Prepared:
    """A module that may be run."""

    code: CodeType
    checked: tuple[Import, ...]
    """What it imports for the checkers alone."""
    annotations: tuple[bytes, ...]
    """Its annotations, as they are written. The syntax tree is not kept: a large API's trees are many times this."""


def prepare(text: str, origin: str, package: str) -> Prepared:
    """Prepare what running a module takes.

    Raises:
        ForeignCode: it holds what no template writes.
        SyntaxError: it is no Python.
        Warning: Python warns of it, as of an invalid escape.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tree = ast.parse(text, origin)
        nodes = nodes_of(tree)
        if fault := next(find_faults(nodes, package), None):
            raise ForeignCode(f"it holds something that no template writes: {fault}", path=origin)
        for node in nodes.get(ast.ImportFrom, ()):
            if isinstance(node, ast.ImportFrom) and node.module == "attrs":
                node.module = RECORDS
        code: CodeType = compile(tree, origin, "exec", dont_inherit=True)
    lines = text.encode().split(b"\n")
    annotations = {_source(node, lines) for node in _annotations(nodes) if node is not None}
    return Prepared(code, tuple(_checked_imports(tree)), tuple(annotations))


def _checked_imports(tree: ast.Module) -> Iterator[Import]:
    for node in tree.body:
        if isinstance(node, ast.If) and _is_for_checkers(node.test):
            for each in node.body:
                if isinstance(each, ast.ImportFrom):
                    yield str(each.module), tuple((alias.name, alias.asname or alias.name) for alias in each.names)


def _is_for_checkers(test: ast.expr) -> bool:
    """Whether this is `TYPE_CHECKING`, alone or with further conditions."""
    first = test.values[0] if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else test
    return isinstance(first, ast.Name) and first.id == "TYPE_CHECKING"


def _annotations(nodes: Nodes) -> Iterator[ast.expr | None]:
    kinds: tuple[type[ast.AST], ...] = (ast.arg, ast.AnnAssign, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in (node for kind in kinds for node in nodes.get(kind, ())):
        if isinstance(node, ast.arg | ast.AnnAssign):
            yield node.annotation
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.returns


def _source(node: ast.expr, lines: Sequence[bytes]) -> bytes:
    if node.end_lineno == node.lineno:
        return lines[node.lineno - 1][node.col_offset : node.end_col_offset]
    return ast.unparse(node).encode()


# --- ahead

_LENGTH = 8
"""Bytes before each record of the helper's: how long it is."""


@define
class Ahead:
    """What a helper has prepared so far. It writes into a file, which nobody waits for."""

    _file: IO[bytes] | None = None
    _helper: int = 0
    _read: int = 0
    _done: dict[str, int] = field(factory=dict[str, int])
    """Module → its byte in `_marks`."""
    _marks: mmap = field(factory=lambda: mmap(-1, 1))
    """Shared with the helper: which modules it need not do any more."""
    _found: dict[str, Prepared] = field(factory=dict[str, Prepared])

    def start(self, texts: Mapping[str, str], package: str) -> None:
        """Start a helper on some modules, where that is worth it and there is a processor for it."""
        self.stop()
        if len(texts) < WORTH or sys.platform == "win32" or processors() < 2:
            return
        self._file = TemporaryFile()  # noqa: SIM115  # closed by `stop`
        self._done, self._marks = {origin: number for number, origin in enumerate(texts)}, mmap(-1, len(texts))
        self._helper = os.fork()  # this process has one thread
        if not self._helper:
            _help(texts, package, self._file, self._marks)

    def take(self, origin: str) -> Prepared | None:
        """Take a module, if it is there."""
        while self._file is not None and (size := self._at(self._read, _LENGTH)):
            length = int.from_bytes(size)
            record = self._at(self._read + _LENGTH, length)
            if not record:
                break
            self._read += _LENGTH + length
            path, *parts = marshal.loads(record)  # noqa: S302  # of our own helper
            self._found[path] = Prepared(*parts)
        found = self._found.pop(origin, None)
        if found is None and origin in self._done:
            self._marks[self._done[origin]] = 1
        return found

    def _at(self, offset: int, length: int) -> bytes:
        """A piece of the file, once it is whole."""
        found = (
            os.pread(self._file.fileno(), length, offset) if self._file is not None and sys.platform != "win32" else b""
        )
        return found if len(found) == length else b""

    def stop(self) -> None:
        """End the helper."""
        if self._helper and sys.platform != "win32":
            os.kill(self._helper, signal.SIGKILL)
            os.waitpid(self._helper, 0)
        if self._file is not None:
            self._file.close()
        self._file, self._helper, self._read = None, 0, 0
        self._found.clear()
        self._done.clear()


def _help(texts: Mapping[str, str], package: str, file: IO[bytes], marks: mmap) -> NoReturn:
    """The helper's life."""
    try:
        os.close(0)  # who waits for the end of what the trial says need not wait for this process
        os.close(1)
        for number, (origin, text) in reversed(list(enumerate(texts.items()))):
            if marks[number]:
                continue
            try:
                found = prepare(text, origin, package)
            except Exception:  # noqa: BLE001, S112  # raised again where the module is wanted
                continue
            record = marshal.dumps((origin, found.code, found.checked, found.annotations))
            file.write(len(record).to_bytes(_LENGTH) + record)
            file.flush()
    finally:
        os._exit(0)
