"""What the sandbox signs, our clients verify: both marketplaces' webhooks, with the secret or the keys that the sandbox gives out."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from fal_models import AsyncFal, Fal
from replicate_models import AsyncReplicate, Replicate
from typedrun import ValidationError
from typedrun_sandbox.server import Sandbox
from typedrun_sandbox.settings import Settings

QUICK = Settings(token_seconds=0.0, job_polls=1)


@pytest.fixture
def told() -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]], threading.Event]]:
    """The address of a receiver, what it is told, and when that was the first time."""
    seen: list[tuple[dict[str, str], bytes]] = []
    is_told = threading.Event()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()
            is_told.set()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook", seen, is_told
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_webhook_of_replicate_is_verified_with_the_secret_of_the_account(told: Any) -> None:
    url, seen, is_told = told
    with Sandbox(marketplace="replicate", settings=QUICK) as sandbox, sandbox.client(Replicate) as rep:
        flux = rep.models.black_forest_labs.flux_schnell
        flux.run_async(prompt="a boat", webhook=url, webhook_events_filter=["completed"])
        assert is_told.wait(20)
        (headers, body), *_ = seen
        result = rep.verify_webhook(headers, body)
        assert (result.completed, result.request_id) == (True, json.loads(body)["id"])
        with pytest.raises(ValidationError):
            rep.verify_webhook(headers, body + b" ")


def test_a_webhook_of_fal_is_verified_with_the_published_keys(told: Any) -> None:
    url, seen, is_told = told
    with Sandbox(marketplace="fal", settings=QUICK) as sandbox, sandbox.client(Fal) as fal:
        fal.models.fal_ai.flux_dev.run_async(prompt="a boat", webhook=url)
        assert is_told.wait(20)
        (headers, body), *_ = seen
        result = fal.verify_webhook(headers, body, model="fal-ai/flux/dev")
        assert (result.completed, result.request_id) == (True, json.loads(body)["request_id"])
        late = {**headers, "X-Fal-Webhook-Timestamp": str(int(time.time()) - 3600)}
        with pytest.raises(ValidationError):
            fal.verify_webhook(late, body)


@pytest.mark.parametrize(
    ("name", "kind", "path", "model"),
    [
        ("replicate", AsyncReplicate, "black_forest_labs.flux_schnell", None),
        ("fal", AsyncFal, "fal_ai.flux_dev", "fal-ai/flux/dev"),
    ],
    ids=["replicate", "fal"],
)
def test_the_asyncio_clients_verify_them_too(name: str, kind: Any, path: str, model: str | None, told: Any) -> None:
    url, seen, is_told = told

    async def go(sandbox: Sandbox) -> None:
        async with sandbox.client(kind) as client:
            supplier, _, attribute = path.partition(".")
            flux = getattr(getattr(client.models, supplier), attribute)
            job = await flux.run_async(prompt="a boat", webhook=url)
            await job.wait()
            assert await asyncio.to_thread(is_told.wait, 20)
            headers, body = seen[-1]
            result = await client.verify_webhook(headers, body, model=model)
            assert result.request_id == job.id
            with pytest.raises(ValidationError):
                await client.verify_webhook(headers, body + b" ", model=model)

    with Sandbox(marketplace=name, settings=QUICK) as sandbox:
        asyncio.run(go(sandbox))
