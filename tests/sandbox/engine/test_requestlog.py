from __future__ import annotations

import json

import pytest

from tests.sandbox.conftest import Http
from typedrun.jsontypes import JSON
from typedrun_sandbox.engine.requestlog import LIMIT, RequestLog, show_body
from typedrun_sandbox.server import Sandbox


def test_the_log_tells_what_was_asked_and_how_it_was_answered(sandbox: Sandbox, http: Http) -> None:
    http.run("chat", text="Hello")
    http("GET", "/v2/models/acme%2Fchat%2Facme?host=x")
    run, get = sandbox.requests
    assert (run.number, run.operation, run.method, run.path) == (1, "run", "POST", "/api/v2/execute/chat")
    assert (run.json, run.model, run.status) == ({"text": "Hello"}, "chat", 200)
    assert (get.operation, get.path, get.model) == ("get", "/v2/models/acme%2Fchat%2Facme?host=x", "chat")


def test_operations_tell_streams_polls_and_searches_apart(sandbox: Sandbox, http: Http) -> None:
    http.run("chat", text="x", stream=True)
    http("GET", http.result("slow", text="x")["data"])
    http("POST", "/v2/models/paginate", {"sort": [{"field": "name"}]})
    http("GET", "/sdk/functions")
    assert [entry.operation for entry in sandbox.requests] == ["stream", "run", "poll", "search", "list"]


@pytest.mark.parametrize(
    "headers", [{"x-api-key": "S3CRET"}, {"x-aixplain-key": "S3CRET"}, {"Authorization": "Token S3CRET"}], ids=str
)
def test_no_key_enters_the_log(sandbox: Sandbox, http: Http, headers: dict[str, str]) -> None:
    http("GET", "/v2/models/chat", headers=headers)
    http("GET", "/v2/models/chat", headers={"x-api-key": sandbox.api_key, "x-user-id": "someone"})
    shown = http("GET", "/sandbox/requests").text
    assert "S3CRET" not in shown + repr(sandbox.requests)
    assert sandbox.api_key not in shown
    assert json.loads(shown)[1]["headers"]["x-user-id"] == "someone"


def test_a_refused_request_is_logged_too(sandbox: Sandbox, http: Http) -> None:
    http("GET", "/v2/models/chat", headers={})
    assert sandbox.requests[0].status == 401


def test_a_reset_request_has_no_status(sandbox: Sandbox, http: Http) -> None:
    sandbox.fail_next(reset=True)
    with pytest.raises(Exception, match="reset"):
        http("GET", "/v2/models/chat")
    assert sandbox.requests[0].status is None


def test_looking_at_the_log_leaves_no_entry_and_clearing_empties_it(sandbox: Sandbox, http: Http) -> None:
    http("GET", "/v2/models/chat")
    http("GET", "/sandbox/requests")
    assert [entry.operation for entry in sandbox.requests] == ["get"]
    http("DELETE", "/sandbox/requests")
    assert sandbox.requests == ()


@pytest.mark.parametrize(
    ("body", "shown"),
    [(b"", None), (b'{"a": 1}', {"a": 1}), (b"a=b", "a=b"), (b"\xff\xfe", "<2 bytes>")],
    ids=["empty", "JSON", "form", "bytes"],
)
def test_bodies_are_shown_as_people_read_them(body: bytes, shown: dict[str, JSON] | str | None) -> None:
    assert show_body(body) == shown


def test_the_log_does_not_grow_for_ever() -> None:
    log = RequestLog()
    for _ in range(LIMIT + 5):
        log.add(operation="get", method="GET", path="/", headers={}, body=b"", model="")
    assert (len(log.entries()), log.entries()[-1].number) == (LIMIT, LIMIT + 5)
