"""Every Python that is promised and found on this machine runs the client: run, stream, job, upload, search, with warnings as errors."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest

from typedrun_codegen.snapshot import bundled_snapshot
from typedrun_sandbox.server import Sandbox

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
VERSIONS = [
    line.rpartition(" ")[2]
    for line in PROJECT["classifiers"]
    if line.startswith("Programming Language :: Python :: 3.")
]
PROGRAM = """
import sys
from aixplain_models import Aixplain, ParameterError

with Aixplain() as aix:
    gpt = aix.models.openai.gpt_5_4
    assert gpt.run(text="Hello", temperature=0.2).status == "SUCCESS"
    assert gpt.run_stream(text="Hello").final().data
    assert gpt.run_async(text="Hello").wait().completed
    assert aix.models.groq.whisper_large.run(source_audio=b"RIFF....WAVE", sourcelanguage="en").completed
    assert aix.Model.search("gpt", page_size=2).results
    assert repr(gpt.params) and gpt._repr_html_()
    try:
        gpt.run(temprature=1)
    except ParameterError as error:
        assert "did you mean 'temperature'" in str(error)
print(".".join(map(str, sys.version_info[:2])))
"""


def interpreter(version: str) -> str | None:
    """A Python of that version which starts: of the path, or of pyenv."""
    homes = sorted(
        (Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions").glob(f"{version}.*/bin/python")
    )
    for candidate in (sys.executable, shutil.which(f"python{version}"), *map(str, homes)):
        if candidate is None:
            continue
        told = subprocess.run(
            [candidate, "-c", "import sys; print(sys.version_info[:2])"], capture_output=True, text=True, check=False
        )
        if told.stdout.strip() == f"({version.replace('.', ', ')})":
            return candidate
    return None


def test_the_versions_are_those_that_are_required() -> None:
    assert PROJECT["requires-python"] == f">={VERSIONS[0]}"


@pytest.mark.parametrize("version", VERSIONS)
def test_the_client_runs(version: str, tmp_path: Path) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(f"there is no Python {version} on this machine")
    # Only what a client's user has, and those three are pure Python: no environment has to be made for each version.
    for name in ("attr", "attrs", "cattr", "cattrs", "urllib3", "typing_extensions.py"):
        source = Path(sysconfig.get_path("purelib")) / name
        if source.exists():
            (tmp_path / name).symlink_to(source)
    with Sandbox(bundled_snapshot()) as sandbox:
        ran = subprocess.run(
            [
                python,
                "-I",
                "-W",
                "error",
                "-c",
                f"import sys; sys.path[:0] = {[str(ROOT / 'runtime'), str(ROOT / 'generated'), str(tmp_path)]!r}\n{PROGRAM}",
            ],
            env={
                "TEAM_API_KEY": sandbox.api_key,
                "BACKEND_URL": sandbox.backend_url,
                "MODELS_RUN_URL": sandbox.model_url,
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    assert (ran.returncode, ran.stdout.strip()) == (0, version), ran.stderr
