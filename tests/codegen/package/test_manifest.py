"""The package's manifest: what it locks comes back, and one that cannot be read stops the generation."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve

from tests.codegen.conftest import MODEL_ID, Workshop
from typedrun_codegen.ir.problems import UsageProblem
from typedrun_codegen.package.manifest import Manifest, read_manifest
from typedrun_codegen.plans.lock import Names


def test_what_is_written_is_read(tmp_path: Path) -> None:
    manifest = Manifest(
        names=Names(suppliers={"acme": "acme"}, parameters={"1": {"from": "from_"}}, members={"Function": {"x": "X"}}),
        inputs={"catalog": "ab"},
        tools={"typedrun": "0.1"},
        files={"__init__.py": "cd"},
    )
    (tmp_path / "manifest.json").write_text(manifest.text())
    assert read_manifest(tmp_path) == manifest


def test_no_manifest_locks_nothing(tmp_path: Path) -> None:
    assert read_manifest(tmp_path) == Manifest()


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 99}', "<<<<<<< HEAD"])
def test_an_unreadable_manifest_stops_the_generation(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(UsageProblem, match="it locks the published names"):
        read_manifest(tmp_path)


def test_locked_names_survive_a_namesake(workshop: Workshop) -> None:
    first = workshop.model("GPT 5.4", id=f"{9:024x}")
    workshop.generate([first])
    built = workshop.generate([workshop.model("gpt-5.4", id=f"{1:024x}", host="Other"), first])
    assert built.manifest.names.models == {
        f"{9:024x}": "acme.gpt_5_4.Gpt54",
        f"{1:024x}": "acme.gpt_5_4_other.Gpt54Other",
    }


def test_a_model_that_comes_back_has_its_old_name(workshop: Workshop) -> None:
    one, two = (workshop.model("Echo", id=f"{n:024x}", host="Other") for n in (1, 2))
    before = workshop.generate([one, two]).manifest.names.models
    workshop.generate([two])
    assert workshop.generate([one, two]).manifest.names.models == before


def test_a_locked_name_that_is_no_name_is_not_read(tmp_path: Path) -> None:
    locked = {"#/components/schemas/A": "A): import os", "#/components/schemas/B": "B", "#/components/schemas/C": "_C"}
    (tmp_path / "manifest.json").write_text(Manifest(names=Names(schemas=locked)).text())
    assert read_manifest(tmp_path).names.schemas == {"#/components/schemas/B": "B"}


@pytest.mark.parametrize(
    ("table", "key", "name"),
    [
        pytest.param("suppliers", "acme", "a b", id="supplier"),
        pytest.param("models", MODEL_ID, "echo", id="no place of a model"),
        pytest.param("models", MODEL_ID, "acme.echo.class", id="keyword"),
        pytest.param("protocols", "text-generation", "1st", id="protocol"),
    ],
)
def test_a_locked_name_that_someone_made_none_is_given_anew(
    workshop: Workshop, table: str, key: str, name: str
) -> None:
    models = [workshop.model()]
    before = workshop.generate(models)
    locked = before.manifest.names
    edited = evolve(before.manifest, names=evolve(locked, **{table: {**getattr(locked, table), key: name}}))
    (workshop.config.package_dir / "manifest.json").write_text(edited.text())
    assert workshop.build(models).files == before.files


def test_a_locked_name_of_a_parameter_never_becomes_code(workshop: Workshop) -> None:
    models = [workshop.model(params=[workshop.param("text")])]
    before = workshop.generate(models)
    edited = evolve(before.manifest, names=Names(parameters={MODEL_ID: {"text": "x=print(1)"}}))
    (workshop.config.package_dir / "manifest.json").write_text(edited.text())
    module = "models/acme/echo.py"
    assert workshop.build(models).files[module] == before.files[module]
