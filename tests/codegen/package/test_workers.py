"""Several processes give what one gives: the same results, in the same order, and the same errors."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Sequence

import pytest
from attrs import evolve

from tests.codegen.conftest import Workshop
from typedrun_codegen.ir.problems import Location, Problem, UsageProblem
from typedrun_codegen.ir.settings import Config
from typedrun_codegen.package import build as generate
from typedrun_codegen.package import guard, workers
from typedrun_codegen.package.build import build_package
from typedrun_codegen.package.guard import find_foreign_code
from typedrun_codegen.package.workers import spread
from typedrun_codegen.snapshot import bundled_schema, bundled_snapshot

NUMBERS = range(250)
MISSING = UsageProblem(Problem("there is none", Location("here", "/1")))


pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


@pytest.fixture(autouse=True)
def _no_thread_of_the_test_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    """pytest-xdist's workers have a thread that talks with the runner. It holds nothing that a helper needs, and would let none begin."""
    count, its = threading.active_count, threading.active_count() - 1
    monkeypatch.setattr(threading, "active_count", lambda: count() - its)


@pytest.fixture(params=[1, 3], ids=["one process", "several processes"])
def processors(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(workers, "processors", lambda: request.param)
    return int(request.param)


def spread_all(work: Callable[[int], object], items: Sequence[int]) -> list[object]:
    with spread(work, items, is_worth=True) as found:
        return list(found)


def test_results_come_in_order(processors: int) -> None:
    assert spread_all(lambda number: number * 2, NUMBERS) == [number * 2 for number in NUMBERS]
    assert spread_all(str, range(0)) == []


def test_an_error_is_raised_where_its_result_would_come(processors: int) -> None:
    def fail_late(number: int) -> int:
        if number == 220:
            raise MISSING
        return number

    seen: list[int] = []
    with pytest.raises(UsageProblem) as caught, spread(fail_late, NUMBERS, is_worth=True) as found:
        seen.extend(found)
    assert seen[:200] == list(range(200))
    assert caught.value.problem == MISSING.problem
    assert spread_all(str, [1]) == ["1"]  # and the next one works


def test_an_error_beside_the_work_ends_it(processors: int) -> None:
    with pytest.raises(KeyboardInterrupt), spread(str, NUMBERS, is_worth=True):
        raise KeyboardInterrupt


def test_the_work_of_a_killed_helper_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "processors", lambda: 3)
    here = os.getpid()

    def die_elsewhere(number: int) -> int:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    assert spread_all(die_elsewhere, NUMBERS) == list(NUMBERS)


def test_a_process_with_threads_does_the_work_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "processors", lambda: 3)
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        assert set(spread_all(lambda _: os.getpid(), NUMBERS)) == {os.getpid()}
    finally:
        done.set()
        thread.join()


def test_where_no_process_can_be_started_the_work_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("Function not implemented")

    monkeypatch.setattr(workers, "processors", lambda: 3)
    monkeypatch.setattr("concurrent.futures.ProcessPoolExecutor", refuse)
    assert set(spread_all(lambda _: os.getpid(), NUMBERS)) == {os.getpid()}


@pytest.mark.parametrize(
    ("processors", "items", "helpers"),
    [(2, 2000, 1), (4, 2000, 3), (4, 101, 2), (64, 2000, 7)],
    ids=["one beside this", "three", "as many as there are slices", "no more than help"],
)
def test_helpers_are_as_many_as_can_help(
    processors: int, items: int, helpers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def refuse(count: int, **_: object) -> None:
        asked.append(count)
        raise OSError("Function not implemented")

    monkeypatch.setattr(workers, "processors", lambda: processors)
    monkeypatch.setattr("concurrent.futures.ProcessPoolExecutor", refuse)
    assert spread_all(str, range(items)) == [*map(str, range(items))]
    assert asked == [helpers]


def test_a_package_does_not_depend_on_the_number_of_processes(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = [workshop.model(f"Model {n}", [option(n)], id=f"{n:024x}") for n in range(230)]
    workshop.write([*models, {"name": "no id"}])
    assert_same_in_several_processes(workshop.config, monkeypatch)
    bundled = evolve(workshop.config, snapshot=bundled_snapshot(), schema=bundled_schema())
    assert_same_in_several_processes(bundled, monkeypatch)


def assert_same_in_several_processes(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    one = build_package(config)
    with monkeypatch.context() as patch:
        patch.setattr(workers, "processors", lambda: 3)
        patch.setattr(generate, "MANY", 1)
        assert build_package(config) == one


def option(number: int) -> dict[str, object]:
    """True and 1, -0.0 and 0.0 are equal and are written differently."""
    value: object = (True, 1, -0.0, 0.0)[number % 4]
    return {"name": "mode", "dataType": "label", "availableOptions": [{"value": value}], "defaultValues": [value]}


def test_foreign_code_is_found_by_several_processes_too(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {f"m{number}.py": "x = 1\n" for number in NUMBERS} | {"m77.py": "import os\n", "m9.py": "eval('1')\n"}
    one = find_foreign_code(files, "pkg")
    monkeypatch.setattr(workers, "processors", lambda: 3)
    monkeypatch.setattr(guard, "MANY", 1)
    assert find_foreign_code(files, "pkg") == one
    assert {problem.location.file for problem in one} == {"pkg/m77.py", "pkg/m9.py"}
