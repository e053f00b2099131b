"""The catalog with its documents, prices and estimates; uploads; webhooks."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TypeAlias

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.narrowing import Decoded
from tests.sandbox.conftest import Http
from typedrun.jsontypes import JSON

FLUX = "fal-ai/flux/dev"


def test_the_listing_has_pages_and_asks_for_no_key(fal: Http) -> None:
    ids: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = fal("GET", f"/v1/models?limit=4&cursor={cursor}", headers={}).json
        ids += [model["endpoint_id"] for model in page["models"]]
        assert page["has_more"] is (page["next_cursor"] is not None)
        cursor = page["next_cursor"]
    assert ids == [model.id for model in fal.sandbox.backend.catalog.models]
    assert fal("GET", "/v1/models?cursor=!").json["error"]["type"] == "validation_error"


def test_documents_come_where_they_are_asked_for(fal: Http) -> None:
    (plain,) = fal.json("GET", f"/v1/models?endpoint_id={FLUX}")["models"]
    (whole,) = fal.json("GET", f"/v1/models?endpoint_id={FLUX}&expand=openapi-3.0")["models"]
    assert set(plain) == {"endpoint_id", "metadata"}
    assert set(whole) == {"endpoint_id", "metadata", "openapi"}
    assert fal.json("GET", f"/api/openapi/queue/openapi.json?endpoint_id={FLUX}") == whole["openapi"]
    assert fal.json("GET", "/v1/models?endpoint_id=no/such", status=404)["error"]["type"] == "not_found"


def test_models_are_found_by_category_status_and_words(fal: Http) -> None:
    def found(query: str) -> list[str]:
        return [model["endpoint_id"] for model in fal.json("GET", f"/v1/models?limit=100&{query}")["models"]]

    assert FLUX in found("category=text-to-image")
    assert set(found("status=deprecated")) & {"oldtimer/nsfw-check"}
    assert found("q=FLUX.1+picture")[0].startswith("fal-ai/flux")


def test_prices_are_told_to_who_has_a_key(fal: Http) -> None:
    (price,) = fal.json("GET", f"/v1/models/pricing?endpoint_id={FLUX}")["prices"]
    assert (price["unit_price"], price["unit"], price["currency"]) == (0.025, "megapixels", "USD")
    assert fal.json("GET", "/v1/models/pricing", status=400)["error"]["type"] == "validation_error"
    assert fal("GET", f"/v1/models/pricing?endpoint_id={FLUX}", headers={}).status == 401


@pytest.mark.parametrize(
    ("kind", "member"), [("unit_price", "unit_quantity"), ("historical_api_price", "call_quantity")]
)
def test_an_estimate_is_quantity_times_price(fal: Http, kind: str, member: str) -> None:
    body = {"estimate_type": kind, "endpoints": {FLUX: {member: 4}}}
    wanted = {"estimate_type": kind, "total_cost": 0.1, "currency": "USD"}
    assert fal.json("POST", "/v1/models/pricing/estimate", body) == wanted
    fal.json("POST", "/v1/models/pricing/estimate", {"estimate_type": "guess", "endpoints": {FLUX: {}}}, 400)
    fal.json("POST", "/v1/models/pricing/estimate", {"estimate_type": kind, "endpoints": {FLUX: {member: 0}}}, 400)


# --- uploads


def token_of(fal: Http) -> tuple[Decoded, dict[str, str]]:
    token = fal.json("POST", "/rest/storage/auth/token?storage_type=fal-cdn-v3", {})
    return token, {"Authorization": f"{token['token_type']} {token['token']}", "Content-Type": "text/plain"}


def test_a_file_goes_to_the_cdn_with_a_token_of_its_own(fal: Http) -> None:
    token, headers = token_of(fal)
    address = f"{token['base_url']}/files/upload"
    made = fal("POST", address, b"abc", headers | {"X-Fal-File-Name": "a b.txt"})
    file = fal("GET", made.json["access_url"], headers={})
    assert (file.body, file.headers["Content-Type"]) == (b"abc", "text/plain")
    assert fal("POST", address, b"abc").status == 401
    assert token["token"] not in str(fal.sandbox.requests)


def test_a_large_file_goes_in_parts(fal: Http) -> None:
    token, headers = token_of(fal)
    made = fal("POST", f"{token['base_url']}/files/upload/multipart", None, headers).json
    parts = f"{made['access_url']}/multipart/{made['uploadId']}"
    tags = [
        fal("PUT", f"{parts}/{number}", content, headers).headers["ETag"] for number, content in ((2, b"c"), (1, b"ab"))
    ]
    assert fal("POST", f"{parts}/complete", {"parts": [{"partNumber": 1, "etag": tags[1]}]}, headers).status == 400
    told = {"parts": [{"partNumber": 2, "etag": tags[0]}, {"partNumber": 1, "etag": tags[1]}]}
    assert fal("POST", f"{parts}/complete", told, headers).status == 200
    assert fal("GET", made["access_url"], headers={}).body == b"abc"
    assert fal("PUT", f"{parts}x/1", b"", headers).status == 404


def test_a_place_is_asked_for_and_filled_without_the_key(fal: Http) -> None:
    asked = {"content_type": "image/png", "file_name": "a.png"}
    place = fal.json("POST", "/rest/storage/upload/initiate?storage_type=gcs", asked)
    assert fal("PUT", place["upload_url"], b"x", {"Content-Type": "text/plain"}).status == 403
    assert fal("PUT", place["upload_url"].partition("?")[0], b"x", {"Content-Type": "image/png"}).status == 403
    assert fal("PUT", place["upload_url"], b"x", {"Content-Type": "image/png"}).status == 200
    assert fal("GET", place["file_url"], headers={}).body == b"x"


# --- webhooks


Told: TypeAlias = tuple[dict[str, str], bytes]
"""Headers and body."""


@pytest.fixture
def receiver() -> Iterator[tuple[str, Callable[[], Told]]]:
    """A server that keeps the one thing that it is told."""
    told: list[Told] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()
            is_told.set()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    is_told = threading.Event()
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()

    def wait() -> Told:
        assert is_told.wait(20)
        return told[0]

    yield f"http://127.0.0.1:{server.server_port}/hook", wait
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(("body", "status"), [({"prompt": "a boat"}, "OK"), ({}, "ERROR")])
def test_a_webhook_is_told_of_the_end_and_can_check_who_tells(
    fal: Http, receiver: tuple[str, Callable[[], Told]], body: dict[str, JSON], status: str
) -> None:
    url, wait = receiver
    request = fal.json("POST", f"/queue/{FLUX}?fal_webhook={url}", body)
    headers, content = wait()
    (key,) = fal.json("GET", "/rest/.well-known/jwks.json")["keys"]
    names = ("Request-Id", "User-Id", "Timestamp")
    message = "\n".join([*(headers[f"X-Fal-Webhook-{name}"] for name in names), hashlib.sha256(content).hexdigest()])
    public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"] + "="))
    public.verify(bytes.fromhex(headers["X-Fal-Webhook-Signature"]), message.encode())
    told = json.loads(content)
    assert (told["request_id"], told["status"]) == (request["request_id"], status)
    assert ("images" in told["payload"]) is (status == "OK")
