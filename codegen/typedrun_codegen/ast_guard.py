"""Proof that nothing but what the templates mean became code: an allow-list over the syntax tree of generated files.

The doors (names, literals, docstrings) keep a backend's text inside names and literals. This module does not trust them: it
reads what was written and refuses every construct, call, import and decorator that no template of ours produces. It runs in
the tests on hostile documents and in `typedrun check` on every generated file.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Final

from typedrun_codegen.problems import Location, Problem

_CONSTRUCTS: Final[frozenset[type[ast.AST]]] = frozenset(
    {
        # modules, classes, functions
        ast.Module, ast.ClassDef, ast.FunctionDef, ast.arguments, ast.arg, ast.Return, ast.keyword, ast.Expr, ast.Pass,
        ast.Import, ast.ImportFrom, ast.alias, ast.If,
        # values
        ast.Assign, ast.AnnAssign, ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.Name, ast.Attribute, ast.Load, ast.Store,
        ast.Call, ast.Lambda, ast.JoinedStr, ast.FormattedValue, ast.DictComp, ast.comprehension, ast.Starred,
        # annotations, negative numbers, `not TYPE_CHECKING`
        ast.Subscript, ast.BinOp, ast.BitOr, ast.UnaryOp, ast.USub, ast.Not,
    }
)  # fmt: skip
"""Syntax that templates produce. No loops, no `with`, no `try`, no `global`, no `del`, no comparison, no `await`."""

_CALLS: Final = frozenset(
    {
        # attrs and typedrun
        "define", "field", "Operation", "Parameter", "Part", "Body", "Answer", "Credential", "Tagged", "Registry",
        "Pricing", "VendorInfo", "Version", "Attribute", "lazy_exports", "Models",
        # values
        "date", "datetime", "UUID", "float", "str", "dict", "list", "tuple", "frozenset", "super", "cast", "get_args", "TypeVar",
    }
)  # fmt: skip
_METHODS: Final = frozenset({"items", "_call", "_stream", "partition"})
_MODULES: Final = frozenset(
    {"__future__", "attrs", "collections.abc", "datetime", "enum", "functools", "typing", "typing_extensions", "uuid"}
)
_DECORATORS: Final = frozenset(
    {
        "define",
        "overload",
        "declared",
        "property",
        "cached_property",
        "staticmethod",
        "classmethod",
        "runtime_checkable",
        "override",
    }
)


def find_intruders(text: str, *, package: str, location: Location) -> list[Problem]:
    """What stands in a generated file and does not belong there; nothing when the file is sound.

    Args:
        text: the file.
        package: import name of the generated package.
        location: the file, for the problem.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        return [_problem(location, f"not Python: {error}")]
    return [_problem(location, found) for found in _intruders(tree, package)]


def guard(files: Mapping[str, str], *, package: str) -> list[Problem]:
    """`find_intruders` over every Python file of a package (path → text)."""
    python = {path: text for path, text in sorted(files.items()) if path.endswith(".py")}
    return [
        one for path, text in python.items() for one in find_intruders(text, package=package, location=Location(path))
    ]


def _problem(location: Location, found: str) -> Problem:
    return Problem(
        "a generated file has code that no template writes",
        location,
        found,
        "do not import it; regenerate, and report this if it stays",
    )


def _intruders(tree: ast.Module, package: str) -> Iterator[str]:
    nodes = list(ast.walk(tree))
    made = {node.name for node in nodes if isinstance(node, ast.ClassDef)} | set(_imported(nodes))
    for node in nodes:
        line = f"line {getattr(node, 'lineno', 1)}: "
        if type(node) not in _CONSTRUCTS:
            yield f"{line}{type(node).__name__}"
        elif isinstance(node, ast.Call):
            yield from (line + found for found in _bad_call(node, made))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (line + found for found in _bad_import(node, package))
        elif isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield from (line + found for found in _bad_definition(node))
        elif isinstance(node, ast.Name | ast.Attribute) and _is_dunder(node):
            yield f"{line}{ast.unparse(node)}"
        elif isinstance(node, ast.Expr) and not _is_docstring(node.value):
            yield f"{line}a statement that is no docstring: {ast.unparse(node)[:60]}"


def _imported(nodes: list[ast.AST]) -> Iterator[str]:
    """Names that a file imports from typedrun or from the package itself: their classes may be called."""
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module not in _MODULES:
            yield from (alias.asname or alias.name for alias in node.names)


def _bad_call(node: ast.Call, made: set[str]) -> Iterator[str]:
    function = node.func
    if isinstance(function, ast.Subscript):  # list[str](), dict[str, Any]()
        function = function.value
    if isinstance(function, ast.Name):
        if function.id not in _CALLS and not (function.id in made and function.id[:1].isupper()):
            yield f"a call of {function.id}"
    elif not (isinstance(function, ast.Attribute) and function.attr in _METHODS):
        yield f"a call of {ast.unparse(function)[:60]}"


def _bad_import(node: ast.Import | ast.ImportFrom, package: str) -> Iterator[str]:
    modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
    for module in modules:
        root = module.partition(".")[0]
        if module not in _MODULES and root not in ("typedrun", package.partition(".")[0]):
            yield f"an import of {module or 'a relative name'}"


def _bad_definition(node: ast.ClassDef | ast.FunctionDef) -> Iterator[str]:
    for decorator in node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if not (isinstance(called, ast.Name) and called.id in _DECORATORS):
            yield f"a decorator {ast.unparse(decorator)[:60]}"
    if isinstance(node, ast.ClassDef) and node.keywords:
        yield "a class with keyword arguments"


def _is_dunder(node: ast.Name | ast.Attribute) -> bool:
    name = node.id if isinstance(node, ast.Name) else node.attr
    return name.startswith("__") and name not in ("__name__", "__getattr__", "__dir__", "__all__", "__slots__")


def _is_docstring(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and (isinstance(value.value, str) or value.value is ...)
