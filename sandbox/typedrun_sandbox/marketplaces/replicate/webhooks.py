"""Webhooks: the secret, the signature (standardwebhooks.com), and which of a prediction's events are told."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time

from typedrun_sandbox.engine.backend import Backend
from typedrun_sandbox.engine.refusals import encode
from typedrun_sandbox.jsontypes import JSONObject, as_list, as_text
from typedrun_sandbox.marketplaces.replicate.predictions import Prediction
from typedrun_sandbox.marketplaces.replicate.validation import EVENTS


def secret_of(api_key: str) -> str:
    """The signing secret of an account: 24 bytes that depend on its key."""
    return "whsec_" + base64.b64encode(hashlib.sha256(f"webhooks {api_key}".encode()).digest()[:24]).decode()


def signed(body: bytes, secret: str, id: str, timestamp: int) -> dict[str, str]:
    """The header fields of one message."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.digest(key, f"{id}.{timestamp}.".encode() + body, hashlib.sha256)
    return {
        "Content-Type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


async def tell(backend: Backend, prediction: Prediction, body: JSONObject) -> None:
    """Let a prediction go on to its end, and tell its webhook of the events that were asked for."""
    url = as_text(body.get("webhook"))
    wanted = [as_text(event) for event in as_list(body.get("webhook_events_filter"))] or list(EVENTS)
    secret = secret_of(backend.settings.api_key)

    async def post(event: str) -> None:
        if event in wanted:
            content = encode(prediction.show())
            headers = signed(content, secret, f"msg_{prediction.id}_{event}", int(time.time()))
            await backend.outgoing.post(url, headers, content)

    await post("start")
    await backend.pause(backend.settings.job_seconds)
    if prediction.status() not in ("canceled", "aborted") and not prediction.is_held:
        prediction.job.asked = max(prediction.job.asked, 1)
        for event in ("output", "logs"):
            await post(event)
        prediction.job.finish()
    await post("completed")
