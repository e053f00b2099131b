"""README.md followed as a person would: a fresh clone, one shell, every command block typed in order, Python in its place.

One thing is taken over: the environment. A stamp says that `.venv` is made, and `.venv` is one that sees this test's packages and the
clone's own sources; making it takes minutes and a network.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
SOURCES = ("runtime", "codegen", "generated", "sandbox")


def typed_lines(page: str) -> Iterator[str]:
    """What a person types: the commands of console blocks, and Python blocks, as one program in `python`."""
    program = ""
    for token in MarkdownIt().parse(page):
        if token.type != "fence":
            continue
        if token.info == "python":
            program += token.content
            continue
        if program:
            yield f"python -W error - <<'END' || exit 9\n{program}END"
            program = ""
        if token.info == "console":
            yield from (f"{line[2:]} || exit 9" for line in token.content.splitlines() if line.startswith("$ "))


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of what is here, changes that are not committed included."""
    copy = tmp_path / "typedrun"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run(["git", "init", "--quiet"], cwd=copy, check=True)
    return copy


def make_environment(clone: Path) -> None:
    venv.create(clone / ".venv", symlinks=True, with_pip=False)
    packages = next((clone / ".venv" / "lib").iterdir()) / "site-packages"
    paths = [*(str(clone / source) for source in SOURCES), sysconfig.get_path("purelib")]
    (packages / "clone.pth").write_text("\n".join(paths) + "\n", encoding="utf-8")
    for name, module in {"typedrun": "typedrun_codegen", "pip": "pip"}.items():
        script = clone / ".venv" / "bin" / name
        script.write_text(f'#!/bin/sh\nexec "{clone}/.venv/bin/python" -m {module} "$@"\n', encoding="utf-8")
        script.chmod(0o755)
    for stamp in (".installed", ".tools", ".node"):
        (clone / ".venv" / stamp).touch()


def test_every_command_of_the_readme_works_in_a_fresh_clone(clone: Path, tmp_path: Path) -> None:
    make_environment(clone)
    lines = list(typed_lines((ROOT / "README.md").read_text("utf-8")))
    assert {f"{line} || exit 9" for line in ("make demo", "make shell", "typedrun check", "pip install .")} <= set(
        lines
    )
    script = "".join(f'echo ">>> {index} $TYPEDRUN_SANDBOX_PID"\n{line}\n' for index, line in enumerate(lines))
    told = type_in_a_shell(script, clone, tmp_path)
    assert f">>> {len(lines) - 1} " in told, told
    assert "temprature" in told  # the wrong call is refused, and says why
    assert "is what its snapshot gives" in told
    assert (tmp_path / "installed" / "aixplain_models").is_dir()


def type_in_a_shell(script: str, clone: Path, tmp_path: Path) -> str:
    """What the shell says; it must come to the end, and leaves no sandbox behind."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "pip").symlink_to(clone / ".venv" / "bin" / "pip")  # that of a person's own environment
    unset = ("TEAM_API_KEY", "AIXPLAIN_API_KEY", "BACKEND_URL", "MODELS_RUN_URL", "VIRTUAL_ENV", "TYPEDRUN_SANDBOX_PID")
    path = [part for part in os.environ["PATH"].split(os.pathsep) if not part.startswith(sys.prefix)]
    environment = {name: value for name, value in os.environ.items() if name not in unset} | {
        "SHELL": "/bin/bash",
        "PATH": os.pathsep.join([str(tmp_path / "bin"), *path]),
        # pip builds the wheel from the clone and puts it aside, without asking a registry for dependencies.
        "PIP_NO_INDEX": "1",
        "PIP_NO_DEPS": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip reads this one the other way round
        "PIP_NO_COMPILE": "0",  # and this one: nothing there is imported
        "PIP_TARGET": str(tmp_path / "installed"),
        "PIP_UPGRADE": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    ran = subprocess.run(
        ["bash"], cwd=clone, input=script, env=environment, capture_output=True, text=True, timeout=280, check=False
    )
    started = set(re.findall(r">>> \d+ (\d+)", ran.stdout)) if ran.returncode else ()  # else the README has ended it
    for number in started:
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(number), signal.SIGTERM)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


def test_a_first_look_installs_no_checkers(tmp_path: Path) -> None:
    """They are four times as large as what runs."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "pyproject.toml").touch()
    for target in ("demo", "generate", "check", "shell"):
        made = subprocess.run(["make", "--dry-run", target], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert "--editable" in made.stdout
        assert "--group" not in made.stdout
