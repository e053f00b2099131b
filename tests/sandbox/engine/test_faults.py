from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from http.client import HTTPConnection, IncompleteRead
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import urllib3

import typedrun_sandbox
from tests.sandbox.conftest import Http
from typedrun.jsontypes import JSON
from typedrun_codegen import snapshot as old_door
from typedrun_sandbox.engine.faults import Fault, FaultPlan, make_fault, parse_fault
from typedrun_sandbox.server import Sandbox

BODY = json.dumps({"text": "Tell me a story"})
STREAM = json.dumps({"text": "Tell me a story", "stream": True})


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("status=503", Fault(status=503)),
        ("status=429,retry-after=2,times=3,on=run", Fault(status=429, retry_after="2", times=3, on="run")),
        ("reset, on=poll", Fault(reset=True, on="poll")),
        ("latency=0.5,times=always", Fault(latency=0.5, times=None)),
        ("truncate=20,model=openai/gpt", Fault(truncate=20, model="openai/gpt")),
        ("cut=3,on=stream,reset", Fault(cut=3, on="stream", reset=True)),
        ("end=0", Fault(end=0)),
        ("status=502,body=Bad Gateway", Fault(status=502, body="Bad Gateway")),
    ],
)
def test_a_fault_is_written_as_one_option(text: str, fault: Fault) -> None:
    assert parse_fault(text) == fault


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stauts=503", "'stauts=503' in the fault 'stauts=503' is not understood"),
        ("status=many", "status in the fault 'status=many' wants a number, found 'many'"),
        ("reset=yes", "'reset=yes' in the fault"),
    ],
)
def test_a_wrong_fault_is_told_in_a_sentence(text: str, message: str) -> None:
    with pytest.raises(ValueError, match="fault") as caught:
        parse_fault(text)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("fields", [{"colour": "red"}, {"status": "500"}, {"times": "2"}], ids=str)
def test_wrong_fields_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(fields))):
        make_fault(fields)


@pytest.mark.parametrize("status", [200, 599])
def test_the_first_and_the_last_status_of_final_answers_can_be_sent(sandbox: Sandbox, http: Http, status: int) -> None:
    sandbox.fail_next(status)
    assert http("GET", "/v2/models/chat").status == status


@pytest.mark.parametrize("fields", [{"truncate": 0}, {"cut": 0}, {"end": 0}, {"latency": 0}, {"times": 1}], ids=str)
def test_the_smallest_numbers_are_allowed(fields: dict[str, Any]) -> None:
    assert make_fault(fields) == Fault(**fields)


@pytest.mark.parametrize(
    ("fault", "operation", "names", "meets"),
    [
        (Fault(), "get", (), True),
        (Fault(on="run"), "run", (), True),
        (Fault(on="run"), "stream", (), True),
        (Fault(on="stream"), "run", (), False),
        (Fault(model="a/b"), "run", ("id", "a/b"), True),
        (Fault(model="a/b"), "run", ("id", "a/c"), False),
        (Fault(model="a/b"), "list", (), False),
    ],
)
def test_a_fault_meets_only_what_it_waits_for(
    fault: Fault, operation: str, names: tuple[str, ...], meets: bool
) -> None:
    plan = FaultPlan()
    plan.add(fault)
    assert (plan.take(operation, names) is not None) is meets


def test_faults_are_used_up_in_order() -> None:
    plan = FaultPlan()
    for fault in (Fault(status=500, times=2), Fault(status=429)):
        plan.add(fault)
    taken = [plan.take("get", ()) for _ in range(4)]
    assert [fault.status if fault else None for fault in taken] == [500, 500, 429, None]


def test_what_is_pending_counts_down() -> None:
    plan = FaultPlan()
    plan.add(Fault(times=2))
    plan.take("get", ())
    assert plan.pending() == (Fault(times=1),)


def test_a_status_comes_with_retry_after_and_a_body_in_the_platforms_shape(sandbox: Sandbox, http: Http) -> None:
    sandbox.fail_next(503, retry_after="2")
    answer = http.run("chat", text="x")
    assert (answer.status, answer.headers["Retry-After"], answer.json["statusCode"]) == (503, "2", 503)
    assert http.run("chat", text="x").status == 200


def test_without_anything_the_next_request_is_answered_with_500(sandbox: Sandbox, http: Http) -> None:
    sandbox.fail_next()
    assert http("GET", "/v2/models/chat").status == 500


@pytest.mark.parametrize(
    ("body", "kind"),
    [("Bad Gateway", "text/plain; charset=utf-8"), ({"error": "err.not_enough_balance"}, "application/json")],
    ids=["text", "JSON"],
)
def test_a_fault_has_a_body_of_its_own(sandbox: Sandbox, http: Http, body: dict[str, JSON] | str, kind: str) -> None:
    sandbox.fail_next(502, body=body)
    answer = http("GET", "/v2/models/chat")
    assert (answer.headers["Content-Type"], answer.text if isinstance(body, str) else answer.json) == (kind, body)


def test_only_a_poll_fails(sandbox: Sandbox, http: Http) -> None:
    sandbox.fail_next(500, on="poll")
    url = http.result("slow", text="hello")["data"]
    assert [http("GET", url).status for _ in range(2)] == [500, 200]


@pytest.fixture
def connection(sandbox: Sandbox) -> Iterator[HTTPConnection]:
    made = HTTPConnection(urlsplit(sandbox.url).netloc, timeout=10)
    yield made
    made.close()


def send(connection: HTTPConnection, sandbox: Sandbox, body: str | bytes) -> None:
    connection.request("POST", "/api/v2/execute/chat", body, {"x-api-key": sandbox.api_key})


def test_a_reset_is_a_real_rst(sandbox: Sandbox, connection: HTTPConnection) -> None:
    sandbox.fail_next(reset=True)
    send(connection, sandbox, BODY)
    assert isinstance(connection.sock, socket.socket)
    with pytest.raises(ConnectionResetError):
        connection.sock.recv(1)


def test_a_truncated_answer_ends_before_its_announced_length(sandbox: Sandbox, connection: HTTPConnection) -> None:
    sandbox.fail_next(truncate=10)
    send(connection, sandbox, BODY)
    with pytest.raises(IncompleteRead) as caught:
        connection.getresponse().read()
    assert caught.value.partial == b'{"status":'


def test_a_reset_can_come_in_the_middle_of_an_answer(sandbox: Sandbox, connection: HTTPConnection) -> None:
    sandbox.fail_next(reset=True, truncate=10)
    send(connection, sandbox, BODY)
    with pytest.raises((ConnectionResetError, IncompleteRead)):
        connection.getresponse().read()


def test_a_stream_can_be_cut_in_the_middle_of_a_frame(sandbox: Sandbox, connection: HTTPConnection) -> None:
    sandbox.fail_next(cut=2, on="stream")
    send(connection, sandbox, STREAM)
    with pytest.raises(IncompleteRead) as caught:
        connection.getresponse().read()
    assert caught.value.partial.count(b"\n\n") == 2
    assert not caught.value.partial.endswith(b"\n\n")


def test_a_stream_can_end_properly_but_too_early(sandbox: Sandbox, connection: HTTPConnection) -> None:
    sandbox.fail_next(end=2, on="stream")
    send(connection, sandbox, STREAM)
    text = connection.getresponse().read()
    assert (text.count(b"\n\n"), b"[DONE]" in text) == (2, False)


def test_a_fault_that_ends_or_cuts_is_met_once_and_then_the_stream_is_whole(sandbox: Sandbox, http: Http) -> None:
    for fields in ({"end": 1}, {"cut": 1}):
        sandbox.fail_next(on="stream", **fields)
    assert http.run("chat", text="x", stream=True).text.count("\n\n") == 1
    with pytest.raises(urllib3.exceptions.HTTPError):
        http.run("chat", text="x", stream=True)
    assert http.run("chat", text="x", stream=True).text.endswith("data: [DONE]\n\n")


def test_a_truncation_that_is_longer_than_the_answer_changes_nothing(sandbox: Sandbox, http: Http) -> None:
    whole = http("GET", "/v2/models/chat").body
    sandbox.fail_next(truncate=len(whole))
    assert http("GET", "/v2/models/chat").body == whole


def test_latency_delays_the_answer(sandbox: Sandbox, http: Http) -> None:
    sandbox.fail_next(latency=0.15)
    started = time.monotonic()
    assert http("GET", "/v2/models/chat").status == 200
    assert time.monotonic() - started >= 0.15


def test_latency_and_a_status_combine(sandbox: Sandbox, http: Http) -> None:
    sandbox.fail_next(504, latency=0.05)
    assert http("GET", "/v2/models/chat").status == 504


def test_a_refused_request_uses_no_fault_up(sandbox: Sandbox, http: Http) -> None:
    sandbox.fail_next(503)
    assert http("GET", "/v2/models/chat", headers={}).status == 401
    assert http("GET", "/v2/models/chat").status == 503


def test_the_sandbox_goes_on_after_every_kind_of_break(sandbox: Sandbox, http: Http) -> None:
    for fields in ({"reset": True}, {"truncate": 1}, {"cut": 0}, {"cut": 1, "reset": True}):
        sandbox.fail_next(**fields)
        with pytest.raises(urllib3.exceptions.HTTPError):
            http("GET", "/v2/models/chat") if "cut" not in fields else http.run("chat", text="x", stream=True)
        assert http("GET", "/v2/models/chat").status == 200


def test_faults_are_ordered_shown_and_dropped_over_http(http: Http) -> None:
    assert http("POST", "/sandbox/faults", {"fault": "status=503,times=2,on=get"}).status == 201
    assert http("POST", "/sandbox/faults", {"reset": True}).json["reset"] is True
    shown = http("GET", "/sandbox/faults").json
    assert [(fault["status"], fault["times"]) for fault in shown] == [(503, 2), (None, 1)]
    assert http("GET", "/v2/models/chat").status == 503
    assert http("DELETE", "/sandbox/faults").status == 204
    assert http("GET", "/v2/models/chat").status == 200


def test_a_wrong_fault_over_http_is_refused_with_the_reason(http: Http) -> None:
    answer = http("POST", "/sandbox/faults", {"colour": "red"})
    assert (answer.status, "unknown fault field 'colour'" in answer.json["message"]) == (400, True)


@pytest.mark.parametrize(
    "text",
    [
        "status=9999",
        "status=100",
        "status=-1",
        "times=0",
        "latency=-1",
        "latency=nan",
        "latency=inf",
        "truncate=-5",
        "cut=-1",
        "end=-1",
    ],
)
def test_a_number_that_cannot_be_is_refused_at_once(text: str) -> None:
    with pytest.raises(ValueError, match=r"^a fault('s|\b)"):
        parse_fault(text)


def test_a_fault_for_an_operation_that_is_not_there_is_refused_at_once(
    sandbox: Sandbox, snapshot: Path, http: Http
) -> None:
    words = "a fault cannot wait for 'breakfast'; choose any or one of get, search"
    with pytest.raises(ValueError, match=words):
        sandbox.fail_next(503, on="breakfast")
    with pytest.raises(ValueError, match=words):
        Sandbox(snapshot, faults=[Fault(status=503, on="breakfast")])
    refused = http("POST", "/sandbox/faults", {"status": 503, "on": "breakfast"})
    assert (refused.status, words in refused.json["message"]) == (400, True)
    assert sandbox.backend.faults.pending() == ()


def test_a_fault_for_a_model_that_is_not_there_is_refused_at_once(sandbox: Sandbox, snapshot: Path, http: Http) -> None:
    with pytest.raises(ValueError, match="the sandbox has no model 'nope'"):
        sandbox.fail_next(503, model="nope")
    with pytest.raises(ValueError, match="the sandbox has no model 'nope'"):
        Sandbox(snapshot, faults=[Fault(status=503, model="nope")])
    refused = http("POST", "/sandbox/faults", {"status": 503, "model": "nope"})
    assert refused.status == 400
    assert "nope" in refused.text
    assert sandbox.backend.faults.pending() == ()


def test_a_reply_may_compute_from_the_request(sandbox: Sandbox, http: Http) -> None:
    sandbox.reply("chat", lambda body: f"You said {body['text']}")
    assert http.result("chat", text="Hello")["data"] == "You said Hello"
    assert http.result("chat", text="Bye")["data"] == "You said Bye"


def test_a_sandbox_shows_where_it_is_without_its_key(sandbox: Sandbox) -> None:
    assert repr(sandbox).startswith(f"<Sandbox {sandbox.url}, ")
    assert sandbox.api_key not in repr(sandbox)


def test_the_old_and_the_new_door_lead_to_the_bundled_snapshot() -> None:
    assert typedrun_sandbox.bundled_snapshot() == old_door.bundled_snapshot()
    assert old_door.read_snapshot(typedrun_sandbox.bundled_snapshot()).models
