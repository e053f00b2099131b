"""Small catalogs written by a test → a package, as text, on disk or imported."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.warm import proofs_begun_anew as proofs_begun_anew  # for all tests below this folder
from tests.warm import warm_proofs as warm_proofs
from typedrun_codegen.ir.settings import Config
from typedrun_codegen.package.build import Built, build_package
from typedrun_codegen.package.manifest import read_manifest
from typedrun_codegen.package.writer import write_tree

ROOT = Path(__file__).resolve().parents[2]
MODEL_ID = "0123456789abcdef01234567"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden-update", action="store_true", help="rewrite the expected output under tests/golden")


@pytest.fixture
def golden_update(request: pytest.FixtureRequest) -> bool:
    """Is the expected output to be rewritten?"""
    return bool(request.config.getoption("--golden-update", default=False))


class Workshop:
    """A directory in which one catalog becomes one package."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.config = Config(root=root, snapshot=root / "catalog.json", package="made", output=root)

    @staticmethod
    def model(name: str = "Echo", params: object = None, **more: object) -> dict[str, object]:
        """A model object with the few members that every test needs."""
        return {
            "id": MODEL_ID,
            "name": name,
            "function": {"id": "text-generation"},
            "vendor": {"id": 1, "name": "Acme", "code": "acme"},
            "supportsStreaming": False,
            "params": [] if params is None else params,
            **more,
        }

    @staticmethod
    def param(name: str, data_type: object = "text", sub_type: object = "text", **more: object) -> dict[str, object]:
        """A parameter object."""
        return {"name": name, "dataType": data_type, "dataSubType": sub_type, **more}

    def signature(self, *params: object, **more: object) -> dict[str, str]:
        """Argument → annotation and default of `run`, as the module of a model with these parameters says them."""
        built = self.build([self.model(params=list(params)) | more])
        function = find_run(built.files["models/acme/echo.py"])
        arguments = function.args
        texts = {
            argument.arg: ast.unparse(argument.annotation or ast.Constant(None)) for argument in arguments.kwonlyargs
        }
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            texts[argument.arg] += "" if default is None else f" = {ast.unparse(default)}"
        return texts

    def write(self, models: Sequence[object]) -> None:
        """Replaces the catalog."""
        (self.root / "catalog.json").write_text(json.dumps(list(models)), encoding="utf-8")

    def build(self, models: Sequence[object]) -> Built:
        """The package of these models, as text."""
        self.write(models)
        return build_package(self.config)

    def generate(self, models: Sequence[object]) -> Built:
        """The package of these models, on disk."""
        built = self.build(models)
        write_tree(self.config.package_dir, built.files, read_manifest(self.config.package_dir).files)
        return built

    def python(self, code: str) -> str:
        """What a program prints that can import the package."""
        path = [str(self.root), str(ROOT / "runtime")]
        command = [sys.executable, "-W", "error", "-c", f"import sys; sys.path[:0] = {path!r}\n{code}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.root)
        assert done.returncode == 0, done.stderr
        return done.stdout


def find_run(source: str) -> ast.FunctionDef:
    """The declared `run` of a model module (the last of that name, after its overloads)."""
    tree = ast.parse(source)
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "run"][-1]


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """An empty workshop."""
    return Workshop(tmp_path)
