"""The queue, direct runs and streams, and every way in which they end."""

from __future__ import annotations

import json

import pytest

from tests.narrowing import Decoded
from tests.sandbox.conftest import Answer, Http
from typedrun.jsontypes import JSON
from typedrun_sandbox.marketplaces.fal.errors import request_error, scripted_error
from typedrun_sandbox.marketplaces.fal.wire import Fal

FLUX, LLM = "fal-ai/flux/dev", "lakeside/llm"
PROMPT = {"prompt": "What is 2 + 2?"}


def submit(fal: Http, id: str = FLUX, body: JSON = PROMPT, **headers: str) -> Decoded:
    return fal.json(
        "POST", f"/queue/{id}", body, headers={name.replace("_", "-"): text for name, text in headers.items()}
    )


def end(fal: Http, request: Decoded) -> tuple[Decoded, Answer]:
    """The status of a request that has completed, and its result."""
    while fal("GET", request["status_url"]).status == 202:
        pass
    return fal.json("GET", request["status_url"]), fal("GET", request["response_url"])


def test_a_request_waits_runs_and_completes(fal: Http) -> None:
    request = submit(fal)
    assert (request["status"], request["queue_position"]) == ("IN_QUEUE", 0)
    assert f"/queue/fal-ai/flux/requests/{request['request_id']}" in request["response_url"]
    first = fal("GET", request["status_url"])
    assert (first.status, first.json["status"], first.json["logs"]) == (202, "IN_PROGRESS", None)
    second = fal("GET", f"{request['status_url']}?logs=1")
    assert (second.status, second.json["status"]) == (200, "COMPLETED")
    assert [line["message"] for line in second.json["logs"]] == ["step 1 of 2", "step 2 of 2"]
    assert second.json["metrics"]["inference_time"] > 0
    output = fal.json("GET", request["response_url"])
    image = output["images"][0]
    assert fal("GET", image["url"], headers={}).headers["Content-Type"] == image["content_type"] == "image/png"
    assert output["prompt"] == "What is 2 + 2?"


def test_requests_are_below_the_application_and_nowhere_else(fal: Http) -> None:
    request = submit(fal)
    longer = request["status_url"].replace("/flux/requests", "/flux/dev/requests")
    assert fal("GET", longer).status == 404
    assert fal("PUT", longer.replace("/status", "/cancel")).json == {"status": "NOT_FOUND"}


def test_a_result_that_is_not_there_yet_is_refused(fal: Http) -> None:
    answer = fal("GET", submit(fal)["response_url"])
    assert (answer.status, answer.json["detail"]) == (400, "Request is still in progress")


def test_the_status_streams_until_completion(fal: Http) -> None:
    answer = fal("GET", f"{submit(fal)['status_url']}/stream?logs=1")
    assert answer.headers["Content-Type"] == "text/event-stream"
    states = [json.loads(line.removeprefix("data: "))["status"] for line in answer.text.split("\n\n") if line]
    assert states == ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]


def test_cancelling_has_four_answers(fal: Http) -> None:
    fal.sandbox.reply(FLUX, {"status": "IN_PROGRESS"})
    waiting, running = submit(fal), submit(fal)
    for _ in range(2):
        assert fal("GET", running["status_url"]).json["status"] in ("IN_QUEUE", "IN_PROGRESS")
    found = [fal("PUT", request["cancel_url"]) for request in (waiting, running, running)]
    found.append(fal("PUT", waiting["cancel_url"].replace(waiting["request_id"], "none")))
    assert [(answer.status, answer.json["status"]) for answer in found] == [
        (200, "OK"),
        (202, "CANCELLATION_REQUESTED"),
        (400, "ALREADY_COMPLETED"),
        (404, "NOT_FOUND"),
    ]


def test_a_cancelled_request_completes_with_an_error(fal: Http) -> None:
    request = submit(fal)
    fal("PUT", request["cancel_url"])
    status, result = end(fal, request)
    assert (status["status"], status["error_type"]) == ("COMPLETED", "client_cancelled")
    assert (result.status, result.json["error_type"]) == (499, "client_cancelled")


# --- errors


def test_a_wrong_input_completes_with_an_error_and_the_result_names_each(fal: Http) -> None:
    status, result = end(fal, submit(fal, body={"num_images": 99, "image_size": "round"}))
    assert status["error"] == "The model refused its input."
    assert (result.status, result.headers["X-Fal-Retryable"]) == (422, "false")
    found = {(one["type"], tuple(one["loc"])) for one in result.json["detail"]}
    assert {("missing", ("body", "prompt")), ("less_than_equal", ("body", "num_images"))} <= found
    (range_error,) = [one for one in result.json["detail"] if one["type"] == "less_than_equal"]
    assert (range_error["ctx"], range_error["input"]) == ({"le": 4}, 99)


@pytest.mark.parametrize(
    ("kind", "status", "retryable"),
    [
        ("request_timeout", 504, "true"),
        ("startup_timeout", 504, "true"),
        ("runner_scheduling_failure", 503, "true"),
        ("runner_connection_timeout", 503, "true"),
        ("runner_disconnected", 503, "true"),
        ("runner_connection_refused", 503, "true"),
        ("runner_connection_error", 503, "true"),
        ("runner_incomplete_response", 502, "true"),
        ("runner_server_error", 500, "false"),
        ("client_disconnected", 499, "false"),
        ("client_cancelled", 499, "false"),
        ("bad_request", 400, "false"),
        ("internal_error", 500, "false"),
        ("something_new", 500, "false"),
    ],
)
def test_a_failure_has_the_status_that_fal_lists_for_its_kind(kind: str, status: int, retryable: str) -> None:
    for refusal in (request_error(kind, "no"), scripted_error({"detail": "no", "error_type": kind})):
        assert (refusal.status, refusal.body) == (status, {"detail": "no", "error_type": kind})
        assert refusal.headers == {"X-Fal-Error-Type": kind, "X-Fal-Retryable": retryable}


@pytest.mark.parametrize(
    ("reply", "status", "retryable"),
    [
        ({"detail": "It fell over", "error_type": "runner_disconnected"}, 503, "true"),
        ({"detail": "Never began", "error_type": "startup_timeout"}, 504, "true"),
        ({"detail": [{"loc": ["body"], "msg": "no", "type": "content_policy_violation"}]}, 422, "false"),
        ({"detail": "Exhausted balance", "status_code": 403}, 403, "false"),
    ],
)
def test_a_script_lets_a_run_fail_in_either_form(
    fal: Http, reply: dict[str, JSON], status: int, retryable: str
) -> None:
    fal.sandbox.reply(FLUX, reply)
    _, result = end(fal, submit(fal))
    assert (result.status, result.headers["X-Fal-Retryable"]) == (status, retryable)
    assert result.json == {name: value for name, value in reply.items() if name != "status_code"}
    assert result.headers.get("X-Fal-Error-Type") == reply.get("error_type")
    assert fal("POST", f"/run/{FLUX}", PROMPT).status == status


def test_faults_speak_the_form_of_requests(fal: Http) -> None:
    fal.sandbox.fail_next(503, on="run")
    answer = fal("POST", f"/queue/{FLUX}", PROMPT)
    assert (answer.json["error_type"], answer.headers["X-Fal-Retryable"]) == ("runner_scheduling_failure", "true")
    assert fal("POST", f"/queue/{FLUX}", PROMPT, headers={}).status == 401
    assert fal("POST", "/queue/no/such", PROMPT).status == 404


def test_a_request_that_does_not_start_in_time_is_given_up(fal: Http) -> None:
    fal.sandbox.reply(FLUX, {"status": "IN_QUEUE"})
    request = submit(fal, X_Fal_Request_Start_Timeout="30")
    wire = fal.sandbox.backend.wire
    assert isinstance(wire, Fal)
    wire.requests[request["request_id"]].born -= 30
    status, result = end(fal, request)
    assert status["error_type"] == "request_timeout"
    assert (result.status, result.headers["X-Fal-Request-Timeout-Type"]) == (504, "user")


@pytest.mark.parametrize("header", [{"X-Fal-Request-Start-Timeout": "0.1"}, {"X-Fal-Queue-Priority": "high"}])
def test_a_control_that_cannot_be_is_refused(fal: Http, header: dict[str, str]) -> None:
    answer = fal.json("POST", f"/queue/{FLUX}", PROMPT, 400, header)
    assert answer["error_type"] == "bad_request"


# --- direct runs and streams


def test_a_direct_run_gives_the_output_at_once(fal: Http) -> None:
    assert fal.json("POST", f"/run/{LLM}", PROMPT)["output"] == "2 + 2 = 4."
    fal.sandbox.reply(LLM, lambda body: {"output": str(body["prompt"]).upper()})
    assert fal.json("POST", f"/run/{LLM}", {"prompt": "loud"}) == {"output": "LOUD"}


def test_a_stream_sends_outputs_that_grow_and_no_word_for_the_end(fal: Http) -> None:
    answer = fal("POST", f"/run/{LLM}/stream", PROMPT)
    *partial, last = [json.loads(line.removeprefix("data: ")) for line in answer.text.split("\n\n") if line]
    assert last["output"] == "2 + 2 = 4."
    assert [last["output"].startswith(one["output"]) for one in partial] == [True] * len(partial)
    assert len(partial) > 2


def test_a_model_without_a_stream_has_no_address_for_one(fal: Http) -> None:
    assert fal("POST", "/run/northwind/upscale/stream", {}).status == 404
