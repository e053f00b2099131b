"""Webhooks: which are the marketplace's, what they say, and what is said of the others."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import sys
import time
from typing import Any, ClassVar

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.narrowing import decoded
from typedrun.aio.client import AsyncClient
from typedrun.client import Client
from typedrun.errors import ConfigurationError, ValidationError
from typedrun.marketplaces.fal import webhooks as fal
from typedrun.marketplaces.replicate import webhooks as replicate
from typedrun.model import Model
from typedrun.remotefile import RemoteFile
from typedrun.structure import ApiObject
from typedrun.testing import Answer, ScriptedNetwork
from typedrun_sandbox.marketplaces.fal.webhooks import keys_of
from typedrun_sandbox.marketplaces.fal.webhooks import signed as signed_by_fal
from typedrun_sandbox.marketplaces.replicate.webhooks import secret_of
from typedrun_sandbox.marketplaces.replicate.webhooks import signed as signed_by_replicate

KEY = "canary-0123456789"
SECRET = secret_of(KEY)
NOW = 1_800_000_000
PREDICTION = {
    "id": "p1",
    "model": "quill/painter",
    "status": "succeeded",
    "output": {"images": ["https://replicate.delivery/a.png"]},
    "metrics": {"predict_time": 1.5},
    "urls": {"get": "https://api.replicate.com/v1/predictions/p1"},
}
BODY = json.dumps(PREDICTION).encode()
TOLD = {
    "request_id": "r1",
    "gateway_request_id": "r1",
    "status": "OK",
    "payload": {"images": [{"url": "https://v3.fal.test/a.png"}]},
}


def signed(body: bytes = BODY, secret: str = SECRET, at: float = NOW) -> dict[str, str]:
    return signed_by_replicate(body, secret, "msg_1", int(at))


# --- Replicate


def test_a_signed_prediction_is_a_result() -> None:
    result = replicate.verify_webhook(signed(), BODY, SECRET, now=NOW + 299)
    assert (result.status, result.completed, result.request_id, result.run_time) == ("SUCCESS", True, "p1", 1.5)
    assert result.data == PREDICTION["output"]
    assert result.raw == PREDICTION


def test_the_signature_is_that_of_the_specification() -> None:
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    right = base64.b64encode(hmac.new(key, b"msg_1.%d.%s" % (NOW, BODY), "sha256").digest()).decode()
    headers = {"Webhook-Id": "msg_1", "Webhook-Timestamp": str(NOW), "Webhook-Signature": f"v1,{right}"}
    assert replicate.verify_webhook(headers, BODY, SECRET, now=NOW).request_id == "p1"


@pytest.mark.parametrize("status", ["starting", "processing", "failed", "canceled"])
def test_a_prediction_that_goes_on_or_failed_is_told_of_too(status: str) -> None:
    body = json.dumps({**PREDICTION, "status": status, "output": None, "error": "no"}).encode()
    result = replicate.verify_webhook(signed(body), body, SECRET, now=NOW)
    assert result.completed is (status in {"failed", "canceled"})
    assert result.data is None


def test_one_of_several_signatures_and_one_of_several_secrets_is_enough() -> None:
    headers = signed()
    headers["webhook-signature"] = f"v2,x v1,AAAA {headers['webhook-signature']} v1a,zz"
    assert replicate.verify_webhook(headers, BODY, [secret_of("another"), SECRET], now=NOW).completed


def test_headers_are_found_however_a_framework_spells_them() -> None:
    as_wsgi = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in signed().items()}
    assert replicate.verify_webhook(as_wsgi, BODY.decode(), SECRET, now=NOW).completed


@pytest.mark.parametrize(
    ("change", "body", "why"),
    [
        ({}, BODY + b" ", "no signature of it was made with this secret"),
        ({"webhook-id": "msg_2"}, BODY, "no signature"),
        ({"webhook-timestamp": str(NOW + 1)}, BODY, "no signature"),
        ({"webhook-timestamp": str(NOW - 301)}, BODY, "it is 301 s old"),
        ({"webhook-timestamp": str(NOW + 400)}, BODY, "ahead of the clock"),
        ({"webhook-timestamp": "soon"}, BODY, "no time in seconds"),
        ({"webhook-timestamp": "9" * 400}, BODY, "no time in seconds"),
        ({"webhook-signature": ""}, BODY, "no header 'webhook-signature'"),
        ({"webhook-signature": "v2,abc"}, BODY, "no signature"),
        ({"webhook-signature": "v1,größe"}, BODY, "no signature"),
    ],
)
def test_a_webhook_that_is_not_replicates_is_refused_with_the_reason(
    change: dict[str, str], body: bytes, why: str
) -> None:
    with pytest.raises(ValidationError, match=why) as refused:
        replicate.verify_webhook(signed() | change, body, SECRET, now=NOW)
    assert "Next: answer it with status 400" in str(refused.value)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("body", [b"[]", b"no json", b""])
def test_a_signed_body_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(ValidationError, match="no JSON object"):
        replicate.verify_webhook(signed(body), body, SECRET, now=NOW)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_!", "größe"])
def test_what_is_no_secret_is_told_without_showing_it(secret: str) -> None:
    with pytest.raises(ValidationError, match="no signing secret of webhooks") as refused:
        replicate.verify_webhook(signed(), BODY, secret, now=NOW)
    assert not secret or secret in "whsec_" or secret not in str(refused.value)


def test_a_body_that_was_read_already_cannot_be_verified() -> None:
    with pytest.raises(TypeError, match="as it was received"):
        replicate.verify_webhook(signed(), PREDICTION, SECRET, now=NOW)  # type: ignore[arg-type]  # the mistake


@given(headers=st.dictionaries(st.sampled_from(list(signed())), st.text()), body=st.binary(max_size=20))
def test_nothing_that_strangers_send_is_verified_or_raises_anything_else(headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(ValidationError):
        replicate.verify_webhook(signed() | headers, body, SECRET, now=NOW)
    with pytest.raises(ValidationError):
        fal.verify_webhook(headers, body, keys_of(KEY), now=NOW)


# --- fal


def from_fal(told: dict[str, Any] = TOLD, key: str = KEY, at: float = NOW) -> tuple[dict[str, str], bytes]:
    body = json.dumps(told).encode()
    return signed_by_fal(body, key, "r1", int(at)), body


def test_a_signed_request_is_a_result() -> None:
    result = fal.verify_webhook(*from_fal(), keys_of(KEY), now=NOW)
    assert (result.status, result.completed, result.request_id) == ("SUCCESS", True, "r1")
    assert result.data == TOLD["payload"]


def test_a_request_that_failed_says_why() -> None:
    told: dict[str, Any] = {**TOLD, "status": "ERROR", "error": "Invalid status code: 422", "payload": {"detail": []}}
    result = fal.verify_webhook(*from_fal(told), keys_of(KEY), now=NOW)
    assert (result.status, result.error_message, result.data) == ("FAILED", "Invalid status code: 422", None)
    lost = fal.verify_webhook(*from_fal({**TOLD, "payload": None, "payload_error": "not JSON"}), keys_of(KEY), now=NOW)
    assert (lost.status, lost.error_message) == ("SUCCESS", "not JSON")


def test_any_of_the_published_keys_will_do_and_odd_ones_are_passed_over() -> None:
    odd: list[Any] = [{"x": "AAAA"}, {"x": 5}, {"x": "ü"}, 7, {"crv": "X25519", "x": "A" * 43}]
    more: list[Any] = [*decoded(json.dumps(keys_of("another")))["keys"], *decoded(json.dumps(keys_of(KEY)))["keys"]]
    jwks: dict[str, Any] = {"keys": [*odd, *more]}
    assert fal.verify_webhook(*from_fal(), jwks, now=NOW).completed


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"X-Fal-Webhook-Signature": "zz"}, "no hexadecimal text"),
        ({"X-Fal-Webhook-Signature": "ab"}, "none of fal's keys"),
        ({"X-Fal-Webhook-User-Id": "u"}, "none of fal's keys"),
        ({"X-Fal-Webhook-Timestamp": str(NOW - 400)}, "400 s old"),
        ({"X-Fal-Webhook-Request-Id": ""}, "no header 'x-fal-webhook-request-id'"),
    ],
)
def test_a_webhook_that_is_not_fals_is_refused_with_the_reason(change: dict[str, str], why: str) -> None:
    headers, body = from_fal()
    with pytest.raises(ValidationError, match=why):
        fal.verify_webhook(headers | change, body, keys_of(KEY), now=NOW)


def test_without_cryptography_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    with pytest.raises(ConfigurationError, match=r"typedrun\[webhooks\]"):
        fal.verify_webhook(*from_fal(), keys_of(KEY), now=NOW)


# --- by a client


@attrs.define(repr=False)
class Answered(ApiObject):
    images: list[RemoteFile]


class Painter(Model[Answered]):
    id = "quill/painter"
    output_type = "Answered"


class Index:
    package = __name__
    is_sample = False

    def find(self, id_or_path: str) -> type[Any] | None:
        return Painter if id_or_path == Painter.id else None


class Replicate(Client):
    marketplace = "replicate"
    registry: ClassVar[Any] = Index()


class AsyncReplicate(AsyncClient):
    marketplace = "replicate"
    registry: ClassVar[Any] = Index()


def test_a_clients_webhook_has_an_output_of_the_models_type() -> None:
    network = ScriptedNetwork([Answer(json={"key": SECRET})])
    rep = Replicate(KEY, transport=network, clock=network.clock)
    headers = signed(at=time.time())
    for result in (
        rep.verify_webhook(headers, BODY, SECRET),
        rep.verify_webhook(headers, BODY),
        rep.verify_webhook(headers, BODY, SECRET, model=Painter(rep)),
    ):
        assert result.data.images == [RemoteFile("https://replicate.delivery/a.png")]
    assert [one.url for one in network.received] == ["https://api.replicate.com/v1/webhooks/default/secret"]


def test_an_asyncio_clients_webhook_is_awaited() -> None:
    result = asyncio.run(AsyncReplicate(KEY).verify_webhook(signed(at=time.time()), BODY, SECRET))
    assert result.data.images[0].name == "a.png"


def test_a_marketplace_without_webhooks_says_so() -> None:
    with pytest.raises(ValidationError, match="'aixplain' sends no webhooks"):
        Client(KEY).verify_webhook({}, b"", "x")


class _Wire:
    rest = "https://rest.fal.ai"


def test_fals_keys_are_fetched_once_without_the_key_and_again_when_they_were_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fal, "_fetched", {})
    moment = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: moment[0])
    network = ScriptedNetwork([Answer(json=keys_of(KEY)), Answer(json=keys_of("another"))])
    driver = Replicate(KEY, transport=network, clock=network.clock).driver

    def verified(key: str) -> Any:
        headers, body = from_fal(key=key, at=time.time())
        return driver.drive(fal.verified(headers, body, None, _Wire(), driver.rules))

    assert verified(KEY).completed
    assert verified(KEY).completed
    with pytest.raises(
        ValidationError, match="none of fal's keys"
    ):  # asked a moment ago: nobody makes us ask without end
        verified("another")
    assert [one.url for one in network.received] == ["https://rest.alpha.fal.ai/.well-known/jwks.json"]
    assert not any(KEY in value for value in network.received[0].headers.values())
    moment[0] += 301
    assert verified("another").completed
    with pytest.raises(ValidationError, match="no secret"):
        driver.drive(fal.verified({}, b"", "whsec_x", _Wire(), driver.rules))


def test_fals_signature_is_over_the_digest_of_the_body() -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private, body = Ed25519PrivateKey.generate(), json.dumps(TOLD).encode()
    message = f"r1\nu1\n{NOW}\n{hashlib.sha256(body).hexdigest()}".encode()
    headers = {
        "x-fal-webhook-request-id": "r1",
        "x-fal-webhook-user-id": "u1",
        "x-fal-webhook-timestamp": str(NOW),
        "x-fal-webhook-signature": private.sign(message).hex(),
    }
    x = base64.urlsafe_b64encode(private.public_key().public_bytes_raw()).decode().rstrip("=")
    assert fal.verify_webhook(headers, body, {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": x}]}, now=NOW).completed
