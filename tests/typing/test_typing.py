"""The example scripts beside this file: wrong use is flagged on its line with its rule, right use is silent.

A line that must be flagged ends in `# E: mypy[rule,…] pyright[rule,…]`; only line and rule count, not the checker's prose.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from tests.checkers import Mypy
from tests.pyright_again import Pyright

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SCRIPTS = sorted(path.name for path in HERE.glob("*.py") if not path.name.startswith("test_"))
SOURCES = [ROOT / room for room in ("runtime", "generated")]
EXPECTED = re.compile(r"# E: (.*)$")
RULES = re.compile(r"(\w+)\[([\w,-]+)\]")

Flags = dict[int, set[str]]


def expected(script: str, checker: str) -> Flags:
    found: Flags = {}
    for number, line in enumerate((HERE / script).read_text().splitlines(), 1):
        comment = EXPECTED.search(line)
        for name, rules in RULES.findall(comment[1]) if comment else ():
            if name == checker:
                found[number] = set(rules.split(","))
    return found


@pytest.fixture(scope="module")
def flagged_by_mypy(mypy: Mypy) -> dict[str, Flags]:
    options = ("--strict", "--no-error-summary", "--config-file=", "--output=json")
    done = mypy.run(*options, *SCRIPTS, folder=HERE, sources=SOURCES)
    assert done.returncode in (0, 1), done.stderr
    flags: dict[str, Flags] = defaultdict(lambda: defaultdict(set))
    for line in done.stdout.splitlines():
        found = json.loads(line)
        if found["severity"] == "error":
            flags[Path(found["file"]).name][found["line"]].add(found["code"])
    return flags


@pytest.fixture(scope="module")
def flagged_by_pyright(pyright: Pyright) -> dict[str, Flags]:
    done = pyright.run("--outputjson", "--pythonpath", sys.executable, "-p", str(HERE), folder=HERE)
    flags: dict[str, Flags] = defaultdict(lambda: defaultdict(set))
    for found in json.loads(done.stdout)["generalDiagnostics"]:
        flags[Path(found["file"]).name][found["range"]["start"]["line"] + 1].add(found.get("rule", "syntax"))
    return flags


@pytest.mark.parametrize("script", SCRIPTS)
def test_mypy_flags_the_wrong_lines_and_no_other(script: str, flagged_by_mypy: dict[str, Flags]) -> None:
    assert {line: set(rules) for line, rules in flagged_by_mypy[script].items()} == expected(script, "mypy")


@pytest.mark.parametrize("script", SCRIPTS)
def test_pyright_flags_the_wrong_lines_and_no_other(script: str, flagged_by_pyright: dict[str, Flags]) -> None:
    assert {line: set(rules) for line, rules in flagged_by_pyright[script].items()} == expected(script, "pyright")


def test_mypy_reads_no_http_library_for_a_users_script(tmp_path: Path) -> None:
    """It follows imports inside functions, too: urllib3 and what it needs would be a third of the files."""
    script = tmp_path / "script.py"
    script.write_text("from typedrun import Client\n\nClient().close()\n")
    command = [sys.executable, "-m", "mypy", "--verbose", "--config-file=", f"--cache-dir={tmp_path / 'cache'}", script]
    environment = {**os.environ, "MYPYPATH": ":".join(map(str, SOURCES))}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    read = set(re.findall(r"Parsing \S+ \(([\w.]+)\)", done.stderr))
    assert "typedrun.sending.driver" in read
    assert not {module.partition(".")[0] for module in read} & {"urllib3", "ssl", "http", "cattrs"}
