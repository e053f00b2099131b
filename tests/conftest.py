"""A canary runs through the whole suite: test keys begin with `canary-`, and what a passing test printed, logged or warned of is
scanned for one. A test that finds its key there fails."""

import gc
import marshal
import os
import re
import signal
import sys
from collections.abc import Generator, Iterator, Mapping, Sequence
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import settings

from tests.checkers import mypy as mypy
from tests.pyright_again import Pyright

# How long an example takes is the machine's business, not a property of the code. Each run draws other examples, so that a few of them
# go far; `--hypothesis-profile=many` draws more at once.
settings.register_profile("few", deadline=None, max_examples=25)
settings.register_profile("many", deadline=None, max_examples=100)
settings.load_profile("few")

# What ten thousand tests and their modules are stays until the end: whoever looks for garbage among it every seven hundred objects, as Python
# does by itself, takes a tenth of the processor time.
gc.set_threshold(50_000, 20, 50)

# A shell starts its background jobs with Ctrl-C ignored, and every program started from there inherits that: the tests that
# interrupt one would wait in vain.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def a_short_run_of_node() -> Iterator[None]:
    """As the gate runs pyright, so do the tests; tests/node.cjs says how, and why."""
    with pytest.MonkeyPatch.context() as patch:
        quick = str(Path(__file__).with_name("node.cjs")).replace("\\", "\\\\")
        patch.setenv("NODE_OPTIONS", f'{os.environ.get("NODE_OPTIONS", "")} --require "{quick}"')
        yield


@pytest.fixture(scope="session")
def pyright(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pyright]:
    """For tests that ask it about files; its process is this worker's."""
    with Pyright(tmp_path_factory.mktemp("pyright") / "said.txt") as one:
        yield one


@pytest.fixture
def asks_pyright_again(pyright: Pyright, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands of ours that run within this process, and ask pyright about code, ask that one."""
    from typedrun_codegen.diffs import checkers

    real = checkers._run

    def run(command: Sequence[str], root: Path, variables: Mapping[str, str]) -> CompletedProcess[str]:
        if Path(command[0]).stem == "pyright":
            return pyright.run(*command[1:], folder=root, **variables)
        return real(command, root, variables)

    monkeypatch.setattr(checkers, "_run", run)


# A file is a worker's as a whole, so that what its tests share is made once. These take longest: they begin first, lest one worker still
# has one of them when the others are done.
LONG = (
    "test_wheel.py",
    "docs/test_docs.py",
    "docs/test_readme_in_a_clone.py",
    "test_frozen.py",
    "codegen/cli/test_mcp.py",
    "codegen/package/test_publish.py",
    "codegen/cli/test_watch.py",
    "codegen/diffs/test_impact.py",
    "codegen/package/test_golden.py",
    "faults/test_limits.py",
    "typing/test_typing.py",
    "codegen/snapshots/test_pull.py",
    "sandbox/engine/test_page.py",
    "codegen/cli/test_cli.py",
    "codegen/api/test_real_documents.py",
    "codegen/api/test_second_opinion.py",
    "codegen/package/test_shelf.py",
    "codegen/cli/test_run.py",
    "codegen/package/test_large_catalog.py",
    "codegen/package/test_marketplace.py",
    "codegen/cli/test_failures.py",
    "codegen/package/test_first_look_up.py",
    "faults/test_faults.py",
)
FIRST = {Path(__file__).parent / name: place for place, name in enumerate(LONG)}
assert all(path.is_file() for path in FIRST), "LONG names a file that is not there"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the longest files begin first; all others stay in the order of their names."""
    items.sort(key=lambda item: FIRST.get(item.path, len(FIRST)))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Let one worker compile the tests, and the others wait for what it keeps of them, where all would do the same at once."""
    if sys.platform == "win32" or not hasattr(session.config, "workerinput"):
        return (yield)
    import fcntl

    with Path(__file__).open(encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(lock, fcntl.LOCK_SH)
        return (yield)


def pytest_collection_finish() -> None:
    """Look for no garbage among what was collected."""
    gc.collect()
    gc.freeze()


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Let a worker tell of a test that passed once, not six times: of ten thousand tests, that takes 15 processor seconds."""
    if not hasattr(item.config, "workerinput"):
        return None
    for report in runtestprotocol(item, log=False, nextitem=nextitem):
        if not report.passed or report.when == "call" or report.duration >= SHOWN:
            item.ihook.pytest_runtest_logreport(report=report)
    return True


SHOWN = 0.005
"""Seconds from which on `--durations` shows what a test needs before and after it."""


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, dict[str, object], dict[str, object]]:
    """Let a report travel as one value: its parts would be written, and read, one by one."""
    return {"packed": marshal.dumps((yield))}


@pytest.hookimpl(wrapper=True)
def pytest_report_from_serializable(data: dict[str, object]) -> Generator[None, object, object]:
    packed = data.pop("packed")
    assert isinstance(packed, bytes)
    data |= marshal.loads(packed)
    return (yield)


CANARY = re.compile(r"canary-[0-9a-z]+")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.passed:
        for name, text in report.sections:  # captured stdout, stderr and log
            if found := CANARY.search(text):
                report.outcome = "failed"
                report.longrepr = f"{item.nodeid}: the key {found[0]} leaked into {name!r}"
    return report
