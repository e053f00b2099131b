"""What `make mutants` tells of a mutant is true of a toy: a module of two functions and its tests."""

from collections.abc import Iterator

import pytest

from tests.mutants.tokens import Mutant, mutants_of
from tests.mutants.workplace import HANGS, Verdict, Workplace

FILE = "runtime/toy.py"
CODE = """
def is_large(number):
    return number > 3

def count(limit):
    found = 0
    while found < limit:
        found = found + 1
    return found
"""

TESTS = "tests/test_toy.py"
ASKED = """
import pytest
import toy

def test_large():
    assert toy.is_large(5) and not toy.is_large(1)

def test_the_limit():
    assert not toy.is_large(3)

@pytest.mark.parametrize("number", [5, 3])
def test_rows(number):
    assert toy.is_large(number) == (number == 5)

def test_count():
    assert toy.count(2) == 2

def test_that_fails_by_itself():
    assert toy.is_large(0)
"""
OPTIONS = "def pytest_addoption(parser):\n    parser.addoption('--hypothesis-profile')"


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    toy = tmp_path_factory.mktemp("toy")
    for file, text in {FILE: CODE, TESTS: ASKED, "tests/conftest.py": OPTIONS}.items():
        (toy / file).parent.mkdir(exist_ok=True)
        (toy / file).write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:  # a fast start
        patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        patch.setenv("PYTEST_ADDOPTS", "-p pytest_timeout")
        yield Workplace(tmp_path_factory.mktemp("work"), toy)


def judged(work: Workplace, mutant: Mutant, *names: str, seconds: float = 60.0) -> Verdict:
    verdict = work.judge(mutant, [f"{TESTS}::{name}" for name in names], seconds)
    assert (work.root / FILE).read_text(encoding="utf-8") == CODE, "the mutant stayed"
    return verdict


def the_mutant(new: str) -> Mutant:
    (found,) = (mutant for mutant in mutants_of(FILE, CODE) if mutant.line_of(CODE) == new)
    return found


def test_a_mutant_that_a_test_notices_is_told_with_that_test(work: Workplace) -> None:
    mutant = the_mutant("return number >= 3")
    assert judged(work, mutant, "test_large", "test_the_limit") == Verdict(f"{TESTS}::test_the_limit", 2)


def test_a_mutant_that_no_test_notices_is_told_as_missed(work: Workplace) -> None:
    assert judged(work, the_mutant("return number >= 3"), "test_large", "test_count") == Verdict("", 2)


def test_all_rows_of_a_test_are_asked_before_a_mutant_is_called_missed(work: Workplace) -> None:
    assert judged(work, the_mutant("return number >= 3"), "test_rows[5]") == Verdict(f"{TESTS}::test_rows", 1)


def test_a_test_that_fails_by_itself_notices_nothing_and_the_others_are_asked(work: Workplace) -> None:
    mutant = the_mutant("return number >= 3")
    assert judged(work, mutant, "test_that_fails_by_itself", "test_the_limit") == Verdict(f"{TESTS}::test_the_limit", 2)
    assert judged(work, mutant, "test_that_fails_by_itself") == Verdict("", 1)


def test_a_mutant_that_hangs_ends_and_is_noticed(work: Workplace) -> None:
    assert judged(work, the_mutant("found = found - 1"), "test_count", seconds=3) == Verdict(HANGS, 1)


def test_tests_that_do_not_run_without_a_mutant_judge_nothing(work: Workplace) -> None:
    with pytest.raises(SystemExit, match="the tests do not run without a mutant"):
        judged(work, the_mutant("found = found - 1"), "test_that_there_is_not")
