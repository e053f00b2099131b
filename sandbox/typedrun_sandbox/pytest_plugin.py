"""The pytest fixture `typedrun_sandbox`: a backend on loopback for the duration of a test.

pytest loads this module in every session, so it imports nothing until the fixture is used.
"""

from __future__ import annotations

from collections.abc import Iterator
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
