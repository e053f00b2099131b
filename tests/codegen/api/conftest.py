"""Small documents written by a test → a package, as text or imported."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.narrowing import importable_from
from typedrun_codegen.package.api import ApiBuilt, build_api

_numbers = count()


class Maker:
    """Turns documents into packages under a directory of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def document(self, document: Any, name: str = "openapi.json") -> Path:
        """Writes a document; a mapping becomes JSON."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
        return path

    def build(self, document: Any, locked: dict[str, str] | None = None, **options: Any) -> ApiBuilt:
        """Builds a package from a document."""
        return build_api(
            self.document(document), locked or {}, package=options.pop("package", "made"), prefix="", **options
        )

    def package(self, document: Any, **options: Any) -> ModuleType:
        """Writes a package and imports it."""
        name = f"made_{next(_numbers)}"
        built = self.build(document, package=name, **options)
        for path, text in built.files.items():
            target = self.root / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        importlib.invalidate_caches()
        return importlib.import_module(name)

    def types(self, schemas: dict[str, Any], version: str = "3.1.0") -> Any:
        """The `types` package of a document that has nothing but schemas."""
        package = self.package(schemas_document(schemas, version))
        return importlib.import_module(f"{package.__name__}.types")


def schemas_document(schemas: dict[str, Any], version: str = "3.1.0") -> dict[str, Any]:
    """An OpenAPI document around component schemas."""
    return {
        "openapi": version,
        "info": {"title": "Test", "version": "1"},
        "paths": {},
        "components": {"schemas": schemas},
    }


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Maker]:
    """A workshop; what it imports is forgotten afterwards."""
    importable_from(tmp_path, monkeypatch)
    yield Maker(tmp_path)
    for name in [name for name in sys.modules if name.startswith("made_")]:
        del sys.modules[name]
