"""A program frozen by PyInstaller, with the hook that the wheel ships: its first request, models met by name, and what it carries."""

import shutil
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

from typedrun_sandbox.server import Sandbox

ROOT = Path(__file__).parents[1]
CASE = ROOT / "tests" / "golden" / "models-functions"

PROGRAM = """
from importlib.util import find_spec

from package import Aixplain

with Aixplain() as aix:
    print(aix.models.acme.poet.run(text="Hello").status)
    print("".join(chunk.data for chunk in aix.models.acme.writer.run(text="Hello", stream=True)) != "")
    print(*(model.name for model in aix.models.by_function("text-generation")))
    print(*(name for name in {others} if find_spec(name)))
"""

OTHERS = ["mcp", "mcp_types", "pydantic", "anyio", "starlette", "typedrun_codegen", "jinja2", "typer"]
"""What is installed here, and serves agents or generates: this program does neither."""


NOT_NEEDED = ("aiohttp", "asyncio", "cryptography", "rich", "yarl")
"""What others than this program would carry for good reason: PyInstaller would follow it for as long again."""

PYINSTALLER = "import gc, sys; gc.disable(); from PyInstaller.__main__ import run; run(sys.argv[1:])"
"""Its command, without the search for garbage among the syntax trees of all modules."""


def hook_folders() -> list[str]:
    """What the entry point of the project names, read where it is declared: an installation may be older."""
    points = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["pyinstaller40"]
    module, _, function = points["hook-dirs"].partition(":")
    found: list[str] = getattr(import_module(module), function)()
    return found


def freeze(folder: Path) -> Path:
    """The program, frozen; its executable."""
    (folder / "program.py").write_text(PROGRAM.format(others=OTHERS))
    shutil.copytree(CASE / "package", folder / "package")
    excluded = [f"--exclude-module={name}" for name in NOT_NEEDED]
    command = [sys.executable, "-c", PYINSTALLER, "--noconfirm", "--log-level=ERROR", *excluded]
    places = [f"--{name}path={folder / name}" for name in ("dist", "work", "spec")]
    paths = [f"--paths={path}" for path in (folder, ROOT / "runtime")]
    hooks = [f"--additional-hooks-dir={path}" for path in hook_folders()]
    done = subprocess.run(
        [*command, *places, *paths, *hooks, "program.py"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder / "dist" / "program" / "program"


def test_a_frozen_programs_first_request_works(tmp_path: Path) -> None:
    program = freeze(tmp_path)
    with Sandbox(CASE / "catalog") as sandbox:
        places = {"BACKEND_URL": sandbox.backend_url, "MODELS_RUN_URL": sandbox.model_url}
        done = subprocess.run(
            [program], env={"TEAM_API_KEY": sandbox.api_key, **places}, capture_output=True, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (0, "")
    status, has_streamed, names, others = done.stdout.splitlines()
    assert (status, has_streamed) == ("SUCCESS", "True")
    assert {"Poet", "Writer"} <= set(names.split())
    assert others == ""
