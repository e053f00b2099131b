"""Small catalogs and the packages they must give, compared as trees both ways; `--golden-update` rewrites the packages."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checkers import Mypy
from tests.pyright_again import Pyright
from typedrun_codegen.ir.settings import Config
from typedrun_codegen.marketplaces import MARKETPLACES, marketplace
from typedrun_codegen.marketplaces.protocol import Marketplace
from typedrun_codegen.package.build import Built, build_package
from typedrun_codegen.package.guard import find_foreign_code

GOLDEN = Path(__file__).parents[2] / "golden"
ROOT = GOLDEN.parents[1]
CASES = sorted(path.name for path in GOLDEN.glob("models-*"))


def market(case: str) -> Marketplace:
    """The marketplace that a case is called by, else the first."""
    name = case.removeprefix("models-")
    return marketplace(name if name in MARKETPLACES else "")


def config(case: str, output: Path, package: str = "package") -> Config:
    folder = GOLDEN / case
    return Config(root=folder, backend=market(case).name, snapshot=folder / "catalog", package=package, output=output)


def build(case: str, output: Path) -> Built:
    """The package of a case, with no earlier one to keep names from."""
    return build_package(config(case, output))


def tree(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def report(built: Built) -> str:
    return "".join(f"{problem.block()}\n\n" for problem in built.problems)


@pytest.mark.parametrize("case", CASES)
def test_a_catalog_gives_the_expected_package(case: str, tmp_path: Path, golden_update: bool) -> None:
    built = build(case, tmp_path)
    expected = GOLDEN / case / "package"
    if golden_update:
        shutil.rmtree(expected, ignore_errors=True)
        for path, text in built.files.items():
            (expected / path).parent.mkdir(parents=True, exist_ok=True)
            (expected / path).write_text(text, encoding="utf-8", newline="\n")
        (GOLDEN / case / "problems.txt").write_text(report(built), encoding="utf-8")
    assert tree(expected) == dict(built.files)
    assert (GOLDEN / case / "problems.txt").read_text(encoding="utf-8") == report(built)


@pytest.mark.parametrize("case", CASES)
def test_the_expected_package_declares_and_does_nothing_else(case: str) -> None:
    files = {path: text for path, text in tree(GOLDEN / case / "package").items() if path.endswith(".py")}
    assert find_foreign_code(files, "package") == ()


@pytest.mark.parametrize("case", CASES)
def test_the_expected_package_imports_and_every_model_is_reachable(case: str) -> None:
    client = market(case).client
    code = (
        "import package, package.functions, package.options, package.enums, package.catalog\n"
        f"aix = package.{client}(api_key='k')\n"
        "assert len(list(aix.models)) == len(aix.models)\n"
        "assert all(aix.models[model.id] is model and model.inputs is not None for model in aix.models)\n"
        f"awaited = package.Async{client}(api_key='k')\n"
        "assert {model.id for model in awaited.models} == {model.id for model in aix.models}\n"
        "assert all(type(model).__name__ == 'Async' + type(aix.models[model.id]).__name__ for model in awaited.models)\n"
    )
    path = [str(GOLDEN / case), str(ROOT / "runtime")]
    command = [sys.executable, "-B", "-W", "error", "-c", f"import sys; sys.path[:0] = {path!r}\n{code}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_expected_packages_pass_both_type_checkers(tmp_path: Path, mypy: Mypy, pyright: Pyright) -> None:
    """Under names of their own, in one run of each checker."""
    names: list[str] = []
    for case in CASES:
        name = case.replace("-", "_")
        built = build_package(config(case, tmp_path, name))
        for path, text in built.files.items():
            (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / path).write_text(text, encoding="utf-8")
        names.append(name)
    (tmp_path / "pyrightconfig.json").write_text(
        f'{{"include": ["."], "extraPaths": ["{ROOT / "runtime"}"], "typeCheckingMode": "strict", "pythonVersion": "3.11"}}'
    )
    (tmp_path / "mypy.ini").write_text(f"[mypy]\nstrict = True\nmypy_path = {ROOT / 'runtime'}:{tmp_path}\n")
    packages = [argument for name in names for argument in ("-p", name)]
    done = mypy.run("--config-file", "mypy.ini", *packages, folder=tmp_path)
    assert done.returncode == 0, done.stdout
    done = pyright.run("--pythonpath", sys.executable, "-p", str(tmp_path), folder=tmp_path)
    assert done.returncode == 0, done.stdout
