"""A plugin of pytest: writes for each test module which of its tests execute which lines, in whatever thread, and how long they take.

A module's file is written when its last test is over, so that what an interrupted run has learnt is kept. Tests that start a
checker, an installer or a command of ours are skipped: they take long, and what another process executes is not seen here.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Final, cast

import coverage
import pytest
from hypothesis import settings

from tests.mutants.lines import MOST_OF_A_FUNCTION, Module, digests, function_of, key_of, module_of

UNSEEN: Final = ("mypy", "pyright", "pip", "ruff", "bash", "typedrun")
"""Programs whose work is not seen."""


class Lines:
    """Follows a whole run, so that a server's thread that is older than a test is seen, too."""

    def __init__(self, out: Path, root: Path, places: list[str]) -> None:
        self.out = out
        self.root = root
        self.cover = coverage.Coverage(
            data_file=None, source=[str(root / place) for place in places], config_file=False
        )
        self.cover.start()
        self.seconds: dict[str, float] = {}
        self.failed: set[str] = set()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> Generator[None, object, object]:
        self.cover.switch_context(item.nodeid)
        began = time.perf_counter()
        try:
            return (yield)
        finally:
            self.seconds[item.nodeid] = time.perf_counter() - began
            self.cover.switch_context("")
            module = module_of(item.nodeid)
            if nextitem is None or module_of(nextitem.nodeid) != module:
                self.write(module)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed or report.skipped:  # with or without a mutant
            self.failed.add(report.nodeid)

    def write(self, module: str) -> None:
        """Write what a module's tests execute."""
        seconds = {
            test: round(seconds, 4)
            for test, seconds in self.seconds.items()
            if test.startswith(f"{module}::") and test not in self.failed
        }
        tests = sorted(seconds, key=lambda test: (seconds[test], test))
        places = {test: place for place, test in enumerate(tests)}
        data = self.cover.get_data()
        data.set_query_contexts([f"^{re.escape(module)}::"])
        lines: dict[str, dict[str, list[int]]] = {}
        for file in data.measured_files():
            executed = {
                str(line): [
                    places[test] for test in some(sorted(set(contexts) & places.keys(), key=places.__getitem__))
                ]
                for line, contexts in data.contexts_by_lineno(file).items()
            }
            if executed := {line: found for line, found in executed.items() if found}:
                lines[Path(file).relative_to(self.root).as_posix()] = executed
        known = Module(
            key=key_of(module),
            code=digests(),
            tests=tests,
            seconds=[seconds[test] for test in tests],
            lines=lines,
        )
        path = self.out / f"{module.replace('/', '.')}.json"
        path.write_text(json.dumps(known, separators=(",", ":")), encoding="utf-8")


def some(tests: Sequence[str]) -> Iterator[str]:
    """Of each function the first rows."""
    counted = Counter[str]()
    for test in tests:
        counted[function_of(test)] += 1
        if counted[function_of(test)] <= MOST_OF_A_FUNCTION:
            yield test


@pytest.hookimpl(trylast=True)  # after the profile of the conftest
def pytest_configure(config: pytest.Config) -> None:
    settings.register_profile("lines", deadline=None, max_examples=5)
    settings.load_profile("lines")
    where = Lines(Path(os.environ["MUTANTS_OUT"]), Path.cwd().resolve(), os.environ["MUTANTS_WHERE"].split(","))
    config.pluginmanager.register(where, "mutants")
    sys.addaudithook(skip_unseen)


def skip_unseen(event: str, arguments: tuple[object, ...]) -> None:
    """Skip a test that starts a program whose work is not seen."""
    if event == "subprocess.Popen" and isinstance(words := arguments[1], list | tuple):
        first = cast("Sequence[object]", words)[:4]
        if {Path(str(word)).name.partition(" ")[0] for word in first} & set(UNSEEN):
            pytest.skip("what it executes is not seen")
