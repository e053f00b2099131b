from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import urllib3

from tests.narrowing import Decoded, present
from tests.sandbox.conftest import Http
from typedrun_sandbox.jsontypes import JSON, JSONObject
from typedrun_sandbox.marketplaces.aixplain.settings import AixplainSettings, PollForm
from typedrun_sandbox.server import Sandbox
from typedrun_sandbox.settings import Settings


def once(sandbox: Sandbox, id: str, **body: JSON) -> Decoded:
    """One run, for tests that start a sandbox of their own."""
    url = f"{sandbox.model_url}/{id}"
    return urllib3.request("POST", url, json=body, headers={"x-api-key": sandbox.api_key}).json()


def frames(text: str) -> list[str]:
    return [line.removeprefix("data: ") for line in text.split("\n\n") if line]


def test_a_synchronous_model_answers_at_once_with_the_whole_envelope(http: Http) -> None:
    answer = http.result("chat", text="What is 2 + 2?")
    assert (answer["status"], answer["completed"], answer["data"]) == ("SUCCESS", True, "2 + 2 = 4.")
    assert answer["details"][0]["message"] == {"role": "assistant", "content": "2 + 2 = 4."}
    assert answer["usage"]["total_tokens"] == answer["usage"]["prompt_tokens"] + answer["usage"]["completion_tokens"]
    assert answer["usedCredits"] == 0.5 * answer["usage"]["total_tokens"]
    assert answer["asset"] == {"assetId": "chat", "id": "acme/chat/acme"}


def test_the_run_time_tells_how_long_the_answer_is_and_credits_what_it_costs(http: Http) -> None:
    short, long = (http.result("chat", text=text) for text in ("Hello", "Tell me a story"))
    assert short["runTime"] == round(0.05 + 0.01 * short["usage"]["completion_tokens"], 3)
    assert 0.05 < short["runTime"] < long["runTime"]
    quick = http.result("quick", text="Hello", sourcelanguage="en", targetlanguage="es")
    assert quick["usedCredits"] == 2 * len("Hello")
    assert http.result("mood", text="Hello")["usedCredits"] == 0.001


def test_what_a_model_does_not_say_is_left_out_or_null_as_the_wire_has_it(http: Http) -> None:
    quick = http.result("quick", text="Hello", sourcelanguage="en", targetlanguage="es")
    assert not {"usage", "model", "details", "rawData"} & quick.keys()
    assert http.result("hear", source_audio="https://example.com/a.mp3", options={"includeRawData": True})["rawData"]
    failed = http.result("index", action="get_document", data="9")
    assert (failed["completed"], failed["errorMessage"], failed["data"]) == (True, None, None)
    assert failed["error"] == "err.supplier_error"


def test_the_same_request_gives_the_same_answer(http: Http) -> None:
    assert http.run("chat", text="Anything at all").body == http.run("chat", text="Anything at all").body


def test_a_model_runs_by_its_encoded_path_too(http: Http) -> None:
    assert http.result("acme%2Fchat%2Facme", text="Hello")["data"].startswith("Hello")


def test_running_an_unknown_model_is_404(http: Http) -> None:
    assert http.run("nobody", text="x").json == {"statusCode": 404, "message": "Model not found"}


def test_an_asynchronous_model_answers_with_a_poll_url_and_is_in_progress_first(http: Http) -> None:
    started = http.result("slow", text="Good morning", sourcelanguage="en", targetlanguage="pt")
    assert (started["status"], started["completed"]) == ("IN_PROGRESS", False)
    assert http("GET", started["data"]).json == {"status": "IN_PROGRESS", "completed": False}
    finished = http("GET", started["data"]).json
    assert (finished["status"], finished["data"]) == ("SUCCESS", "Bom dia")
    assert "requestId" in started
    assert "requestId" not in finished


def test_the_older_execute_endpoint_always_starts_a_job(http: Http) -> None:
    body = {"data": "hello", "sourcelanguage": "en", "targetlanguage": "es", "context": None}
    started = http("POST", "/api/v1/execute/quick", body).json
    assert (started["status"], started["completed"]) == ("IN_PROGRESS", True)  # as the backend says it
    http("GET", started["data"])
    assert http("GET", started["data"]).json["data"] == "hola"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/data/{}",
        "/api/v2/data/{}",
        "/sdk/models/{}",
        "/sdk/models/{}/result",
        "/sdk/runs/{}",
        "/sdk/runs/{}/result",
    ],
)
def test_every_form_of_poll_url_is_answered(http: Http, path: str) -> None:
    token = http.result("slow", text="hello")["data"].rsplit("/", 1)[1]
    assert http("GET", path.format(token)).json["completed"] is False


@pytest.mark.parametrize(
    ("form", "path"),
    [
        ("v1-data", "/api/v1/data/"),
        ("v2-data", "/api/v2/data/"),
        ("sdk-models-result", "/sdk/models/"),
        ("sdk-runs", "/sdk/runs/"),
        ("relative", "api/v1/data/"),
    ],
)
def test_the_form_of_the_poll_url_can_be_chosen(snapshot: Path, form: PollForm, path: str) -> None:
    with Sandbox(snapshot, settings=AixplainSettings(poll_form=form)) as sandbox:
        assert urlsplit(str(once(sandbox, "slow", text="hello")["data"])).path.startswith(path)


def test_a_poll_for_an_unknown_token_is_404(http: Http) -> None:
    assert http("GET", "/api/v1/data/none").status == 404


def test_a_job_can_take_a_while(snapshot: Path) -> None:
    with Sandbox(snapshot, settings=Settings(job_seconds=60, job_polls=0)) as sandbox:
        job = sandbox.backend.jobs.start("slow", {"status": "SUCCESS"}, seconds=60, polls=0)
        assert job.ask(job.ready_at - 0.1) is None
        assert job.ask(job.ready_at) == {"status": "SUCCESS"}


def test_a_stream_speaks_the_data_dialect(http: Http) -> None:
    answer = http.run("chat", text="Hello", options={"stream": True})
    assert answer.headers["Content-Type"] == "text/event-stream"
    *chunks, last = frames(answer.text)
    assert "".join(json.loads(chunk)["data"] for chunk in chunks) == http.result("chat", text="Hello")["data"]
    assert last == "[DONE]"


def test_a_stream_is_also_asked_for_at_the_top_level(http: Http) -> None:
    assert http.run("chat", text="Hello", stream=True).text.endswith("data: [DONE]\n\n")


def test_a_raw_stream_speaks_the_openai_dialect_with_usage_at_the_end(http: Http) -> None:
    *chunks, last = frames(http.run("chat", text="Hello", options={"stream": True, "raw": True}).text)
    read = [json.loads(chunk) for chunk in chunks]
    text = "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in read if chunk["choices"])
    assert text == "Hello! How can I help you today?"
    assert read[-2]["choices"][0]["finish_reason"] == "stop"
    assert (read[-1]["choices"], read[-1]["usage"]["prompt_tokens"], last) == ([], 1, "[DONE]")


def test_the_result_dialect_ends_with_the_whole_result(snapshot: Path) -> None:
    with Sandbox(snapshot, settings=AixplainSettings(dialect="result", token_seconds=0)) as sandbox:
        with sandbox.client() as aix, aix.Model.get("chat").run_stream(text="Hello") as stream:
            final = stream.final()
        whole = once(sandbox, "chat", text="Hello")
    assert final.data == whole["data"]
    assert (present(final.usage).total_tokens, final.used_credits) == (
        whole["usage"]["total_tokens"],
        whole["usedCredits"],
    )


def test_tool_calls_stream_in_fragments(http: Http) -> None:
    tools = [
        {"type": "function", "function": {"name": "clock", "parameters": {"properties": {"city": {"type": "string"}}}}}
    ]
    answer = http.run("chat", text="What time is it in Tokyo?", tools=tools, options={"stream": True, "raw": True})
    chunks = [json.loads(chunk) for chunk in frames(answer.text)[:-1]]
    calls = [
        call for chunk in chunks if chunk["choices"] for call in chunk["choices"][0]["delta"].get("tool_calls", [])
    ]
    assert calls[0]["function"]["name"] == "clock"
    assert json.loads("".join(call["function"]["arguments"] for call in calls)) == {"city": "Tokyo"}


def test_a_model_that_cannot_stream_answers_with_plain_json(http: Http) -> None:
    answer = http.run("quick", text="hello", sourcelanguage="en", targetlanguage="es", options={"stream": True})
    assert (answer.headers["Content-Type"], answer.json["data"]) == ("application/json", "hola")


def test_a_scripted_reply_is_used_in_turn_and_the_last_one_stays(sandbox: Sandbox, http: Http) -> None:
    sandbox.reply("acme/chat/acme", "first")
    sandbox.reply("chat", {"status": "FAILED", "completed": True, "errorMessage": "no"})
    answers = [http.result("chat", text="x") for _ in range(3)]
    assert (answers[0]["data"], answers[0]["details"][0]["message"]["content"]) == ("first", "first")
    assert answers[0]["usage"]["completion_tokens"] == 1
    assert answers[1] == {"status": "FAILED", "completed": True, "errorMessage": "no"}
    assert [answer["status"] for answer in answers] == ["SUCCESS", "FAILED", "FAILED"]


def test_a_scripted_reply_streams(sandbox: Sandbox, http: Http) -> None:
    sandbox.reply("chat", "One two")
    assert frames(http.run("chat", text="x", stream=True).text) == ['{"data":"One"}', '{"data":" two"}', "[DONE]"]


def test_a_scripted_failure_ends_a_stream_with_its_envelope(sandbox: Sandbox, http: Http) -> None:
    sandbox.reply("chat", {"status": "FAILED", "completed": True, "supplierError": "overloaded"})
    (only,) = frames(http.run("chat", text="x", stream=True).text)
    assert json.loads(only)["supplierError"] == "overloaded"


def test_a_scripted_start_is_sent_as_it_is(sandbox: Sandbox, http: Http) -> None:
    start: JSONObject = {"status": "IN_PROGRESS", "completed": False, "data": "https://elsewhere.example/api/v1/data/1"}
    sandbox.reply("slow", start)
    assert http.result("slow", text="x") == start


def test_raw_data_comes_when_asked_for(http: Http) -> None:
    answer = http.result("hear", source_audio="https://example.com/a.mp3", options={"includeRawData": True})
    assert answer["rawData"]["language"] == "english"


@pytest.mark.parametrize(
    ("id", "body", "problems"),
    [
        pytest.param("chat", {}, ["Required parameter 'text' is missing"], id="missing"),
        pytest.param(
            "chat",
            {"text": "x", "temperature": "warm", "reasoning_effort": "extreme"},
            [
                "Parameter 'temperature' has invalid type. Expected number, got string",
                "Parameter 'reasoning_effort' must be one of 'low', 'high'; got 'extreme'",
            ],
            id="type and option, both told",
        ),
    ],
)
def test_wrong_parameters_are_refused_with_400(http: Http, id: str, body: dict[str, JSON], problems: list[str]) -> None:
    answer = http.run(id, **body)
    assert answer.status == 400
    assert [error["message"] for error in answer.json["errors"]] == problems
    assert answer.json["message"] == "; ".join(problems)


def test_validation_can_be_switched_off(snapshot: Path) -> None:
    with Sandbox(snapshot, settings=Settings(validate=False)) as sandbox:
        assert once(sandbox, "chat")["status"] == "SUCCESS"


@pytest.mark.parametrize("value", ["sound.mp3", "/home/me/sound.mp3", "not a url"])
def test_a_media_parameter_that_is_no_url_is_refused_with_492(http: Http, value: str) -> None:
    answer = http.run("hear", source_audio=value)
    assert (answer.status, answer.json["error"]) == (492, "err.invalid_input_data_or_input_url")


def test_a_link_to_a_file_that_was_never_uploaded_is_refused(sandbox: Sandbox, http: Http) -> None:
    assert http.run("hear", source_audio=f"{sandbox.url}/files/temp/none.wav").status == 492


@pytest.mark.parametrize("body", [b"[1]", b"{not json", b"\xff"], ids=["a list", "broken", "not UTF-8"])
def test_a_body_that_is_no_json_object_is_refused(http: Http, body: bytes) -> None:
    assert http("POST", "/api/v2/execute/chat", body).status == 400
