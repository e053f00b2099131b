"""Does an emitted file hold nothing but what our templates write? An allow-list over its syntax tree.

Backend text reaches the output through encoders alone; this is the independent proof. Were one of them wrong, text that became
code would have to import, call or execute something, and nothing of that is on the list: statements that are neither
declarations nor text, calls of anything but what the module imports from the runtime, other imports, dunder attributes.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import TypeAlias, cast

from attrs import frozen

from typedrun_codegen.ir.problems import Location, Problem
from typedrun_codegen.package.workers import MANY, spread, without_collector

MODULES = frozenset(
    {"__future__", "attrs", "collections", "datetime", "decimal", "enum", "functools", "typedrun", "typing", "uuid"}
)
"""Top-level modules that generated code imports, besides its own package."""

HARMLESS: frozenset[type[ast.AST]] = frozenset(
    {
        *(ast.AnnAssign, ast.Assign, ast.Await, ast.If, ast.Return),
        *(ast.BinOp, ast.BoolOp, ast.Constant, ast.Dict, ast.DictComp, ast.JoinedStr, ast.Lambda, ast.List),
        *(ast.Starred, ast.Subscript),
        *(ast.Tuple, ast.UnaryOp, ast.And, ast.BitOr, ast.Not, ast.USub),
        *(ast.alias, ast.arg, ast.arguments, ast.comprehension, ast.keyword, ast.Load, ast.Module, ast.Store),
    }
)
"""Statements, expressions, operators, and the parts that these are made of, which are allowed wherever they stand."""

EXAMINED: frozenset[type[ast.AST]] = frozenset(
    {
        ast.Attribute,
        ast.Call,
        ast.ClassDef,
        ast.Expr,
        ast.FormattedValue,
        ast.AsyncFunctionDef,
        ast.FunctionDef,
        ast.ImportFrom,
        ast.Name,
    }
)
"""Those that are allowed in one form and not in another."""

PLAIN_FIELDS = frozenset(
    {
        *("arg", "asname", "attr", "conversion", "ctx", "id", "is_async", "kind", "level", "module", "name", "simple"),
        "type_comment",
    }
)
"""Fields that hold no nodes in any of them."""

PARTS: Mapping[type[ast.AST], tuple[str, ...]] = {
    **{kind: tuple(name for name in kind._fields if name not in PLAIN_FIELDS) for kind in HARMLESS | EXAMINED},
    ast.Constant: (),
}
"""Fields that hold the parts of each of them; of what is on neither list, any field may. The context of a name is none: it says whether
the name is loaded, stored or deleted, and nothing deletes but a statement of its own."""

FORBIDDEN_NAMES = frozenset(
    {
        "__builtins__", "__import__", "__loader__", "__spec__", "breakpoint", "compile", "delattr", "eval", "exec", "exit",
        "getattr", "globals", "input", "locals", "open", "quit", "setattr", "vars",
    }
)  # fmt: skip
"""Built-ins that could do something; as names of a document's own they are declared, never loaded."""

CALLABLES = frozenset({"str"})
"""Built-ins that may be called."""

METHODS = frozenset({"get", "items"})
"""Methods that may be called on anything: of dictionaries, which is all that a module's constants are."""

DECORATORS = frozenset({"classmethod", "property", "staticmethod"})
"""Built-in decorators; others have to be imported."""

HARMLESS_ATTRIBUTES = frozenset({"__name__"})

INTERPOLATED = frozenset({"__name__", "module"})
"""Names inside f-strings, which only the lazy exports of a package have."""


def find_foreign_code(
    files: Mapping[str, str], package: str, paths: Iterable[str] | None = None
) -> tuple[Problem, ...]:
    """Problems for everything that no template writes.

    Args:
        files: path below the package → text.
        package: import name of the package.
        paths: which of them are examined; default: all.
    """
    modules = sorted(path for path in (files if paths is None else paths) if path.endswith(".py"))

    def check(path: str) -> list[Problem]:
        return list(_check(path, files[path], package))

    with without_collector(), spread(check, modules, is_worth=len(modules) >= MANY) as found:
        return tuple(chain.from_iterable(found))


def _check(path: str, text: str, package: str) -> Iterator[Problem]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError) as error:
        yield _problem(package, path, f"it is not Python: {error}")
        return
    for fault in find_faults(nodes_of(tree), package):
        yield _problem(package, path, fault)


Nodes: TypeAlias = "Mapping[type[ast.AST], Sequence[ast.AST]]"
"""The nodes of a module, by their kind: what is on the list wherever it stands need not be looked at."""


def find_faults(nodes: Nodes, package: str) -> Iterator[str]:
    """Find what one module holds that no template writes, each with its line.

    Args:
        nodes: all nodes of the module (`nodes_of`).
        package: import name of its package.
    """
    callables = CALLABLES.union(_callables(nodes))
    arguments = frozenset(node.arg for node in nodes.get(ast.arg, ()) if isinstance(node, ast.arg))
    module = _Module(callables, MODULES | {package}, FORBIDDEN_NAMES - callables - arguments)
    found = [
        (getattr(node, "lineno", 1), fault)
        for kind, members in nodes.items()
        if kind not in HARMLESS
        for node in members
        if (fault := module.fault(node)) is not None
    ]
    for line, fault in sorted(found, key=itemgetter(0)):
        yield f"line {line}: {fault}"


def nodes_of(tree: ast.AST) -> Nodes:
    """Every node, as `ast.walk` has them, at a fraction of its cost: most fields hold no nodes."""
    found = defaultdict[type[ast.AST], list[ast.AST]](list)
    todo = [tree]
    for node in todo:  # which grows meanwhile
        kind = type(node)
        found[kind].append(node)
        for name in PARTS.get(kind, node._fields):
            value = getattr(node, name, None)
            if isinstance(value, list):
                todo += [each for each in cast("list[object]", value) if isinstance(each, ast.AST)]
            elif isinstance(value, ast.AST):
                todo.append(value)
    return found


def _callables(nodes: Nodes) -> Iterator[str]:
    """Names that this module imports, and classes that it declares: what it may call."""
    for node in (*nodes.get(ast.ImportFrom, ()), *nodes.get(ast.ClassDef, ())):
        if isinstance(node, ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.ClassDef):
            yield node.name


@frozen
class _Module:
    """What one module may call and import."""

    callables: frozenset[str]
    modules: frozenset[str]
    forbidden: frozenset[str]
    """Built-ins; a parameter may be called `input`: inside its function the name is no built-in."""

    def fault(self, node: ast.AST) -> str | None:
        """What is wrong with a node that is not harmless by its kind; None when nothing is."""
        if isinstance(node, ast.Name):  # most are names
            return f"the built-in {node.id}" if node.id in self.forbidden and isinstance(node.ctx, ast.Load) else None
        kind = type(node)
        return self._fault_of_parts(node) if kind in EXAMINED else f"a {kind.__name__}"

    def _fault_of_parts(self, node: ast.AST) -> str | None:
        match node:
            case ast.Expr(value=value) if not isinstance(value, ast.Constant):
                return "an expression that is executed"
            case ast.ImportFrom(module=module, level=level) if (
                level or (module or "").partition(".")[0] not in self.modules
            ):
                return f"an import from {'.' * level}{module or ''}"
            case ast.Call(func=called) if not self._may_call(called):
                return f"a call of {ast.unparse(called)[:60]}"
            case (
                ast.FunctionDef(decorator_list=found)
                | ast.AsyncFunctionDef(decorator_list=found)
                | ast.ClassDef(decorator_list=found)
            ) if not self._may_decorate(found):
                return f"a decorator of {node.name}"
            case ast.Attribute(attr=name) if name.startswith("__") and name not in HARMLESS_ATTRIBUTES:
                return f"the attribute {name}"
            case ast.FormattedValue(value=value) if not (isinstance(value, ast.Name) and value.id in INTERPOLATED):
                return "a computed f-string"
            case _:
                return None

    def _may_decorate(self, decorators: list[ast.expr]) -> bool:
        names = (each.func if isinstance(each, ast.Call) else each for each in decorators)
        return all(isinstance(each, ast.Name) and each.id in self.callables | DECORATORS for each in names)

    def _may_call(self, called: ast.expr) -> bool:
        if isinstance(called, ast.Attribute):
            return called.attr in METHODS or _root(called) == "self"
        return isinstance(called, ast.Name) and called.id in self.callables


def _root(node: ast.expr) -> str:
    """`self` in `self.model_url.partition`."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _problem(package: str, path: str, found: str) -> Problem:
    return Problem(
        "generated code holds something that no template writes",
        Location(f"{package}/{path}"),
        found=found,
        next_step="do not import this package; report it with the model or schema that the file names in its first line",
    )
