"""A sandbox that serves the repository's snapshot of this marketplace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.conftest import Http, Talk
from typedrun_sandbox.server import Sandbox
from typedrun_sandbox.settings import Settings

SNAPSHOT = Path(__file__).parents[4] / "schemas" / "replicate" / "catalog"


@pytest.fixture(scope="package")
def running_replicate() -> Iterator[Sandbox]:
    with Sandbox(SNAPSHOT, settings=Settings(token_seconds=0.0, job_polls=1)) as sandbox:
        yield sandbox


@pytest.fixture
def rep(running_replicate: Sandbox, talk_to: Talk) -> Http:
    running_replicate.reset()
    return talk_to(running_replicate, {"Authorization": f"Bearer {running_replicate.api_key}"})
