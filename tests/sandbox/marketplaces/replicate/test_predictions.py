"""Predictions: created by version, name and deployment, waited for, asked for, cancelled, streamed."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.sandbox.conftest import Http
from typedrun_sandbox.marketplaces.replicate.wire import Replicate

LLAMA, FLUX = "meta/meta-llama-3-8b-instruct", "black-forest-labs/flux-schnell"
VECTORS = "lakeside/sentence-vectors"


def by_name(rep: Http, id: str, *, status: int = 201, prefer: str = "", **given: Any) -> Any:
    headers = {"Prefer": prefer} if prefer else {}
    return rep.json("POST", f"/v1/models/{id}/predictions", {"input": given}, status=status, headers=headers)


def test_a_new_prediction_starts_and_is_asked_for(rep: Http) -> None:
    made = by_name(rep, LLAMA, prompt="What is 2 + 2?")
    assert (made["status"], made["output"], made["error"]) == ("starting", None, None)
    assert (made["model"], made["version"], made["input"]) == (LLAMA, "hidden", {"prompt": "What is 2 + 2?"})
    states = [rep.json("GET", made["urls"]["get"]) for _ in range(2)]
    assert [state["status"] for state in states] == ["processing", "succeeded"]
    assert "".join(states[1]["output"]) == "2 + 2 = 4."
    assert states[0]["output"] == states[1]["output"][: len(states[1]["output"]) // 2]
    assert states[1]["metrics"]["predict_time"] > 0
    assert "100%|" in states[1]["logs"]


def test_the_answer_waits_for_the_run_where_that_is_preferred(rep: Http) -> None:
    made = by_name(rep, FLUX, prefer="wait", prompt="a red boat", num_outputs=2)
    assert made["status"] == "succeeded"
    assert len(set(made["output"])) == 2
    file = rep("GET", made["output"][0], headers={})
    assert (file.headers["Content-Type"], file.body[:4]) == ("image/png", b"\x89PNG")


def test_a_run_that_is_not_done_by_then_comes_back_unfinished(rep: Http) -> None:
    rep.sandbox.reply(FLUX, {"status": "processing"})
    made = by_name(rep, FLUX, status=202, prefer="wait=1", prompt="a red boat")
    assert made["status"] == "starting"
    assert [rep.json("GET", made["urls"]["get"])["status"] for _ in range(3)] == ["processing"] * 3
    assert rep.json("POST", made["urls"]["cancel"])["status"] == "canceled"
    assert rep.json("GET", made["urls"]["get"])["status"] == "canceled"


def test_what_has_ended_cannot_be_cancelled(rep: Http) -> None:
    made = by_name(rep, FLUX, prefer="wait", prompt="a red boat")
    assert rep.json("POST", made["urls"]["cancel"])["status"] == "succeeded"


@pytest.mark.parametrize("form", ["{version}", "{id}:{version}"])
def test_a_version_is_named_by_its_hash(rep: Http, form: str) -> None:
    version = rep.json("GET", f"/v1/models/{VECTORS}")["latest_version"]["id"]
    body = {"version": form.format(id=VECTORS, version=version), "input": {"text": "hello"}}
    made = rep.json("POST", "/v1/predictions", body, status=201)
    assert (made["model"], made["version"]) == (VECTORS, version)
    assert rep.sandbox.requests[-1].model == VECTORS


@pytest.mark.parametrize("version", ["0" * 64, VECTORS, f"{LLAMA}:nothing", "no/model"])
def test_an_unknown_version_is_refused(rep: Http, version: str) -> None:
    answer = rep.json("POST", "/v1/predictions", {"version": version, "input": {}}, status=422)
    assert answer["title"] == "Invalid version or not permitted"


def test_an_official_model_may_be_named_as_a_version(rep: Http) -> None:
    body = {"version": LLAMA, "input": {"prompt": "x"}}
    assert rep.json("POST", "/v1/predictions", body, status=201)["model"] == LLAMA


def test_a_model_that_is_not_official_has_no_runs_by_name(rep: Http) -> None:
    by_name(rep, VECTORS, status=404, text="x")


def test_a_deployment_runs_its_model(rep: Http) -> None:
    made = rep.json("POST", "/v1/deployments", {"name": "mine", "model": VECTORS})
    assert made["current_release"]["model"] == VECTORS
    run = rep.json("POST", "/v1/deployments/sandbox/mine/predictions", {"input": {"text": "x"}}, status=201)
    assert (run["deployment"], run["model"]) == ("sandbox/mine", VECTORS)
    assert rep.json("GET", "/v1/deployments/none/such", status=404)["title"] == "Not found"


# --- refusals


def test_each_wrong_input_is_named(rep: Http) -> None:
    answer = by_name(rep, FLUX, status=422, num_outputs=99, aspect_ratio="7:7", seed="x")
    assert answer["title"] == "Input validation failed"
    found = {(field["type"], field["field"], field["description"].split(":")[0]) for field in answer["invalid_fields"]}
    assert found == {
        ("required", "input", "prompt is required"),
        ("number_lte", "input.num_outputs", "Must be less than or equal to 4"),
        ("enum", "input.aspect_ratio", "input.aspect_ratio must be one of the following"),
        ("invalid_type", "input.seed", "Invalid type. Expected"),
    }
    assert "- input: prompt is required\n" in answer["detail"]


def test_a_member_that_the_body_may_not_have_is_named(rep: Http) -> None:
    answer = rep.json("POST", f"/v1/models/{FLUX}/predictions", {"inptu": {}}, status=422)
    assert [field["description"] for field in answer["invalid_fields"]] == [
        "input is required",
        "Additional property inptu is not allowed",
    ]


def test_input_names_that_the_schema_lacks_pass(rep: Http) -> None:
    by_name(rep, FLUX, prompt="x", of_mine=1)


def test_errors_are_problems(rep: Http) -> None:
    answer = rep("GET", "/v1/models/a/b", headers={"Authorization": "Bearer wrong"})
    assert (answer.status, answer.json["title"], answer.headers["Content-Type"]) == (
        401,
        "Unauthenticated",
        "application/problem+json",
    )
    rep.sandbox.fail_next(402, on="run")
    assert by_name(rep, FLUX, status=402, prompt="x")["title"] == "Insufficient credit"
    rep.sandbox.fail_next(429, retry_after="1", headers={"X-Mine": "1"})
    throttled = rep("GET", f"/v1/models/{FLUX}")
    assert re.search(r"resets in ~\d+s", throttled.json["detail"])
    assert (throttled.headers["Retry-After"], throttled.headers["X-Mine"]) == ("1", "1")


@pytest.mark.parametrize("header", ["4s", "soon", ""])
def test_a_deadline_is_a_duration_of_five_seconds_at_least(rep: Http, header: str) -> None:
    rep.json("POST", f"/v1/models/{FLUX}/predictions", {"input": {"prompt": "x"}}, 422, {"Cancel-After": header})


def test_a_run_is_aborted_when_its_deadline_comes_first(rep: Http) -> None:
    body = {"input": {"prompt": "x"}}
    made = rep.json("POST", f"/v1/models/{FLUX}/predictions", body, 201, {"Cancel-After": "1m5s"})
    wire = rep.sandbox.backend.wire
    assert isinstance(wire, Replicate)
    run = wire.predictions[made["id"]]
    assert run.life == 65
    run.born -= 65
    ended = rep.json("GET", made["urls"]["get"])
    assert (ended["status"], ended["output"]) == ("canceled", None)
    assert ended["deadline"] > ended["created_at"]


# --- scripts and streams


def test_a_script_is_the_output_or_the_whole_end(rep: Http) -> None:
    rep.sandbox.reply(FLUX, ["https://example.com/a.png"])
    rep.sandbox.reply(FLUX, {"status": "failed", "error": "NSFW content detected"})
    assert by_name(rep, FLUX, prefer="wait", prompt="x")["output"] == ["https://example.com/a.png"]
    failed = by_name(rep, FLUX, prefer="wait", prompt="x")
    assert (failed["status"], failed["error"], failed["output"]) == ("failed", "NSFW content detected", None)


def events(text: str) -> list[tuple[str, str]]:
    blocks = [block.split("\n") for block in text.strip().split("\n\n")]
    assert all(re.fullmatch(r"id: \d+:\d+", lines[1]) for lines in blocks)
    return [(lines[0][7:], "\n".join(line[6:] for line in lines[2:])) for lines in blocks]


def test_a_stream_has_named_events_with_ids(rep: Http) -> None:
    made = by_name(rep, LLAMA, prompt="Give me 2 boats")
    answer = rep("GET", made["urls"]["stream"], headers={})
    assert answer.headers["Content-Type"] == "text/event-stream"
    seen = events(answer.text)
    assert [name for name, _ in seen if name != "output"] == ["logs", "done"]
    assert "".join(data for name, data in seen if name == "output") == "1. boats number 1\n2. boats number 2"
    assert seen[-1] == ("done", "{}")
    assert rep.json("GET", made["urls"]["get"])["status"] == "succeeded"


def test_a_stream_tells_of_failure_and_of_cancelling(rep: Http) -> None:
    rep.sandbox.reply(LLAMA, {"status": "failed", "error": "out of memory", "output": ["a"]})
    made = by_name(rep, LLAMA, prompt="x")
    seen = events(rep("GET", made["urls"]["stream"], headers={}).text)
    assert seen[1:] == [("output", "a"), ("error", '{"detail":"out of memory"}'), ("done", '{"reason":"error"}')]
    made = by_name(rep, LLAMA, prompt="x")
    rep.json("POST", made["urls"]["cancel"])
    assert events(rep("GET", made["urls"]["stream"], headers={}).text) == [("done", '{"reason":"canceled"}')]


def test_only_models_whose_output_comes_in_pieces_stream(rep: Http) -> None:
    assert "stream" not in by_name(rep, FLUX, prompt="x")["urls"]
