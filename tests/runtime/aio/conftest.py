"""An asyncio client on the real sandbox."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from aixplain_models import AsyncAixplain
from typedrun_sandbox import bundled_snapshot
from typedrun_sandbox.server import Sandbox


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox(bundled_snapshot()) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.reset()
    return running


@pytest.fixture
def connect(sandbox: Sandbox) -> Callable[..., AsyncAixplain]:
    """Makes a client; arguments as for `AsyncAixplain`."""

    def make(**arguments: Any) -> AsyncAixplain:
        addresses: dict[str, Any] = {"backend_url": sandbox.backend_url, "model_url": sandbox.model_url}
        return AsyncAixplain(api_key=sandbox.api_key, **addresses, **arguments)

    return make
