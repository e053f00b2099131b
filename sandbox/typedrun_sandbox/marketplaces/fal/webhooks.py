"""Webhooks: what is told of a request that has ended, and by whom (ed25519, checked with the keys at `jwks.json`)."""

from __future__ import annotations

import base64
import hashlib
import time

from typedrun_sandbox.engine.backend import Backend
from typedrun_sandbox.engine.refusals import encode
from typedrun_sandbox.jsontypes import JSONObject, as_object
from typedrun_sandbox.marketplaces.fal.requests import QueuedRequest

USER = "sandbox-user"


def keys_of(api_key: str) -> JSONObject:
    """The public keys of an account, as a JSON Web Key Set; none where `cryptography` is not installed."""
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    except ModuleNotFoundError:
        return {"keys": []}
    public = Ed25519PrivateKey.from_private_bytes(_seed(api_key)).public_key().public_bytes_raw()
    x = base64.urlsafe_b64encode(public).decode().rstrip("=")
    return {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": x, "kid": "sandbox", "use": "sig", "alg": "EdDSA"}]}


def signed(body: bytes, api_key: str, request_id: str, timestamp: int) -> dict[str, str]:
    """The header fields of one message; without a signature where `cryptography` is not installed."""
    headers = {
        "Content-Type": "application/json",
        "X-Fal-Webhook-Request-Id": request_id,
        "X-Fal-Webhook-User-Id": USER,
        "X-Fal-Webhook-Timestamp": str(timestamp),
    }
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    except ModuleNotFoundError:
        return headers
    message = "\n".join((request_id, USER, str(timestamp), hashlib.sha256(body).hexdigest())).encode()
    signature = Ed25519PrivateKey.from_private_bytes(_seed(api_key)).sign(message)
    return {**headers, "X-Fal-Webhook-Signature": signature.hex()}


async def tell(backend: Backend, request: QueuedRequest, url: str) -> None:
    """Let a request go on to its end, and tell its webhook."""
    await backend.pause(backend.settings.job_seconds)
    if request.is_held and not request.job.is_cancelled:
        return  # it never ends
    request.job.finish()
    content = encode(message_of(request))
    await backend.outgoing.post(url, signed(content, backend.settings.api_key, request.id, int(time.time())), content)


def message_of(request: QueuedRequest) -> JSONObject:
    """What is told."""
    told: JSONObject = {"request_id": request.id, "gateway_request_id": request.id}
    error = request.error()
    if error is None:
        return {**told, "status": "OK", "payload": request.run.output}
    return {**told, "status": "ERROR", "payload": as_object(error.body), **_sentence(request)}


def _sentence(request: QueuedRequest) -> JSONObject:
    return {"error": request.failure().get("error")}


def _seed(api_key: str) -> bytes:
    """The private key of an account: it depends on the API key alone."""
    return hashlib.sha256(f"webhooks {api_key}".encode()).digest()
