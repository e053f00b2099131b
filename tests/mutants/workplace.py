"""A copy of the tree in which tests run, with one file at a time another."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Final

from attrs import frozen

from tests.mutants.lines import KEPT, Covered, digest, digests, function_of, module_for, module_of
from tests.mutants.rooms import ROOT, SOURCES, Room, test_files_of, text_of
from tests.mutants.tokens import Mutant

COPIED: Final = (
    *SOURCES,
    "tests",
    "templates",
    "schemas",
    "docs",
    "examples",
    "pyproject.toml",
    "README.md",
    "Makefile",
)

PROPERTIES: Final = "--hypothesis-profile=many"
"""Option of pytest: of a property as many examples as notice a mutant in every run."""

PER_TEST: Final = 60
"""Seconds that a test may take; a mutant that hangs is noticed by that."""

PER_MUTANT: Final = 480.0
"""Seconds that all of them may take, for what hangs before or after a test; a busy machine needs many for few."""

FAILED: Final = re.compile(r"^(?:FAILED|ERROR) (.+)$", re.MULTILINE)
HANGS: Final = "(it hangs)"
BREAKS: Final = "(nothing runs)"


@frozen
class Verdict:
    """What became of a mutant."""

    noticed_by: str
    """The test, or how else; empty: by none."""
    tests: int
    """How many were asked at most."""


class Workplace:
    """A copy of the tree."""

    def __init__(self, folder: Path, origin: Path = ROOT) -> None:
        self.root = folder.resolve()
        self.asked = 0
        self.sound = set[str]()
        """Tests that passed here without a mutant."""
        self.unsound = set[str]()
        """Tests that failed here without one."""
        for name in COPIED:
            source = origin / name
            if source.is_dir():
                shutil.copytree(source, self.root / name, ignore=shutil.ignore_patterns("__pycache__", ".hypothesis"))
            elif source.exists():
                shutil.copy(source, self.root / name)
        self.environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(str(self.root / name) for name in SOURCES),
            "PYTHONDONTWRITEBYTECODE": "",  # compiled once, not for each mutant
        }

    def pytest(self, *arguments: str, seconds: float | None = None) -> subprocess.CompletedProcess[str]:
        """Run tests here.

        Raises:
            subprocess.TimeoutExpired: it took longer.
        """
        command = [sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider", *arguments]
        return subprocess.run(
            command, cwd=self.root, env=self.environment, capture_output=True, text=True, check=False, timeout=seconds
        )

    def cover(self, room: Room, *, is_known_enough: bool = False) -> Covered:
        """What the tests of a room execute; those of which it is not known run once, unless what is known is enough."""
        modules = {file: module_for(room, file) for file in test_files_of(room)}
        if is_known_enough:
            print(f"  asking {sum(map(bool, modules.values()))} of {len(modules)} test modules", flush=True)
        elif unknown := [file for file, module in modules.items() if module is None]:
            print(f"  running {len(unknown)} test modules to see which lines they execute", flush=True)
            (KEPT / "lines").mkdir(parents=True, exist_ok=True)
            self.environment |= {
                "MUTANTS_OUT": str(KEPT / "lines"),
                "MUTANTS_WHERE": ",".join(SOURCES[:3]),
                "COVERAGE_CORE": "ctrace",  # the only one that can tell tests apart
            }
            ran = self.pytest("-p", "tests.mutants.cover", "--timeout=30", *unknown)
            modules |= {file: module_for(room, file) for file in unknown}
            if not any(modules.values()):
                sys.exit(f"the room's tests did not run:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
        return Covered.of(filter(None, modules.values()))

    def judge(self, mutant: Mutant, tests: list[str], seconds: float = PER_MUTANT) -> Verdict:
        """Run tests with a mutant in place until one fails, or they hang; before it is called missed, all rows of the same functions."""
        noticed_by = self.noticing(mutant, tests, seconds, hangs=HANGS)
        if not noticed_by:
            with_rows = list(dict.fromkeys(function_of(test) for test in tests if test != function_of(test)))
            noticed_by = self.noticing(mutant, with_rows, seconds, hangs="")  # some have thousands
        return Verdict(noticed_by, len(tests))

    def noticing(self, mutant: Mutant, tests: list[str], seconds: float, *, hangs: str) -> str:
        """The first of the tests that fails with a mutant and passes without it.

        Args:
            mutant: What stands in the tree meanwhile.
            tests: Of those, the ones that fail without it are not counted.
            seconds: How long all may take.
            hangs: What to say when they take longer.
        """
        left = [test for test in tests if test not in self.unsound]
        while left:
            with self.mutated(mutant):
                ran = self.run(left, seconds)
            if (ran is None and not hangs) or (ran is not None and ran.returncode == 0):
                break
            first = ran and first_failed(ran.stdout, left)
            if self.are_sound([first] if first else left):
                return first or (BREAKS if ran else hangs)
            if not first:
                sys.exit(f"the tests do not run without a mutant:\n{chr(10).join(left)}")
            self.unsound.add(first)
            left.remove(first)
        return ""

    @contextlib.contextmanager
    def mutated(self, mutant: Mutant) -> Generator[None]:
        """The tree with a mutant in place."""
        path = self.root / mutant.file
        text, written = path.read_text(encoding="utf-8"), path.stat().st_mtime
        path.write_text(mutant.applied(text), encoding="utf-8")
        self.asked += 1
        os.utime(path, (written, written + self.asked))  # byte code knows its source by size and second
        try:
            yield
        finally:
            path.write_text(text, encoding="utf-8")
            os.utime(path, (written, written))

    def run(self, tests: list[str], seconds: float) -> subprocess.CompletedProcess[str] | None:
        """Run tests until one fails; None when they hang."""
        chosen = self.root / "mutants_tests.txt"
        chosen.write_text("\n".join(tests), encoding="utf-8")
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.pytest("-x", PROPERTIES, f"--timeout={PER_TEST}", f"@{chosen}", seconds=seconds)
        return None

    def are_sound(self, tests: list[str]) -> bool:
        """Whether tests pass without a mutant."""
        unknown = [test for test in tests if test not in self.sound]
        if unknown and ((ran := self.run(unknown, PER_MUTANT)) is None or ran.returncode != 0):
            return False
        self.sound.update(unknown)
        return True


def first_failed(told: str, tests: list[str]) -> str:
    """Which of the tests failed first, by what pytest tells; of a module that cannot be imported the first one. Empty: none that it names."""
    for found in FAILED.finditer(told):
        if named := [test for test in tests if found[1].startswith(test)]:
            return max(named, key=len)
        if named := [test for test in tests if found[1].partition(" - ")[0] == module_of(test)]:
            return named[0]
    return ""


# --- what is known from earlier runs


def _tree() -> str:
    """What the whole code and all tests say, in short."""
    tests = sorted((ROOT / "tests").rglob("test_*.py"))
    return digest(*digests().values(), *(path.read_text(encoding="utf-8") for path in tests))


def _key(mutant: Mutant) -> str:
    return digest(text_of(mutant.file), str(mutant))


class Verdicts:
    """Verdicts of earlier runs. That a test noticed stands while the test module and the mutant's file are the same; that none did, and
    what no test said, while the whole tree is."""

    def __init__(self) -> None:
        self.path = KEPT / "verdicts.jsonl"
        self.tree = _tree()
        self.known: dict[str, tuple[str, Verdict]] = {}
        for key, valid, noticed_by, tests in self._rows():
            self.known[key] = (valid, Verdict(noticed_by, tests))

    def _rows(self) -> Iterator[tuple[str, str, str, int]]:
        if self.path.exists():
            for row in self.path.read_text(encoding="utf-8").splitlines():
                key, valid, noticed_by, tests = json.loads(row)
                yield key, valid, noticed_by, tests

    def valid(self, verdict: Verdict) -> str:
        """For what a verdict is given."""
        test_file = module_of(verdict.noticed_by)
        return digest(text_of(test_file)) if (ROOT / test_file).is_file() else self.tree

    def get(self, mutant: Mutant) -> Verdict | None:
        """The verdict of an earlier run, if it still holds."""
        match self.known.get(_key(mutant)):
            case (valid, verdict) if valid == self.valid(verdict):
                return verdict
            case _:
                return None

    def add(self, mutant: Mutant, verdict: Verdict) -> None:
        """Keep a verdict."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as rows:
            rows.write(json.dumps([_key(mutant), self.valid(verdict), verdict.noticed_by, verdict.tests]) + "\n")
