"""The lists of reserved names against what rendered modules of APIs really import, define and mention."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from typedrun.operations import ApiClient, Operations
from typedrun_codegen.plans.operations import RESERVED_CONSTANTS, RESERVED_METHODS, RESERVED_PARAMETERS
from typedrun_codegen.text.annotations import VALUES
from typedrun_codegen.text.api_annotations import RESERVED_CLASSES, RESERVED_FIELDS
from typedrun_codegen.text.names import class_name, const_name, snake_name

ROOT = Path(__file__).parents[3]
PACKAGES = (ROOT / "generated/aixplain_models/api", *sorted((ROOT / "tests/golden").glob("api-*/golden_api")))
of_each_package = pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.parent.name)


def trees(package: Path, room: str) -> list[ast.Module]:
    return [ast.parse(path.read_text(encoding="utf-8")) for path in sorted((package / room).glob("*.py"))]


def imported(tree: ast.Module) -> Iterator[str]:
    """Names that a module imports, except classes of the document."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and ".types." not in f"{node.module}.":
            yield from (alias.asname or alias.name for alias in node.names)


def constants(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if (
            isinstance(node, ast.AnnAssign)
            and isinstance(node.target, ast.Name)
            and ast.unparse(node.annotation) == "Final"
        ):
            yield node.target.id


def mentioned(nodes: Iterable[ast.AST | None]) -> set[str]:
    """Names that an expression or statement reads, inside texts of annotations, too."""
    return {
        each.id
        for node in nodes
        if node is not None
        for each in ast.walk(node)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)
    }


def classes(modules: Iterable[ast.Module]) -> Iterator[ast.ClassDef]:
    for tree in modules:
        yield from (node for node in tree.body if isinstance(node, ast.ClassDef))


def functions(modules: Iterable[ast.Module]) -> Iterator[ast.FunctionDef]:
    for one in classes(modules):
        yield from (node for node in one.body if isinstance(node, ast.FunctionDef))


def in_class_scope(modules: Iterable[ast.Module]) -> set[str]:
    """Names that are looked up where the members of a class can hide them: not those inside its functions."""
    found = set[str]()
    for node in (node for one in classes(modules) for node in one.body):
        if isinstance(node, ast.FunctionDef):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            found |= mentioned([*(one.annotation for one in arguments), *node.args.defaults, *node.args.kw_defaults])
            found |= mentioned([node.returns])
        else:
            found |= mentioned([node])
    return found


@of_each_package
def test_no_class_is_called_like_what_a_module_of_types_imports_or_defines(package: Path) -> None:
    modules = trees(package, "types")
    used = {*VALUES, *(name for tree in modules for name in (*imported(tree), *constants(tree)))}
    assert modules
    assert {name for name in used if class_name(name) == name or const_name(name, "X") == name} <= RESERVED_CLASSES


@of_each_package
def test_no_field_is_called_like_what_the_body_of_a_class_mentions(package: Path) -> None:
    used = in_class_scope(trees(package, "types"))
    assert {name for name in used if snake_name(name, "field") == name} <= RESERVED_FIELDS


@of_each_package
def test_no_method_is_called_like_what_the_body_of_its_class_mentions(package: Path) -> None:
    used = in_class_scope(trees(package, "operations"))
    assert {name for name in used if snake_name(name, "operation") == name} <= RESERVED_METHODS


@pytest.mark.parametrize("base", [Operations, ApiClient])
def test_no_method_is_called_like_what_its_bases_have(base: type) -> None:
    assert {name for name in dir(base) if not name.startswith("_")} <= RESERVED_METHODS


@of_each_package
def test_no_operation_is_called_like_what_its_module_imports(package: Path) -> None:
    used = {*VALUES, *(name for tree in trees(package, "operations") for name in imported(tree))}
    assert {name for name in used if const_name(name, "OPERATION") == name} <= RESERVED_CONSTANTS


@of_each_package
def test_no_parameter_is_called_like_what_its_method_takes_or_mentions(package: Path) -> None:
    methods = list(functions(trees(package, "operations")))
    passed = {
        word.arg
        for method in methods
        for node in ast.walk(method)
        if isinstance(node, ast.Call)
        for word in node.keywords
        if word.arg
    }
    own = {name for method in methods for name in mentioned(method.body)} - {
        argument.arg for method in methods for argument in (*method.args.args[1:], *method.args.kwonlyargs)
    }
    assert passed | {name for name in own if snake_name(name, "parameter") == name} <= RESERVED_PARAMETERS
