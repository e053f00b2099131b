"""Several media types for one answer, arguments that cannot be sent, and what errors show of what came."""

from __future__ import annotations

from typing import Any

import pytest

from tests.codegen.api.conftest import Maker
from tests.codegen.api.test_operations import Wire, client_of, document
from typedrun import errors
from typedrun.core.reply import Reply
from typedrun.operations import Answer, Body, Operation, Parameter, build_request, choose_answer, read_answer
from typedrun.structure import decode

KILN = {"$ref": "#/components/schemas/Kiln"}
TEXT = {"type": "string"}
PNG = b"\x89PNG\r\n\x1a\n"


# --- `*/*` beside JSON

ANYTHING = Answer("200", "*/*", "str")
JSON = Answer("200", "application/json", "Kiln")
PICTURE = Answer("200", "image/*", "bytes")


@pytest.mark.parametrize("order", [(ANYTHING, JSON, PICTURE), (JSON, PICTURE, ANYTHING), (PICTURE, ANYTHING, JSON)])
@pytest.mark.parametrize(
    ("content_type", "chosen"),
    [
        ("application/json", JSON),
        ("application/json; charset=utf-8", JSON),
        ("APPLICATION/JSON", JSON),
        ("application/problem+json", JSON),
        ("image/png", PICTURE),
        ("text/plain", ANYTHING),
        ("imaged/png", ANYTHING),
        ("", ANYTHING),
    ],
)
def test_the_nearest_media_type_is_chosen_whatever_their_order(
    order: tuple[Answer, ...], content_type: str, chosen: Answer
) -> None:
    assert choose_answer(Operation("GET", "/x", answers=order), 200, content_type) is chosen


def test_json_beside_anything_is_read_as_its_class_and_anything_as_what_it_is(make: Maker) -> None:
    content = {"*/*": {"schema": TEXT}, "application/json": {"schema": KILN}}
    paths = {"/x": {"get": {"operationId": "read", "responses": {"200": {"description": "ok", "content": content}}}}}
    wire = Wire(b'{"name": "a"}')
    client = client_of(make, wire, document(paths))
    assert client.read().name == "a"
    assert wire.sent[0].accept == "*/*, application/json"
    wire.reply = (200, {"content-type": "text/plain"}, b"plain")
    assert client.read() == "plain"
    wire.reply = (200, {"content-type": "image/png"}, PNG)
    with pytest.warns(errors.OddReplyWarning, match="kept as bytes"):
        assert client.read() == PNG


# --- ParameterError.parameter


Sent = Operation[object]


def parameter(place: Any, wire: str = "a-b") -> Parameter:
    return Parameter("a_b", place, wire)


@pytest.mark.parametrize(
    ("operation", "arguments", "body", "named"),
    [
        pytest.param(Sent("GET", "/x/{a-b}", (parameter("path"),)), {}, None, "a_b", id="missing in the path"),
        pytest.param(Sent("GET", "/x/{a-b}", (parameter("path"),)), {"a_b": ""}, None, "a_b", id="empty"),
        pytest.param(Sent("GET", "/x/{a-b}", (parameter("path"),)), {"a_b": ".."}, None, "a_b", id="leaves it"),
        pytest.param(Sent("GET", "/x", (parameter("header"),)), {"a_b": "x\ny"}, None, "a_b", id="line break"),
        pytest.param(Sent("GET", "/x", (parameter("header"),)), {"a_b": "x\0"}, None, "a_b", id="nul"),
        pytest.param(Sent("PUT", "/x", bodies=(Body("application/zip"),)), {}, {"a": 1}, "body", id="no bytes"),
        pytest.param(Sent("PUT", "/x", bodies=(Body("application/xml"),)), {}, [1], "body", id="no text"),
        pytest.param(
            Sent("PUT", "/x", bodies=(Body("application/x-www-form-urlencoded"),)), {}, [1], "body", id="no form"
        ),
        pytest.param(Sent("PUT", "/x", bodies=(Body("multipart/form-data"),)), {}, 3, "body", id="no parts"),
        pytest.param(Sent("PUT", "/x", bodies=(Body("multipart/mixed"),)), {}, "hi", "body", id="no boundary"),
    ],
)
def test_an_argument_that_cannot_be_sent_is_named(
    operation: Operation[object], arguments: dict[str, object], body: object, named: str
) -> None:
    given: dict[str, Any] = {} if body is None else {"body": body}
    with pytest.raises(errors.ParameterError) as caught:
        build_request(operation, arguments, base_url="https://api.test", **given)
    assert caught.value.parameter == named
    assert caught.value.message.startswith(("a_b ", "a body ", "a form body "))


# --- what errors show of what came

SECRET = "canary-0123456789"


def said(value: object, type_: Any) -> str:
    with pytest.raises(errors.DecodingError) as caught:
        decode(value, type_)
    return caught.value.message


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"token": SECRET, "b": SECRET}, "an object with b, token"),
        ({f"k{n}": SECRET for n in range(9)}, "an object with k0, k1, k2, k3, k4, k5"),
        ({}, "an object with no fields"),
        ([SECRET] * 3, "a list of 3"),
        (None, "null"),
        (True, "True"),
        ("x" * 58, f"'{'x' * 58}'"),
        ("x" * 59, f"'{'x' * 56}…"),
        ("x" * 100 + SECRET, f"'{'x' * 56}…"),
    ],
)
def test_an_error_shows_little_of_the_reply(value: object, shown: str) -> None:
    assert said(value, int) == f"int: expected int, got {shown} @ $"
    assert SECRET not in said(value, int)


def test_the_error_of_an_answer_shows_as_little_and_keeps_the_body_for_those_who_ask() -> None:
    operation = Operation[int]("GET", "/x", answers=(Answer("200", "application/json", "dict[str, int]"),))
    body = b'{"a": {"token": "canary-0123456789"}, "b": ["canary-0123456789"]}'
    reply = Reply(200, {"content-type": "application/json"}, body, "https://api.test/x?key=canary-0123456789")
    with pytest.raises(errors.DecodingError) as caught:
        read_answer(operation, reply, "typedrun.structure", strict=True)
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(caught.value)
    assert "expected int, got an object with token @ $.a; expected int, got a list of 1 @ $.b" in str(caught.value)
    assert caught.value.details["body"] == {"a": {"token": SECRET}, "b": [SECRET]}
