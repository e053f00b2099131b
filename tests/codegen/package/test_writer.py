"""Writing a tree: only what differs is touched, only what is ours is removed, and drift is told apart."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve

from typedrun_codegen.package.writer import Drift, digest, find_drift, write_tree

FILES = {"__init__.py": "a\n", "models/x.py": "é\n", "models/sub/y.py": "c\n"}
OWNED = {path: digest(text) for path, text in FILES.items()}


def test_a_first_run_writes_everything_and_a_second_nothing(tmp_path: Path) -> None:
    assert set(write_tree(tmp_path, FILES, {}).written) == set(FILES)
    again = write_tree(tmp_path, FILES, OWNED)
    assert (again.written, set(again.unchanged), again.removed) == ((), set(FILES), ())
    assert (tmp_path / "models/x.py").read_bytes() == "é\n".encode()


def test_what_we_no_longer_write_is_removed_and_what_is_not_ours_stays(tmp_path: Path) -> None:
    write_tree(tmp_path, FILES, {})
    (tmp_path / "models/sub/__pycache__").mkdir()
    (tmp_path / "models/sub/__pycache__/y.pyc").write_bytes(b"")
    (tmp_path / "models/notes.txt").write_text("mine")
    report = write_tree(tmp_path, {"__init__.py": "a\n"}, OWNED)
    assert report.removed == ("models/sub/y.py", "models/x.py")
    assert not (tmp_path / "models/sub").exists()
    assert (tmp_path / "models/notes.txt").exists()


def test_no_draft_is_left_behind(tmp_path: Path) -> None:
    write_tree(tmp_path, FILES, {})
    assert not list(tmp_path.rglob("*.new"))


def test_drift_tells_missing_stale_extra_and_edited_apart(tmp_path: Path) -> None:
    write_tree(tmp_path, FILES, {})
    (tmp_path / "__init__.py").unlink()
    (tmp_path / "models/x.py").write_text("edited by hand\n")
    (tmp_path / "extra.py").write_text("")
    drift = find_drift(tmp_path, {**FILES, "models/sub/y.py": "newer\n"}, OWNED)
    assert (drift.missing, drift.stale, drift.extra, drift.edited) == (
        ("__init__.py",),
        ("models/sub/y.py",),
        ("extra.py",),
        ("models/x.py",),
    )
    assert drift


@pytest.mark.parametrize("kind", ["missing", "stale", "extra", "edited"])
def test_one_file_of_any_kind_is_drift(kind: str) -> None:
    nothing = Drift(missing=(), stale=(), extra=(), edited=())
    assert not nothing
    assert evolve(nothing, **{kind: ("models/x.py",)})


def test_a_tree_that_says_what_it_should_has_no_drift(tmp_path: Path) -> None:
    write_tree(tmp_path, FILES, {})
    assert not find_drift(tmp_path, FILES, OWNED)
