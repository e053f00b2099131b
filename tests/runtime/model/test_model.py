"""A model: what the backend says about it, and every way to run it."""

import inspect
import json
import pickle
import warnings
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar, Literal, Unpack, overload

import pytest

from tests.narrowing import attribute, noting, present
from tests.runtime.conftest import Bench
from typedrun.client import Client
from typedrun.enums import AssetStatus, Function
from typedrun.errors import (
    ConfigurationError,
    DecodingError,
    FileUploadError,
    InvalidRequestError,
    NotFoundError,
    OperationFailedError,
    OutcomeUnknown,
    ParameterError,
    ResourceError,
    TimeoutError,  # noqa: A004  # it is a TimeoutError
    UntrustedURLError,
    ValidationError,
)
from typedrun.model import (
    InputsOf,
    Model,
    NonStreamingModel,
    RunControls,
    StaleModelWarning,
    declared,
    find_function_by_id,
    find_supplier_by_id,
    from_document,
)
from typedrun.parameters import Parameter, Pricing, VendorInfo, Version
from typedrun.results import ModelResult
from typedrun.session import Session
from typedrun.streaming import ModelResponseStreamer
from typedrun.testing import Answer, Fault

POLL = "https://models.test/api/v1/data/abc-1"
STARTED = Answer(json={"status": "IN_PROGRESS", "completed": True, "data": POLL, "requestId": "r-1"})
FINISHED = Answer(json={"status": "SUCCESS", "completed": True, "data": "Hola", "usedCredits": "0.5"})
STREAMED = Answer(
    blocks=(b'data: {"data":"Ho"}\n\n', b'data: {"data":"la"}\n\ndata: [DONE]\n\n'),
    headers={"Content-Type": "text/event-stream"},
)

# --- the document


def test_a_document_becomes_attributes(bench: type[Bench], language_model: dict[str, Any]) -> None:
    language_model |= {
        "serviceName": "S", "host": "Quill", "developer": "Quill", "functionType": "ai", "type": "regular",
        "pricing": {"price": 1e-05, "unitType": "TOKEN"}, "createdAt": "2026-03-19T13:27:29.604Z",
        "updatedAt": "2026-03-20T13:27:29.604Z", "supportsBYOC": False, "attributes": {"max_context_length": "128000"},
    }  # fmt: skip
    model = bench().model(language_model)
    assert (model.id, model.name, model.path) == ("64aaaaaaaaaaaaaaaaaaaaaa", "Quill", "quill/quill-2/quill")
    assert (model.status, model.function) == (AssetStatus.ONBOARDED, Function.TEXT_GENERATION)
    assert (model.vendor, model.supplier) == (VendorInfo(7, "Quill Labs", "quill"),) * 2
    assert (model.pricing, model.version) == (Pricing(1e-05, "TOKEN"), Version(None, "2"))
    assert (model.service_name, model.host, model.developer) == ("S", "Quill", "Quill")
    assert (model.function_type, model.type, model.supports_byoc) == ("ai", "regular", False)
    assert (model.created_at, model.updated_at) == ("2026-03-19T13:27:29.604Z", "2026-03-20T13:27:29.604Z")
    assert (model.get_attribute("max_context_length"), model.get_attribute("nope", 1)) == ("128000", 1)
    assert model.params is not None
    assert model.parameters == model.params
    assert [parameter.name for parameter in model.params] == ["text", "temperature", "effort", "json_mode", "tools"]
    assert model.raw["assetInfo"] == language_model["assetInfo"]


@pytest.mark.parametrize(
    ("fields", "name", "expected"),
    [
        ({"status": "brand_new"}, "status", "brand_new"),
        ({"function": "translation"}, "function", "translation"),
        ({"function": {"id": "novel-thing"}}, "function", "novel-thing"),
        ({"function": None}, "function", None),
        ({"vendor": None, "supplier": "aws"}, "vendor", VendorInfo(None, "aws", "aws")),
        ({"vendor": {"id": 1}, "supplier": 5}, "vendor", VendorInfo(1)),
        ({"host": None, "hostedBy": "AWS"}, "host", "AWS"),
        ({"developedBy": "AWS"}, "developer", "AWS"),
        ({"connectionType": "synchronous"}, "connection_type", ("synchronous",)),
        ({"params": {}}, "params", ()),
        ({"params": None}, "params", None),
        ({"version": "1.0"}, "version", Version(id="1.0")),
        ({"supportsStreaming": None}, "supports_streaming", None),
        ({"supportsStreaming": "yes"}, "supports_streaming", None),
        ({"attributes": [{"name": "a", "value": 1}]}, "attributes", {"a": 1}),
        ({"name": None}, "name", ""),
        ({"pricing": 3, "description": 7}, "pricing", None),
    ],
)
def test_odd_documents_are_read_leniently(bench: type[Bench], fields: Any, name: str, expected: object) -> None:
    assert getattr(bench().model({"id": "x", **fields}), name) == expected


def test_secrets_of_a_document_are_not_shown(bench: type[Bench]) -> None:
    document = {
        "id": "x",
        "api_key": "s3cret",
        "subscription": {"id": 1, "apiKey": "s3cret"},
        "list": [{"token": "s3cret"}],
    }
    model = bench().model(document)
    assert "s3cret" not in repr(model) + repr(model.raw) + str(model.raw)
    assert model.raw["subscription"] == {"id": 1, "apiKey": "s3cret"}


def test_repr_names_the_model(bench: type[Bench], language_model: dict[str, Any]) -> None:
    assert repr(bench().model(language_model)) == (
        "Model(id='64aaaaaaaaaaaaaaaaaaaaaa', name='Quill', path='quill/quill-2/quill')"
    )


@pytest.mark.parametrize(
    ("connection", "sync_only", "async_capable"),
    [
        (None, False, True),
        (["synchronous"], True, False),
        (["asynchronous"], False, True),
        (["synchronous", "asynchronous"], False, True),
        ([], False, False),
        (["carrier-pigeon"], False, False),
        (["synchronous", "carrier-pigeon"], True, False),
    ],
)
def test_how_a_model_runs(bench: type[Bench], connection: Any, sync_only: bool, async_capable: bool) -> None:
    model = bench().model({"id": "x", "connectionType": connection})
    assert (model.is_sync_only, model.is_async_capable) == (sync_only, async_capable)


@pytest.mark.parametrize(
    ("function", "params", "tools", "structured"),
    [
        ("text-generation", ["tools", "responseFormat"], True, True),
        ("text-generation", ["toolChoice", "response_format"], True, True),
        ("text-generation", ["text"], False, False),
        ("text-generation", [], False, False),
        ("text-generation", None, None, None),
        ("translation", ["tools"], False, False),
        (None, ["tools"], None, None),
    ],
)
def test_what_a_language_model_can_do(
    bench: type[Bench], function: Any, params: Any, tools: bool | None, structured: bool | None
) -> None:
    document = {"id": "x", "function": function, "params": params and [{"name": name} for name in params]}
    model = bench().model(document if params is not None else document | {"params": None})
    if params == []:
        model = bench().model(document | {"params": []})
    assert (model.supports_tool_calling, model.supports_structured_output) == (tools, structured)


def test_a_deleted_model_says_so(bench: type[Bench], language_model: dict[str, Any]) -> None:
    model = bench().model(language_model)
    assert not model.is_deleted
    model.mark_as_deleted()
    assert (model.status, model.is_deleted) == (AssetStatus.DELETED, True)


def test_a_deleted_model_is_not_run(bench: type[Bench], language_model: dict[str, Any]) -> None:
    made = bench()
    model = made.model(language_model)
    model.mark_as_deleted()
    with pytest.raises(ValidationError, match="was deleted"):
        model.run(text="Hi")
    assert made.sent == []


def test_a_model_pickles_without_the_key(bench: type[Bench], language_model: dict[str, Any]) -> None:
    model = bench().model(language_model)
    model.inputs.text = "kept"
    frozen = pickle.dumps(model)
    assert b"canary" not in frozen
    assert pickle.loads(frozen).inputs.text == "kept"


# --- get


@pytest.mark.parametrize(
    ("id", "host", "path"),
    [
        ("64aaaaaaaaaaaaaaaaaaaaaa", None, "/v2/models/64aaaaaaaaaaaaaaaaaaaaaa"),
        ("openai/gpt-4o", None, "/v2/models/openai%2Fgpt-4o"),
        ("a b?/c", "open ai", "/v2/models/a%20b%3F%2Fc?host=open+ai"),
    ],
)
def test_get_asks_by_id_or_path(bench: type[Bench], id: str, host: str | None, path: str) -> None:
    made = bench(Answer(json={"id": "x", "name": "X"}))
    assert made.client.Model.get(id, host=host).name == "X"
    assert (made.sent[0].method, made.sent[0].url) == ("GET", f"https://platform.test{path}")


def test_a_model_that_does_not_exist_is_not_found(bench: type[Bench]) -> None:
    made = bench(Answer(status=404, json={"statusCode": 404, "message": "Model not found"}))
    with pytest.raises(NotFoundError, match="Model not found") as caught:
        made.client.Model.get("nope")
    assert isinstance(caught.value, ResourceError)
    assert (caught.value.status_code, caught.value.model) == (404, "nope")


@pytest.mark.parametrize("answer", [[], "x", {"name": "no id"}, {"id": 7}, None])
def test_an_answer_that_is_no_model_names_what_was_asked_for(bench: type[Bench], answer: Any) -> None:
    with pytest.raises(ResourceError, match="the request for model a/b"):
        bench(Answer(json=answer)).client.Model.get("a/b")


def test_an_empty_id_is_refused(bench: type[Bench]) -> None:
    with pytest.raises(ResourceError, match="needs an id or a path"):
        bench().client.Model.get("")


def test_arguments_of_get_that_the_reference_takes_are_taken(bench: type[Bench]) -> None:
    made = bench(Answer(json={"id": "x"}))
    made.client.Model.get("x", api_key="other", resource_path="v9")
    assert made.sent[0].url == "https://platform.test/v2/models/x"
    with pytest.raises(TypeError, match="unexpected keyword argument 'hots'"):
        made.client.Model.get("x", hots="AWS")


def test_the_unbound_class_says_where_to_get_a_bound_one() -> None:
    with pytest.raises(ConfigurationError, match=r"aix\.Model\.get"):
        Model.get("x")
    with pytest.raises(ConfigurationError, match="belongs to no client"):
        Model(None, id="x").run()
    with pytest.raises(TypeError, match="has no field 'nmae'"):
        Model(None, nmae="x")


# --- run


def test_a_run_posts_a_flat_body_with_the_catalogs_defaults(bench: type[Bench], language_model: dict[str, Any]) -> None:
    made = bench(FINISHED)
    result = made.model(language_model).run(text="Hi", json_mode=True, effort="low")
    assert (result.data, result.completed, result.status, result.used_credits) == ("Hola", True, "SUCCESS", 0.5)
    assert isinstance(result, ModelResult)
    (request,) = made.sent
    assert (request.method, request.url) == ("POST", "https://models.test/api/v2/execute/64aaaaaaaaaaaaaaaaaaaaaa")
    assert request.json == {"text": "Hi", "temperature": "0.7", "effort": "low", "json_mode": "true"}


@pytest.mark.parametrize(
    ("given", "body"),
    [
        ({}, {"temperature": "0.7"}),
        ({"temperature": 0.7}, {"temperature": 0.7}),
        ({"temperature": "0.2"}, {"temperature": "0.2"}),
        ({"temperature": None}, {}),
        ({"temperature": 0}, {"temperature": 0}),
        ({"tools": []}, {"temperature": "0.7", "tools": []}),
        ({"effort": None}, {"temperature": "0.7"}),
        ({"extra": {"seed": 1, "temperature": 2}}, {"temperature": 2, "seed": 1}),
        ({"options": {"includeRawData": True}}, {"temperature": "0.7", "options": {"includeRawData": True}}),
    ],
)
def test_omitted_given_and_removed_are_three_things(
    bench: type[Bench], language_model: dict[str, Any], given: dict[str, Any], body: dict[str, Any]
) -> None:
    made = bench(FINISHED)
    made.model(language_model).run(text="Hi", **given)
    assert made.sent[0].json == {"text": "Hi", **body}


def test_a_parameter_named_like_a_run_control_has_an_underscore_and_is_sent(bench: type[Bench]) -> None:
    made = bench(STARTED, FINISHED)
    params = [{"name": "timeout", "dataType": "number"}, {"name": "stream", "dataType": "boolean"}, {"name": "class"}]
    made.model({"id": "x", "params": params}).run(timeout_=5, stream_=True, class_="a", timeout=60, stream=False)
    assert made.sent[0].json == {"timeout": 5, "stream": True, "class": "a"}


def test_inputs_are_what_a_call_leaves_out(bench: type[Bench], language_model: dict[str, Any]) -> None:
    made = bench(FINISHED, FINISHED)
    model = made.model(language_model)
    model.inputs = {"text": "from inputs", "temperature": 0.1}
    model.run()
    model.run(text="from the call")
    assert [request.json["text"] for request in made.sent] == ["from inputs", "from the call"]
    assert made.sent[1].json["temperature"] == 0.1


def test_the_only_value_of_a_fixed_parameter_is_sent(bench: type[Bench], translator: dict[str, Any]) -> None:
    made = bench(FINISHED)
    made.model(translator).run(text="Hi")
    assert made.sent[0].json == {"text": "Hi", "sourcelanguage": "en"}


def test_a_conversation_may_stand_for_the_text(bench: type[Bench], language_model: dict[str, Any]) -> None:
    made = bench(FINISHED)
    messages = ({"role": "user", "content": "Hi"},)
    made.model(language_model).run(text=messages)
    assert made.sent[0].json["text"] == [{"role": "user", "content": "Hi"}]


def test_data_waives_what_is_missing(bench: type[Bench], language_model: dict[str, Any]) -> None:
    made = bench(FINISHED)
    made.model(language_model).run(data=[{"role": "user", "content": []}])
    assert made.sent[0].json == {"temperature": "0.7", "data": [{"role": "user", "content": []}]}


def test_every_problem_of_a_call_is_in_one_error_and_nothing_is_sent(
    bench: type[Bench], language_model: dict[str, Any]
) -> None:
    made = bench()
    with pytest.raises(ParameterError) as caught:
        made.model(language_model).run(txt="Hi", temperature=[], effort="hgih")
    assert [problem.split(":")[0].split(".")[0] for problem in caught.value.problems] == [
        "Unknown parameter 'txt'",
        "Required parameter 'text' is missing",
        "Parameter 'temperature' has invalid type",
        "Parameter 'effort' has an invalid value",
    ]
    assert "did you mean 'text'" in str(caught.value)
    assert "did you mean 'high'" in str(caught.value)
    assert caught.value.model == "quill/quill-2/quill"
    assert made.sent == []


def test_validate_false_sends_the_values_as_they_are(bench: type[Bench], language_model: dict[str, Any]) -> None:
    made = bench(FINISHED)
    made.model(language_model).run(txt="Hi", temperature=[], effort="extreme", validate=False)
    assert made.sent[0].json == {"txt": "Hi", "temperature": [], "effort": "extreme"}


def test_a_name_that_resembles_nothing_is_passed_on(bench: type[Bench], language_model: dict[str, Any]) -> None:
    made = bench(FINISHED)
    made.model(language_model).run(text="Hi", zebra=1)
    assert made.sent[0].json["zebra"] == 1


def test_a_model_without_parameters_takes_anything(bench: type[Bench]) -> None:
    made = bench(FINISHED)
    made.model({"id": "x"}).run(anything={"goes": True})
    assert made.sent[0].json == {"anything": {"goes": True}}


def test_arguments_need_their_names(bench: type[Bench], language_model: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="takes every argument by name"):
        bench().model(language_model).run("Hi")


def test_a_value_that_is_not_json_names_its_parameter(bench: type[Bench]) -> None:
    made = bench()
    with pytest.raises(
        ParameterError, match="The value of 'when' cannot be written as JSON: object is not a JSON type"
    ):
        made.model({"id": "x"}).run(text="a", when=object())
    with pytest.raises(ParameterError, match="'n'"):
        made.model({"id": "x"}).run(n=float("nan"))
    assert made.sent == []


def test_identity_travels_in_headers_and_not_in_the_body(bench: type[Bench], language_model: dict[str, Any]) -> None:
    made = bench(FINISHED, STREAMED)
    model = made.model(language_model)
    who: dict[str, Any] = {"identifier": "u-1", "session_id": "s-1", "agent_name": "a-1", "extra_headers": {"x-b": "c"}}
    model.run(text="Hi", api_key="other", resource_path="x", show_progress=True, **who)
    list(model.run_stream(text="Hi", **who))
    expected = {"x-user-id": "u-1", "x-session-id": "s-1", "x-agent": "a-1", "x-b": "c"}
    for request in made.sent:
        assert expected.items() <= request.headers.items()
        assert set(request.json) - {"options"} == {"text", "temperature"}


def test_an_identity_outside_ascii_is_refused(bench: type[Bench], language_model: dict[str, Any]) -> None:
    made = bench()
    with pytest.raises(
        ParameterError, match="'session_id' travels as an HTTP header and must be printable ASCII"
    ) as caught:
        made.model(language_model).run(text="Hi", session_id="größe")
    assert (caught.value.parameter, made.sent) == ("session_id", [])


@pytest.mark.parametrize(
    "controls", [{"timeout": "soon"}, {"timeout": -1}, {"wait_time": True}, {"run_retries": -1}, {"extra": "x"}]
)
def test_an_impossible_run_control_is_refused(
    bench: type[Bench], language_model: dict[str, Any], controls: dict[str, Any]
) -> None:
    made = bench()
    with pytest.raises(ParameterError, match=f"Run control '{next(iter(controls))}' must be"):
        made.model(language_model).run(text="Hi", **controls)
    assert made.sent == []


# --- which path a run takes


@pytest.mark.parametrize("connection", [None, ["synchronous"], ["asynchronous"], []])
def test_an_unfinished_answer_is_polled_whatever_the_catalog_says(bench: type[Bench], connection: Any) -> None:
    made = bench(STARTED, Answer(json={"completed": False}), FINISHED)
    result = made.model({"id": "x", "connectionType": connection}).run(text="Hi")
    assert (result.data, result.request_id) == ("Hola", "r-1")
    assert [request.method for request in made.sent] == ["POST", "GET", "GET"]


def test_a_finished_answer_with_a_url_is_final(bench: type[Bench]) -> None:
    made = bench(Answer(json={"status": "SUCCESS", "data": "https://models.test/api/v1/data/picture"}))
    assert made.model({"id": "x"}).run(text="Hi").data == "https://models.test/api/v1/data/picture"
    assert len(made.sent) == 1


def test_an_unfinished_answer_without_a_place_to_ask_is_an_error(bench: type[Bench]) -> None:
    with pytest.raises(DecodingError, match="does not say where to ask"):
        bench(Answer(json={"status": "IN_PROGRESS", "requestId": "r-1"})).model({"id": "x"}).run(text="Hi")


def test_a_status_from_the_future_is_returned(bench: type[Bench]) -> None:
    assert (
        bench(Answer(json={"status": "PONDERING", "data": 1})).model({"id": "x"}).run(text="Hi").status == "PONDERING"
    )


@pytest.mark.parametrize(
    "medium", ["https://models.test/files/picture.png", "https://cdn.test/picture.png", "s3://b/k", "a word"]
)
def test_an_unfinished_answer_of_a_synchronous_model_is_returned_as_it_is(bench: type[Bench], medium: str) -> None:
    made = bench(Answer(json={"status": "IN_PROGRESS", "data": medium, "requestId": "r-1"}))
    result = made.model({"id": "x", "connectionType": ["synchronous"]}).run(text="Hi")
    assert (result.data, result.status, result.completed, result.url) == (medium, "IN_PROGRESS", False, None)
    assert len(made.sent) == 1


@pytest.mark.parametrize(
    "place",
    [
        "https://evil.test/api/v1/data/x",
        "https://evil.test\\@models.test/api/v1/data/x",
        "https://models.test/api/v1/data/x\r\nHost: evil.test",
        "https://user:pw@models.test/api/v1/data/x",
        "\\\\evil.test/api/v1/data/x",
        "api/v1/data/x\x00",
    ],
)
@pytest.mark.parametrize("connection", [["synchronous"], ["synchronous", "asynchronous"]], ids=["sync only", "both"])
def test_a_hostile_place_to_ask_is_refused(bench: type[Bench], connection: list[str], place: str) -> None:
    made = bench(Answer(json={"status": "IN_PROGRESS", "data": place}))
    with pytest.raises(UntrustedURLError):
        made.model({"id": "x", "connectionType": connection}).run(text="Hi")
    assert len(made.sent) == 1


def test_a_poll_address_elsewhere_is_not_asked(bench: type[Bench]) -> None:
    made = bench(Answer(json={"status": "IN_PROGRESS", "data": "https://evil.test/api/v1/data/x"}))
    with pytest.raises(UntrustedURLError, match=r"evil\.test"):
        made.model({"id": "x"}).run(text="Hi")
    assert len(made.sent) == 1


@pytest.mark.parametrize(
    "answer",
    [
        {"status": "ERROR", "error": "no such voice"},
        {"status": "ABORTED", "completed": True, "data": None, "error": {"message": "no such voice"}},
        {"status": "aborted", "supplierError": "no such voice"},
        {"status": "TIMEOUT", "completed": False, "errorMessage": "no such voice"},
        {"status": "BROKEN-FROM-THE-FUTURE", "error": "no such voice"},
        {"error": "no such voice"},
    ],
)
@pytest.mark.parametrize("how", ["run", "job", "stream"])
def test_every_spelling_of_failure_is_one(bench: type[Bench], how: str, answer: dict[str, Any]) -> None:
    started = Answer(json={"status": "IN_PROGRESS", "data": "token-1"})
    made = bench(*([started] if how == "job" else []), Answer(json=answer))
    model = made.model({"id": "x"})
    with pytest.raises(OperationFailedError, match="no such voice"):
        _ = model.run_stream(text="Hi").final() if how == "stream" else model.run(text="Hi")
    assert len(made.sent) == (2 if how == "job" else 1)


@pytest.mark.parametrize("word", ["COMPLETED", "succeeded", "Done"])
def test_other_words_for_success_end_the_waiting(bench: type[Bench], word: str) -> None:
    made = bench(
        Answer(json={"status": "IN_PROGRESS", "data": "token-1"}), Answer(json={"status": word, "data": "Hola"})
    )
    assert made.model({"id": "x"}).run(text="Hi").data == "Hola"


def test_a_failure_without_a_reason_is_told_in_the_backends_word(bench: type[Bench]) -> None:
    with pytest.raises(OperationFailedError, match="the backend said ABORTED and gave no reason"):
        bench(Answer(json={"status": "ABORTED"})).model({"id": "x"}).run(text="Hi")


def test_a_failed_run_raises_the_suppliers_words(bench: type[Bench]) -> None:
    failed = {"status": "FAILED", "completed": True, "error": "err.supplier_error", "supplierError": "Too long"}
    with pytest.raises(OperationFailedError, match="Operation failed: Too long") as caught:
        bench(Answer(json=failed)).model({"id": "x", "path": "a/b"}).run(text="Hi")
    assert (caught.value.status_code, caught.value.model, caught.value.response_data) == (0, "a/b", failed)


def test_the_timeout_covers_submission_and_polling(bench: type[Bench]) -> None:
    made = bench(lambda request: STARTED if request.method == "POST" else Answer(json={"completed": False}))
    with pytest.raises(TimeoutError) as caught:
        made.model({"id": "x"}).run(text="Hi", timeout=5)
    assert made.clock.now() == pytest.approx(5, abs=0.05)
    assert present(caught.value.job).url == POLL


def test_a_run_without_a_reply_is_not_sent_twice_unless_allowed(bench: type[Bench]) -> None:
    made = bench(Fault(), Fault(), FINISHED)
    model = made.model({"id": "x"})
    with pytest.raises(OutcomeUnknown):
        model.run(text="Hi")
    assert model.run(text="Hi", run_retries=1, run_retry_wait=2).data == "Hola"
    assert len(made.sent) == 3


# --- run_async


def test_run_async_returns_at_once_with_a_job(bench: type[Bench], language_model: dict[str, Any]) -> None:
    made = bench(STARTED, FINISHED)
    job = made.model(language_model).run_async(text="Hi")
    assert (job.url, job.status, job.completed, job.request_id) == (POLL, "IN_PROGRESS", False, "r-1")
    assert len(made.sent) == 1
    assert job.wait().data == "Hola"


def test_run_async_may_be_finished_at_once(bench: type[Bench], language_model: dict[str, Any]) -> None:
    job = bench(FINISHED).model(language_model).run_async(text="Hi")
    assert (job.completed, job.data, job.result().data) == (True, "Hola", "Hola")


def test_a_synchronous_model_starts_through_the_v1_endpoint(bench: type[Bench], translator: dict[str, Any]) -> None:
    made = bench(STARTED, FINISHED)
    job = made.model(translator).run_async(text="Hi", targetlanguage="es", identifier="u")
    (request,) = made.sent
    assert request.url == "https://models.test/api/v1/execute/64bbbbbbbbbbbbbbbbbbbbbb"
    assert request.json == {"data": "Hi", "sourcelanguage": "en", "targetlanguage": "es"}
    assert "x-user-id" not in request.headers
    assert job.wait().data == "Hola"


def test_the_v1_fallback_raises_like_everything_else(bench: type[Bench], translator: dict[str, Any]) -> None:
    with pytest.raises(OperationFailedError, match="No such language"):
        bench(Answer(json={"status": "FAILED", "error_message": "No such language"})).model(translator).run_async(
            text="Hi"
        )
    with pytest.raises(DecodingError, match="where to ask"):
        bench(Answer(json={"status": "IN_PROGRESS"})).model(translator).run_async(text="Hi")


def test_a_job_can_be_asked_through_its_model(bench: type[Bench], language_model: dict[str, Any]) -> None:
    made = bench(Answer(json={"completed": False}), FINISHED)
    model = made.model(language_model)
    assert not model.poll(POLL).completed
    assert model.sync_poll(POLL, timeout=5, wait_time=0.5).data == "Hola"


# --- streams


@pytest.mark.parametrize("how", ["run", "run_stream"])
def test_a_stream_gives_chunks(bench: type[Bench], language_model: dict[str, Any], how: str) -> None:
    made = bench(STREAMED)
    model = made.model(language_model)
    with model.run(text="Hi", stream=True) if how == "run" else model.run_stream(text="Hi") as stream:
        assert isinstance(stream, ModelResponseStreamer)
        assert [chunk.data for chunk in stream] == ["Ho", "la"]
    assert made.sent[0].json == {"text": "Hi", "temperature": "0.7", "options": {"stream": True}}
    assert made.sent[0].headers["Accept"] == "text/event-stream"


@pytest.mark.parametrize("how", ["run", "run_stream"])
def test_a_model_that_cannot_stream_says_so_before_anything_is_sent(
    bench: type[Bench], translator: dict[str, Any], how: str
) -> None:
    made = bench()
    model = made.model(translator)
    with pytest.raises(ValidationError, match="cannot stream"):
        model.run(text="Hi", stream=True) if how == "run" else model.run_stream(text="Hi")
    assert made.sent == []


def test_a_model_that_does_not_say_may_be_streamed(bench: type[Bench]) -> None:
    made = bench(STREAMED)
    assert "".join(chunk.data for chunk in made.model({"id": "x"}).run_stream(text="Hi")) == "Hola"


# --- media

LISTENER = {"id": "x", "params": [{"name": "source_audio", "dataType": "audio", "required": True}]}


def storage(request: Any) -> Answer:
    if request.url.endswith("temp-url"):
        urls = {"key": "k", "uploadUrl": "https://store.test/put?sig=1", "downloadUrl": "https://store.test/get"}
        return Answer(json=urls)
    return Answer(json=None) if request.method == "PUT" else FINISHED


@pytest.mark.parametrize(
    "as_given",
    list[Callable[[Path], Any]]([Path, Path.read_bytes, lambda path: BytesIO(path.read_bytes())]),
    ids=["path", "bytes", "file"],
)
def test_a_local_file_is_uploaded_and_its_address_sent(
    bench: type[Bench], tmp_path: Path, as_given: Callable[[Path], Any]
) -> None:
    (tmp_path / "hello.wav").write_bytes(b"RIFF....WAVE")
    made = bench(storage)
    made.model(LISTENER).run(source_audio=as_given(tmp_path / "hello.wav"))
    assert [request.method for request in made.sent] == ["POST", "PUT", "POST"]
    assert made.sent[1].body == b"RIFF....WAVE"
    assert "x-api-key" not in made.sent[1].headers
    assert made.sent[2].json == {"source_audio": "https://store.test/get"}


@pytest.mark.parametrize("url", ["https://example.com/a.wav", "data:audio/wav;base64,AAAA", "s3://bucket/a.wav"])
def test_an_address_is_sent_as_it_is(bench: type[Bench], url: str) -> None:
    made = bench(FINISHED)
    made.model(LISTENER).run(source_audio=url)
    assert made.sent[0].json == {"source_audio": url}


@pytest.mark.parametrize("name", ["secret", ".env", "gone.wav"])
def test_a_plain_text_never_names_a_local_file(bench: type[Bench], tmp_path: Path, name: str) -> None:
    if name != "gone.wav":
        (tmp_path / name).write_text("KEY=1")
    made = bench()
    with pytest.raises(ParameterError, match=r"plain text and no URL.*pathlib\.Path.*local_paths=True") as caught:
        made.model(LISTENER).run(source_audio=str(tmp_path / name))
    assert caught.value.parameter == "source_audio"
    assert made.sent == []


def test_a_client_may_be_told_to_take_texts_for_paths(bench: type[Bench], tmp_path: Path) -> None:
    (tmp_path / "hello.wav").write_bytes(b"RIFF....WAVE")
    made = bench(storage)
    made.client.local_paths = True
    made.model(LISTENER).run(source_audio=str(tmp_path / "hello.wav"))
    assert made.sent[1].body == b"RIFF....WAVE"


def test_an_upload_counts_within_the_time_of_the_run(bench: type[Bench]) -> None:
    def slow(request: Any) -> Any:
        return Answer(status=503, headers={"Retry-After": "4"}) if request.method == "PUT" else storage(request)

    made = bench(slow)
    with pytest.raises((TimeoutError, FileUploadError)):
        made.model(LISTENER).run(source_audio=b"RIFF....WAVE", timeout=10)
    assert made.clock.now() <= 10
    assert [request.method for request in made.sent[:2]] == ["POST", "PUT"]
    assert not any(request.url.endswith("/x") for request in made.sent)


def test_a_missing_file_is_an_error_before_the_run(bench: type[Bench], tmp_path: Path) -> None:
    made = bench()
    with pytest.raises(FileUploadError, match=r"gone\.wav"):
        made.model(LISTENER).run(source_audio=tmp_path / "gone.wav")
    assert made.sent == []


def test_an_upload_tells_how_far_it_is(bench: type[Bench]) -> None:
    told: list[tuple[str, int, int]] = []
    bench(storage).model(LISTENER).run(source_audio=b"RIFF....WAVE", on_upload=noting(told))
    assert told[-1] == ("source_audio", 12, 12)


def test_several_files_are_uploaded_one_by_one(bench: type[Bench], tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    document = {"id": "x", "params": [{"name": "images", "dataType": "image", "multipleValues": True}]}
    made = bench(storage)
    made.model(document).run(images=[tmp_path / "a.png", "https://example.com/b.png"])
    assert made.sent[-1].json == {"images": ["https://store.test/get", "https://example.com/b.png"]}


# --- as part of something else


def test_as_tool_describes_the_model_to_an_agent(bench: type[Bench], language_model: dict[str, Any]) -> None:
    model = bench().model(language_model)
    model.inputs.effort = "high"
    tool = model.as_tool()
    assert tool == {
        "id": model.id, "name": "Quill", "description": "Writes.", "supplier": "quill",
        "parameters": model.get_parameters(), "function": "text-generation", "type": "model", "version": "2",
        "asset_id": model.id, "assetId": model.id,
    }  # fmt: skip
    assert tool["parameters"][0] == {
        "name": "temperature", "value": "0.7", "required": False, "datatype": "text", "allow_multi": False,
        "supports_variables": False, "fixed": False, "description": "",
    }  # fmt: skip
    assert [(entry["name"], entry["value"]) for entry in tool["parameters"]] == [
        ("temperature", "0.7"),
        ("effort", "high"),
    ]


def test_a_bare_model_is_a_tool_too(bench: type[Bench]) -> None:
    tool = bench().model({"id": "x"}).as_tool()
    assert (tool["supplier"], tool["function"], tool["version"], tool["description"]) == ("aixplain", None, None, "")


def test_the_pieces_of_a_run_can_be_had_alone(bench: type[Bench]) -> None:
    model = bench().model({"id": "a/b"})
    assert model.encoded_id == "a%2Fb"
    assert model.build_run_url() == "https://models.test/api/v2/execute/a%2Fb"
    assert model.build_run_payload(text="a", timeout=3, identifier="u", n=None) == {"text": "a"}


@pytest.mark.parametrize(
    ("id", "found"),
    [("text-generation", Function.TEXT_GENERATION), ("TEXT_GENERATION", Function.TEXT_GENERATION), ("nope", None)],
)
def test_functions_are_found_by_id(id: str, found: Function | None) -> None:
    assert find_function_by_id(id) is found


@pytest.mark.parametrize(("id", "found"), [("aixplain", "aixplain"), ("AIXPLAIN", "aixplain"), (999, None)])
def test_suppliers_are_found_by_id(id: str | int, found: str | None) -> None:
    assert find_supplier_by_id(id) == found


# --- generated classes


class Quill(Model[str]):
    """Quill."""

    id = "64aaaaaaaaaaaaaaaaaaaaaa"
    path = "quill/quill-2/quill"
    function = Function.TEXT_GENERATION
    params = (
        Parameter(name="text", required=True, data_type="text", data_sub_type="text"),
        Parameter(name="temperature", data_type="text", data_sub_type="number", default_values=("0.7",)),
        Parameter(name="class", data_type="text", data_sub_type="text"),
    )
    wire_names: ClassVar[Mapping[str, str]] = {"class_": "class"}

    @overload
    def run(
        self,
        *,
        text: str,
        temperature: float | None = 0.7,
        class_: str | None = None,
        stream: Literal[False] = False,
        **controls: Unpack[RunControls],
    ) -> ModelResult[str]: ...
    @overload
    def run(
        self,
        *,
        text: str,
        temperature: float | None = 0.7,
        class_: str | None = None,
        stream: Literal[True],
        **controls: Unpack[RunControls],
    ) -> ModelResponseStreamer: ...
    @declared
    def run(  # type: ignore[empty-body]  # declared
        self,
        *,
        text: str,
        temperature: float | None = 0.7,
        class_: str | None = None,
        stream: bool = False,
        **controls: Unpack[RunControls],
    ) -> ModelResult[str] | ModelResponseStreamer:  # pyright: ignore[reportReturnType]  # declared
        """Write text."""


class Babel(NonStreamingModel[str]):
    """Babel."""

    id = "64bbbbbbbbbbbbbbbbbbbbbb"
    supports_streaming = False

    @declared
    def run(self, *, text: str, **controls: Unpack[RunControls]) -> ModelResult[str]:  # type: ignore[empty-body]  # declared
        """Translate."""


class Shelf:
    """A registry with one class."""

    is_sample = False

    package = "nowhere"

    def find(self, id_or_path: str) -> type[Model[Any]] | None:
        return Quill if id_or_path == Quill.id else None


def known_at_generation(_session: Session[Any], _name: str, fallback: Any) -> Any:
    return fallback


@pytest.fixture
def shelf(bench: type[Bench], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setattr(Client, "registry", Shelf())
    monkeypatch.setattr(Session, "enumeration", known_at_generation)
    return bench


def test_a_declared_method_sends_what_the_caller_wrote(bench: type[Bench]) -> None:
    made = bench(FINISHED, FINISHED)
    Quill(made.client).run(text="Hi", class_="a")
    Quill(made.client).run(text="Hi", temperature=0.7)
    assert [request.json for request in made.sent] == [
        {"text": "Hi", "temperature": "0.7", "class": "a"},
        {"text": "Hi", "temperature": 0.7},
    ]


def test_a_declared_method_shows_its_declaration() -> None:
    signature = inspect.signature(Quill().run)
    assert list(signature.parameters) == ["text", "temperature", "class_", "stream", "controls"]
    assert signature.parameters["temperature"].default == 0.7
    assert Quill.run.__doc__ == "Write text."
    with pytest.raises(TypeError, match=r"run\(\) takes 1 positional argument but 2 were given"):
        Quill().run("Hi")  # type: ignore[call-overload]  # that is the point


def test_a_generated_class_takes_no_unknown_names(bench: type[Bench]) -> None:
    made = bench(FINISHED)
    with pytest.raises(ParameterError, match="Unknown parameter 'zebra': there are text, temperature, class"):
        Quill(made.client).run(text="Hi", zebra=1)  # type: ignore[call-overload]  # that is the point
    Quill(made.client).run(text="Hi", extra={"zebra": 1})  # type: ignore[call-overload]  # shortened above
    assert made.sent[0].json["zebra"] == 1


def test_a_fetched_generated_model_passes_unknown_names_on_as_the_reference_does(
    shelf: Callable[..., Any], language_model: dict[str, Any]
) -> None:
    made = shelf(Answer(json={"id": Quill.id, "name": "Quill"}), FINISHED)
    made.client.Model.get(Quill.id).run(text="Hi", zebra=1)
    assert made.sent[1].json["zebra"] == 1


def test_a_class_that_cannot_stream_refuses_at_run_time(bench: type[Bench]) -> None:
    made = bench()
    babel: Any = Babel(made.client)
    with pytest.raises(ValidationError, match="cannot stream"):
        babel.run(text="a", stream=True)
    with pytest.raises(ValidationError, match="cannot stream"):
        babel.run_stream(text="a")
    assert made.sent == []


def test_class_level_values_stand_without_a_client() -> None:
    assert (Quill.id, Quill.path, Quill.parameters) == (Quill.id, "quill/quill-2/quill", Quill.params)
    assert Quill().is_generated
    assert not Model().is_generated
    assert Quill().supports_tool_calling is False
    assert isinstance(Quill.inputs, InputsOf)


def test_get_gives_the_generated_class_with_the_live_values(
    shelf: Callable[..., Any], language_model: dict[str, Any]
) -> None:
    language_model |= {"params": [{"name": "text", "required": True, "dataType": "text", "dataSubType": "text"},
        {"name": "temperature", "dataType": "text", "dataSubType": "number", "defaultValues": ["0.7"]},
        {"name": "class", "dataType": "text", "dataSubType": "text"}], "name": "Quill 2.1"}  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = shelf(Answer(json=language_model)).client.Model.get(Quill.id)
    assert isinstance(model, Quill)
    assert (model.name, Quill.name) == ("Quill 2.1", "")


def test_a_stale_class_is_noticed_once(shelf: Callable[..., Any], language_model: dict[str, Any]) -> None:
    made = shelf(Answer(json=language_model), Answer(json=language_model))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        made.client.Model.get(Quill.id)
        made.client.Model.get(Quill.id)
    (warning,) = caught
    assert warning.category is StaleModelWarning
    assert "new: effort, json_mode, tools; gone: class" in str(warning.message)
    assert "typedrun pull && typedrun generate" in str(warning.message)
    assert warning.filename == __file__


def test_a_refused_parameter_shows_that_a_class_is_stale(shelf: Callable[..., Any]) -> None:
    refusal = {"statusCode": 400, "message": "Bad Request", "errors": [{"field": "style", "message": "is missing"}]}
    made = shelf(*[Answer(status=400, json=refusal)] * 3)
    quill = Quill(made.client)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for controls in list[dict[str, Any]]([{"validate": False}, {}, {}]):
            with pytest.raises(InvalidRequestError):
                quill.run(text="Hi", **controls)
    (warning,) = caught
    assert "refused: style" in str(warning.message)
    assert warning.filename == __file__


def test_a_parameter_that_has_become_required_shows_drift(shelf: Callable[..., Any]) -> None:
    refusal = {"statusCode": 400, "errors": [{"field": "temperature", "message": "is missing"}]}
    made = shelf(Answer(status=400, json=refusal))
    with pytest.warns(StaleModelWarning, match="refused: temperature"), pytest.raises(InvalidRequestError):
        Quill(made.client).run(text="Hi", temperature=None)


def test_a_wrong_value_shows_no_drift(shelf: Callable[..., Any]) -> None:
    refusal = {"statusCode": 400, "errors": [{"field": "text", "message": "is too long"}]}
    made = shelf(Answer(status=400, json=refusal))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(InvalidRequestError):
            Quill(made.client).run(text="Hi")


def test_a_warning_made_an_error_never_hides_the_refusal(shelf: Callable[..., Any]) -> None:
    refusal = {"statusCode": 400, "errors": [{"field": "style", "message": "is missing"}]}
    made = shelf(Answer(status=400, json=refusal))
    with warnings.catch_warnings():
        warnings.simplefilter("error", StaleModelWarning)
        with pytest.raises(InvalidRequestError) as caught:
            Quill(made.client).run(text="Hi")
    assert "refused: style" in caught.value.__notes__[0]


def test_a_search_that_leaves_out_parameters_warns_of_nothing(shelf: Callable[..., Any]) -> None:
    (model,) = shelf(Answer(json={"results": [{"id": Quill.id, "name": "Quill"}], "total": 1})).client.Model.search()
    assert isinstance(model, Quill)
    assert model.params == Quill.params


@pytest.mark.parametrize("name", ["api_key", "resource_path"])
def test_a_declared_parameter_is_sent_whatever_it_is_called(bench: type[Bench], name: str) -> None:
    made = bench(FINISHED, FINISHED)
    given = {"text": "Hi", name: "theirs"}
    made.model({"id": "x", "params": [{"name": "text"}, {"name": name}]}).run(**given)
    made.model({"id": "x", "params": [{"name": "text"}]}).run(**given)
    assert [request.json for request in made.sent] == [given, {"text": "Hi"}]
    assert made.model({"id": "x", "params": [{"name": name}]}).build_run_payload(**given) == given


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"X": None}, "'X' must be printable ASCII, got NoneType"),
        ({"X": "a\r\nY: b"}, "'X' must be printable ASCII"),
        ({"X\n": "a"}, "is no name of a header"),
        (["X"], "must be a mapping, got list"),
        ({5: "a"}, "5 is no name of a header"),
        ({"Content-Length": "9"}, "'Content-Length' says how long the body is"),
        ({"transfer-encoding": "chunked"}, "'transfer-encoding' says how long the body is"),
    ],
)
def test_headers_that_cannot_travel_are_refused(bench: type[Bench], headers: Any, words: str) -> None:
    made = bench()
    with pytest.raises(ParameterError, match=words):
        made.model({"id": "x"}).run(text="Hi", extra_headers=headers)
    assert made.sent == []


def test_a_value_nested_too_deeply_is_refused_by_its_name(bench: type[Bench]) -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    made = bench()
    with pytest.raises(ParameterError, match="'tools' cannot be written as JSON") as caught:
        made.model({"id": "x"}).run(text="Hi", tools=deep)
    assert (caught.value.parameter, made.sent) == ("tools", [])


def test_a_failure_nested_deeply_is_still_a_failure(bench: type[Bench]) -> None:
    deep: Any = "why"
    for _ in range(300):
        deep = {"error": [deep]}
    with pytest.raises(OperationFailedError):
        bench(Answer(json={"status": "FAILED", "error": deep})).model({"id": "x"}).run(text="Hi")


def test_a_run_that_times_out_names_the_time_that_was_given(bench: type[Bench]) -> None:
    def slow(request: Any) -> Answer:
        made.clock.sleep(0.4)
        return Answer(json={"status": "IN_PROGRESS", "data": "token-1"})

    made = bench(slow)
    with pytest.raises(TimeoutError, match="timed out after 1 seconds"):
        made.model({"id": "x"}).run(text="Hi", timeout=1)


def test_an_interrupted_run_leaves_the_jobs_token(bench: type[Bench]) -> None:
    def interrupted(request: Any) -> Answer:
        if request.method == "GET":
            raise KeyboardInterrupt
        return Answer(json={"status": "IN_PROGRESS", "data": "token-1"})

    made = bench(interrupted)
    with pytest.raises(KeyboardInterrupt) as caught:
        made.model({"id": "x"}).run(text="Hi")
    token = attribute(caught.value, "job_token")
    assert made.client.job(token).url == "https://models.test/api/v1/data/token-1"
    assert token in caught.value.__notes__[0]


def test_a_model_is_written_as_its_document(bench: type[Bench], language_model: dict[str, Any]) -> None:
    assert bench().model(language_model).to_dict() == language_model
    made = bench().client.Model(
        id="x", name="n", pricing=Pricing(1.0, "TOKEN"), params=(Parameter("text", required=True),)
    )
    assert made.to_dict() == {
        "id": "x", "name": "n", "pricing": {"price": 1.0, "unitType": "TOKEN"},
        "params": [{"name": "text", "required": True, "multipleValues": False, "isFixed": False, "values": [],
                    "defaultValues": [], "availableOptions": [], "description": ""}],
    }  # fmt: skip
    again = from_document(made.to_dict(), bench().client)
    assert (again.params, again.pricing) == (made.params, made.pricing)
    assert json.loads(made.to_json()) == made.to_dict()
