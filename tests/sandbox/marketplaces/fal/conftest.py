"""A sandbox that serves the repository's snapshot of this marketplace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.conftest import Http, Talk
from typedrun_sandbox.server import Sandbox
from typedrun_sandbox.settings import Settings

SNAPSHOT = Path(__file__).parents[4] / "schemas" / "fal" / "catalog"


@pytest.fixture(scope="package")
def running_fal() -> Iterator[Sandbox]:
    with Sandbox(SNAPSHOT, settings=Settings(token_seconds=0.0, job_polls=1)) as sandbox:
        yield sandbox


@pytest.fixture
def fal(running_fal: Sandbox, talk_to: Talk) -> Http:
    running_fal.reset()
    return talk_to(running_fal, {"Authorization": f"Key {running_fal.api_key}"})
