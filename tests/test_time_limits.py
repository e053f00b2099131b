"""A test that hangs says where and fails, and those after it run: what `pyproject.toml` sets for each of them."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

TESTS = """
import threading
def test_that_hangs():
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()  # nobody gives it back
def test_after_it():
    pass
"""


def test_every_test_has_a_limit_before_which_it_is_told_where_it_is(pytestconfig: pytest.Config) -> None:
    told, ended = (float(pytestconfig.getini(name)) for name in ("faulthandler_timeout", "timeout"))
    assert 60 <= told < ended <= 300  # not below what a busy machine takes, and no run of minutes for one that hangs
    assert pytestconfig.pluginmanager.hasplugin("timeout")


def test_a_test_that_hangs_fails_at_its_line_and_the_next_one_runs(tmp_path: Path) -> None:
    (tmp_path / "test_two.py").write_text(TESTS, encoding="utf-8")
    # As all tests are run, but for the seconds; plugins and options are those of pyproject.toml.
    shorter = ("-o", "timeout=1", "-o", "faulthandler_timeout=0.5", "-p", "no:cacheprovider", "-p", "no:xdist")
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "pytest",
        "-c",
        ROOT / "pyproject.toml",
        "--rootdir",
        tmp_path,
        *shorter,
        tmp_path,
    ]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False)
    assert ran.returncode == pytest.ExitCode.TESTS_FAILED, ran.stdout + ran.stderr
    assert "1 failed, 1 passed" in ran.stdout
    assert "test_two.py::test_that_hangs - Failed: Timeout" in ran.stdout
    assert 'test_two.py", line 6 in test_that_hangs' in ran.stderr  # what faulthandler tells, while it still hangs
