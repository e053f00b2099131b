"""Webhooks of requests, verified: signed with ed25519, by keys that fal publishes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from typedrun.core.effects import Flow
from typedrun.core.exchange import send
from typedrun.core.failures import text_or_none
from typedrun.core.reply import decode_object
from typedrun.core.request import Auth, Request
from typedrun.errors import ConfigurationError, ValidationError
from typedrun.jsontypes import JSON, is_array, is_object
from typedrun.marketplaces.deliveries import Delivery, not_verified
from typedrun.openenums import ResponseStatus
from typedrun.results import ModelResult

if TYPE_CHECKING:
    from typedrun.core.course import Rules

_HOSTED: Final = "https://rest.fal.ai"
_PUBLISHED: Final = "https://rest.alpha.fal.ai/.well-known/jwks.json"
"""Where the hosted service's keys are, as its documentation and several implementations have it."""

_KEPT: Final = 86_400.0
"""Seconds that fetched keys are kept: a day, which the documentation allows."""
_FRESH: Final = 300.0
"""Seconds before keys that verify nothing are asked for again: they may have been changed, and nobody is to make us ask without end."""

_fetched: Final[dict[str, tuple[float, Mapping[str, JSON]]]] = {}
"""Address → when its keys were fetched, and they. Public keys; one for the process, as the pages that need them are."""


def verify_webhook(
    headers: Mapping[str, Any], body: bytes | str, jwks: Mapping[str, JSON], *, now: float | None = None
) -> ModelResult[Any]:
    """Find out whether a webhook is fal's, and read what it says. Nothing is sent.

    Args:
        headers: Of the request that reached the server.
        body: Its body, as it was received.
        jwks: The keys that fal publishes (a JSON Web Key Set).
        now: Seconds since 1970. Default: the machine's clock.

    Returns:
        The result of the request.

    Raises:
        ValidationError: It is not verified: a header is missing, it is older than five minutes, or no key made its signature.
        ConfigurationError: `cryptography` is not installed.
    """
    delivery = Delivery.of(headers, body)
    stamp = delivery.timestamp("x-fal-webhook-timestamp", now)
    names = (delivery.header("x-fal-webhook-request-id"), delivery.header("x-fal-webhook-user-id"), stamp)
    signed = "\n".join((*names, hashlib.sha256(delivery.body).hexdigest())).encode(errors="replace")
    try:
        signature = bytes.fromhex(delivery.header("x-fal-webhook-signature"))
    except ValueError:
        raise not_verified("its header 'x-fal-webhook-signature' is no hexadecimal text") from None
    if not any(_is_signed(key, signature, signed) for key in _keys(jwks)):
        raise not_verified("none of fal's keys made its signature")
    return _read(delivery.content())


def _keys(jwks: Mapping[str, JSON]) -> Iterator[bytes]:
    listed = jwks.get("keys")
    for one in listed if is_array(listed) else ():
        text = one.get("x") if is_object(one) and one.get("crv", "Ed25519") == "Ed25519" else None
        try:
            key = base64.urlsafe_b64decode(f"{text}==") if isinstance(text, str) else b""
        except (binascii.Error, ValueError):
            continue
        if len(key) == 32:
            yield key


def _is_signed(key: bytes, signature: bytes, signed: bytes) -> bool:
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ModuleNotFoundError:
        raise ConfigurationError(
            "fal signs webhooks with ed25519, which the standard library cannot check. Next: pip install 'typedrun[webhooks]'"
        ) from None
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def _read(said: dict[str, Any]) -> ModelResult[Any]:
    """What a delivery says of its request: `{request_id, gateway_request_id, status, payload, error?, payload_error?}`."""
    has_failed = said.get("status") != "OK"
    words = text_or_none(said.get("error")) or text_or_none(said.get("payload_error"))
    return ModelResult(
        status=str(ResponseStatus.FAILED if has_failed else ResponseStatus.SUCCESS),
        completed=True,
        error_message=words,
        data=None if has_failed else said.get("payload"),
        request_id=text_or_none(said.get("request_id")),
        raw=said,
    )


def verified(
    headers: Mapping[str, Any], body: bytes | str, secret: Any, wire: Any, rules: Rules
) -> Flow[ModelResult[Any]]:
    """Verify a webhook for a client, which fetches the published keys if it is given none, and keeps them for a day."""
    if secret is not None:
        if not is_object(secret):
            raise ValidationError(
                "fal's webhooks have no secret: they are verified by published keys. Next: leave it out, or pass their JSON Web Key Set"
            )
        return verify_webhook(headers, body, secret)
    url = _PUBLISHED if wire.rest == _HOSTED else f"{wire.rest}/.well-known/jwks.json"
    at, jwks = _fetched.get(url, (float("-inf"), {}))
    age = time.monotonic() - at
    if age < _KEPT:
        try:
            return verify_webhook(headers, body, jwks)
        except ValidationError:
            if age < _FRESH:
                raise
    reply = yield from send(Request("GET", url, content_type=None, auth=Auth.NONE), rules)
    jwks = decode_object(reply)
    _fetched[url] = (time.monotonic(), jwks)
    return verify_webhook(headers, body, jwks)
