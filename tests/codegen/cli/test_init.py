"""Writing the configuration."""

import tomllib
from pathlib import Path

import pytest

from typedrun_codegen.cli.config import load_config, load_configs
from typedrun_codegen.cli.init import init
from typedrun_codegen.ir.problems import UsageProblem
from typedrun_codegen.marketplaces import shipped_snapshot

PYPROJECT = """\
# ours
[project]
name = "x"   # keep this

[tool.ruff]
line-length = 100
"""


def test_a_pyproject_gets_a_table_and_keeps_everything_else(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    done = init(tmp_path)
    text = (tmp_path / "pyproject.toml").read_text()
    assert done.file == tmp_path / "pyproject.toml"
    assert text.startswith(PYPROJECT)
    assert tomllib.loads(text)["tool"]["typedrun"] == {
        "backend": "aixplain",
        "schema": "schemas/aixplain/openapi.yaml",
        "snapshot": "schemas/aixplain/catalog",
        "package": "aixplain_models",
        "output": "generated",
    }


def test_without_a_pyproject_there_is_a_typedrun_toml(tmp_path: Path) -> None:
    done = init(tmp_path, package="my_models", output=Path("src"))
    assert done.file == tmp_path / "typedrun.toml"
    config = load_config(directory=tmp_path, environment={})
    assert (config.package, config.output, config.file) == ("my_models", tmp_path / "src", done.file)


def test_what_init_wrote_is_what_the_commands_read(tmp_path: Path) -> None:
    init(tmp_path)
    config = load_config(directory=tmp_path, environment={})
    assert config.schema
    assert config.schema.is_file(), "the API schema that ships with typedrun is copied"
    assert config.snapshot == tmp_path / "schemas" / "aixplain" / "catalog"


def test_an_existing_schema_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text("ours")
    assert init(tmp_path, schema=Path("api.yaml")).schema is None
    assert (tmp_path / "api.yaml").read_text() == "ours"


def test_paths_are_written_relative_to_the_file(tmp_path: Path) -> None:
    init(tmp_path, file=Path("conf/typedrun.toml"), snapshot=Path("conf/catalog"), output=Path("conf"))
    config = load_config(tmp_path / "conf" / "typedrun.toml", environment={}, directory=tmp_path)
    assert (config.snapshot, config.output) == (tmp_path / "conf" / "catalog", tmp_path / "conf")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("[tool.typedrun]\n", "typedrun is configured here already"),
        ("broken = [", "the configuration file is not TOML"),
    ],
)
def test_a_file_that_cannot_be_added_to_is_left_alone(text: str, title: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(UsageProblem) as refused:
        init(tmp_path)
    assert refused.value.problem.title == title
    assert (tmp_path / "pyproject.toml").read_text() == text
    assert [path.name for path in tmp_path.iterdir()] == ["pyproject.toml"]


def test_a_package_name_that_cannot_be_imported_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem):
        init(tmp_path, package="my-models")
    assert list(tmp_path.iterdir()) == []


def test_a_marketplace_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem) as refused:
        init(tmp_path, marketplace="aixplane")
    assert refused.value.problem.next_step.startswith("did you mean 'aixplain'? this version knows aixplain")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "words"), [("replicate", {"collections": ["official"]}), ("fal", {"status": ["active"]})]
)
def test_another_marketplace_needs_no_schema_and_selects_what_can_be_pulled(
    name: str, words: dict[str, list[str]], tmp_path: Path
) -> None:
    done = init(tmp_path, marketplace=name)
    assert done.schema is None
    assert tomllib.loads(done.file.read_text())["tool"]["typedrun"] == {
        "backend": name,
        "snapshot": f"schemas/{name}/catalog",
        "package": f"{name}_models",
        "output": "generated",
        "select": words,
    }
    config = load_config(directory=tmp_path, environment={})
    assert (config.backend, config.schema, config.select.words) == (name, None, {k: tuple(v) for k, v in words.items()})


def test_a_further_marketplace_stands_beside_the_one_that_is_configured(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(f'{PYPROJECT}\n[tool.typedrun]\noutput = "src"  # ours\n')
    init(tmp_path, marketplace="fal")
    done = init(tmp_path, marketplace="replicate")
    text = done.file.read_text()
    assert text.startswith(f'{PYPROJECT}\n[[tool.typedrun]]\noutput = "src"  # ours\n')
    configs = load_configs(directory=tmp_path, environment={})
    assert [config.package for config in configs] == ["aixplain_models", "fal_models", "replicate_models"]
    assert [config.output.name for config in configs] == ["src", "generated", "generated"]
    assert configs[1].select.words == {"status": ("active",)}
    with pytest.raises(UsageProblem) as refused:
        init(tmp_path, marketplace="fal")
    assert (refused.value.problem.location.pointer, refused.value.problem.found) == ("/tool/typedrun/1", "fal_models")
    assert done.file.read_text() == text


@pytest.mark.parametrize(
    ("name", "text", "before"),
    [
        pytest.param("typedrun.toml", "", [], id="empty"),
        pytest.param("typedrun.toml", '[tool.typedrun]\noutput = "src"\n', ["aixplain_models"], id="configured"),
        pytest.param("pyproject.toml", '[project]\nname = "x"\n', [], id="a project without tools"),
    ],
)
def test_a_file_that_is_there_is_added_to(name: str, text: str, before: list[str], tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    done = init(tmp_path, marketplace="fal")
    packages = [config.package for config in load_configs(directory=tmp_path, environment={})]
    assert (done.file, packages) == (tmp_path / name, [*before, "fal_models"])


def test_a_schema_that_is_named_is_not_copied_where_none_is_shipped(tmp_path: Path) -> None:
    done = init(tmp_path, marketplace="fal", schema=Path("api.yaml"))
    assert (done.schema, load_config(directory=tmp_path, environment={}).schema) == (None, tmp_path / "api.yaml")
    assert [path.name for path in tmp_path.iterdir()] == ["typedrun.toml"]


def test_settings_without_a_table_are_not_hidden_by_one(tmp_path: Path) -> None:
    (tmp_path / "typedrun.toml").write_text('backend = "aixplain"\n')
    with pytest.raises(UsageProblem) as refused:
        init(tmp_path, marketplace="fal")
    assert refused.value.problem.next_step.startswith("write [tool.typedrun] above them")


def test_a_snapshot_that_is_named_takes_the_marketplace_of_its_manifest(tmp_path: Path) -> None:
    init(tmp_path)
    config = load_config(directory=tmp_path, environment={}, snapshot=shipped_snapshot("fal"))
    assert (config.backend, config.package, config.schema) == ("fal", "fal_models", None)
