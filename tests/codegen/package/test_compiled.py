"""Templates are compiled once for all runs, and what is kept of that never decides what is written."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

from typedrun_codegen.package.compiled import Compiled


class Counting(Environment):
    """Counts what it compiles."""

    compiled = 0

    def _generate(self, *given: object, **named: object) -> str:
        self.compiled += 1
        source: str = super()._generate(*given, **named)  # type: ignore[arg-type]  # passed on as they come
        return source


def written(folder: Path) -> tuple[str, int]:
    """What a new process would write, and how many templates it compiles."""
    environment = Counting(loader=FileSystemLoader(folder), bytecode_cache=Compiled(folder))  # no HTML
    return environment.get_template("one.jinja").render(name="x"), environment.compiled


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    (tmp_path / "one.jinja").write_text("first {{ name }}", "utf-8")
    return tmp_path


def test_a_template_is_compiled_once_for_all_runs(folder: Path) -> None:
    assert [written(folder), written(folder)] == [("first x", 1), ("first x", 0)]


def test_a_template_that_changed_is_compiled_again(folder: Path) -> None:
    written(folder)
    (folder / "one.jinja").write_text("second {{ name }}", "utf-8")
    assert written(folder) == ("second x", 1)


@pytest.mark.parametrize("damage", [b"", b"nothing of Jinja's", None], ids=["empty", "foreign", "cut short"])
def test_what_is_damaged_is_compiled_again(folder: Path, damage: bytes | None) -> None:
    written(folder)
    (kept,) = (folder / "__pycache__").iterdir()
    kept.write_bytes(kept.read_bytes()[:-40] if damage is None else damage)
    assert written(folder) == ("first x", 1)


def test_nothing_is_kept_where_python_keeps_no_byte_code(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert [written(folder), written(folder)] == [("first x", 1)] * 2
    assert [path.name for path in folder.iterdir()] == ["one.jinja"]


def test_a_folder_that_cannot_be_written_is_no_error(folder: Path) -> None:
    (folder / "__pycache__").write_text("a file", "utf-8")
    assert written(folder) == ("first x", 1)
