"""Does a test notice when one token of the code is another? `make mutants` changes a seeded sample of tokens, one at a time.

    python tests/mutants.py [room …] [--each N] [--seed N] [--minutes N] [--list]

A room is a key of `ROOMS`. For each, its tests run once under coverage, which tells for every line which tests execute it and how
long they take. Then each mutant of the sample is written into a copy of the tree, and the tests that execute its line run against
it, fastest first, until one fails: then it was noticed. Mutants that behave like the original are in `EQUIVALENT`, with the reason.
The exit code is 1 when fewer than 9 in 10 of a room were noticed.

Not part of `make test`: a room takes minutes. Mutations are the classic ones (comparison, arithmetic, logic, number, truth value,
a word of the wire); prose, annotations and docstrings are left alone, because no behaviour hangs on them.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from attrs import field, frozen

ROOT: Final = Path(__file__).parents[1]
SOURCES: Final = ("runtime", "codegen", "sandbox", "generated")
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

ENOUGH: Final = 0.9
"""Share of a room's mutants that tests must notice."""

PROPERTIES: Final = ("--hypothesis-profile=many", "-p", "no:cacheprovider")
"""Options of pytest: of a property as many examples as notice a mutant in every run."""

PER_MUTANT: Final = 90.0
"""Seconds that a mutant's tests may take; one that hangs is noticed by that."""

MOST_TESTS: Final = 150
"""Tests that a mutant is shown to: the fastest of those that execute its line."""


@frozen
class Room:
    """Code, and the tests that answer for it."""

    code: tuple[str, ...]
    """Folders and files, without folders that are a room of their own."""
    tests: tuple[str, ...]
    but: tuple[str, ...] = ()
    """Folders inside that are other rooms."""


RUNTIME: Final = "runtime/typedrun"
CODEGEN: Final = "codegen/typedrun_codegen"
SANDBOX: Final = "sandbox/typedrun_sandbox"

ROOMS: Final[Mapping[str, Room]] = {
    "core": Room((f"{RUNTIME}/core",), ("tests/runtime",)),
    "drivers": Room((f"{RUNTIME}/drivers", f"{RUNTIME}/driver.py"), ("tests/faults", "tests/runtime")),
    "structure": Room((f"{RUNTIME}/structure", f"{RUNTIME}/operations"), ("tests/runtime", "tests/codegen/api")),
    "runtime": Room(
        (RUNTIME,),
        ("tests/runtime", "tests/contract"),
        but=tuple(f"{RUNTIME}/{name}" for name in ("core", "drivers", "driver.py", "structure", "operations")),
    ),
    "ir": Room((f"{CODEGEN}/ir", f"{CODEGEN}/text"), ("tests/codegen",)),
    "readers": Room((f"{CODEGEN}/readers",), ("tests/codegen/api",)),
    "snapshots": Room((f"{CODEGEN}/snapshots",), ("tests/codegen/snapshots", "tests/codegen/cli")),
    "marketplaces": Room((f"{CODEGEN}/marketplaces",), ("tests/codegen",)),
    "plans": Room((f"{CODEGEN}/plans",), ("tests/codegen",)),
    "package": Room((f"{CODEGEN}/package",), ("tests/codegen/package", "tests/codegen/api")),
    "diffs": Room((f"{CODEGEN}/diffs",), ("tests/codegen/diffs", "tests/codegen/cli")),
    "look": Room((f"{CODEGEN}/look",), ("tests/codegen/look",)),
    "cli": Room((f"{CODEGEN}/cli",), ("tests/codegen/cli",)),
    "engine": Room((f"{SANDBOX}/engine", f"{SANDBOX}/app.py", f"{SANDBOX}/server.py"), ("tests/sandbox",)),
    "answers": Room((f"{SANDBOX}/answers",), ("tests/sandbox",)),
    "sandbox": Room((f"{SANDBOX}/marketplaces", f"{SANDBOX}/jsontypes.py"), ("tests/sandbox", "tests/contract")),
}

EQUIVALENT: Final[Mapping[tuple[str, str], str]] = {}
"""File and mutated line → why nobody can tell it from the original."""


# --- mutants


@frozen
class Mutant:
    """One token of one file, and what stands in its place."""

    file: str
    line: int
    column: int
    """In bytes, as `ast` counts."""
    old: str
    new: str

    def applied(self, text: str) -> str:
        """The file with it."""
        lines = text.encode().splitlines(keepends=True)
        line, old = lines[self.line - 1], self.old.encode()
        assert line[self.column : self.column + len(old)] == old, self
        lines[self.line - 1] = line[: self.column] + self.new.encode() + line[self.column + len(old) :]
        return b"".join(lines).decode()

    def shown(self, text: str) -> str:
        """Where it is and how the line reads."""
        return f"{self.file}:{self.line}: {self.line_of(text)}    # was: {self.old}"

    def line_of(self, text: str) -> str:
        """The line with it."""
        return self.applied(text).splitlines()[self.line - 1].strip()


COMPARISONS: Final[Mapping[type[ast.cmpop], tuple[str, str]]] = {
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
}
ARITHMETIC: Final[Mapping[type[ast.operator], tuple[str, str]]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "+"),
    ast.FloorDiv: ("//", "*"),
    ast.Div: ("/", "*"),
    ast.Mod: ("%", "+"),
}


class _Finder(ast.NodeVisitor):
    """Every mutant of one file."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.lines = text.encode().splitlines()
        self.found: list[Mutant] = []

    def add(self, line: int, column: int, old: str, new: str) -> None:
        if self.lines[line - 1][column : column + len(old.encode())] == old.encode():
            self.found.append(Mutant(self.file, line, column, old, new))

    def between(self, left: ast.expr, right: ast.expr, old: str, new: str) -> None:
        """An operator that stands between two operands on one line."""
        if left.end_lineno == right.lineno and left.end_col_offset is not None:
            gap = self.lines[right.lineno - 1][left.end_col_offset : right.col_offset].decode()
            if (place := gap.find(old)) >= 0 and gap.strip(" ()") == old:
                self.add(right.lineno, left.end_col_offset + place, old, new)

    def visit_Compare(self, node: ast.Compare) -> None:
        for left, right, operator in zip([node.left, *node.comparators], node.comparators, node.ops, strict=False):
            self.between(left, right, *COMPARISONS[type(operator)])
            for operand in (left, right):
                self.word(operand)
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if (pair := ARITHMETIC.get(type(node.op))) and not any(map(_is_text, (node.left, node.right))):
            self.between(node.left, node.right, *pair)
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        pair = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            self.between(left, right, *pair)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            self.add(node.lineno, node.col_offset, "not ", "")
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, bool):
            self.add(node.lineno, node.col_offset, str(node.value), str(not node.value))
        elif isinstance(node.value, int):
            self.add(node.lineno, node.col_offset, ast.unparse(node), str(node.value + 1))

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.word(node.slice)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute) and node.func.attr in {"get", "pop", "setdefault"}:
            for argument in node.args[:1]:
                self.word(argument)
        self.generic_visit(node)

    def word(self, node: ast.expr) -> None:
        """A word that the wire, or a document, has to spell like this."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isascii() and node.value:
            quoted = f'"{node.value}"'
            self.add(node.lineno, node.col_offset, quoted, f'"{node.value}_"')

    # What is for checkers and readers alone.

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        if not any("overload" in ast.unparse(each) for each in node.decorator_list):
            for part in (*node.args.defaults, *filter(None, node.args.kw_defaults), *node.body):
                self.visit(part)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        for part in (*node.args.defaults, *filter(None, node.args.kw_defaults), *node.body):
            self.visit(part)

    def visit_If(self, node: ast.If) -> None:
        if ast.unparse(node.test) in {"TYPE_CHECKING", "MYPY", "not TYPE_CHECKING", "__name__ == '__main__'"}:
            for part in (*(node.body if "not" in ast.unparse(node.test) else ()), *node.orelse):
                self.visit(part)
        else:
            self.generic_visit(node)

    def visit_Assert(self, node: ast.Assert) -> None:
        """Asserts are for checkers here."""


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def mutants_of(file: str, text: str) -> list[Mutant]:
    """Every mutant of a file, in its order."""
    finder = _Finder(file, text)
    finder.visit(ast.parse(text))
    return sorted(set(finder.found), key=lambda each: (each.line, each.column, each.new))


def files_of(room: Room) -> list[str]:
    """The modules of a room."""
    paths = [
        path
        for place in room.code
        for path in ([ROOT / place] if place.endswith(".py") else (ROOT / place).rglob("*.py"))
    ]
    names = [path.relative_to(ROOT).as_posix() for path in paths if not path.name.startswith("hook-")]
    return sorted(name for name in names if not any(name == but or name.startswith(f"{but}/") for but in room.but))


def sample(room: Room, each: int, seed: int) -> list[Mutant]:
    """A sample of a room's mutants: the same for the same code and seed."""
    found = [
        mutant for file in files_of(room) for mutant in mutants_of(file, (ROOT / file).read_text(encoding="utf-8"))
    ]
    chosen = random.Random(seed).sample(found, min(each, len(found)))  # no secret
    return sorted(chosen, key=lambda mutant: (mutant.file, mutant.line, mutant.column))


# --- running


@frozen
class Covered:
    """Which tests execute which lines, and how long each takes."""

    by_line: Mapping[tuple[str, int], frozenset[str]]
    by_file: Mapping[str, frozenset[str]]
    seconds: Mapping[str, float] = field(factory=dict[str, float])

    def tests_for(self, mutant: Mutant) -> list[str]:
        """The tests to ask, fastest first; a line that runs on import is in all of the module's tests."""
        tests = self.by_line.get((mutant.file, mutant.line)) or self.by_file.get(mutant.file, frozenset())
        return sorted(tests, key=lambda test: (self.seconds.get(test, 1.0), test))[:MOST_TESTS]


class Workplace:
    """A copy of the tree, in which one file at a time is another."""

    def __init__(self, folder: Path) -> None:
        self.root = folder.resolve()
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".hypothesis"))
            elif source.exists():
                shutil.copy(source, folder / name)
        self.environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(str(folder / name) for name in SOURCES),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def python(self, *arguments: str, seconds: float | None = None) -> subprocess.CompletedProcess[str]:
        """Run Python here.

        Raises:
            subprocess.TimeoutExpired: it took longer.
        """
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, cwd=self.root, env=self.environment, capture_output=True, text=True, check=False, timeout=seconds
        )

    def cover(self, room: Room) -> Covered:
        """Run a room's tests once, and learn what they execute."""
        tracer = self.root / "mutants_cover.py"
        tracer.write_text(_COVER, encoding="utf-8")
        out = self.root / "covered.txt"
        where = ",".join(str(self.root / name) for name in SOURCES[:3])
        self.environment |= {"MUTANTS_OUT": str(out), "MUTANTS_WHERE": where}
        ran = self.python("-m", "pytest", "-q", "-p", "mutants_cover", *PROPERTIES, *room.tests)
        if not out.exists():
            sys.exit(f"the room's tests did not run:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}")
        by_line: dict[tuple[str, int], set[str]] = defaultdict(set)
        by_file: dict[str, set[str]] = defaultdict(set)
        seconds: dict[str, float] = {}
        for row in out.read_text(encoding="utf-8").splitlines():
            file, number, *tests = row.split("\t")
            if not file:
                seconds[tests[0]] = float(number)
                continue
            name = Path(file).relative_to(self.root).as_posix()
            by_file[name].update(tests)
            by_line[name, int(number)].update(tests)
        out.unlink()
        return Covered(
            {place: frozenset(tests) for place, tests in by_line.items()},
            {name: frozenset(tests) for name, tests in by_file.items()},
            seconds,
        )

    def is_noticed(self, mutant: Mutant, tests: list[str]) -> bool:
        """Whether one of the tests fails, or hangs, with the mutant in place."""
        if not tests:
            return False
        path = self.root / mutant.file
        text = path.read_text(encoding="utf-8")
        path.write_text(mutant.applied(text), encoding="utf-8")
        chosen = self.root / "mutants_tests.txt"
        chosen.write_text("\n".join(tests), encoding="utf-8")
        options = ("-x", "-q", *PROPERTIES, "-p", "no:randomly", "--no-header", "--timeout=60")
        try:
            return self.python("-m", "pytest", *options, f"@{chosen}", seconds=PER_MUTANT).returncode != 0
        except subprocess.TimeoutExpired:
            return True
        finally:
            path.write_text(text, encoding="utf-8")


_COVER: Final = '''
"""Writes for each test which lines it executes, in whatever thread, and how long it takes."""

import os
import time

import coverage
import pytest


class Plugin:
    def __init__(self):
        # One run from the beginning: a server's thread that is older than a test is watched, too.
        self.cover = coverage.Coverage(data_file=None, source=os.environ["MUTANTS_WHERE"].split(","), config_file=False)
        self.cover.start()
        self.seconds = {}
        self.failed = set()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item, nextitem):
        self.cover.switch_context(item.nodeid)
        began = time.perf_counter()
        try:
            return (yield)
        finally:
            self.seconds[item.nodeid] = time.perf_counter() - began
            self.cover.switch_context("")

    def pytest_runtest_logreport(self, report):
        if report.failed:  # with or without a mutant
            self.failed.add(report.nodeid)

    def pytest_sessionfinish(self):
        self.cover.stop()
        data = self.cover.get_data()
        with open(os.environ["MUTANTS_OUT"], "w", encoding="utf-8") as out:
            for file in sorted(data.measured_files()):
                for line, tests in sorted(data.contexts_by_lineno(file).items()):
                    good = sorted(test for test in tests if test in self.seconds and test not in self.failed)
                    out.write("\\t".join([file, str(line), *good]) + "\\n")
            for test, seconds in self.seconds.items():
                out.write("\\t".join(["", f"{seconds:.4f}", test]) + "\\n")


def pytest_configure(config):
    config.pluginmanager.register(Plugin(), "mutants")
'''


@frozen
class Outcome:
    """What became of a room's sample."""

    room: str
    noticed: int
    survivors: tuple[Mutant, ...]
    equivalent: int

    @property
    def share(self) -> float:
        """Noticed mutants among those that can be noticed."""
        asked = self.noticed + len(self.survivors)
        return self.noticed / asked if asked else 1.0


def judge(name: str, mutants: Iterable[Mutant], work: Workplace, deadline: float) -> Outcome:
    """Show each mutant to its tests."""
    covered = work.cover(ROOMS[name])
    noticed, equivalent, survivors = 0, 0, list[Mutant]()
    for mutant in mutants:
        if time.monotonic() > deadline:
            print(f"{name}: out of time", flush=True)
            break
        text = (ROOT / mutant.file).read_text(encoding="utf-8")
        if (mutant.file, mutant.line_of(text)) in EQUIVALENT:
            equivalent += 1
        elif work.is_noticed(mutant, covered.tests_for(mutant)):
            noticed += 1
        else:
            survivors.append(mutant)
            print(f"  {mutant.shown(text)} ({len(covered.tests_for(mutant))} tests)", flush=True)
    return Outcome(name, noticed, tuple(survivors), equivalent)


def run(names: Iterable[str], each: int, seed: int, minutes: float) -> Iterator[Outcome]:
    """Judge rooms one after another."""
    deadline = time.monotonic() + minutes * 60
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        work = Workplace(Path(folder))
        for name in names:
            print(f"{name}: what is not noticed", flush=True)
            outcome = judge(name, sample(ROOMS[name], each, seed), work, deadline)
            asked = outcome.noticed + len(outcome.survivors)
            print(
                f"{name}: {outcome.noticed} of {asked} noticed ({outcome.share:.0%}), {outcome.equivalent} equivalent",
                flush=True,
            )
            yield outcome


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("rooms", nargs="*", choices=[[], *ROOMS], help=", ".join(ROOMS))
    parser.add_argument("--each", type=int, default=30, help="mutants per room (30)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=240.0, help="no new mutant after so long (240)")
    parser.add_argument("--list", action="store_true", help="print the sample and run nothing")
    given = parser.parse_args()
    names = given.rooms or list(ROOMS)
    if given.list:
        for name in names:
            for mutant in sample(ROOMS[name], given.each, given.seed):
                print(mutant.shown((ROOT / mutant.file).read_text(encoding="utf-8")))
        return 0
    outcomes = list(run(names, given.each, given.seed, given.minutes))
    weak = [outcome.room for outcome in outcomes if outcome.share < ENOUGH]
    if weak:
        print(f"fewer than {ENOUGH:.0%} noticed: {', '.join(weak)}")
    return int(bool(weak))


if __name__ == "__main__":
    sys.exit(main())
