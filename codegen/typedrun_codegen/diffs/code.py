"""Where code names models and what it does with them there, by its syntax tree: nothing is imported, nothing is run.

Variables are followed within a file (`gpt = aix.models.openai.gpt_5_4`, a parameter with a model's class), not across files.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from attrs import define, field, frozen

METHODS: Final = frozenset({"run", "run_async", "run_stream", "estimate"})
_SKIPPED: Final = frozenset({"__pycache__", "node_modules", "site-packages"})
_PASSES: Final = 4
"""How often all files are read: a model that is handed on from file to file is known one file further each time."""
_DEEPEST: Final = 20
"""Names that stand for names; more is a circle."""


class Open:
    """The value of an argument that is not written out where it is passed."""

    def __repr__(self) -> str:
        return "…"


OPEN: Final = Open()


@frozen(kw_only=True)
class Directory:
    """How code may name the models of a catalog."""

    package: str
    """Import name of the generated package."""
    attributes: Mapping[str, str]
    """`supplier.model`, as after `aix.models.` → model id."""
    classes: Mapping[str, str]
    """`supplier.Class` → model id."""
    keys: Mapping[str, str]
    """Id or path → model id."""
    pinned: frozenset[str]
    """Ids and paths whose `aix.models["…"]` has the type of the model's class."""


@frozen(kw_only=True)
class Site:
    """One place in the code that names a model, or calls it."""

    file: Path
    line: int
    column: int
    end: tuple[int, int]
    """Line and column after the last character."""
    model: str
    """Its id."""
    text: str
    """As it is written."""
    key: str | None
    """The id or path by which it is looked up; None where it is an attribute or a class."""
    is_typed: bool
    """Whether type checkers know which model it is."""
    method: str = ""
    """What is called; empty where the model is only named."""
    arguments: Mapping[str, object] = field(factory=dict[str, object])
    """Keyword → its value where it is written out, else `OPEN`."""
    has_more: bool = False
    """Whether arguments come by `**` or by position."""
    is_answer: bool = False
    """Whether this is no model but something that one answered: `result.data`."""

    def holds(self, line: int, column: int) -> bool:
        """Whether a position is inside."""
        return (self.line, self.column) <= (line, column) <= self.end


@frozen(kw_only=True)
class Code:
    """What was found in some files."""

    sites: tuple[Site, ...]
    unknown: tuple[tuple[Path, int], ...]
    """Lines that look a model up by something that is not written out there."""
    strangers: tuple[tuple[Path, int, str], ...]
    """Look-ups by an id or path that the catalog does not have: `Model.get("…")`, `LLM("…")`."""


def find_files(paths: Iterable[Path], without: Path | None = None) -> Iterator[Path]:
    """Find the Python files at and below some paths, each once; environments, caches, hidden folders and one more folder left out."""
    seen = set[Path]()
    for path in paths:
        for file in sorted(_below(path, without)):
            if file not in seen:
                seen.add(file)
                yield file


def _below(path: Path, without: Path | None) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    for entry in path.iterdir():
        if entry.is_dir():
            is_skipped = entry.name in _SKIPPED or entry.name.startswith(".") or (entry / "pyvenv.cfg").exists()
            if not is_skipped and entry != without and not entry.is_symlink():
                yield from _below(entry, without)
        elif entry.suffix in {".py", ".pyi"}:
            yield entry


@frozen
class _Model:
    """What an expression stands for."""

    id: str
    key: str | None
    is_typed: bool


_Shared = dict[str, dict[str, _Model]]
"""Module, as files import it -> its names that stand for models."""


@frozen(kw_only=True)
class Parsed:
    """Files and their syntax trees."""

    trees: Mapping[Path, ast.Module]
    unreadable: tuple[tuple[Path, str], ...]
    """Files that are no Python, and why."""


def parse_files(files: Iterable[Path]) -> Parsed:
    """Read files as Python."""
    trees, unreadable = dict[Path, ast.Module](), list[tuple[Path, str]]()
    for file in files:
        try:
            trees[file] = ast.parse(file.read_bytes(), str(file))
        except (SyntaxError, ValueError, RecursionError) as error:
            unreadable.append((file, str(error)))
    return Parsed(trees=trees, unreadable=tuple(unreadable))


def read_code(trees: Mapping[Path, ast.Module], directory: Directory) -> Code:
    """Find every place that names a model."""
    shared: _Shared = {}
    readers = list[_Reader]()
    for _ in range(_PASSES):
        readers = [_Reader(file, directory, shared) for file in trees]
        for reader in readers:
            reader.visit(trees[reader.file])
        found = {name: reader.models for reader in readers for name in _module_names(reader.file)}
        if found == shared:
            break
        shared = found
    return Code(
        sites=tuple(site for reader in readers for site in reader.sites),
        unknown=tuple(each for reader in readers for each in reader.unknown),
        strangers=tuple(each for reader in readers for each in reader.strangers),
    )


def _module_names(file: Path) -> list[str]:
    """What a file may be called where it is imported: each of its dotted tails."""
    parts = file.with_suffix("").parts
    parts = parts[:-1] if parts[-1] == "__init__" else parts
    return [".".join(parts[-length:]) for length in range(1, min(len(parts), _DEEPEST))]


@define(eq=False)
class _Reader(ast.NodeVisitor):
    file: Path
    directory: Directory
    shared: _Shared
    sites: list[Site] = field(factory=list[Site])
    unknown: list[tuple[Path, int]] = field(factory=list[tuple[Path, int]])
    strangers: list[tuple[Path, int, str]] = field(factory=list[tuple[Path, int, str]])
    _meanings: dict[str, ast.expr | _Model] = field(factory=dict[str, "ast.expr | _Model"])
    """A name, as it is written → what was assigned to it last."""

    # --- names

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        parts = (node.module or "").split(".")
        if parts[:2] != [self.directory.package, "models"] or len(parts) < 3:
            known = self.shared.get(node.module or "", {})
            for alias in node.names:
                name = alias.asname or alias.name
                self._meanings.pop(name, None)
                if alias.name in known:
                    self._meanings[name] = known[alias.name]
            return
        for alias in node.names:
            identity = self.directory.classes.get(f"{parts[2]}.{alias.name}")
            if identity is not None:
                name = alias.asname or alias.name
                model = _Model(identity, None, True)
                self._meanings[name] = model
                self._add(alias, model, alias.name)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self._assign(target, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)
        self._assign(node.target, node.value if self._find(node.annotation) is None else node.annotation)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self._assign(node.target, node.value)

    def visit_withitem(self, node: ast.withitem) -> None:
        self.visit(node.context_expr)
        if node.optional_vars is not None:
            self._assign(node.optional_vars, node.context_expr)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._function(node)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        outer = dict(self._meanings)
        arguments = node.args
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            self._meanings.pop(argument.arg, None)
            if argument.annotation is not None and self._find(argument.annotation) is not None:
                self._meanings[argument.arg] = argument.annotation
        self.generic_visit(node)
        # What a method assigns to `self` is for the others, too.
        kept = {name: value for name, value in self._meanings.items() if name.startswith("self.")}
        self._meanings = outer | kept

    def _assign(self, target: ast.expr, value: ast.expr | None) -> None:
        if not isinstance(target, ast.Name | ast.Attribute):
            return
        name = ast.unparse(target)
        self._meanings.pop(name, None)
        if isinstance(value, ast.Name | ast.Attribute | ast.Subscript | ast.Call | ast.Await) and (
            name != ast.unparse(value)
        ):
            self._meanings[name] = value

    # --- models

    @property
    def models(self) -> dict[str, _Model]:
        """The names of the module that stand for models."""
        found = {name: self._find(ast.Name(name)) for name in self._meanings if name.isidentifier()}
        return {name: model for name, model in found.items() if model is not None}

    def visit_Call(self, node: ast.Call) -> None:
        function = node.func
        if isinstance(function, ast.Attribute) and function.attr in METHODS:
            found = self._find(function.value)
            if found is not None:
                self._add(node, found, ast.unparse(function), node, function.attr)
        self._name(node)
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self._name(node)
        self._note_answer(node)
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        self._note_answer(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self._name(node)
        self.generic_visit(node)

    def _note_answer(self, node: ast.Name | ast.Attribute) -> None:
        if isinstance(node.ctx, ast.Load) and (model := self._asked(node)) is not None:
            self._add(node, model, ast.unparse(node), is_answer=True)

    def _asked(self, node: ast.expr) -> _Model | None:
        """The model whose answer an expression is a part of."""
        for _ in range(_DEEPEST):
            meaning = self._meaning(node)
            if isinstance(meaning, _Model):
                return None
            if isinstance(meaning, ast.Call):
                function = meaning.func
                if isinstance(function, ast.Attribute) and function.attr in METHODS:
                    return self._find(function.value)
                return None
            if not isinstance(meaning, ast.Attribute | ast.Subscript | ast.Await):
                return None
            node = meaning.value
        return None

    def _name(self, node: ast.Attribute | ast.Subscript | ast.Call) -> None:
        found = self._find_direct(node)
        if isinstance(found, _Model):
            self._add(node, found, ast.unparse(node))
        elif found:
            self.unknown.append((self.file, node.lineno))

    def _add(
        self,
        node: ast.expr | ast.alias,
        model: _Model,
        text: str,
        call: ast.Call | None = None,
        method: str = "",
        is_answer: bool = False,
    ) -> None:
        arguments = {} if call is None else {each.arg: _value(each.value) for each in call.keywords if each.arg}
        has_more = call is not None and (bool(call.args) or any(each.arg is None for each in call.keywords))
        end = (node.end_lineno or node.lineno, (node.end_col_offset or node.col_offset) + 1)
        self.sites.append(
            Site(
                file=self.file,
                line=node.lineno,
                column=node.col_offset + 1,
                end=end,
                model=model.id,
                text=text,
                key=model.key,
                is_typed=model.is_typed,
                method=method,
                arguments=arguments,
                has_more=has_more,
                is_answer=is_answer,
            )
        )

    def _find(self, node: ast.expr) -> _Model | None:
        """The model that an expression stands for, variables followed."""
        meaning = self._meaning(node)
        if isinstance(meaning, _Model):
            return meaning
        found = self._find_direct(meaning)
        return found if isinstance(found, _Model) else None

    def _find_direct(self, node: ast.expr) -> _Model | bool:
        """The model that an expression names itself; True for a look-up by something that is not written out."""
        if isinstance(node, ast.Attribute):
            inner = self._meaning(node.value)
            if isinstance(inner, ast.Attribute) and self._is_models(inner.value):
                return self._typed(self.directory.attributes.get(f"{inner.attr}.{node.attr}"))
            return False
        if isinstance(node, ast.Subscript) and self._is_models(node.value):
            return self._looked_up(node.slice)
        if isinstance(node, ast.Call):
            return self._made(node)
        return False

    def _made(self, node: ast.Call) -> _Model | bool:
        """`Model.get("…")`, `LLM("…")`, `Gpt(aix)`."""
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        if name == "get" and isinstance(function, ast.Attribute):
            of = function.value
            if (of.attr if isinstance(of, ast.Attribute) else getattr(of, "id", "")) != "Model":
                return False
        elif name != "LLM":
            meaning = self._meaning(function)
            return meaning if isinstance(meaning, _Model) else False
        given = node.args[0] if node.args else next((each.value for each in node.keywords if each.arg == "id"), None)
        found = self._looked_up(given) if given is not None else False
        if found is False and isinstance(given, ast.Constant) and isinstance(given.value, str):
            self.strangers.append((self.file, node.lineno, given.value))
        return _Model(found.id, found.key, False) if isinstance(found, _Model) else found

    def _looked_up(self, key: ast.expr) -> _Model | bool:
        if isinstance(key, ast.Attribute) and key.attr in {"id", "path"} and (known := self._find(key.value)):
            return _Model(known.id, known.id if key.attr == "id" else None, False)
        if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
            return True
        identity = self.directory.keys.get(key.value)
        return _Model(identity, key.value, key.value in self.directory.pinned) if identity is not None else False

    def _typed(self, identity: str | None) -> _Model | bool:
        return False if identity is None else _Model(identity, None, True)

    def _is_models(self, node: ast.expr) -> bool:
        meaning = self._meaning(node)
        return isinstance(meaning, ast.Attribute) and meaning.attr == "models"

    def _meaning(self, node: ast.expr) -> ast.expr | _Model:
        for _ in range(_DEEPEST):
            if not isinstance(node, ast.Name | ast.Attribute):
                break
            meaning = self._meanings.get(ast.unparse(node))
            if meaning is None:
                break
            if isinstance(meaning, _Model):
                return meaning
            node = meaning
        return node


def _value(node: ast.expr) -> object:
    try:
        value: object = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return OPEN
    return value
