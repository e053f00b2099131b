"""Webhooks of predictions, verified: signed as the Standard Webhooks specification says, with HMAC-SHA256 and a shared secret."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from typedrun.core.effects import Flow
from typedrun.core.exchange import send
from typedrun.core.reply import decode_object
from typedrun.core.request import Request
from typedrun.errors import ValidationError
from typedrun.marketplaces.deliveries import Delivery, not_verified
from typedrun.marketplaces.replicate.predictions import read_prediction
from typedrun.results import ModelResult

if TYPE_CHECKING:
    from typedrun.core.course import Rules
    from typedrun.marketplaces.replicate.wire import ReplicateWire


def verify_webhook(
    headers: Mapping[str, Any], body: bytes | str, secret: str | Sequence[str], *, now: float | None = None
) -> ModelResult[Any]:
    """Find out whether a webhook is Replicate's, and read what it says. Nothing is sent.

    Args:
        headers: Of the request that reached the server.
        body: Its body, as it was received.
        secret: The signing secret (`whsec_…`); several, while one takes another's place.
        now: Seconds since 1970. Default: the machine's clock.

    Returns:
        The prediction, finished or not.

    Raises:
        ValidationError: It is not verified: a header is missing, it is older than five minutes, or no signature is right.
    """
    delivery = Delivery.of(headers, body)
    stamp = delivery.timestamp("webhook-timestamp", now)
    signed = f"{delivery.header('webhook-id')}.{stamp}.".encode(errors="replace") + delivery.body
    signatures = [one.partition(",") for one in delivery.header("webhook-signature").split()]
    given = [signature for version, _, signature in signatures if version == "v1"]
    keys = [_key(one) for one in ([secret] if isinstance(secret, str) else secret)]
    right = [base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()) for key in keys]
    # Each with each, and none left out: how long it takes tells nothing.
    equal = [hmac.compare_digest(one.encode(errors="replace"), other) for one in given for other in right]
    if not any(equal):
        raise not_verified("no signature of it was made with this secret")
    return read_prediction(delivery.content())


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.strip().removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise ValidationError(
            "This is no signing secret of webhooks: those begin with whsec_, followed by base64. Next: take it from the account's"
            " settings, or from `GET /v1/webhooks/default/secret`"
        )
    return key


def verified(
    headers: Mapping[str, Any], body: bytes | str, secret: Any, wire: ReplicateWire, rules: Rules
) -> Flow[ModelResult[Any]]:
    """Verify a webhook for a client, which asks for the account's secret if it is given none."""
    if secret is None:
        url = f"{wire.backend_url}/v1/webhooks/default/secret"
        reply = yield from send(Request("GET", url, content_type=None), rules)
        secret = str(decode_object(reply).get("key") or "")
    return verify_webhook(headers, body, secret)
