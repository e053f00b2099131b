"""Models, versions, search, collections, the account, files, webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.narrowing import Decoded
from tests.sandbox.conftest import Answer, Http, Talk
from typedrun_sandbox.server import Sandbox

FLUX, LLAMA, VECTORS = "black-forest-labs/flux-schnell", "meta/meta-llama-3-8b-instruct", "lakeside/sentence-vectors"


def test_models_are_listed_a_page_at_a_time(tmp_path: Path, talk_to: Talk) -> None:
    models = [
        {"owner": "acme", "name": f"model-{number:02}", "latest_version": {"id": "hidden"}} for number in range(25)
    ]
    path = tmp_path / "models.json"
    path.write_text(json.dumps(models))
    with Sandbox(path, marketplace="replicate") as sandbox:
        rep = talk_to(sandbox, {"Authorization": f"Bearer {sandbox.api_key}"})
        pages: list[Decoded] = []
        address: str | None = "/v1/models"
        while address:
            pages.append(rep.json("GET", address))
            address = pages[-1]["next"]
        rep.json("GET", "/v1/models?cursor=nonsense", status=404)
        assert rep.json("GET", pages[2]["previous"]) == pages[1]
    assert [len(page["results"]) for page in pages] == [10, 10, 5]
    assert [model["name"] for page in pages for model in page["results"]] == [model["name"] for model in models]
    assert pages[0]["previous"] is None


def test_a_model_is_as_the_snapshot_has_it_and_whole(rep: Http) -> None:
    model = rep.json("GET", f"/v1/models/{FLUX}")
    assert (model["owner"], model["name"], model["is_official"]) == ("black-forest-labs", "flux-schnell", True)
    assert (model["run_count"], model["default_example"], model["cover_image_url"]) == (0, None, None)
    assert "Input" in model["latest_version"]["openapi_schema"]["components"]["schemas"]


def test_a_version_is_found_by_its_hash_alone(rep: Http) -> None:
    (version,) = rep.json("GET", f"/v1/models/{VECTORS}/versions")["results"]
    assert rep.json("GET", f"/v1/models/{VECTORS}/versions/{version['id']}") == version
    rep.json("GET", f"/v1/models/{VECTORS}/versions/none", status=404)
    assert rep.json("GET", f"/v1/models/{LLAMA}/versions")["results"] == []


def test_both_searches_find_by_words(rep: Http) -> None:
    found = rep.json("GET", "/v1/search?query=Sentence-vectors")
    assert [entry["model"]["name"] for entry in found["models"]] == ["sentence-vectors"]
    older = rep("QUERY", "/v1/models", b"sentence-vectors").json
    assert [model["name"] for model in older["results"]] == ["sentence-vectors"]
    assert rep.json("GET", "/v1/search", status=400)["detail"] == 'Query parameter "query" is required'


def test_collections_hold_models(rep: Http) -> None:
    slugs = [collection["slug"] for collection in rep.json("GET", "/v1/collections")["results"]]
    assert slugs[:2] == ["official", "streaming-language-models"]
    models = rep.json("GET", "/v1/collections/streaming-language-models")["models"]
    assert "meta-llama-3-8b-instruct" in [model["name"] for model in models]
    rep.json("GET", "/v1/collections/none", status=404)


def test_the_account_and_its_hardware(rep: Http) -> None:
    assert rep.json("GET", "/v1/account")["username"] == "sandbox"
    assert {"name": "CPU", "sku": "cpu"} in rep.json("GET", "/v1/hardware")


def upload(rep: Http, *parts: bytes) -> Answer:
    body = b"".join(b"--cut\r\n" + part + b"\r\n" for part in parts) + b"--cut--\r\n"
    return rep("POST", "/v1/files", body, {**rep.key, "Content-Type": "multipart/form-data; boundary=cut"})


def test_a_file_is_uploaded_listed_and_deleted(rep: Http) -> None:
    content = b"a\r\n\r\n--not the cut\x00\xff"
    about = b'Content-Disposition: form-data; name="content"; filename="a b.bin"\r\nContent-Type: audio/wav\r\n\r\n'
    metadata = b'Content-Disposition: form-data; name="metadata"\r\n\r\n{"mine": 1}'
    made = upload(rep, about + content, metadata)
    assert made.status == 201
    file = made.json
    assert (file["name"], file["content_type"], file["size"]) == ("a b.bin", "audio/wav", len(content))
    assert (file["checksums"]["sha256"], file["metadata"]) == (hashlib.sha256(content).hexdigest(), {"mine": 1})
    assert rep.json("GET", file["urls"]["get"]) == file
    assert rep.json("GET", "/v1/files")["results"] == [file]
    assert rep.json("DELETE", file["urls"]["get"], status=204) is None
    rep.json("GET", file["urls"]["get"], status=404)


def test_an_upload_without_content_is_refused(rep: Http) -> None:
    assert upload(rep, b'Content-Disposition: form-data; name="metadata"\r\n\r\n{}').status == 422
    assert rep("POST", "/v1/files", b"plain").status == 422


# --- webhooks


Told: TypeAlias = tuple[dict[str, str], bytes]
"""Headers and body."""

Receiving: TypeAlias = tuple[str, list[Told], threading.Event]


@pytest.fixture
def receiver() -> Iterator[Receiving]:
    """A server that keeps what it is told."""
    told: list[Told] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()
            if len(told) == 3:
                enough.set()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    enough = threading.Event()
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook?mine=1", told, enough
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_webhook_is_told_of_the_events_that_it_asked_for_and_can_check_who_tells(
    rep: Http, receiver: Receiving
) -> None:
    url, told, enough = receiver
    body = {"input": {"prompt": "a boat"}, "webhook": url, "webhook_events_filter": ["start", "output", "completed"]}
    made = rep.json("POST", f"/v1/models/{FLUX}/predictions", body, status=201)
    assert enough.wait(20)
    key = base64.b64decode(rep.json("GET", "/v1/webhooks/default/secret")["key"].removeprefix("whsec_"))
    for headers, content in told:
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + content
        wanted = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
        assert headers["webhook-signature"] == f"v1,{wanted}"
    states = [json.loads(content) for _, content in told]
    assert [state["status"] for state in states] == ["starting", "processing", "succeeded"]
    assert {state["id"] for state in states} == {made["id"]}


def test_a_webhook_of_another_machine_is_told_nothing(rep: Http) -> None:
    body = {"input": {"prompt": "a boat"}, "webhook": "https://example.com/hook", "webhook_events_filter": ["start"]}
    made = rep.json("POST", f"/v1/models/{FLUX}/predictions", body, status=201)
    rep.json("GET", made["urls"]["get"])
    assert [notice.status for notice in rep.sandbox.backend.outgoing.sent] == [None]


def test_an_unknown_event_is_refused(rep: Http) -> None:
    body = {"input": {"prompt": "x"}, "webhook_events_filter": ["end"]}
    answer = rep.json("POST", f"/v1/models/{FLUX}/predictions", body, status=422)
    assert [field["field"] for field in answer["invalid_fields"]] == ["webhook_events_filter.0"]
