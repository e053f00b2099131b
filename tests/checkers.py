"""mypy as the tests run it, with one cache of all workers: what it learns of the runtime and of the standard library serves every later run."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest


class Mypy:
    """Its own rule, by content, says what in the cache still holds; whoever writes to it does so alone."""

    def __init__(self, cache: Path) -> None:
        self._cache = cache

    def run(self, *options: str, folder: Path, sources: Sequence[Path] = ()) -> subprocess.CompletedProcess[str]:
        """As `mypy` with these options would in `folder`, with modules found in `sources`."""
        path = os.pathsep.join(map(str, sources))
        environment = os.environ | {"MYPYPATH": path, "MYPY_CACHE_DIR": str(self._cache)}
        command = [sys.executable, "-m", "mypy", *options]
        self._cache.mkdir(exist_ok=True)
        with (self._cache / "alone").open("w") as alone:
            fcntl.flock(alone, fcntl.LOCK_EX)
            return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def mypy(tmp_path_factory: pytest.TempPathFactory) -> Mypy:
    """For tests that ask it about files."""
    own = tmp_path_factory.getbasetemp()
    return Mypy((own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "mypy")
