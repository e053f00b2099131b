"""Scripted replies: what is no answer is refused when it is given, or told in a sentence when it is computed."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given

from tests.sandbox.conftest import Http
from tests.strategies import json_values
from typedrun.errors import InvalidRequestError
from typedrun_sandbox.jsontypes import NotJSON, as_json
from typedrun_sandbox.server import Sandbox


class Plain:
    """An object that is neither JSON nor callable."""


def takes_nothing() -> str:
    return "x"


async def is_async(body: Any) -> str:
    return "x"


def circle() -> list[Any]:
    made: list[Any] = []
    made.append(made)
    return made


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param({1, 2}, "it is of type set", id="set"),
        pytest.param(Plain(), "it is of type Plain", id="object"),
        pytest.param(b"bytes", "it is of type bytes", id="bytes"),
        pytest.param(math.nan, "it is nan", id="nan"),
        pytest.param({"a": [1, math.inf]}, "it['a'][1] is inf", id="inf inside"),
        pytest.param({"a": {1: 2}}, "it['a'] has the key 1, and keys are texts", id="key"),
        pytest.param(circle(), "it is nested more than 200 levels deep", id="circle"),
        pytest.param(10**5000, "it is a number of more than 4,000 digits", id="digits"),
        pytest.param(takes_nothing, "takes_nothing (test_scripts.py:", id="no argument"),
        pytest.param(is_async, "which is async; give a plain function", id="async"),
    ],
)
def test_what_can_never_be_an_answer_is_refused_at_once(sandbox: Sandbox, data: Any, reason: str) -> None:
    with pytest.raises(ValueError, match="the reply scripted for 'chat'") as caught:
        sandbox.reply("chat", data)
    assert reason in str(caught.value)


def gives_a_set(body: Any) -> Any:
    return {1, 2}


def gives_nan(body: Any) -> Any:
    return {"a": math.nan}


def fails(body: Any) -> Any:
    raise AssertionError(f"nobody sends {body['text']}")


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        pytest.param(gives_a_set, "gives_a_set (test_scripts.py:", id="returns a set"),
        pytest.param(gives_a_set, "returned something that is not JSON: it is of type set", id="says what"),
        pytest.param(fails, "which raised AssertionError: nobody sends Hello", id="raises"),
        pytest.param(gives_nan, "gives_nan (test_scripts.py:", id="not a number"),
        pytest.param(functools.partial(fails), "computed by partial, which raised", id="partial"),
    ],
)
def test_a_script_that_fails_is_named_in_the_answer_and_leaves_no_traceback(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture, function: Callable[[Any], Any], reason: str
) -> None:
    sandbox.reply("chat", function)
    with sandbox.client() as aix:
        chat = aix.Model.get("chat")
        for _ in range(2):
            with pytest.raises(InvalidRequestError, match="the reply scripted for 'chat' is computed by") as caught:
                chat.run(text="Hello")
            assert reason in str(caught.value)
        assert [request.status for request in sandbox.requests if request.operation == "run"] == [422, 422]
        sandbox.reset()
        assert chat.run(text="What is 2 + 2?").data == "2 + 2 = 4."
    assert caplog.records == []


def test_a_script_may_take_the_body_apart_without_changing_the_run(sandbox: Sandbox, http: Http) -> None:
    def takes(body: Any) -> Any:
        body["options"].clear()
        return body.pop("text")

    sandbox.reply("chat", takes)
    answer = http.run("chat", text="One two", options={"stream": True})
    assert answer.text == 'data: {"data":"One"}\n\ndata: {"data":" two"}\n\ndata: [DONE]\n\n'


def test_a_script_that_is_changed_later_is_sent_as_it_was_given(sandbox: Sandbox, http: Http) -> None:
    given: dict[str, Any] = {"a": (1, 2)}
    sandbox.reply("chat", given)
    given["a"] = Plain()
    assert http.result("chat", text="x")["data"] == {"a": [1, 2]}


def test_any_mapping_is_an_object(sandbox: Sandbox, http: Http) -> None:
    sandbox.reply("chat", MappingProxyType({"status": "FAILED", "completed": True, "supplierError": "no"}))
    assert http.result("chat", text="x") == {"status": "FAILED", "completed": True, "supplierError": "no"}


def test_over_http_a_reply_that_is_no_json_is_refused(http: Http) -> None:
    answer = http("POST", "/sandbox/replies", b'{"model": "chat", "data": NaN}')
    assert (answer.status, answer.json["message"]) == (400, "the reply scripted for 'chat' is not JSON: it is nan")
    assert http("POST", "/sandbox/replies", {"model": "nobody", "data": 1}).status == 404


def test_over_http_a_reply_is_created_for_one_model(http: Http) -> None:
    answer = http("POST", "/sandbox/replies", {"model": "chat", "data": {"a": [1]}})
    assert (answer.status, answer.json) == (201, {"model": "chat"})
    assert http.result("chat", text="x")["data"] == {"a": [1]}
    assert http("DELETE", "/sandbox/requests").status == 204
    assert http("GET", "/sandbox/requests").json == []
    assert http("POST", "/sandbox/reset").status == 204
    assert http.result("chat", text="x")["data"] != {"a": [1]}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"body": {1, 2}}, "a fault's body is not JSON: body is of type set"),
        ({"body": {"a": math.nan}}, "a fault's body is not JSON: body['a'] is nan"),
        ({"retry_after": "1\r\nX: y"}, "a fault's retry_after is one line of ASCII"),
        ({"retry_after": "später"}, "a fault's retry_after is one line of ASCII"),
    ],
    ids=str,
)
def test_a_fault_that_cannot_be_sent_is_refused_at_once(sandbox: Sandbox, fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match="a fault's") as caught:
        sandbox.fail_next(502, **fields)
    assert reason in str(caught.value)


@given(value=json_values())
def test_json_is_taken_as_it_is(value: Any) -> None:
    assert as_json(value) == value
    with pytest.raises(NotJSON):
        as_json([value, {value.__class__}])
