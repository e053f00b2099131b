"""Environments that hold published packages, to compare ours with: made once below the system's temporary directory."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import pytest

NEWEST = (3, 13)
"""The newest Python in which every one of them can be imported: the oldest of them needs pydantic's first interface."""


def published_python(requirement: str, variable: str) -> str:
    """The interpreter of an environment that holds a published package; the test is skipped where there can be none.

    Args:
        requirement: the package and its version, `name==version`.
        variable: environment variable that names another interpreter.
    """
    given = os.environ.get(variable)
    if given:
        return given
    if sys.version_info[:2] > NEWEST:
        pytest.skip(
            f"{requirement} needs Python {NEWEST[0]}.{NEWEST[1]} or older; name one that has it with {variable}"
        )
    name, _, version = requirement.partition("==")
    home = (
        Path(tempfile.gettempdir())
        / f"typedrun-published-{name}-{version}-py{sys.version_info[0]}{sys.version_info[1]}"
    )
    if not home.exists():
        made = home.with_name(f"{home.name}-{os.getpid()}")  # several processes of one suite may want it at once
        _make(made, requirement)
        try:
            made.rename(home)
        except OSError:  # another was quicker
            shutil.rmtree(made)
    return str(_python_of(home))


def _make(home: Path, requirement: str) -> None:
    venv.create(home, clear=True, with_pip=True)
    command = [str(_python_of(home)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", requirement]
    installed = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    if installed.returncode != 0:
        shutil.rmtree(home)
        pytest.skip(
            f"{requirement} cannot be installed, so there is nothing to compare with: {installed.stderr[-300:]}"
        )


def _python_of(home: Path) -> Path:
    return home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
