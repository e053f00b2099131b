"""Putting a package on disk: what is written, what is removed, what a killed run leaves."""

import json
import shutil
import signal
import time
from pathlib import Path

import pytest
from attrs import evolve

from tests.slowly import Slowly
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.settings import Config, Typing
from typedrun_codegen.package.check import check_package
from typedrun_codegen.package.publish import publish
from typedrun_codegen.snapshots.store import snapshot_files


def model(number: int, **fields: JSON) -> dict[str, JSON]:
    return {
        "id": f"{number:024x}",
        "name": f"Model {number}",
        "path": f"acme/model-{number}/acme",
        "function": {"id": "translation", "name": "Translation"},
        "vendor": {"id": 1, "name": "Acme", "code": "acme"},
        "params": [{"name": "text", "required": True, "dataType": "text", "dataSubType": "text"}],
        **fields,
    }


def project(root: Path, *models: dict[str, JSON]) -> Config:
    catalog = root / "catalog"
    for old in (catalog / "models").glob("*.json"):
        old.unlink()
    for path, data in snapshot_files(models, {"functions": {"items": []}}).items():
        (catalog / path).parent.mkdir(parents=True, exist_ok=True)
        (catalog / path).write_bytes(data)
    return Config(root=root, snapshot=catalog, package="acme_models", output=root)


def tree(root: Path) -> dict[str, bytes]:
    files = (path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def test_the_first_run_writes_and_the_second_writes_nothing(tmp_path: Path) -> None:
    config = project(tmp_path, model(1), model(2))
    first = publish(config)
    assert first.counts["models"] == 2
    assert set(first.report.written) == set(tree(config.package_dir))
    times = {path: path.stat().st_mtime_ns for path in config.package_dir.rglob("*")}
    second = publish(config)
    assert (second.report.written, second.report.removed) == ((), ())
    assert {path: path.stat().st_mtime_ns for path in config.package_dir.rglob("*")} == times


def test_a_new_model_leaves_the_files_of_others_alone(tmp_path: Path) -> None:
    publish(project(tmp_path, model(1), model(2)))
    done = publish(project(tmp_path, model(0), model(1), model(2)))
    assert "models/acme/model_0.py" in done.report.written
    assert not {"models/acme/model_1.py", "models/acme/model_2.py"} & set(done.report.written)


def test_a_vanished_models_file_is_removed_and_other_files_stay(tmp_path: Path) -> None:
    config = project(tmp_path, model(1), model(2))
    publish(config)
    ours = config.package_dir / "models" / "acme" / "helpers.py"
    ours.write_text("# ours\n")
    done = publish(project(tmp_path, model(2)))
    assert done.report.removed == ("aio/models/acme/model_1.py", "models/acme/model_1.py")
    assert ours.read_text() == "# ours\n"


def test_a_manifest_that_was_tampered_with_removes_nothing_elsewhere(tmp_path: Path) -> None:
    config = project(tmp_path, model(1))
    publish(config)
    precious = tmp_path / "precious.txt"
    precious.write_text("keep")
    manifest = config.package_dir / "manifest.json"
    value = json.loads(manifest.read_text())
    value["files"] |= {"../precious.txt": "0", str(precious): "0"}
    manifest.write_text(json.dumps(value))
    publish(config)
    assert precious.read_text() == "keep"


def test_the_summary_counts_what_was_done(tmp_path: Path) -> None:
    done = publish(project(tmp_path, model(1), model(2, params="no list")))
    assert ": 1 model · 1 supplier · " in done.summary()
    assert "1 warning" in done.summary()
    assert f"{len(done.report.written)} written, 0 unchanged, 0 removed" in done.summary()


@pytest.fixture(scope="module")
def of_10_models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a package that was never another."""
    config = project(tmp_path_factory.mktemp("fresh"), *(model(n) for n in range(MODELS - 10, MODELS)))
    publish(config)
    return tree(config.package_dir)


def _configured(root: Path) -> Path:
    (root / "typedrun.toml").write_text('snapshot = "catalog"\noutput = "."\npackage = "acme_models"\n')
    return root


def test_a_catalog_too_large_for_mypy_is_said_every_time(tmp_path: Path) -> None:
    config = evolve(project(tmp_path, model(1)), typing=Typing(mypy_tree=0))
    first, second = publish(config), publish(config)
    assert "mypy: more than 0 models" in first.summary()
    assert "acme_models.models.<supplier>" in second.summary()
    assert publish(evolve(config, typing=Typing(mypy_tree=1))).report.written  # another setting, another package


# --- Ctrl-C and SIGTERM at any moment, with real processes: the old package or the new one, never a mixture

SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143}
MODELS = 20


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose package is written."""
    root = tmp_path_factory.mktemp("before")
    publish(project(root, *(model(n) for n in range(MODELS))))
    return root


def to_be_changed(root: Path, written: Path) -> Config:
    """A package on disk, and a snapshot that gives another: models gone, renamed and new."""
    shutil.copytree(written, root, dirs_exist_ok=True)
    config = project(
        root, *(model(n, name=f"Renamed {n}", description="new") for n in range(MODELS // 2, MODELS * 3 // 2))
    )
    _configured(root)
    return config


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory, written: Path) -> dict[str, dict[str, bytes]]:
    """The package before and after."""
    root = tmp_path_factory.mktemp("expected")
    config = to_be_changed(root, written)
    old = tree(config.package_dir)
    publish(config)
    return {"as it was": old, "the new one": tree(config.package_dir)}


def interrupted(root: Path, number: signal.Signals, seconds: float, phase: str) -> tuple[int | None, str]:
    """Exit code and words of a generation that is sent a signal so long after the package is first touched."""
    package = root / "acme_models"
    running = Slowly(root, phase)
    until = time.monotonic() + 60
    manifest = (package / "manifest.json").stat().st_ino
    while running.goes_on and time.monotonic() < until:
        begun = list(package.glob("models/*/.*.new")) if phase == "drafts" else None
        if begun or (begun is None and (package / "manifest.json").stat().st_ino != manifest):
            break
        time.sleep(0.002)
    time.sleep(seconds)
    running.send(number)
    return running.end()


@pytest.mark.parametrize("moment", range(6))
def test_kill_9_in_the_middle_is_completed_by_the_next_run(
    moment: int, tmp_path: Path, written: Path, of_10_models: dict[str, bytes]
) -> None:
    config = to_be_changed(tmp_path, written)
    before = (config.package_dir / "manifest.json").read_bytes()
    running = Slowly(tmp_path, "renames")
    until = time.monotonic() + 60
    while (config.package_dir / "manifest.json").read_bytes() == before:  # the run has begun to write
        assert running.goes_on
        assert time.monotonic() < until
        time.sleep(0.002)
    time.sleep(moment * 0.05)
    running.send(signal.SIGKILL)
    assert running.end()[0] == -signal.SIGKILL  # it was not done yet
    config = project(tmp_path, *(model(n) for n in range(MODELS - 10, MODELS)))  # and the backend changed once more
    publish(config)
    assert check_package(config).is_clean, list(check_package(config).files())
    assert set(tree(config.package_dir)) == set(of_10_models)


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize(
    ("phase", "seconds"),
    [("drafts", 0.0), ("drafts", 0.05), ("drafts", 0.15), ("renames", 0.0), ("renames", 0.1), ("renames", 0.3)],
)
def test_a_signal_leaves_the_old_package_or_the_new_one_and_the_message_says_which(
    phase: str,
    seconds: float,
    number: signal.Signals,
    tmp_path: Path,
    written: Path,
    trees: dict[str, dict[str, bytes]],
) -> None:
    config = to_be_changed(tmp_path, written)
    code, said = interrupted(tmp_path, number, seconds, phase)
    found = tree(config.package_dir)
    assert "Traceback" not in said
    if code in (0, -number):  # it was done before the signal came, and Python perhaps about to end
        assert found == trees["the new one"]
        return
    assert code == SIGNALS[number], said
    (word,) = [word for word in trees if f"interrupted: the package is {word}" in said]
    assert found == trees[word], f"said {word}"
    assert not list(config.package_dir.rglob("*.new"))
    publish(config)
    assert check_package(config).is_clean


def test_a_signal_before_anything_is_written_leaves_the_old_package(
    tmp_path: Path, written: Path, trees: dict[str, dict[str, bytes]]
) -> None:
    config = to_be_changed(tmp_path, written)
    running = Slowly(tmp_path, "renames")
    time.sleep(0.1)
    running.send(signal.SIGINT)
    code, said = running.end()
    assert code == 130
    assert "Traceback" not in said
    assert tree(config.package_dir) == trees["the new one" if "is the new one" in said else "as it was"]


def test_a_package_that_was_never_there_is_not_there_after_an_interrupt(tmp_path: Path, written: Path) -> None:
    to_be_changed(tmp_path, written)
    fresh = tmp_path / "elsewhere"
    (tmp_path / "typedrun.toml").write_text('snapshot = "catalog"\noutput = "elsewhere"\npackage = "acme_models"\n')
    running = Slowly(tmp_path, "drafts", pause=0.02)
    until = time.monotonic() + 60
    while not list(fresh.rglob("*.new")) and time.monotonic() < until:
        time.sleep(0.002)
    running.send(signal.SIGTERM)
    code, said = running.end()
    assert (code, "the package is as it was" in said) == (143, True), said
    assert not (fresh / "acme_models").exists()
