"""Drift: how the package on disk differs from what its snapshot gives."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import evolve

from tests.narrowing import of_path
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Location, Problem
from typedrun_codegen.ir.settings import Config
from typedrun_codegen.package.check import Checked, check_package
from typedrun_codegen.package.publish import publish
from typedrun_codegen.package.state import STATE
from typedrun_codegen.package.writer import Drift
from typedrun_codegen.snapshots.store import snapshot_files

MODEL: dict[str, JSON] = {
    "id": "a1",
    "name": "Lighthouse",
    "vendor": {"code": "acme"},
    "params": [{"name": "text", "dataType": "text", "required": True}],
}
FILE = "models/acme/lighthouse.py"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    for path, data in snapshot_files([MODEL], {"functions": []}).items():
        (tmp_path / "catalog" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "catalog" / path).write_bytes(data)
    config = Config(root=tmp_path, snapshot=tmp_path / "catalog", package="acme_models", output=tmp_path)
    publish(config)
    return config


def tree(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_package_that_was_just_generated_is_in_sync(config: Config) -> None:
    done = check_package(config)
    assert done.is_clean
    assert list(done.lines()) == []
    assert done.summary().endswith("acme_models is what its snapshot gives")


def edit(path: Path) -> None:
    path.write_text(path.read_text() + "# by hand\n")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(of_path(lambda root: edit(root / FILE)), [("edited", FILE)], id="edited"),
        pytest.param(of_path(lambda root: (root / FILE).unlink()), [("missing", FILE)], id="missing"),
        pytest.param(
            of_path(lambda root: (root / "more.py").write_text("x = 1\n")), [("extra", "more.py")], id="extra"
        ),
        pytest.param(of_path(lambda root: (root / FILE).write_text("")), [("edited", FILE)], id="emptied"),
    ],
)
def test_drift_is_named_and_nothing_is_written(
    change: Callable[[Path], object], expected: list[tuple[str, str]], config: Config
) -> None:
    change(config.package_dir)
    before = tree(config.root)
    done = check_package(config)
    assert list(done.files()) == expected
    assert not done.is_clean
    assert "next: typedrun generate" in done.summary()
    assert tree(config.root) == before


def test_a_changed_snapshot_makes_files_stale(config: Config) -> None:
    assert config.snapshot
    (file,) = (config.snapshot / "models").iterdir()
    file.write_text(json.dumps({**MODEL, "description": "Changed."}))
    kinds = {path: kind for kind, path in check_package(config).files()}
    assert kinds[FILE] == "stale"
    assert set(kinds.values()) == {"stale"}


def test_caches_of_tools_are_no_drift(config: Config) -> None:
    (config.package_dir / "__pycache__").mkdir(exist_ok=True)
    (config.package_dir / "__pycache__" / "x.pyc").write_bytes(b"")
    assert check_package(config).is_clean


def test_a_skipped_entry_is_no_drift(config: Config) -> None:
    assert config.snapshot
    (config.snapshot / "models" / "broken.json").write_text("{}")
    publish(config)
    done = check_package(config)
    assert done.is_clean
    assert [problem.title for problem in done.problems] == ["this model has no id"]


def test_foreign_code_is_no_clean_package() -> None:
    nothing = Drift(missing=(), stale=(), extra=(), edited=())
    foreign = (Problem("generated code holds something that no template writes", Location("p/m.py"), found="x"),)
    done = Checked(package="p", drift=nothing, problems=(), foreign=foreign)
    assert not done.is_clean
    assert done.summary() == "p: 1 place with foreign code"


def test_where_nothing_changed_nothing_is_built(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    def build(*_: object) -> None:
        raise AssertionError("it is built all the same")

    with monkeypatch.context() as patch:
        patch.setattr("typedrun_codegen.package.check.build_proven", build)
        assert check_package(config).is_clean
        (config.package_dir / "mine.py").write_text("x = 1\n")
        assert check_package(config).drift.extra == ("mine.py",)
    (config.package_dir / "mine.py").unlink()
    (config.package_dir / "client.py").write_text("x = 1\n")
    assert check_package(config).drift.edited == ("client.py",)


def test_without_the_other_parser_there_is_no_second_opinion(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema = tmp_path / "openapi.json"
    schema.write_text(
        '{"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {}, "components": {"schemas": {"A": {}}}}'
    )
    config = evolve(config, schema=schema, snapshot=None, package="acme_api")

    def found_nowhere(name: str) -> None: ...

    monkeypatch.setattr("typedrun_codegen.package.check.find_spec", found_nowhere)
    monkeypatch.setitem(sys.modules, "datamodel_code_generator", None)
    publish(config)
    (config.package_dir / STATE).unlink()
    assert check_package(config).is_clean
