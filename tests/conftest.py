"""A canary runs through the whole suite: test keys begin with `canary-`, and what a passing test printed, logged or warned of is
scanned for one. A test that finds its key there fails."""

import re
import signal
from collections.abc import Generator, Iterator

import pytest
from hypothesis import settings

# How long an example takes is the machine's business, not a property of the code. Each run draws other examples, so that a few of them
# go far; `--hypothesis-profile=many` draws more at once.
settings.register_profile("few", deadline=None, max_examples=25)
settings.register_profile("many", deadline=None, max_examples=100)
settings.load_profile("few")

# A shell starts its background jobs with Ctrl-C ignored, and every program started from there inherits that: the tests that
# interrupt one would wait in vain.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def one_cache_of_mypy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What it learns of the runtime and of the standard library serves every test that runs it: its own rule, by content, says what is new."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MYPY_CACHE_DIR", str(tmp_path_factory.mktemp("mypy")))
        yield


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
