"""What earlier runs found out saves work, counted here, and never changes a byte."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import evolve

import typedrun
from tests.codegen.conftest import Workshop
from typedrun_codegen.cli.app import main
from typedrun_codegen.ir.problems import Location, Problem
from typedrun_codegen.ir.settings import Config
from typedrun_codegen.package import build, guard
from typedrun_codegen.package.check import check_package
from typedrun_codegen.package.publish import publish
from typedrun_codegen.package.shelf import SHELF
from typedrun_codegen.package.state import STATE
from typedrun_codegen.plans.models import plan_model
from typedrun_codegen.readers import second
from typedrun_codegen.readers.second import Opinion

COUNT = 12


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many models are planned, and how many modules examined, in this process."""
    counted = Counter[str]()

    def counting(name: str, function: Callable[..., object]) -> Callable[..., object]:
        def counted_function(*arguments: object) -> object:
            counted[name] += 1
            return function(*arguments)

        return counted_function

    monkeypatch.setattr(build, "plan_model", counting("planned", plan_model))
    monkeypatch.setattr(guard, "_check", counting("examined", guard._check))
    return counted


def catalog(workshop: Workshop, *, description: str = "") -> list[dict[str, object]]:
    options = [{"value": letter, "label": letter} for letter in "abc"]
    params = [workshop.param("text", required=True), workshop.param("mode", "label", "label", availableOptions=options)]
    models = [workshop.model(f"Echo {n}", params=params, id=f"{n:024x}") for n in range(COUNT)]
    return [{**models[0], "description": description}, *models[1:]]


@pytest.fixture
def published(workshop: Workshop, work: Counter[str]) -> Workshop:
    workshop.write(catalog(workshop))
    publish(workshop.config)
    assert work["planned"] == COUNT
    work.clear()
    return workshop


def tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def fresh(workshop: Workshop) -> dict[str, bytes]:
    """The package as a first run gives it elsewhere, with the same names."""
    elsewhere = workshop.root / "elsewhere"
    shutil.rmtree(elsewhere, ignore_errors=True)
    package = elsewhere / "made"
    package.mkdir(parents=True)
    shutil.copy(workshop.config.package_dir / "manifest.json", package)
    publish(evolve(workshop.config, output=elsewhere))
    return tree(package)


def test_of_one_changed_model_one_is_made(published: Workshop, work: Counter[str]) -> None:
    published.write(catalog(published, description="Says it again."))
    written = publish(published.config).report.written
    assert work["planned"] == 1
    assert written == ("aio/models/acme/echo_0.py", "manifest.json", "models/acme/echo_0.py")
    assert tree(published.config.package_dir) == fresh(published)


def test_a_check_examines_no_text_twice(published: Workshop, work: Counter[str]) -> None:
    assert check_package(published.config).is_clean
    assert (work["planned"], work["examined"]) == (0, 0)
    for name in (SHELF, STATE):
        (published.config.package_dir / name).unlink()
    assert check_package(published.config).is_clean
    first = Counter(work)
    assert check_package(published.config).is_clean
    assert first["planned"] == COUNT
    assert first["examined"] > COUNT
    assert work == first


@pytest.mark.parametrize("shelf", ["", "[]", "{}", '{"generator": 5}', "\ud800", "made", "pairs", "other"])
def test_a_damaged_shelf_is_ignored(published: Workshop, work: Counter[str], shelf: str) -> None:
    path = published.config.package_dir / SHELF
    known = json.loads(path.read_text())
    odd = {
        "made": {**known, "made": 5},
        "pairs": {**known, "made": {each: [1] for each in known["made"]}},
        "other": {**known, "generator": "another's"},
    }
    path.write_text(json.dumps(odd[shelf]) if shelf in odd else shelf, errors="surrogatepass")
    published.write(catalog(published, description="Says it again."))
    publish(published.config)
    assert work["planned"] == COUNT
    assert tree(published.config.package_dir) == fresh(published)


def test_a_module_that_someone_edited_is_made_again(published: Workshop, work: Counter[str]) -> None:
    edited = published.config.package_dir / "models/acme/echo_3.py"
    edited.write_text(edited.read_text() + "print()\n")
    done = check_package(published.config)
    assert [*done.files()] == [("edited", "models/acme/echo_3.py")]
    publish(published.config)
    assert work["planned"] == 2
    assert tree(published.config.package_dir) == fresh(published)


def test_names_that_a_module_uses_count_as_its_inputs(published: Workshop, work: Counter[str]) -> None:
    manifest = published.config.package_dir / "manifest.json"
    value = json.loads(manifest.read_text())
    value["names"]["options"] = dict.fromkeys(value["names"]["options"], "Tone")
    manifest.write_text(json.dumps(value))
    publish(published.config)
    assert work["planned"] == COUNT
    assert "Tone" in (published.config.package_dir / "models/acme/echo_0.py").read_text()
    assert tree(published.config.package_dir) == fresh(published)


def test_what_the_enumerations_say_of_a_model_counts_too(workshop: Workshop, work: Counter[str]) -> None:
    snapshot = workshop.root / "snapshot"
    (snapshot / "models").mkdir(parents=True)
    for model in catalog(workshop):
        (snapshot / "models" / f"{model['id']}.json").write_text(json.dumps(model))
    workshop.config = evolve(workshop.config, snapshot=snapshot)
    for output in ("text", "label", "audio"):
        row = {"id": "text-generation", "name": f"Makes {output}", "output": [{"code": "data", "dataType": output}]}
        (snapshot / "functions.json").write_text(json.dumps([row]))
        work.clear()
        publish(workshop.config)
        assert work["planned"] == COUNT
        assert tree(workshop.config.package_dir) == fresh(workshop)


def test_an_api_schema_is_read_by_the_second_parser_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until it changes; what the two made of it differently is told every time."""
    read: list[str] = []
    schema = tmp_path / "api.json"
    config = Config(root=tmp_path, schema=schema, package="made", output=tmp_path)

    def second_opinion(path: Path, label: str) -> Opinion:
        read.append(path.read_text())
        return Opinion((Problem("read otherwise", Location(label), found=str(len(read)), next_step="look"),), 1, ())

    monkeypatch.setattr(second, "second_opinion", second_opinion)
    for version, found in (("1", "1"), ("1", "1"), ("2", "2"), ("2", "2")):
        thing = {"type": "object", "properties": {f"member{version}": {"type": "string"}}}
        info = {"title": "T", "version": version}
        schema.write_text(
            json.dumps({"openapi": "3.1.0", "info": info, "paths": {}, "components": {"schemas": {"A": thing}}})
        )
        publish(config)
        assert [problem.found for problem in check_package(config).problems] == [found]
    assert len(read) == 2
    assert [problem.found for problem in check_package(config, cache=False).problems] == ["3"]


def test_no_cache_makes_and_examines_everything(published: Workshop, work: Counter[str]) -> None:
    where = [f"--snapshot={published.config.snapshot}", f"--output={published.root}", "--package=made"]
    for command, examined in (("generate", 0), ("check", COUNT)):
        work.clear()
        with pytest.raises(SystemExit) as ended:
            main([command, "--no-cache", "--quiet", *where])
        assert ended.value.code == 0
        assert work["planned"] == COUNT
        assert work["examined"] >= examined


def test_a_change_anywhere_in_the_runtime_is_another_generator(tmp_path: Path) -> None:
    """The generator reads tables there, some of them in the folder of a marketplace."""
    runtime = tmp_path / "typedrun"
    shutil.copytree(Path(typedrun.__file__).parent, runtime, ignore=shutil.ignore_patterns("__pycache__"))
    command = [
        sys.executable,
        "-c",
        "from typedrun_codegen.package.shelf import hash_generator; print(hash_generator())",
    ]

    def hashed() -> str:
        environment = os.environ | {"PYTHONPATH": str(tmp_path)}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    before = hashed()
    assert hashed() == before
    table = runtime / "marketplaces/aixplain/enums.py"
    table.write_text(table.read_text() + "\n# another table\n")
    assert hashed() != before
