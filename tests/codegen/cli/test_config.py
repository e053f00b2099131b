"""Options, environment and configuration file, put together."""

from pathlib import Path
from typing import Any

import pytest

from typedrun_codegen.cli.config import load_config, load_configs
from typedrun_codegen.ir.problems import UsageProblem
from typedrun_codegen.ir.settings import Config, Select, Typing
from typedrun_codegen.snapshot import bundled_schema, bundled_snapshot

TABLE = """
[tool.typedrun]
backend = "aixplain"
schema = "api.yaml"
snapshot = "catalog"
package = "my_models"
output = "src"

[tool.typedrun.select]
models = ["openai/gpt-5.4/openai"]
functions = ["translation"]
"""


def load(directory: Path, environment: dict[str, str] | None = None, **options: Any) -> Config:
    return load_config(directory=directory, environment=environment or {}, **options)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(TABLE)
    (tmp_path / "deep" / "er").mkdir(parents=True)
    return tmp_path


def test_paths_are_relative_to_the_file_that_names_them(project: Path) -> None:
    config = load(project / "deep" / "er")
    assert (config.root, config.file) == (project, project / "pyproject.toml")
    assert (config.schema, config.snapshot) == (project / "api.yaml", project / "catalog")
    assert config.package_dir == project / "src" / "my_models"
    assert config.select == Select(models=("openai/gpt-5.4/openai",), words={"functions": ("translation",)})


def test_what_the_checkers_are_told_is_a_table_of_its_own(project: Path) -> None:
    assert load(project).typing == Typing(pinned=(), mypy_tree=500)
    with (project / "pyproject.toml").open("a") as file:
        file.write('\n[tool.typedrun.typing]\npinned = ["openai/gpt-5.4/openai"]\nmypy_tree = 0\n')
    assert load(project).typing == Typing(pinned=("openai/gpt-5.4/openai",), mypy_tree=0)
    assert load(project, snapshot=Path("another")).typing == Typing(pinned=(), mypy_tree=0)


def test_options_win_over_environment_and_environment_over_file(project: Path) -> None:
    environment = {"TYPEDRUN_SNAPSHOT": "from-environment", "TYPEDRUN_PACKAGE": "environment_package"}
    assert load(project, environment).snapshot == project / "from-environment"
    assert load(project, environment).package == "environment_package"
    config = load(project, environment, snapshot=Path("from-option"), package="option_package")
    assert (config.snapshot, config.package) == (project / "from-option", "option_package")


def test_an_empty_variable_counts_as_unset(project: Path) -> None:
    assert load(project, {"TYPEDRUN_SNAPSHOT": ""}).snapshot == project / "catalog"


def test_options_are_relative_to_the_current_directory(project: Path) -> None:
    assert load(project / "deep", output=Path("here")).output == project / "deep" / "here"


def test_typedrun_toml_comes_first_and_needs_no_table(project: Path) -> None:
    (project / "typedrun.toml").write_text('snapshot = "other"\n')
    assert load(project).snapshot == project / "other"


def test_a_pyproject_of_someone_else_is_passed_by(project: Path) -> None:
    (project / "deep" / "pyproject.toml").write_text('[project]\nname = "not about typedrun"\n')
    (project / "deep" / "er" / "pyproject.toml").write_text("broken = [")
    assert load(project / "deep" / "er").file == project / "pyproject.toml"


def test_without_a_file_the_bundled_documents_are_read(tmp_path: Path) -> None:
    config = load(tmp_path)
    assert (config.file, config.snapshot, config.schema) == (None, bundled_snapshot(), bundled_schema())
    assert config.output == tmp_path / "generated"


def test_schema_and_package_without_a_snapshot_are_a_package_of_the_schema_alone(project: Path) -> None:
    config = load(project, schema=Path("x.yaml"), package="x_api")
    assert (config.snapshot, config.schema) == (None, project / "x.yaml")
    assert load(project, schema=Path("x.yaml")).snapshot == project / "catalog"


def test_a_file_with_a_schema_alone_has_no_snapshot(tmp_path: Path) -> None:
    (tmp_path / "typedrun.toml").write_text('schema = "api.yaml"\n')
    assert load(tmp_path).snapshot is None


@pytest.mark.parametrize(
    ("text", "pointer", "next_step"),
    [
        ('snapshto = "x"', "/snapshto", "did you mean 'snapshot'?"),
        ("snapshot = 3", "/snapshot", 'write snapshot = "…"'),
        ('backend = "elsewhere"', "/backend", "this version knows aixplain"),
        ('package = "my-models"', "/package", "use letters, digits and underscores"),
        ('package = "class"', "/package", "use letters"),
        ("[select]\nmodel = []", "/select/model", "did you mean 'models'?"),
        ("[select]\nmodels = [1]", "/select/models", 'write models = ["…", "…"]'),
        ("select = 1", "/select", "write [tool.typedrun.select]"),
        ("[typing]\npin = []", "/typing/pin", "did you mean 'pinned'?"),
        ('[typing]\npinned = "x"', "/typing/pinned", 'write pinned = ["…", "…"]'),
        (f"[typing]\npinned = {['x'] * 101}", "/typing/pinned", "import the classes of further models"),
        ('[typing]\nmypy_tree = "all"', "/typing/mypy_tree", "write a number of models"),
        ("[typing]\nmypy_tree = -1", "/typing/mypy_tree", "write a number of models"),
        ("[typing]\nmypy_tree = true", "/typing/mypy_tree", "write a number of models"),
        ("typing = 1", "/typing", "write [tool.typedrun.typing]"),
        ("snapshot = [", "", "correct that line"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_place(text: str, pointer: str, next_step: str, tmp_path: Path) -> None:
    (tmp_path / "typedrun.toml").write_text(text)
    with pytest.raises(UsageProblem) as refused:
        load(tmp_path)
    problem = refused.value.problem
    assert problem.location.pointer == pointer
    assert problem.location.file == str(tmp_path / "typedrun.toml")
    assert problem.next_step.startswith(next_step)


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem) as refused:
        load(tmp_path, explicit=Path("nope.toml"))
    assert "typedrun init" in refused.value.problem.next_step


SEVERAL = """
[[tool.typedrun]]
snapshot = "first"

[tool.typedrun.typing]
mypy_tree = 7

[[tool.typedrun]]
backend = "fal"
snapshot = "second"
package = "second_models"
"""


@pytest.fixture
def several(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(SEVERAL)
    return tmp_path


def test_a_project_may_have_several_packages(several: Path) -> None:
    first, second = load_configs(directory=several, environment={})
    assert (first.backend, first.snapshot, first.typing.mypy_tree) == ("aixplain", several / "first", 7)
    assert (second.backend, second.package, second.snapshot) == ("fal", "second_models", several / "second")
    assert second.schema is None
    assert second.typing == Typing()


def test_an_option_says_which_package_is_meant(several: Path) -> None:
    assert load(several).snapshot == several / "first"
    (meant,) = load_configs(directory=several, environment={}, package="second_models")
    assert (meant.backend, meant.snapshot) == ("fal", several / "second")
    assert [one.output for one in load_configs(directory=several, environment={}, output=Path("src"))] == [
        several / "src"
    ] * 2
