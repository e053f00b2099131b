"""The pytest fixtures `typedrun_sandbox`, a backend on loopback for the duration of a test, and `typedrun_sandboxes`, one of any marketplace.

pytest loads this module in every session, so it imports nothing until the fixture is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from typedrun_sandbox.server import Sandbox

SNAPSHOT = "typedrun_sandbox_snapshot"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the ini option that names another snapshot."""
    parser.addini(SNAPSHOT, "snapshot that the typedrun_sandbox fixture serves (default: the bundled one)", default="")


@pytest.fixture(scope="session")
def typedrun_sandbox_server(pytestconfig: pytest.Config) -> Iterator[Sandbox]:
    """One server for the whole session; use `typedrun_sandbox`, which clears it for each test."""
    from typedrun_codegen.snapshot import bundled_snapshot
    from typedrun_sandbox.server import Sandbox
    from typedrun_sandbox.settings import Settings

    named = str(pytestconfig.getini(SNAPSHOT))
    snapshot = pytestconfig.rootpath / named if named else bundled_snapshot()
    with Sandbox(Path(snapshot), settings=Settings(token_seconds=0.0, job_polls=1)) as sandbox:
        yield sandbox


@pytest.fixture
def typedrun_sandbox(typedrun_sandbox_server: Sandbox) -> Iterator[Sandbox]:
    """A sandbox with an empty request log, no faults and no scripted replies."""
    typedrun_sandbox_server.reset()
    yield typedrun_sandbox_server
    typedrun_sandbox_server.reset()


@pytest.fixture(scope="session")
def typedrun_sandbox_servers() -> Iterator[Callable[[str, bool], Sandbox]]:
    """The servers that `typedrun_sandboxes` gives out, each started once in a session."""
    from typedrun_sandbox.server import Sandbox
    from typedrun_sandbox.settings import Settings

    started: dict[tuple[str, bool], Sandbox] = {}
    with ExitStack() as opened:

        def start(marketplace: str, tls: bool) -> Sandbox:
            if (marketplace, tls) not in started:
                quick = Settings(token_seconds=0.0, job_polls=1)
                made = Sandbox(marketplace=marketplace, tls=tls, settings=quick)
                started[marketplace, tls] = opened.enter_context(made)
            return started[marketplace, tls]

        yield start


@pytest.fixture
def typedrun_sandboxes(typedrun_sandbox_servers: Callable[[str, bool], Sandbox]) -> Iterator[Callable[..., Sandbox]]:
    """Give the sandbox of a marketplace: `typedrun_sandboxes("name")`, or with `tls=True`; each is cleared for the test."""
    given: list[Sandbox] = []

    def give(marketplace: str, *, tls: bool = False) -> Sandbox:
        sandbox = typedrun_sandbox_servers(marketplace, tls)
        sandbox.reset()
        given.append(sandbox)
        return sandbox

    yield give
    for sandbox in given:
        sandbox.reset()
