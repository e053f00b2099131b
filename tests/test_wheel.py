"""The wheel, installed into empty environments: a working client alone, a working command with the extras."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Sequence
from importlib.metadata import distribution, distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.pyright_again import Pyright
from typedrun_codegen.ir.settings import Config
from typedrun_codegen.package.build import build_package

ROOT = Path(__file__).parents[1]

CLIENT = """
import sys
import sysconfig
from aixplain_models import Aixplain

with Aixplain() as aix:
    print(aix.models.openai.gpt_5_4.run(text="Hello").status)
assert not {"jinja2", "typer", "starlette", "datamodel_code_generator"} & set(sys.modules)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def test_wheel_holds_the_client_the_templates_and_the_snapshot_and_no_tests(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for wanted in (
        "typedrun/py.typed",
        "aixplain_models/py.typed",
        "aixplain_models/manifest.json",
        "typedrun_codegen/schemas/aixplain/openapi.yaml",
        "typedrun_codegen/schemas/aixplain/catalog/manifest.json",
        "typedrun_codegen/schemas/replicate/catalog/manifest.json",
        "typedrun_codegen/schemas/fal/catalog/manifest.json",
    ):
        assert wanted in names
    assert any(name.startswith("typedrun_codegen/templates/") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/", "examples/"))]


def install(folder: Path, requirement: str, *options: str) -> Path:
    """A new environment with `requirement`; its bin folder. The tests' own pip fills it."""
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    command = [sys.executable, "-m", "pip", f"--python={python}", "install", "--quiet", "--no-compile", *options]
    command += ["--disable-pip-version-check", requirement]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode != 0 and ("NewConnectionError" in ran.stderr or "Could not find a version" in ran.stderr):
        pytest.skip(f"the package registry cannot be reached, so {requirement} was not installed")
    assert ran.returncode == 0, ran.stderr
    return folder / "bin"


def lend(environment: Path, requirement: str) -> None:
    """Link what `requirement` (of something installed there) needs from the tests' own environment, and nothing else."""
    (packages,) = environment.glob("lib/*/site-packages")
    wanted, met = [Requirement(requirement)], set[tuple[str, str]]()
    while wanted:
        one = wanted.pop()
        (found,) = list(distributions(name=one.name, path=[str(packages)])) or [distribution(one.name)]
        for path in found.files or ():
            top = packages / path.parts[0]
            if path.parts[0] != ".." and not top.exists():
                top.symlink_to(Path(str(found.locate_file(path.parts[0]))))
        for extra in ("", *one.extras):
            if (one.name, extra) not in met:
                met.add((one.name, extra))
                needs = map(Requirement, found.requires or ())
                wanted += [need for need in needs if need.marker is None or need.marker.evaluate({"extra": extra})]


def run(command: Sequence[Path | str], cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, env=os.environ | environment, capture_output=True, text=True, check=False, timeout=120
    )


def test_client_alone_needs_three_packages_and_runs_a_model(wheel: Path, tmp_path: Path) -> None:
    from typedrun_codegen.snapshot import bundled_snapshot
    from typedrun_sandbox.server import Sandbox

    tools = install(tmp_path / "client", str(wheel))
    listing = "from importlib.metadata import distributions; print(*(each.name.lower() for each in distributions()))"
    installed = {*run([tools / "python", "-c", listing], tmp_path).stdout.split()}
    # typing_extensions is cattrs' own dependency.
    assert installed == {"typedrun", "attrs", "cattrs", "urllib3", "typing_extensions"}
    with Sandbox(bundled_snapshot()) as sandbox:
        ran = run(
            [tools / "python", "-W", "error", "-c", CLIENT],
            tmp_path,
            TEAM_API_KEY=sandbox.api_key,
            BACKEND_URL=sandbox.backend_url,
            MODELS_RUN_URL=sandbox.model_url,
        )
    assert ran.stdout.strip() == "SUCCESS", ran.stdout + ran.stderr
    without_extra = run([tools / "typedrun", "generate"], tmp_path)
    assert without_extra.returncode == 2
    assert "typedrun[codegen]" in without_extra.stderr
    assert "Traceback" not in without_extra.stderr


def test_command_generates_from_the_bundled_snapshot_outside_a_checkout(wheel: Path, tmp_path: Path) -> None:
    tools = install(tmp_path / "full", str(wheel), "--no-deps", "--no-index")
    lend(tmp_path / "full", "typedrun[codegen,sandbox]")
    schemas = run(
        [
            tools / "python",
            "-c",
            "from typedrun_codegen.snapshot import bundled_snapshot; print(bundled_snapshot())",
        ],
        tmp_path,
    ).stdout.strip()
    options = ["--snapshot", schemas, "--schema", str(Path(schemas).parent / "openapi.yaml")]
    generated = run(
        [tools / "typedrun", "generate", *options, "--package", "my_models", "--output", str(tmp_path)], tmp_path
    )
    assert generated.returncode in {0, 1}, generated.stdout + generated.stderr
    used = run([tools / "python", "-c", "import my_models; print(my_models.Aixplain.__name__)"], tmp_path)
    assert used.stdout.strip() == "Aixplain", used.stderr


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that holds the wheel, and what the tests' own holds behind it; its bin folder."""
    folder = tmp_path_factory.mktemp("unpacked")
    venv.create(folder, with_pip=False)
    (packages,) = folder.glob("lib/*/site-packages")
    zipfile.ZipFile(wheel).extractall(packages)
    thin(packages)
    (packages / "ours.pth").write_text(sysconfig.get_paths()["purelib"], encoding="utf-8")
    return folder / "bin"


def thin(packages: Path) -> None:
    """Every tenth of the models is as good as all of them, which are of the same templates, and takes a third of the time."""
    catalog = packages / "typedrun_codegen" / "schemas" / "aixplain" / "catalog"
    for number, file in enumerate(sorted((catalog / "models").iterdir())):
        if number % 10:
            file.unlink()
    schema = catalog.with_name("openapi.yaml")
    config = Config(root=packages, snapshot=catalog, schema=schema, package="aixplain_models", output=packages)
    for place in ("models", "aio/models"):
        shutil.rmtree(config.package_dir / place)
    for path, text in build_package(config).files.items():
        (config.package_dir / path).parent.mkdir(parents=True, exist_ok=True)
        (config.package_dir / path).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("package", ["typedrun", "typedrun_codegen", "typedrun_sandbox", "aixplain_models"])
def test_every_public_name_of_the_installed_package_has_a_known_type(
    package: str, unpacked: Path, pyright: Pyright
) -> None:
    # By PATH, because pyright looks for the package there and not in --pythonpath.
    path = f"{unpacked}{os.pathsep}{os.environ['PATH']}"
    found = pyright.run("--verifytypes", package, "--ignoreexternal", "--outputjson", folder=unpacked, PATH=path)
    said = json.loads(found.stdout)["typeCompleteness"]
    unknown = [symbol["name"] for symbol in said["symbols"] if symbol["isExported"] and not symbol["isTypeKnown"]]
    assert unknown == []
    assert said["completenessScore"] == 1
    assert said["exportedSymbolCounts"]["withKnownType"] > 100


CALL = """
import ssl
from typedrun.client import Client

class Fal(Client):
    marketplace = "fal"

with Fal() as fal:
    print(fal.Model.get("fal-ai/flux/dev").run(prompt="a fox").status)
"""


def test_the_sandboxes_of_other_marketplaces_serve_from_the_wheel(unpacked: Path, tmp_path: Path) -> None:
    """Their samples are in it, their generated packages are not."""
    command: list[Path | str] = [
        unpacked / "python",
        "-m",
        "typedrun_codegen",
        "sandbox",
        "--marketplace",
        "fal",
        "--tls",
        "--port",
        "0",
    ]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as serving:
        try:
            assert serving.stdout is not None
            said = [serving.stdout.readline() for _ in range(7)]
            exported = dict(line.removeprefix("export ").strip().split("=", 1) for line in said if "export " in line)
            assert exported["FAL_RUN_HOST"].startswith("127.0.0.1:")
            ran = run([unpacked / "python", "-c", CALL], tmp_path, **exported)
            assert ran.stdout.strip() == "SUCCESS", ran.stdout + ran.stderr
        finally:
            serving.terminate()
    missing = run([unpacked / "python", "-c", "import typedrun_codegen as found; print(found.__file__)"], tmp_path)
    assert str(unpacked.parent) in missing.stdout
