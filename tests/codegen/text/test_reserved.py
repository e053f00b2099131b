"""The list of reserved names against what rendered modules really import and define."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from typedrun_codegen.marketplaces import MARKETPLACES
from typedrun_codegen.plans.naming import RESERVED_MODELS, RESERVED_SUPPLIERS
from typedrun_codegen.text.names import portable, snake_name
from typedrun_codegen.text.reserved import RESERVED

ROOT = Path(__file__).parents[3]
PACKAGES = (ROOT / "generated/aixplain_models", *sorted((ROOT / "tests/golden").glob("models-*/package")))
OF_THE_PACKAGE = frozenset({"catalog", "client", "functions", "models", "options", "api"})
"""Modules of a package whose own names come from the catalog."""


def bound(tree: ast.Module) -> Iterator[str]:
    """Names that a module imports from the runtime or the standard library."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            parts = node.module.split(".")
            if parts[0] in {"package", "aixplain_models"} and (parts[1:2] or ["options"])[0] in OF_THE_PACKAGE:
                continue
            yield from (alias.asname or alias.name for alias in node.names)


def defined(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.parent.name)
def test_every_name_that_modules_beside_the_catalogs_names_use_is_reserved(package: Path) -> None:
    shared = [package / "functions.py", package / "options.py", package / "catalog.py", *package.glob("models/**/*.py")]
    used = {name for path in shared for name in bound(ast.parse(path.read_text(encoding="utf-8")))}
    controls = {
        marketplace.vocabulary.controls for marketplace in MARKETPLACES.values()
    }  # reserved in its own packages
    assert used - RESERVED - controls == set()


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.parent.name)
def test_every_name_that_the_packages_own_modules_define_is_reserved(package: Path) -> None:
    own = [package / "catalog.py", package / "client.py", *package.glob("_*.py"), *package.glob("models/_*.py")]
    names = {name for path in own if path.is_file() for name in defined(ast.parse(path.read_text(encoding="utf-8")))}
    clients = {
        marketplace.client for marketplace in MARKETPLACES.values()
    }  # alone in their module with what is reserved
    assert {name for name in names if not name.startswith("__")} - RESERVED - clients == set()


@pytest.mark.parametrize("text", ["con", "NUL", "aux", "com1", "LPT9", "CONIN$"])
def test_no_module_is_called_like_a_device_of_windows(text: str) -> None:
    assert portable(snake_name(text)) == f"{text.lower().rstrip('$')}_"


def used_in_classes(path: Path) -> set[str]:
    """Names in the bodies of a module's classes that an attribute, which is written small, could take from them."""
    classes = [node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.ClassDef)]
    used = {node.id for each in classes for part in each.body for node in ast.walk(part) if isinstance(node, ast.Name)}
    own = {
        part.target.id
        for each in classes
        for part in each.body
        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
    }
    return {name for name in used - own if name == name.lower() and not name.startswith("__")}


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.parent.name)
def test_no_supplier_or_model_takes_a_name_that_its_class_uses(package: Path) -> None:
    assert used_in_classes(package / "catalog.py") <= set(RESERVED_SUPPLIERS)
    for module in package.glob("models/*/__init__.py"):
        assert used_in_classes(module) <= set(RESERVED_MODELS)
