from __future__ import annotations

from urllib.parse import urlencode

import pytest

from tests.narrowing import Decoded
from tests.sandbox.conftest import Answer, Http

FORM = "application/x-www-form-urlencoded"


def ask(http: Http, path: str = "/sdk/file/upload/temp-url", scheme: str = "token", **fields: str) -> Answer:
    headers = {"Authorization": f"{scheme} {http.sandbox.api_key}", "Content-Type": FORM}
    return http("POST", path, urlencode(fields).encode(), headers)


@pytest.fixture
def place(http: Http) -> Decoded:
    return ask(http, contentType="text/plain", originalName="notes.txt").json


@pytest.mark.parametrize("path", ["/sdk/file/upload/temp-url", "/sdk/file/upload-url"], ids=["temporary", "permanent"])
def test_a_file_goes_up_and_comes_down_unchanged(http: Http, path: str) -> None:
    place = ask(http, path, contentType="text/plain", originalName="notes.txt", tags="a,b", license="MIT").json
    sent = http("PUT", place["uploadUrl"], b"caf\xc3\xa9", {"Content-Type": "text/plain"})
    assert (sent.status, sent.body) == (200, b"")
    got = http("GET", place["downloadUrl"], headers={})
    assert (got.body, got.headers["Content-Type"]) == (b"caf\xc3\xa9", "text/plain")


def test_the_answer_has_the_three_keys_of_the_wire(place: Decoded) -> None:
    assert sorted(place) == ["downloadUrl", "key", "uploadUrl"]
    assert place["key"].endswith("notes.txt")


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        pytest.param({"Content-Type": "text/csv"}, 403, "SignatureDoesNotMatch", id="another content type"),
        pytest.param({}, 403, "SignatureDoesNotMatch", id="no content type"),
        pytest.param({"Content-Type": "text/plain", "x-api-key": "k"}, 400, "InvalidArgument", id="an API key"),
        pytest.param({"Content-Type": "text/plain", "Authorization": "token k"}, 400, "InvalidArgument", id="a token"),
    ],
)
def test_the_presigned_put_is_as_strict_as_an_object_store(
    http: Http, place: Decoded, headers: dict[str, str], status: int, code: str
) -> None:
    answer = http("PUT", place["uploadUrl"], b"x", headers)
    assert (answer.status, f"<Code>{code}</Code>" in answer.text) == (status, True)
    assert http("GET", place["downloadUrl"], headers={}).status == 404


def test_the_signature_is_checked(http: Http, place: Decoded) -> None:
    url = place["uploadUrl"].rsplit("=", 1)[0] + "=0"
    assert http("PUT", url, b"x", {"Content-Type": "text/plain"}).status == 403


def test_a_file_that_is_too_large_for_its_kind_is_refused(http: Http) -> None:
    place = ask(http, contentType="image/png", originalName="big.png").json
    answer = http("PUT", place["uploadUrl"], bytes(25 * 1024 * 1024 + 1), {"Content-Type": "image/png"})
    assert "EntityTooLarge" in answer.text


def test_step_one_wants_a_form_not_json(http: Http) -> None:
    headers = {"Authorization": f"token {http.sandbox.api_key}", "Content-Type": "application/json"}
    answer = http("POST", "/sdk/file/upload/temp-url", {"contentType": "a/b", "originalName": "c"}, headers)
    assert (answer.status, FORM in answer.json["message"]) == (400, True)


def test_step_one_names_the_missing_field(http: Http) -> None:
    assert ask(http, contentType="text/plain").json["errors"][0]["field"] == "originalName"


def test_names_that_need_escaping_survive(http: Http) -> None:
    place = ask(http, contentType="text/plain", originalName="Größe 100%?.txt").json
    assert http("PUT", place["uploadUrl"], b"ok", {"Content-Type": "text/plain"}).status == 200
    assert http("GET", place["downloadUrl"], headers={}).body == b"ok"


def test_uploaded_html_cannot_run_as_a_page_of_the_sandbox(http: Http) -> None:
    place = ask(http, contentType="text/html", originalName="x.html").json
    http("PUT", place["uploadUrl"], b"<script>1</script>", {"Content-Type": "text/html"})
    headers = http("GET", place["downloadUrl"], headers={}).headers
    assert headers["Content-Security-Policy"].startswith("sandbox;")
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_an_uploaded_file_is_taken_as_input(http: Http) -> None:
    place = ask(http, contentType="audio/wav", originalName="a.wav").json
    assert http.run("hear", source_audio=place["downloadUrl"]).status == 492
    http("PUT", place["uploadUrl"], b"RIFF", {"Content-Type": "audio/wav"})
    assert http.run("hear", source_audio=place["downloadUrl"]).status == 200
