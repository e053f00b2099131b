"""What models of the further marketplaces give: objects with files, fetched from the sandbox; and webhooks that the sandbox sends."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from fal_models import AsyncFal, Fal
from replicate_models import AsyncReplicate, Replicate
from typedrun.remotefile import RemoteFile
from typedrun_sandbox.server import Sandbox

SCHEMAS = Path(__file__).parents[2] / "schemas"
PNG = b"\x89PNG"


@pytest.fixture(scope="module")
def fal() -> Iterator[Sandbox]:
    with Sandbox(SCHEMAS / "fal" / "catalog", marketplace="fal") as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def replicate() -> Iterator[Sandbox]:
    with Sandbox(SCHEMAS / "replicate" / "catalog", marketplace="replicate") as sandbox:
        yield sandbox


def addresses(sandbox: Sandbox) -> dict[str, Any]:
    return {"backend_url": sandbox.backend_url, "model_url": sandbox.model_url}


def test_an_object_with_files_is_read_and_saved(fal: Sandbox, tmp_path: Path) -> None:
    result = Fal(fal.api_key, **addresses(fal)).models.fal_ai.flux_dev.run(prompt="A fox")
    (picture,) = result.data.images
    assert (picture.content_type, picture.width) == ("image/png", 512)
    assert picture.read().startswith(PNG)
    assert len(picture.read()) == picture.size
    assert result.save(tmp_path / "fox.png").read_bytes().startswith(PNG)


def test_addresses_are_files_too(replicate: Sandbox, tmp_path: Path) -> None:
    result = Replicate(replicate.api_key, **addresses(replicate)).models.black_forest_labs.flux_schnell.run(
        prompt="A fox"
    )
    assert [file.read()[:4] for file in result.files] == [PNG]
    assert all(isinstance(file, RemoteFile) for file in result.data)
    assert result.save(tmp_path / "fox.png").read_bytes().startswith(PNG)


def test_on_asyncio_files_are_awaited(fal: Sandbox, replicate: Sandbox, tmp_path: Path) -> None:
    async def run() -> tuple[bytes, Path]:
        async with AsyncFal(fal.api_key, **addresses(fal)) as client:
            drawn = await client.models.fal_ai.flux_dev.run(prompt="A fox")
            content = await drawn.data.images[0].aread()
        async with AsyncReplicate(replicate.api_key, **addresses(replicate)) as client:
            result = await client.models.black_forest_labs.flux_schnell.run(prompt="A fox")
            return content, await result.files[0].asave(tmp_path / "fox.png")

    content, path = asyncio.run(run())
    assert content.startswith(PNG)
    assert path.read_bytes().startswith(PNG)


class _Hook(BaseHTTPRequestHandler):
    """A page that is called."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(204)
        self.end_headers()
        self.server.told.append((dict(self.headers), body))  # type: ignore[attr-defined]  # the fixture's list
        self.server.come.set()  # type: ignore[attr-defined]  # the fixture's event

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def hook() -> Iterator[Any]:
    server: Any = HTTPServer(("127.0.0.1", 0), _Hook)
    server.told, server.come = [], threading.Event()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def address(server: Any) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}/hook"


def test_a_webhook_of_replicate_is_verified_with_the_accounts_secret(replicate: Sandbox, hook: Any) -> None:
    rep = Replicate(replicate.api_key, **addresses(replicate))
    job = rep.models.black_forest_labs.flux_schnell.run_async(
        prompt="A fox", webhook=address(hook), webhook_events_filter=["completed"]
    )
    assert hook.come.wait(20)
    result = rep.verify_webhook(*hook.told[0])
    assert (result.request_id, result.status) == (job.id, "SUCCESS")
    assert result.files[0].read().startswith(PNG)


def test_a_webhook_of_fal_is_verified_with_the_published_keys(fal: Sandbox, hook: Any) -> None:
    client = Fal(fal.api_key, **addresses(fal))
    job = client.models.fal_ai.flux_dev.run_async(prompt="A fox", webhook=address(hook))
    assert hook.come.wait(20)
    result = client.verify_webhook(*hook.told[0], model=client.models.fal_ai.flux_dev)
    assert (result.request_id, result.status) == (job.id, "SUCCESS")
    assert result.data.images[0].read().startswith(PNG)
