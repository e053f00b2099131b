"""Replies -> result fields or errors, over every variant that the wire is known to send."""

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import json_values
from typedrun import errors
from typedrun.core.failures import error_class, error_words
from typedrun.core.reply import Reply, decode_json, decode_object, parse_json
from typedrun.marketplaces.aixplain.answers import read_result, read_usage
from typedrun.marketplaces.aixplain.failures import WORDS, read_error
from typedrun.marketplaces.aixplain.messages import read_reasoning
from typedrun.marketplaces.aixplain.numbers import read_count, read_number
from typedrun.marketplaces.aixplain.verdicts import operation_error, read_status
from typedrun.results import Detail, Message, ModelResult, Usage

URL = "https://models.example.com/api/v1/data/abc"
JSON_HEADERS = {"Content-Type": "application/json"}


def reply(body: str | bytes, status: int = 200, content_type: str = "application/json", **headers: str) -> Reply:
    raw = body.encode() if isinstance(body, str) else body
    return Reply(status, {"Content-Type": content_type, **headers}, raw, "https://models.example.com/run/m1?sig=s3cret")


# --- status


@pytest.mark.parametrize(
    ("payload", "status", "completed"),
    [
        pytest.param({"status": "SUCCESS", "completed": True}, "SUCCESS", True, id="success"),
        pytest.param({"status": "SUCCESS"}, "SUCCESS", True, id="success without completed"),
        pytest.param(
            {"status": "SUCCESS", "completed": False}, "SUCCESS", True, id="a status counts more than completed"
        ),
        pytest.param({"status": "FAILED"}, "FAILED", True, id="failed without completed"),
        pytest.param({"status": "FAILED", "completed": False}, "FAILED", True, id="failed and not completed"),
        pytest.param({"status": "IN_PROGRESS", "data": URL}, "IN_PROGRESS", False, id="started"),
        pytest.param(
            {"status": "IN_PROGRESS", "completed": True, "data": URL},
            "IN_PROGRESS",
            False,
            id="completed means nothing yet",
        ),
        pytest.param({"completed": False}, "IN_PROGRESS", False, id="bare poll answer"),
        pytest.param({"completed": True, "data": "x"}, "SUCCESS", True, id="old style success"),
        pytest.param({"completed": True, "error": "err.supplier_error"}, "FAILED", True, id="old style failure"),
        pytest.param(
            {"completed": True, "supplierError": '{"error":"x"}'}, "FAILED", True, id="only the supplier's error"
        ),
        pytest.param({"completed": True, "error_message": ""}, "SUCCESS", True, id="an empty error field is no error"),
        pytest.param(
            {"completed": True, "message": "done", "data": 1}, "SUCCESS", True, id="a message alone is no error"
        ),
        pytest.param({"error": "boom"}, "FAILED", True, id="nothing but an error"),
        pytest.param({}, "IN_PROGRESS", False, id="nothing"),
        pytest.param({"data": "x"}, "IN_PROGRESS", False, id="data alone proves nothing"),
        pytest.param({"status": "QUEUED"}, "QUEUED", False, id="unknown status"),
        pytest.param({"status": "ARCHIVED", "completed": True}, "ARCHIVED", True, id="unknown status, completed"),
        pytest.param({"status": "success"}, "SUCCESS", True, id="a known status in another case"),
        pytest.param({"status": None, "completed": "true"}, "SUCCESS", True, id="completed as text"),
        pytest.param({"status": 200, "completed": True}, "SUCCESS", True, id="a status that is no text"),
        pytest.param({"status": 502, "data": None}, "FAILED", True, id="the number of an HTTP error"),
        pytest.param({"status": 400, "data": "x"}, "FAILED", True, id="the number of a refusal"),
        pytest.param({"status": 399, "completed": True}, "SUCCESS", True, id="a number below those"),
        pytest.param({"success": False, "message": "boom"}, "FAILED", True, id="success: false"),
        pytest.param({"status": "IN_PROGRESS", "error": {"message": "boom"}}, "FAILED", True, id="an error on the way"),
        pytest.param({"status": "SUCCESS", "error": "boom", "data": None}, "FAILED", True, id="a success of nothing"),
        pytest.param({"status": "succeeded", "error": "boom"}, "FAILED", True, id="the same in another word"),
        pytest.param({"status": "Timed-Out"}, "FAILED", True, id="a failure of two words"),
        pytest.param({"status": "SUCCESS", "error": "page 3 was empty", "data": "x"}, "SUCCESS", True, id="a remark"),
        pytest.param(
            {"status": "IN_PROGRESS", "error_message": "retrying", "data": URL}, "IN_PROGRESS", False, id="still at it"
        ),
    ],
)
def test_status_and_completion_are_decided_together(payload: dict[str, Any], status: str, completed: bool) -> None:
    assert read_status(payload) == (status, completed)
    result = read_result(payload)
    assert (result.status, result.completed) == (status, completed)


@pytest.mark.parametrize(
    ("payload", "url", "data"),
    [
        pytest.param({"status": "IN_PROGRESS", "data": URL}, URL, None, id="the poll URL stands in data"),
        pytest.param({"status": "IN_PROGRESS", "data": "a90c2078-token"}, "a90c2078-token", None, id="a bare token"),
        pytest.param({"status": "IN_PROGRESS", "url": URL, "data": None}, URL, None, id="the poll URL stands in url"),
        pytest.param({"status": "IN_PROGRESS", "data": {"percent": 3}}, None, {"percent": 3}, id="progress is no URL"),
        pytest.param(
            {"status": "SUCCESS", "data": "https://cdn.example.com/fox.png"},
            None,
            "https://cdn.example.com/fox.png",
            id="a result that is a URL",
        ),
        pytest.param({"status": "SUCCESS", "data": 0}, None, 0, id="zero"),
        pytest.param({"status": "SUCCESS", "data": ""}, None, "", id="empty text"),
        pytest.param({"status": "SUCCESS", "data": []}, None, [], id="empty list"),
        pytest.param({"status": "SUCCESS", "data": False}, None, False, id="false"),
        pytest.param({"status": "SUCCESS", "completed": True}, None, None, id="no data"),
    ],
)
def test_data_is_the_output_or_the_address_to_poll(payload: dict[str, Any], url: str | None, data: object) -> None:
    result = read_result(payload)
    assert result.url == url
    assert result.data == data
    assert type(result.data) is type(data)


# --- the whole answer


def test_a_language_models_answer_is_read_completely() -> None:
    payload: dict[str, Any] = {
        "status": "SUCCESS",
        "completed": True,
        "data": "fox",
        "details": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "fox", "refusal": None, "annotations": [{"type": "url"}]},
                "logprobs": {"content": []},
                "finish_reason": "stop",
            }
        ],
        "runTime": 1.5,
        "usedCredits": 3.7e-05,
        "usage": {
            "prompt_tokens": 4,
            "completion_tokens": 5,
            "total_tokens": 9,
            "prompt_tokens_details": {"cached_tokens": 2},
        },
        "asset": {"assetId": "m1", "id": "acme/writer/acme"},
        "model": "acme/writer-2",
        "requestId": "req-1",
        "sessionId": "s-1",
        "rawData": {"kept": True},
    }
    result = read_result(payload)
    assert result == ModelResult(
        status="SUCCESS",
        completed=True,
        data="fox",
        details=[Detail(0, Message(content="fox", annotations=[{"type": "url"}]), {"content": []}, "stop")],
        run_time=1.5,
        used_credits=3.7e-05,
        usage=Usage(4, 5, 9),
        asset={"assetId": "m1", "id": "acme/writer/acme"},
        model="acme/writer-2",
        request_id="req-1",
        session_id="s-1",
    )
    assert result.raw is payload


def test_a_polled_answer_keeps_the_request_id_of_the_first_one() -> None:
    assert read_result({"completed": False}, request_id="req-1").request_id == "req-1"
    assert read_result({"completed": True, "requestId": "req-2"}, request_id="req-1").request_id == "req-2"
    assert read_result({"status": "SUCCESS"}, request_id="req-1").request_id == "req-1"


@pytest.mark.parametrize(
    "details",
    [
        pytest.param({"action": "INTERVENED", "text": "my number is {PHONE}"}, id="a guardrail's object"),
        pytest.param([{"score": 0.9, "data": "fox", "document": "d1"}], id="hits of an index"),
        pytest.param([{"message": {"content": "x"}}, {"score": 1}], id="a mixed list"),
        pytest.param([{"message": "no object"}], id="a message that is none"),
        pytest.param([], id="empty list"),
    ],
)
def test_details_that_are_no_choices_stay_as_they_came(details: Any) -> None:
    assert read_result({"status": "SUCCESS", "details": details}).details == details


@pytest.mark.parametrize("details", ["text", 3, True], ids=str)
def test_details_of_no_known_kind_are_left_to_raw(details: Any) -> None:
    result = read_result({"status": "SUCCESS", "details": details})
    assert result.details is None
    assert result.raw["details"] == details


def test_the_data_of_a_tool_calling_answer_is_a_text_without_words() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"town":"Évora"}'}}
    payload: dict[str, Any] = {
        "status": "SUCCESS",
        "details": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": None, "tool_calls": [call]},
                "finish_reason": "tool_calls",
            }
        ],
    }
    result = read_result(payload)
    (choice,) = result.choices
    assert (result.data, choice.message.content, choice.message.tool_calls) == ("", None, [call])


@pytest.mark.parametrize(
    ("more", "data"),
    [
        ({"details": [{"message": {"content": "Two and a half"}}]}, "Two and a half"),
        ({"details": [{"message": {"content": "other"}}], "data": "Two"}, "Two"),
        ({"details": [{"message": {"content": "other"}}], "data": 0}, 0),
        ({"details": [{"score": 1}]}, None),
        ({"details": {"risk": "low"}}, None),
        ({}, None),
    ],
)
def test_data_that_is_left_out_stands_in_the_choices_of_a_language_model(more: dict[str, Any], data: object) -> None:
    assert read_result({"status": "SUCCESS", **more}).data == data


@pytest.mark.parametrize("calls", [[], None, "x", [1]], ids=repr)
def test_no_tool_calls_are_none(calls: Any) -> None:
    payload: dict[str, Any] = {
        "status": "SUCCESS",
        "details": [{"message": {"content": "", "tool_calls": calls, "name": None}}],
    }
    (choice,) = read_result(payload).choices
    assert (choice.message.tool_calls, choice.message.content, choice.index) == (None, "", 0)


@pytest.mark.parametrize(
    ("message", "reasoning"),
    [
        pytest.param({"reasoning_content": "a", "reasoning": "b"}, "a", id="reasoning_content first"),
        pytest.param({"reasoning_content": "", "reasoning": "b"}, "b", id="an empty one does not count"),
        pytest.param(
            {"reasoning": "a", "reasoning_details": [{"type": "reasoning.text", "text": "a"}]},
            "a",
            id="the same text once",
        ),
        pytest.param(
            {
                "reasoning_details": [
                    {"type": "reasoning.text", "text": "a "},
                    {"type": "reasoning.encrypted", "data": "z"},
                    {"type": "reasoning.text", "text": "b"},
                ]
            },
            "a b",
            id="blocks",
        ),
        pytest.param({"reasoning_details": [{"type": "reasoning.summary", "summary": "s"}]}, "s", id="summary"),
        pytest.param({"reasoning_details": {"type": "reasoning.text", "text": "a"}}, "a", id="a single block"),
        pytest.param(
            {"reasoning_details": [{"type": "reasoning.encrypted", "data": "z"}]}, None, id="nothing readable"
        ),
        pytest.param({"content": "x"}, None, id="none"),
    ],
)
def test_reasoning_is_read_under_its_three_names(message: dict[str, Any], reasoning: str | None) -> None:
    assert read_reasoning(message) == reasoning
    (choice,) = read_result({"status": "SUCCESS", "details": [{"message": message}]}).choices
    assert choice.message.reasoning_content == reasoning


# --- numbers


@pytest.mark.parametrize(
    ("value", "count"),
    [(20, 20), ("20", 20), ("0", 0), (0, 0), (20.9, 20), ("20.5", 20), (" 7 ", 7), ("1e3", 1000)],
    ids=repr,
)
def test_a_token_count_is_read_from_numbers_and_their_texts(value: Any, count: int) -> None:
    assert read_count(value) == count


@pytest.mark.parametrize(
    "value",
    ["NaN", "nan", math.nan, math.inf, "inf", None, "", "null", "None", "abc", True, [], {}, "9" * 5000],
    ids=lambda value: repr(value)[:20],
)
def test_what_is_no_token_count_is_none(value: Any) -> None:
    assert read_count(value) is None


@pytest.mark.parametrize("usage", ["12", 12, True, [], None], ids=repr)
def test_a_usage_that_is_no_object_is_no_usage(usage: Any) -> None:
    assert read_usage(usage) is None


def test_a_usage_with_mixed_counts_is_read_count_by_count() -> None:
    usage = read_usage(parse_json('{"prompt_tokens": "26", "completion_tokens": NaN, "total_tokens": 106}'))
    assert usage == Usage(26, None, 106)


@pytest.mark.parametrize(
    ("payload", "run_time", "used_credits"),
    [
        pytest.param({"runTime": 1.5, "usedCredits": 0.02}, 1.5, 0.02, id="camel case"),
        pytest.param({"run_time": "1.5", "used_credits": "2e-05"}, 1.5, 2e-05, id="snake case, as text"),
        pytest.param({"runTime": "soon", "run_time": 2}, 2.0, None, id="what is no number is skipped"),
        pytest.param({"runTime": 0, "usedCredits": 0}, 0.0, 0.0, id="zero is a number"),
        pytest.param({"runTime": True, "usedCredits": None}, None, None, id="neither is"),
        pytest.param({"runTime": math.nan, "usedCredits": math.inf}, None, None, id="not finite"),
        pytest.param({"data": {"executionStats": {"runtime": 3.0, "credits": 0.5}}}, 3.0, 0.5, id="execution stats"),
        pytest.param(
            {"data": {"execution_stats": {"duration": "3", "totalCredits": 1}}}, 3.0, 1.0, id="other spellings"
        ),
        pytest.param(
            {"runTime": 0.0, "usedCredits": 0.0, "data": {"executionStats": {"runtime": 3.0, "credits": 0.5}}},
            3.0,
            0.5,
            id="a wrong zero is replaced",
        ),
        pytest.param(
            {"runTime": 1.0, "usedCredits": 0.1, "data": {"executionStats": {"runtime": 3.0, "credits": 0.5}}},
            1.0,
            0.1,
            id="a value is not",
        ),
        pytest.param(
            {"usedCredits": 0.0, "data": {"executionStats": {"credits": 0.0}, "steps": []}},
            None,
            0.0,
            id="zero stays zero",
        ),
        pytest.param(
            {
                "data": {
                    "steps": [
                        {"start_time": "2030-05-01T10:00:00Z", "end_time": "2030-05-01T10:00:02Z", "usedCredits": 0.5},
                        {"startTime": "2030-05-01T10:00:02Z", "endTime": "2030-05-01T10:00:05.500Z", "credits": "0.25"},
                    ]
                }
            },
            5.5,
            0.75,
            id="steps",
        ),
        pytest.param(
            {
                "data": {
                    "executionStats": {"runtime": 0.0},
                    "steps": [
                        {"start_time": "2030-05-01T10:00:00", "end_time": "2030-05-01T10:00:02", "used_credits": 1}
                    ],
                }
            },
            2.0,
            1.0,
            id="steps behind empty stats",
        ),
        pytest.param(
            {"data": {"steps": [{"start_time": "2030-05-01T10:00:05", "end_time": "2030-05-01T10:00:02"}]}},
            None,
            None,
            id="time that runs backwards",
        ),
        pytest.param(
            {"data": {"steps": [{"start_time": "2030-05-01T10:00:00Z", "end_time": "2030-05-01T10:00:02"}]}},
            None,
            None,
            id="one zone missing",
        ),
        pytest.param({"data": {"steps": [{"start_time": "today", "end_time": 5}, None]}}, None, None, id="no times"),
    ],
)
def test_run_time_and_credits_are_found_where_they_hide(
    payload: dict[str, Any], run_time: float | None, used_credits: float | None
) -> None:
    result = read_result({"status": "SUCCESS", **payload})
    assert (result.run_time, result.used_credits) == (run_time, used_credits)


@given(value=json_values(numbers=st.floats(), texts=st.text()))
def test_a_number_is_finite_or_none(value: Any) -> None:
    number = read_number(value)
    assert number is None or math.isfinite(number)


@settings(deadline=None)
@given(
    payload=st.dictionaries(
        st.sampled_from(
            [
                "status",
                "completed",
                "data",
                "details",
                "usage",
                "runTime",
                "usedCredits",
                "error",
                "supplierError",
                "asset",
                "url",
                "result",
                "model",
            ]
        ),
        json_values(numbers=st.floats(), texts=st.text()) | st.sampled_from(["SUCCESS", "FAILED", "IN_PROGRESS", True]),
    )
)
def test_no_answer_however_odd_breaks_the_decoder(payload: dict[str, Any]) -> None:
    result = read_result(payload)
    assert isinstance(result.status, str)
    assert not (result.status == "IN_PROGRESS" and result.completed)
    repr(result)
    operation_error(payload)


# --- bytes


@pytest.mark.parametrize(
    ("body", "value"),
    [
        pytest.param(b'{"a": 1}', {"a": 1}, id="object"),
        pytest.param(b' \r\n{"a": 1}\n', {"a": 1}, id="white space around"),
        pytest.param(b'\xef\xbb\xbf{"a": 1}', {"a": 1}, id="byte order mark"),
        pytest.param('"é"'.encode(), "é", id="text"),
        pytest.param(b'"\xff"', "\ufffd", id="invalid UTF-8"),
        pytest.param(b"null", None, id="null"),
    ],
)
def test_json_is_decoded_leniently(body: bytes, value: object) -> None:
    assert decode_json(reply(body, content_type="text/plain")) == value


def test_bare_nan_is_a_number_that_is_none() -> None:
    value = decode_object(reply('{"usage": {"total_tokens": NaN}}'))
    assert read_usage(value["usage"]) == Usage(None, None, None)


@pytest.mark.parametrize(
    ("body", "content_type", "words"),
    [
        pytest.param("", "application/json", "no body", id="empty"),
        pytest.param("  \n", "application/json", "no body", id="blank"),
        pytest.param(
            "<html><head><script>let x</script></head><body><h1>502</h1> Bad <b>Gateway</b>",
            "text/html",
            "'502 Bad Gateway'",
            id="page",
        ),
        pytest.param(
            "<!doctype html><p>Sign in", "application/json", "HTML page, not JSON: 'Sign in'", id="page that says json"
        ),
        pytest.param('{"a": ', "application/json", "not JSON", id="cut"),
        pytest.param('{"a": 1} {"b": 2}', "application/json", "not JSON", id="two documents"),
        pytest.param("upstream connect error", "text/plain", "'upstream connect error'", id="text"),
        pytest.param("[" * 100_000, "application/json", "nested too deeply", id="nested too deeply"),
    ],
)
def test_what_is_no_json_is_an_error_that_shows_its_first_words(body: str, content_type: str, words: str) -> None:
    with pytest.raises(errors.DecodingError) as raised:
        decode_json(reply(body, content_type=content_type))
    assert words in str(raised.value)
    assert "https://models.example.com/run/m1" in str(raised.value)
    assert "s3cret" not in str(raised.value)
    assert len(str(raised.value)) < 600


def test_json_that_is_no_object_is_refused_where_an_object_is_needed() -> None:
    with pytest.raises(errors.DecodingError, match="not an object"):
        decode_object(reply("[1, 2]"))


def test_headers_are_found_in_any_case() -> None:
    assert Reply(200, {"X-Request-ID": "r1"}, b"").request_id == "r1"
    assert Reply(200, {"content-TYPE": "text/html"}, b"").header("content-type") == "text/html"
    assert Reply(200, {}, b"").request_id is None


# --- errors


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.InvalidRequestError),
        (401, errors.AuthenticationError),
        (402, errors.BillingError),
        (403, errors.PermissionDeniedError),
        (404, errors.NotFoundError),
        (405, errors.APIError),
        (422, errors.InvalidRequestError),
        (429, errors.RateLimitError),
        (460, errors.PermissionDeniedError),
        (469, errors.PermissionDeniedError),
        (470, errors.BillingError),
        (479, errors.BillingError),
        (480, errors.ServerError),
        (489, errors.ServerError),
        (490, errors.InvalidRequestError),
        (497, errors.RateLimitError),
        (499, errors.InvalidRequestError),
        (500, errors.ServerError),
        (503, errors.ServerError),
        (599, errors.ServerError),
        (600, errors.APIError),
        (199, errors.APIError),
        (300, errors.APIError),
        (302, errors.APIError),
        (459, errors.APIError),
    ],
)
def test_an_http_status_has_its_class_of_error(status: int, kind: type[errors.APIError]) -> None:
    assert error_class(status, WORDS) is kind
    error = read_error(reply("{}", status))
    assert type(error) is kind
    assert error is not None
    assert error.status_code == status


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_any_2xx_is_no_error(status: int) -> None:
    assert read_error(reply("", status)) is None


@pytest.mark.parametrize(
    ("body", "message", "error"),
    [
        pytest.param(
            '{"message":"Model not found","error":"NOT_FOUND","statusCode":404}',
            "Model not found",
            "NOT_FOUND",
            id="message and error",
        ),
        pytest.param('{"error":"it broke"}', "it broke", "it broke", id="error alone"),
        pytest.param('{"message":["a","b"]}', "a\nb", "a\nb", id="list of messages"),
        pytest.param(
            '{"message":"Validation failed","errors":[{"field":"x"}]}',
            "Validation failed",
            "Validation failed",
            id="errors kept",
        ),
        pytest.param(
            '{"error":"err.supplier_error","supplierError":"name taken"}',
            "name taken",
            "err.supplier_error",
            id="the supplier's words first",
        ),
        pytest.param('{"error":{"message":"too long","code":"x"}}', "too long", "too long", id="an error object"),
        pytest.param("Bad Gateway", "Bad Gateway", "Bad Gateway", id="text"),
        pytest.param('"bare text"', "bare text", "bare text", id="a JSON string"),
        pytest.param('["a", "b"]', "a\nb", "a\nb", id="a JSON list"),
        pytest.param("<html><body><h1>502</h1><p>nginx</p></body></html>", "502 nginx", "502 nginx", id="page"),
        pytest.param("", "HTTP status 418 without a message", "HTTP status 418 without a message", id="nothing"),
        *(
            pytest.param(
                empty, "HTTP status 418 without a message", "HTTP status 418 without a message", id=f"only {empty}"
            )
            for empty in ("{}", "[]", '""', "null")
        ),
        pytest.param('{"why":"odd"}', '{"why":"odd"}', '{"why":"odd"}', id="unknown object"),
    ],
)
def test_an_http_errors_message_is_the_best_one_of_its_body(body: str, message: str, error: str) -> None:
    raised = read_error(reply(body, 418), model="acme/writer")
    assert raised is not None
    assert (raised.message, raised.error, raised.model) == (message, error, "acme/writer")


def test_the_http_status_counts_and_the_bodys_own_is_kept() -> None:
    error = read_error(reply('{"message":"Error","statusCode":422,"requestId":"r9"}', 500))
    assert isinstance(error, errors.ServerError)
    assert (error.status_code, error.response_data["statusCode"], error.request_id) == (500, 422, "r9")


def test_a_code_names_the_error_and_may_decide_its_class() -> None:
    error = read_error(reply('{"error":"err.not_enough_balance","message":"top up"}', 400))
    assert isinstance(error, errors.BillingError)
    assert error.code == "err.not_enough_balance"
    assert getattr(read_error(reply('{"errorCode":"AX-1"}', 400)), "code", "") == "AX-1"
    assert getattr(read_error(reply('{"error":"no code at all"}', 400)), "code", "") is None


def test_a_request_id_of_the_headers_is_kept() -> None:
    error = read_error(reply("oops", 500, **{"X-Request-Id": "r1"}))
    assert error is not None
    assert error.request_id == "r1"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"supplierError": "s1", "error_message": "m", "error": "e"}, "s1"),
        ({"supplier_error": "s2", "error_message": "m"}, "s2"),
        ({"error_message": "m1", "error": "e"}, "m1"),
        ({"errorMessage": "m2", "error": "e"}, "m2"),
        ({"error": "e", "message": "x"}, "e"),
        ({"message": "x"}, "x"),
        ({"errorMessage": None, "supplierError": " ", "data": {"error": "inner\nTraceback"}}, "inner\nTraceback"),
        ({"error": "e", "data": {"supplierError": "inner"}}, "e"),
        ({"supplierError": {"reason": "odd"}}, '{"reason": "odd"}'),
        ({"error": ["a", "", "b"]}, "a\nb"),
    ],
    ids=lambda value: json.dumps(value)[:40],
)
def test_a_failed_operation_speaks_the_suppliers_words(body: dict[str, Any], text: str) -> None:
    payload = {"status": "FAILED", **body}
    error = operation_error(payload, model="acme/writer")
    assert (error.message, error.error, error.status_code) == (f"Operation failed: {text}", text, 0)
    assert error.response_data == payload
    assert read_result(payload).error_message == text


def test_words_are_looked_for_twenty_levels_below_a_field_and_no_deeper() -> None:
    nested: Any = "boom"
    for _ in range(21):
        nested = [nested]
    assert (error_words(nested, ()), error_words([nested], ())) == ("boom", "")


def test_a_failed_operation_without_words_says_so() -> None:
    error = operation_error({"status": "FAILED", "statusCode": "503"})
    assert error.error == "Operation failed"
    assert "no reason" in error.message
    assert error.status_code == 503


def test_a_remark_on_a_run_that_succeeded_is_kept() -> None:
    result = read_result({"status": "SUCCESS", "data": "x", "error_message": "deprecated"})
    assert (result.error_message, result.completed) == ("deprecated", True)
