"""The published packages, against which ours are compared, and what those of further marketplaces did in each step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.published import published_python
from tests.sides import Seen, Side, steps_of
from typedrun_sandbox.server import Sandbox
from typedrun_sandbox.settings import Settings

HEADERS = (
    "authorization",
    "accept",
    "cancel-after",
    "content-type",
    "prefer",
    "x-fal-file-name",
    "x-fal-queue-priority",
    "x-fal-request-start-timeout",
    "x-fal-request-timeout",
)
"""Headers that are compared."""

Scenes = Mapping[str, Callable[[Sandbox], None]]

SCENES: Mapping[str, Scenes] = {
    "replicate": {
        "failed": lambda sandbox: sandbox.reply(
            "black-forest-labs/flux-schnell", {"status": "failed", "error": "out of memory"}
        )
    },
    "fal": {
        "failed": lambda sandbox: sandbox.reply(
            "fal-ai/flux/dev", {"detail": "It fell over", "error_type": "runner_server_error"}
        )
    },
}
"""What the sandbox of a marketplace is told before a step."""


@pytest.fixture(scope="session")
def reference_python() -> str:
    """The interpreter of an environment that holds the published package."""
    return published_python("aixplain==0.2.48", "TYPEDRUN_REFERENCE_PYTHON")


@pytest.fixture(scope="session")
def of_replicate(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    """Every step of `replicate`."""
    python = published_python("replicate==1.0.7", "TYPEDRUN_REPLICATE_PYTHON")
    return take_all("replicate", python, tmp_path_factory.mktemp("judge"))


@pytest.fixture(scope="session")
def of_fal(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    """Every step of `fal_client`."""
    python = published_python("fal-client==1.0.3", "TYPEDRUN_FAL_PYTHON")
    return take_all("fal", python, tmp_path_factory.mktemp("judge"))


def take_all(name: str, python: str, logs: Path) -> dict[str, Seen]:
    """Every step of the published package of a marketplace, over TLS."""
    script = Path(__file__).with_name(f"judge_{name}.py")
    quick = Settings(token_seconds=0.0, job_polls=1)
    with (logs / name).open("w+") as errors, Sandbox(marketplace=name, tls=True, settings=quick) as sandbox:
        command, without = [python, str(script)], ("REPLICATE_", "FAL_")
        side = Side(command, sandbox, errors, scenes=SCENES[name], headers=HEADERS, without=without)
        try:
            return {step: side.take(step) for step in steps_of(script)}
        finally:
            side.close()


@pytest.fixture(scope="session")
def scenes() -> Mapping[str, Scenes]:
    """What sandboxes are told before steps."""
    return SCENES


@pytest.fixture(scope="session")
def compared_headers() -> tuple[str, ...]:
    """Headers that are compared."""
    return HEADERS
