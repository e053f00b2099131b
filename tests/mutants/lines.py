"""Which tests execute which lines: learnt once, kept under `.benchmarks/mutants` until the tests or the code are others."""

from __future__ import annotations

import ast
import functools
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, TypedDict

from attrs import field, frozen

from tests.mutants.rooms import ROOT, SOURCES, Room, files_of, text_of
from tests.mutants.tokens import Mutant

KEPT: Final = ROOT / ".benchmarks" / "mutants"

MOST_TESTS: Final = 150
"""Tests that a mutant is shown to."""

MOST_SECONDS: Final = 40.0
"""What these took together, under coverage."""


FEW: Final = 20
"""Tests that are not enough to be sure of a line."""

MOST_OF_A_FUNCTION: Final = 20
"""Rows of one test function that are kept for one line: the fastest."""


class Module(TypedDict):
    """What the tests of one module execute, and how long each takes."""

    key: str
    """Of the module and what it builds on."""
    code: dict[str, str]
    """The digest of each file of the code as it was then."""
    tests: list[str]
    """Fastest first."""
    seconds: list[float]
    lines: dict[str, dict[str, list[int]]]
    """Per file and line the tests, by their place in `tests`."""


def digest(*texts: str) -> str:
    """A short name for a text."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


@functools.cache
def support() -> str:
    """What all tests build on: conftests and helpers."""
    paths = [*(ROOT / "tests").rglob("conftest.py"), *(ROOT / "tests").glob("[!t]*.py")]
    return digest(*(path.read_text(encoding="utf-8") for path in sorted(paths)))


def key_of(test_file: str) -> str:
    """What a test module and its helpers say, in short."""
    return digest(support(), text_of(test_file))


@functools.cache
def code() -> Mapping[str, str]:
    """The text of every file of the code."""
    paths = sorted(path for place in SOURCES[:3] for path in (ROOT / place).rglob("*.py"))
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}


@functools.cache
def digests() -> dict[str, str]:
    """The digest of every file of the code."""
    return {file: digest(text) for file, text in code().items()}


def kept_for(test_file: str) -> Path:
    """The file that says what a test module executes."""
    return KEPT / "lines" / f"{test_file.replace('/', '.')}.json"


def module_for(room: Room, test_file: str) -> Module | None:
    """What a test module executes, if that is known of these tests and this code."""
    path = kept_for(test_file)
    if not path.exists():
        return None
    module: Module = json.loads(path.read_text(encoding="utf-8"))
    is_same = module["key"] == key_of(test_file) and all(
        module["code"].get(file) == digests()[file] for file in files_of(room)
    )
    return module if is_same else None


def module_of(test: str) -> str:
    """The file of a test."""
    return test.partition("::")[0]


def function_of(test: str) -> str:
    """A test without its row."""
    return test.partition("[")[0]


@frozen
class Covered:
    """Which tests execute which lines, and how long each takes."""

    by_line: Mapping[tuple[str, int], frozenset[str]]
    by_file: Mapping[str, frozenset[str]]
    seconds: Mapping[str, float] = field(factory=dict[str, float])

    @classmethod
    def of(cls, modules: Iterable[Module]) -> Covered:
        """Put together what the modules of a room know."""
        by_line: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
        by_file: defaultdict[str, set[str]] = defaultdict(set)
        seconds: dict[str, float] = {}
        for module in modules:
            seconds |= zip(module["tests"], module["seconds"], strict=True)
            for file, lines in module["lines"].items():
                for line, places in lines.items():
                    tests = [module["tests"][place] for place in places]
                    by_line[file, int(line)].update(tests)
                    by_file[file].update(tests)
        return cls(
            {place: frozenset(tests) for place, tests in by_line.items()},
            {file: frozenset(tests) for file, tests in by_file.items()},
            seconds,
        )

    def tests_for(self, mutant: Mutant) -> list[str]:
        """The tests to ask: those that execute the line, those of the module that is named like the file, then the fastest; of each function
        some, since its thousand rows ask much the same."""
        namesake = f"test_{Path(mutant.file).name}"
        by_function: defaultdict[str, list[str]] = defaultdict(list)
        for test in sorted(self.executing(mutant), key=lambda test: (self.seconds[test], test)):
            by_function[function_of(test)].append(test)
        on_the_line = self.by_line.get((mutant.file, mutant.line), frozenset())
        ranked = sorted(
            (rank, test not in on_the_line, Path(module_of(test)).name != namesake, self.seconds[test], test)
            for tests in by_function.values()
            for rank, test in enumerate(tests)
        )
        chosen, left = list[str](), MOST_SECONDS
        for *_, seconds, test in ranked[:MOST_TESTS]:
            if seconds <= left or not chosen:
                chosen.append(test)
                left -= seconds
        modules = list(dict.fromkeys(map(module_of, chosen)))  # a module's fixtures are made once
        return sorted(chosen, key=lambda test: modules.index(module_of(test)))

    def executing(self, mutant: Mutant) -> frozenset[str]:
        """The tests that execute its line; for a line that runs on import, those that use the name which it gives a value, and those of
        modules that say it, or its class, and look at signatures without calling anything."""
        if tests := self.by_line.get((mutant.file, mutant.line)):
            # what a shared fixture executes is counted for the first test that asks for it
            return tests if len(tests) >= FEW else tests | self.by_file[mutant.file]
        if names := names_given(mutant):
            using = frozenset[str]().union(*(self.by_line.get(place, frozenset()) for place in places_of(names[-1])))
            word = re.compile(rf"^import inspect$.*\b(?:{'|'.join(map(re.escape, names))})\b", re.MULTILINE | re.DOTALL)
            looking = {module for module in set(map(module_of, self.seconds)) if word.search(text_of(module))}
            if tests := using | {test for test in self.seconds if module_of(test) in looking}:
                return tests
        return self.by_file.get(mutant.file, frozenset())


def names_given(mutant: Mutant) -> list[str]:
    """The names to which the statements around a mutant give a value, a default or a body; the innermost is the last."""
    found = list[str]()
    for node in ast.walk(ast.parse(text_of(mutant.file))):  # from the outside in
        if isinstance(node, ast.stmt) and node.lineno <= mutant.line <= (node.end_lineno or 0):
            match node:
                case ast.Assign(targets=[ast.Name(name), *_]) | ast.AnnAssign(target=ast.Name(name)):
                    found.append(name)
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    found.append(name)
                case _:
                    pass
    return found


def places_of(name: str) -> Iterator[tuple[str, int]]:
    """Lines of the code that say a name."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    for file, text in code().items():
        if name in text:
            for number, line in enumerate(text.splitlines(), 1):
                if word.search(line):
                    yield file, number
