"""The published `aixplain` package, against which ours is compared."""

from __future__ import annotations

import os
import subprocess
import tempfile
import venv
from pathlib import Path

import pytest

PUBLISHED = "aixplain==0.2.48"


@pytest.fixture(scope="session")
def reference_python() -> str:
    """The interpreter of an environment that holds the published package."""
    given = os.environ.get("TYPEDRUN_REFERENCE_PYTHON")
    if given:
        return given
    home = Path(tempfile.gettempdir()) / f"typedrun-reference-{PUBLISHED.rpartition('=')[2]}"
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not (home / "complete").exists():
        venv.create(home, clear=True, with_pip=True)
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", PUBLISHED]
        installed = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
        if installed.returncode != 0:
            pytest.skip(
                f"{PUBLISHED} cannot be installed, so there is nothing to compare with: {installed.stderr[-300:]}"
            )
        (home / "complete").touch()
    return str(python)
