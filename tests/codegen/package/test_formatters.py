"""Generated files and the formatters of their users: two marks keep them away, and without the marks they would find nothing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MARKS = "# ruff: noqa\n# fmt: off\n"
PACKAGES = [
    "generated/aixplain_models",
    *sorted(path.parent.relative_to(ROOT).as_posix() for path in ROOT.glob("tests/golden/*/*/__init__.py")),
]


def ruff(*arguments: str, cwd: Path) -> None:
    command = [sys.executable, "-m", "ruff", *arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def modules(package: str) -> list[Path]:
    found = [path for path in (ROOT / package).rglob("*.py") if path.read_text("utf-8")]
    assert found
    return found


def test_every_kind_of_package_is_looked_at() -> None:
    assert len(PACKAGES) == 1 + len(list(ROOT.glob("tests/golden/*")))


@pytest.mark.parametrize("package", PACKAGES)
def test_the_defaults_of_a_users_linter_and_formatter_leave_it_alone(package: str) -> None:
    ruff("check", "--isolated", "--no-cache", package, cwd=ROOT)
    ruff("format", "--isolated", "--no-cache", "--check", package, cwd=ROOT)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_has_the_marks_in_its_header(package: str) -> None:
    assert [path for path in modules(package) if MARKS not in path.read_text("utf-8")] == []


def test_without_the_marks_our_own_gates_find_nothing(tmp_path: Path) -> None:
    """What makes the marks a courtesy, not a cover."""
    (tmp_path / "runtime").symlink_to(ROOT / "runtime")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        for path in modules(package):
            copy = tmp_path / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(path.read_text("utf-8").replace(MARKS, ""), encoding="utf-8")
    ruff("check", "--no-cache", "generated", "tests", cwd=tmp_path)
    ruff("format", "--no-cache", "--check", "generated", "tests", cwd=tmp_path)
