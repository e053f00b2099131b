"""The older surface: `LLM` and `ModelResponse`."""

import inspect
import pickle
from pathlib import Path
from typing import Any

import pytest

from tests.narrowing import attribute
from tests.runtime.conftest import Bench
from typedrun.client import Client
from typedrun.enums import AssetStatus, Function, FunctionType, OpenStrEnum, ResponseStatus
from typedrun.errors import (
    AuthenticationError,
    ConfigurationError,
    OperationFailedError,
    OutcomeUnknown,
    ParameterError,
    TimeoutError,  # noqa: A004  # it is a TimeoutError
)
from typedrun.llm import LLM, ModelResponse
from typedrun.parameters import VendorInfo
from typedrun.streaming import ModelResponseStreamer
from typedrun.testing import Answer, Fault, ScriptedNetwork

POLL = "https://models.test/api/v1/data/abc-1"
STARTED = Answer(json={"status": "IN_PROGRESS", "completed": True, "data": POLL})
FINISHED = Answer(
    json={
        "status": "SUCCESS", "completed": True, "data": "Hola", "details": [{"index": 0}], "runTime": 1.5,
        "usedCredits": "0.2", "usage": {"total_tokens": 3}, "asset": {"id": "a/b"}, "model": "quill-2",
    }
)  # fmt: skip


def llm(made: Any, **fields: Any) -> Any:
    return made.client.LLM("64aaaaaaaaaaaaaaaaaaaaaa", "Quill", function=Function.TEXT_GENERATION, **fields)


def test_an_llm_generates_text_or_is_none() -> None:
    for function in (None, Function.TRANSLATION, "translation"):
        with pytest.raises(AssertionError, match="not text-generation"):
            LLM("x", "X", function=function)


def test_any_spelling_of_the_function_will_do() -> None:
    class Other(OpenStrEnum):
        TEXT = "text-generation"

    assert [LLM("x", "X", function=function).function for function in ("text-generation", Other.TEXT)] == [
        "text-generation",
        "text-generation",
    ]


def test_the_constructor_has_the_documented_defaults() -> None:
    model = LLM("x", "X", function=Function.TEXT_GENERATION)
    assert (model.description, model.version, model.cost, model.is_subscribed) == ("", None, None, False)
    assert (model.temperature, model.function_type, model.additional_info) == (0.001, FunctionType.AI, {})
    assert model.supplier == VendorInfo(None, "aiXplain", "aiXplain")
    assert model.status in {None, AssetStatus.ONBOARDED}


def test_additional_info_is_kept() -> None:
    model = LLM(
        "x", "X", function=Function.TEXT_GENERATION, version="3", supplier={"id": 1, "code": "q"}, colour="blue"
    )
    assert (model.additional_info, attribute(model.version, "id")) == ({"colour": "blue"}, "3")
    assert model.vendor == VendorInfo(1, None, "q")


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("run", "data context prompt history temperature max_tokens top_p name timeout parameters wait_time stream"),
        ("run_async", "data context prompt history temperature max_tokens top_p name parameters"),
    ],
)
def test_arguments_come_in_the_documented_order(method: str, expected: str) -> None:
    parameters = inspect.signature(getattr(LLM, method)).parameters
    assert list(parameters)[1:-1] == expected.split()
    defaults = {name: one.default for name, one in parameters.items()}
    assert (defaults["max_tokens"], defaults["top_p"], defaults["name"]) == (128, 1.0, "model_process")


def test_a_run_posts_the_documented_body(bench: type[Bench]) -> None:
    made = bench(FINISHED)
    llm(made, temperature=0.5).run("test input")
    (request,) = made.sent
    assert (request.method, request.url) == ("POST", "https://models.test/api/v2/execute/64aaaaaaaaaaaaaaaaaaaaaa")
    assert request.json == {
        "data": "test input", "context": None, "prompt": None, "history": None, "temperature": 0.5, "max_tokens": 128,
        "top_p": 1.0, "response_format": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("model_default", "argument", "sent"), [(0.001, None, 0.001), (0.5, 0.9, 0.9), (0.5, 0, 0), (None, None, None)]
)
def test_the_temperature_is_the_arguments_then_the_models(
    bench: type[Bench], model_default: float | None, argument: float | None, sent: float | None
) -> None:
    made = bench(FINISHED)
    llm(made, temperature=model_default).run("Hi", temperature=argument, top_p=None)
    assert made.sent[0].json.get("temperature") == sent
    assert "top_p" not in made.sent[0].json


def test_arguments_work_by_position_and_parameters_win(bench: type[Bench]) -> None:
    made = bench(FINISHED)
    history = [{"role": "user", "content": "a"}]
    llm(made).run("Hi", "be kind", "Say:", history, 0.1, 5, 0.9, "run-7", parameters={"max_tokens": 9, "seed": 1})
    assert made.sent[0].json == {
        "data": "Hi", "context": "be kind", "prompt": "Say:", "history": history, "temperature": 0.1, "max_tokens": 9,
        "top_p": 0.9, "response_format": None, "seed": 1,
    }  # fmt: skip


def test_a_response_has_the_fields_of_the_answer(bench: type[Bench]) -> None:
    response = llm(bench(FINISHED)).run("Hi")
    assert isinstance(response, ModelResponse)
    assert response.to_dict() == {
        "status": ResponseStatus.SUCCESS, "data": "Hola", "details": [{"index": 0}], "completed": True, "error_message": "",
        "used_credits": 0.2, "run_time": 1.5, "usage": {"total_tokens": 3}, "url": None, "error_code": None,
        "asset": {"id": "a/b"}, "model": "quill-2",
    }  # fmt: skip


def test_an_unfinished_run_is_polled(bench: type[Bench]) -> None:
    made = bench(STARTED, Answer(json={"completed": False}), FINISHED)
    assert llm(made).run("Hi").data == "Hola"
    assert [request.method for request in made.sent] == ["POST", "GET", "GET"]


def test_run_async_goes_to_the_v1_endpoint_and_returns_the_place_to_ask(bench: type[Bench]) -> None:
    made = bench(STARTED, FINISHED, FINISHED)
    model = llm(made)
    response = model.run_async("Hi")
    assert made.sent[0].url == "https://models.test/api/v1/execute/64aaaaaaaaaaaaaaaaaaaaaa"
    assert (response.status, response.url, response.data, response.completed) == ("IN_PROGRESS", POLL, "", False)
    assert model.poll(response.url).data == "Hola"
    assert model.sync_poll(response.url).data == "Hola"


def test_run_async_may_be_finished_at_once(bench: type[Bench]) -> None:
    response = llm(bench(FINISHED)).run_async("Hi")
    assert (response.status, response.data) == ("SUCCESS", "Hola")


@pytest.mark.parametrize("how", ["run", "run_stream"])
def test_a_stream_gives_chunks(bench: type[Bench], how: str) -> None:
    made = bench(
        Answer(blocks=(b'data: {"data":"Ho"}\n\n', b"data: [DONE]\n\n"), headers={"Content-Type": "text/event-stream"})
    )
    model = llm(made)
    stream = model.run("Hi", stream=True) if how == "run" else model.run_stream("Hi")
    assert isinstance(stream, ModelResponseStreamer)
    assert [chunk.data for chunk in stream] == ["Ho"]
    assert made.sent[0].json["options"] == {"stream": True}


@pytest.mark.parametrize(
    ("answer", "message", "error"),
    [
        (Answer(json={"status": "FAILED", "error": "e", "supplierError": "s"}), "e - s", OperationFailedError),
        (Answer(json={"status": "FAILED", "error_message": "m", "error": "e"}), "m", OperationFailedError),
        (Answer(json={"completed": True, "error": "e"}), "e", OperationFailedError),
        (Answer(status=401, json={"message": "bad key"}), "bad key", AuthenticationError),
        (Fault(), "may have been executed and billed", OutcomeUnknown),
    ],
    ids=["supplier", "message", "no-status", "http", "no-reply"],
)
def test_a_run_that_fails_is_a_response_that_says_so(
    bench: type[Bench], answer: Any, message: str, error: type[Exception]
) -> None:
    for how in ("run", "run_async"):
        response = getattr(llm(bench(answer)), how)("Hi")
        assert (response.status, response.completed) == (ResponseStatus.FAILED, True)
        assert message in response.error_message
        assert isinstance(response.exception, error)


def test_a_run_that_takes_too_long_can_be_asked_for_later(bench: type[Bench]) -> None:
    made = bench(lambda request: STARTED if request.method == "POST" else Answer(json={"completed": False}))
    response = llm(made).run("Hi", timeout=3)
    assert (response.status, response.completed, response.url) == (ResponseStatus.FAILED, False, POLL)
    assert isinstance(response.exception, TimeoutError)


def test_failed_polls_are_responses_too(bench: type[Bench]) -> None:
    failed = Answer(json={"status": "FAILED", "error": "e"})
    assert [llm(bench(failed)).poll(POLL).status, llm(bench(failed)).sync_poll(POLL).status] == ["FAILED", "FAILED"]


def test_a_wrong_value_raises(bench: type[Bench]) -> None:
    with pytest.raises(ParameterError, match="cannot be written as JSON"):
        llm(bench()).run("Hi", parameters={"when": object()})


def test_a_path_is_uploaded_and_its_address_sent(bench: type[Bench], tmp_path: Path) -> None:
    def storage(request: Any) -> Answer:
        if request.url.endswith("temp-url"):
            return Answer(json={"key": "k", "uploadUrl": "https://s.test/put", "downloadUrl": "https://s.test/get"})
        return Answer(json=None) if request.method == "PUT" else FINISHED

    (tmp_path / "prompt.txt").write_text("Hi")
    made = bench(storage)
    llm(made).run(tmp_path / "prompt.txt")
    assert made.sent[-1].json["data"] == "https://s.test/get"


def test_without_a_client_the_key_is_the_argument_or_the_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="no API key"):
        LLM("x", "X", function=Function.TEXT_GENERATION).run("Hi")
    monkeypatch.setenv("MODELS_RUN_URL", "https://m.test/api/v2/execute")
    model = LLM("x", "X", api_key="canary-9", function=Function.TEXT_GENERATION)
    assert model.session.driver.settings.api_key.reveal() == "canary-9"
    assert model.client is model.client
    assert (model.url, model.backend_url) == ("https://m.test/api/v1/execute", "https://platform-api.aixplain.com")


def test_the_key_is_neither_shown_nor_pickled() -> None:
    model = LLM("x", "X", api_key="canary-9", function=Function.TEXT_GENERATION)
    assert "canary-9" not in repr(model)
    assert b"canary-9" not in pickle.dumps(model)


def test_a_response_is_also_a_mapping() -> None:
    response = ModelResponse(status=ResponseStatus.SUCCESS, data="x", colour="blue")
    assert (response["data"], response["colour"], response.get("colour"), response.get("nope", 1)) == (
        "x",
        "blue",
        "blue",
        1,
    )
    assert "data" in response
    assert "colour" in response
    assert "nope" not in response
    response["data"] = "y"
    response["colour"] = "red"
    assert (response.data, response.additional_fields) == ("y", {"colour": "red"})
    assert dict(response) == response.to_dict()
    assert list(response) == response.keys()
    for touch in (lambda: response["nope"], lambda: response.__setitem__("nope", 1)):
        with pytest.raises(KeyError, match="There is no 'nope' in this response"):
            touch()


def test_a_response_starts_empty() -> None:
    response = ModelResponse(status=ResponseStatus.FAILED)
    assert (response.data, response.details, response.completed, response.error_message) == ("", {}, False, "")
    assert (response.used_credits, response.run_time, response.usage, response.url) == (0.0, 0.0, None, None)
    assert response == ModelResponse(status=ResponseStatus.FAILED)
    assert response != "FAILED"
    assert repr(response) == "ModelResponse(status=<ResponseStatus.FAILED: 'FAILED'>)"


@pytest.mark.parametrize(
    ("arguments", "refusal", "named"),
    [
        ({}, "Unsupported parameter: 'temperature'", "temperature=0.001"),
        ({}, "temperature and top_p are not supported", "temperature=0.001 and top_p=1"),
        ({"temperature": 0.7}, "Unsupported parameter: 'temperature'", None),
        ({}, "The prompt is too long", None),
    ],
)
def test_a_refusal_of_a_setting_that_nobody_gave_says_who_sent_it(
    bench: type[Bench], arguments: dict[str, Any], refusal: str, named: str | None
) -> None:
    made = bench(Answer(status=400, json={"message": refusal}))
    response = llm(made).run("Hi", **arguments)
    assert refusal in response.error_message
    assert (f"LLM sends {named} unless" in response.error_message) is (named is not None)
    assert ("LLM sends" in response.error_message) is (named is not None)


@pytest.mark.parametrize(
    ("arguments", "seconds"), [({}, 2), ({"timeout": 300}, 300), ({"timeout": 300.0}, 300), ({"timeout": 7}, 7)]
)
def test_the_clients_total_bounds_a_run_that_says_nothing(arguments: dict[str, Any], seconds: int) -> None:
    network = ScriptedNetwork(lambda _: Answer(json={"status": "IN_PROGRESS", "data": "token-1"}))
    client = Client(
        "key-0123456789",
        "https://p.test",
        None,
        "https://m.test/api/v2/execute",
        timeout=2,
        transport=network,
        clock=network.clock,
    )
    model: Any = client.LLM("x", "X", function=Function.TEXT_GENERATION)
    response = model.run("Hi", **arguments)
    assert f"timed out after {seconds} seconds" in response.error_message
    assert seconds - 1 < network.clock.now() <= seconds
