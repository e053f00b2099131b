"""Requests built and answers read from descriptions of operations, and both ends over a real driver."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from typedrun import errors
from typedrun.core.deadline import NEVER, Deadline
from typedrun.core.reply import Reply
from typedrun.core.request import Auth, Kind, Request
from typedrun.operations import (
    Answer,
    ApiClient,
    Body,
    Credential,
    Operation,
    Operations,
    Parameter,
    Part,
    build_request,
    choose_answer,
    read_answer,
)
from typedrun.operations.records import RecordDecoder
from typedrun.structure import File
from typedrun.unset import UNSET


def url_of(parameter: Parameter, value: object, path: str = "/x") -> str:
    request = build_request(Operation("GET", path, (parameter,)), {parameter.name: value}, base_url="https://h/v1/")
    return request.url.removeprefix("https://h/v1")


LIST, OBJECT = ["a", "b c"], {"r": 1, "g": 2}


@pytest.mark.parametrize(
    ("style", "explode", "value", "expected"),
    [
        # The table of OpenAPI 3.1, "Style Examples".
        ("", None, "a b", "/a%20b"),
        ("", None, LIST, "/a,b%20c"),
        ("", None, OBJECT, "/r,1,g,2"),
        ("", True, OBJECT, "/r=1,g=2"),
        ("label", None, "a", "/.a"),
        ("label", None, LIST, "/.a,b%20c"),
        ("label", True, LIST, "/.a.b%20c"),
        ("label", True, OBJECT, "/.r=1.g=2"),
        ("matrix", None, "a", "/;p=a"),
        ("matrix", None, LIST, "/;p=a,b%20c"),
        ("matrix", True, LIST, "/;p=a;p=b%20c"),
        ("matrix", None, OBJECT, "/;p=r,1,g,2"),
        ("matrix", True, OBJECT, "/;r=1;g=2"),
    ],
)
def test_path_parameters_follow_their_style(style: str, explode: bool | None, value: object, expected: str) -> None:
    assert url_of(Parameter("p", "path", "p", style, explode), value, "/{p}") == expected


@pytest.mark.parametrize(
    ("style", "explode", "value", "expected"),
    [
        ("", None, "a b&c", "/x?p=a%20b%26c"),
        ("", None, True, "/x?p=true"),
        ("", None, LIST, "/x?p=a&p=b%20c"),
        ("", False, LIST, "/x?p=a,b%20c"),
        ("spaceDelimited", False, LIST, "/x?p=a%20b%20c"),
        ("pipeDelimited", False, ["a", "b"], "/x?p=a|b"),
        ("", None, OBJECT, "/x?r=1&g=2"),
        ("", False, OBJECT, "/x?p=r,1,g,2"),
        ("deepObject", True, {"r": 1, "in": {"a": 2}}, "/x?p[r]=1&p[in][a]=2"),
        ("", None, [], "/x"),
        ("", None, UNSET, "/x"),
        ("", None, None, "/x"),
        ("", None, "é/?", "/x?p=%C3%A9%2F%3F"),
    ],
)
def test_query_parameters_follow_their_style(style: str, explode: bool | None, value: object, expected: str) -> None:
    assert url_of(Parameter("p", "query", "p", style, explode), value) == expected


def test_reserved_characters_stay_where_the_document_allows_them() -> None:
    assert url_of(Parameter("p", "query", "p", allow_reserved=True), "a/b?c") == "/x?p=a/b?c"


def test_a_parameter_described_by_a_media_type_is_json() -> None:
    assert url_of(Parameter("p", "query", "p", is_json=True), {"a": [1]}) == "/x?p=%7B%22a%22%3A%5B1%5D%7D"


def test_headers_and_cookies() -> None:
    operation: Operation[Any] = Operation(
        "GET", "/x", (Parameter("h", "header", "X-H"), Parameter("c", "cookie", "c"), Parameter("d", "cookie", "d"))
    )
    request = build_request(operation, {"h": LIST, "c": 1, "d": "é"}, base_url="https://h", headers={"X-More": "1"})
    assert request.headers == {"X-H": "a,b c", "Cookie": "c=1; d=%C3%A9", "X-More": "1"}


@pytest.mark.parametrize("value", ["", ".", "..", UNSET], ids=["empty", "dot", "dots", "missing"])
def test_a_path_parameter_cannot_change_the_path(value: object) -> None:
    with pytest.raises(errors.ParameterError, match="part of the address") as caught:
        url_of(Parameter("p", "path", "p"), value, "/models/{p}")
    assert caught.value.parameter == "p"


def test_a_slash_in_a_path_parameter_is_escaped() -> None:
    assert url_of(Parameter("p", "path", "p"), "../a?b#c", "/models/{p}") == "/models/..%2Fa%3Fb%23c"


def test_a_header_cannot_smuggle_a_line() -> None:
    with pytest.raises(errors.ParameterError, match="line break") as caught:
        url_of(Parameter("p", "header", "X"), "a\r\nX-Evil: 1")
    assert caught.value.parameter == "p"


def body_of(media_type: str, body: object, *parts: Part, **options: Any) -> Request:
    operation: Operation[Any] = Operation("POST", "/x", bodies=(Body(media_type, parts),), asks_to_stream=True)
    return build_request(operation, {}, base_url="https://h", body=body, **options)


@pytest.mark.parametrize(
    ("media_type", "body", "content", "content_type"),
    [
        ("application/json", {"a": "é"}, '{"a": "é"}'.encode(), "application/json"),
        ("application/vnd.x+json", [1], b"[1]", "application/vnd.x+json"),
        ("application/json", "text", b'"text"', "application/json"),
        ("text/plain", "é", "é".encode(), "text/plain; charset=utf-8"),
        ("application/sdp", "v=0", b"v=0", "application/sdp"),
        ("application/octet-stream", b"\x00\x01", b"\x00\x01", "application/octet-stream"),
        ("image/*", File(b"x", "a.png", "image/png"), b"x", "image/png"),
        ("*/*", b"x", b"x", "application/octet-stream"),
        (
            "application/x-www-form-urlencoded",
            {"a": "b c", "l": ["x", "y"], "o": {"k": 1}},
            b"a=b%20c&l=x&l=y&o=%7B%22k%22%3A1%7D",
            "application/x-www-form-urlencoded",
        ),
    ],
)
def test_bodies_are_written_in_their_media_type(
    media_type: str, body: object, content: bytes, content_type: str
) -> None:
    request = body_of(media_type, body)
    assert (request.body, request.content_type, request.kind) == (content, content_type, Kind.UNSAFE)


def test_no_body_sends_no_content_type() -> None:
    assert (body_of("application/json", UNSET).body, body_of("application/json", UNSET).content_type) == (None, None)


def test_multipart_carries_files_names_and_json() -> None:
    request = body_of(
        "multipart/form-data",
        {"file": File(b"\x00", 'a"b.bin', "audio/mp3"), "raw": b"1", "note": "é", "meta": {"a": 1}, "n": [1, 2]},
        Part("raw", media_type="text/csv"),
    )
    boundary = (request.content_type or "").partition("boundary=")[2]
    assert isinstance(request.body, bytes)
    parts = request.body.split(f"--{boundary}".encode())
    assert (parts[0], parts[-1]) == (b"", b"--\r\n")
    assert [part.decode("latin-1") for part in parts[1:-1]] == [
        '\r\nContent-Disposition: form-data; name="file"; filename="a%22b.bin"\r\nContent-Type: audio/mp3\r\n\r\n\x00\r\n',
        '\r\nContent-Disposition: form-data; name="raw"; filename="file"\r\nContent-Type: text/csv\r\n\r\n1\r\n',
        '\r\nContent-Disposition: form-data; name="note"\r\n\r\n' + "é".encode().decode("latin-1") + "\r\n",
        '\r\nContent-Disposition: form-data; name="meta"\r\nContent-Type: application/json\r\n\r\n{"a":1}\r\n',
        '\r\nContent-Disposition: form-data; name="n"\r\n\r\n1\r\n',
        '\r\nContent-Disposition: form-data; name="n"\r\n\r\n2\r\n',
    ]


def test_asking_for_a_stream_says_so_in_header_and_body() -> None:
    request = body_of("application/json", {"a": 1}, streams=True)
    assert (request.accept, json.loads(request.body)) == ("text/event-stream", {"a": 1, "stream": True})  # type: ignore[arg-type]  # bytes here


ANSWERS: Operation[Any] = Operation(
    "GET",
    "/x",
    answers=(
        Answer("200", "application/json", "list[int]"),
        Answer("200", "text/plain", "str"),
        Answer("200", "image/*", "bytes"),
        Answer("2XX"),
        Answer("4XX", "application/problem+json", "dict[str, Any]"),
        Answer("default", "application/json", "Any"),
    ),
)


@pytest.mark.parametrize(
    ("status", "content_type", "expected"),
    [
        (200, "application/json; charset=utf-8", "list[int]"),
        (200, "text/plain", "str"),
        (200, "image/png", "bytes"),
        (200, "application/hal+json", "list[int]"),
        (204, "", ""),
        (299, "application/json", ""),
        (300, "application/json", "Any"),
        (404, "application/json", "dict[str, Any]"),
        (500, "application/json", "Any"),
    ],
)
def test_the_documented_answer_is_found_by_status_then_media_type(
    status: int, content_type: str, expected: str
) -> None:
    chosen = choose_answer(ANSWERS, status, content_type)
    assert chosen is not None
    assert chosen.type == expected


@pytest.mark.parametrize("is_last", [False, True], ids=["listed first", "listed last"])
@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/json", "list[int]"),
        ("application/problem+json", "list[int]"),
        ("image/png", "str"),
        ("image/svg+xml", "str"),
        ("text/plain", "bytes"),
        ("imagery/png", "bytes"),
        ("", "bytes"),
    ],
)
def test_a_range_of_media_types_is_what_no_narrower_one_is(content_type: str, expected: str, is_last: bool) -> None:
    answers = [
        Answer("200", "*/*", "bytes"),
        Answer("200", "image/*", "str"),
        Answer("200", "application/json", "list[int]"),
    ]
    operation: Operation[Any] = Operation("GET", "/x", answers=tuple(answers[::-1] if is_last else answers))
    chosen = choose_answer(operation, 200, content_type)
    assert chosen is not None
    assert chosen.type == expected


@pytest.mark.parametrize(
    ("status", "content_type", "body", "expected"),
    [
        (200, "application/json", b"[1, 2]", [1, 2]),
        (200, "text/plain", "é".encode(), "é"),
        (200, "image/png", b"\x89", b"\x89"),
        (204, "", b"", None),
    ],
)
def test_answers_are_read_as_their_type(status: int, content_type: str, body: bytes, expected: object) -> None:
    assert read_answer(ANSWERS, Reply(status, {"content-type": content_type}, body, "https://h/x"), "") == expected


class Wire:
    """A driver that answers from a list and remembers what was sent."""

    def __init__(self, *replies: Any) -> None:
        self.replies = list(replies)
        self.sent: list[Request] = []

    def send(self, request: Request, *, deadline: Deadline | None = None) -> Reply:
        self.sent.append(request)
        status, content_type, body = self.replies.pop(0)
        return Reply(status, {"content-type": content_type}, body, request.url)

    def open_stream(self, request: Request, *, deadline: Deadline | None = None) -> Any:
        self.sent.append(request)
        return Live(self.replies.pop(0))

    def deadline(self, seconds: float | None) -> Deadline:
        return NEVER


class Live:
    status = 200

    def __init__(self, blocks: list[bytes]) -> None:
        self._blocks, self.is_closed = blocks, False

    def blocks(self) -> Iterator[bytes]:
        yield from self._blocks

    def close(self) -> None:
        self.is_closed = True


STREAM: Operation[Any] = Operation("POST", "/s", answers=(Answer("200", "text/event-stream", "dict[str, int]"),))


def test_events_are_typed_values_and_end_at_done() -> None:
    wire = Wire([b'data: {"a"', b': 1}\n\nevent: x\nid: 7\ndata: {"a": 2}\n\n', b"data: [DONE]\n\ndata: {}\n\n"])
    stream = Operations(wire, "https://h")._stream(STREAM, {})
    assert next(stream) == {"a": 1}
    assert list(stream) == [{"a": 2}]
    assert stream.last_event is not None
    assert (stream.last_event.type, stream.last_event.id) == ("x", "7")
    assert stream._live.is_closed  # type: ignore[attr-defined]  # the fake knows


def test_an_event_that_does_not_fit_says_where() -> None:
    stream = Operations(Wire([b"data: [1]\n\n"]), "https://h")._stream(STREAM, {})
    with pytest.raises(errors.DecodingError, match="expected an object, got a list of 1"):
        next(stream)


def test_the_error_of_a_strict_reading_carries_the_body() -> None:
    reply = Reply(200, {"content-type": "application/json"}, b'[1, "x"]', "https://h/x")
    with pytest.warns(errors.OddReplyWarning, match="expected int, got 'x'"):
        assert read_answer(ANSWERS, reply, "") == [1, "x"]
    with pytest.raises(errors.DecodingError, match="does not fit its schema") as caught:
        read_answer(ANSWERS, reply, "", strict=True)
    assert caught.value.details["body"] == [1, "x"]


def test_an_operation_with_a_server_of_its_own_goes_there() -> None:
    wire = Wire((200, "application/json", b"{}"))
    operations = Operations(wire, "https://main", servers={"https://doc": "https://mine"})
    operations._call(Operation[None]("GET", "/x", server="https://doc"), {})
    assert wire.sent[0].url == "https://mine/x"


class Keyed(ApiClient):
    credentials = (Credential("header", "Authorization", "Bearer "),)
    default_url = "https://doc.example/v1"


class Queried(Keyed):
    credentials = (Credential("query", "api key"),)


GET: Operation[Any] = Operation("GET", "/x")


def sent(client: Any, wire: Wire, operation: Operation[Any] = GET) -> Request:
    client._call(operation, {})
    return wire.sent[-1]


def wire_of(count: int = 1) -> Wire:
    return Wire(*[(204, "", b"")] * count)


def test_the_key_goes_where_the_document_wants_it() -> None:
    wire = wire_of(2)
    bearer = sent(Keyed("k+y", driver=wire), wire)
    assert (bearer.headers["Authorization"], bearer.auth, bearer.url) == (
        "Bearer k+y",
        Auth.NONE,
        "https://doc.example/v1/x",
    )
    assert parse_qs(urlsplit(sent(Queried("k+y", driver=wire), wire).url).query) == {"api key": ["k+y"]}


def test_the_key_stays_at_home() -> None:
    wire = wire_of(3)
    client = Keyed("secret", driver=wire)
    for operation in (
        Operation[object]("GET", "/x", server="https://elsewhere.example"),
        Operation[object]("GET", "/x", is_open=True),
    ):
        request = sent(client, wire, operation)
        assert "secret" not in f"{dict(request.headers)}{request.url}"
    assert "secret" not in repr(client)


def test_a_client_without_address_says_what_to_pass() -> None:
    with pytest.raises(errors.ConfigurationError, match="pass base_url="):
        ApiClient("k")


# --- records


@pytest.mark.parametrize("block", [b"1234", b"12\n1234\n", b"1234\n1"])
def test_a_record_that_is_too_large_is_refused_and_the_largest_is_read(block: bytes) -> None:
    decoder = RecordDecoder("application/jsonl", max_size=3)
    assert [*decoder.feed(b"123\n12"), *decoder.feed(b"3"), *decoder.finish()] == ["123", "123"]
    with pytest.raises(errors.DecodingError, match="A record of the stream is larger than 3 bytes"):
        decoder.feed(block)
