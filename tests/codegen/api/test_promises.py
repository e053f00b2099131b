"""Replies and bodies that are not what their schema says, parts of operations that lead nowhere, servers that are left open."""

from __future__ import annotations

import inspect
import warnings
from typing import Any

import pytest

from tests.codegen.api.conftest import Maker
from tests.codegen.api.test_operations import OK, Wire, answer, body_of, client_of, document
from typedrun import errors

KILN = {"$ref": "#/components/schemas/Kiln"}
PNG = b"\x89PNG\r\n\x1a\n"


def read(make: Maker, wire: Wire, *documented: Any, **options: Any) -> Any:
    """What an operation returns that is documented to answer with a schema under a media type."""
    paths = {"/x": {"get": {"operationId": "read", **answer(*documented)}}}
    return client_of(make, wire, document(paths), **options).read()


# --- replies


@pytest.mark.parametrize(
    ("media_type", "found"), [("*/*", "image/png"), ("text/plain", ""), ("text/plain", "text/plain")]
)
def test_content_that_is_no_text_comes_whole_where_text_is_promised(make: Maker, media_type: str, found: str) -> None:
    with pytest.warns(errors.OddReplyWarning, match="GET /x is kept as bytes: text is promised"):
        assert read(make, Wire(PNG, found), media_type, {"type": "string"}) == PNG
    with pytest.raises(errors.DecodingError, match="text is promised") as caught:
        read(make, Wire(PNG, found), media_type, {"type": "string"}, strict=True)
    assert caught.value.details["body"] == PNG


def test_text_is_read_in_its_charset(make: Maker) -> None:
    wire = Wire("Krüge".encode("latin-1"), "text/plain; charset=iso-8859-1")
    assert read(make, wire, "text/plain", {"type": "string"}) == "Krüge"


FORM = "application/x-www-form-urlencoded"
TOKEN = {
    "type": "object",
    "required": ["access_token"],
    "properties": {
        "access_token": {"type": "string"},
        "expires_in": {"type": "integer"},
        "is_new": {"type": "boolean"},
        "scope": {"type": "array", "items": {"type": "string"}},
        "levels": {"type": "array", "items": {"type": "integer"}},
        "limits": {"type": "object", "additionalProperties": {"type": "integer"}},
        "until": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
    },
}


@pytest.mark.parametrize("documented", [FORM, "application/json"])
def test_a_form_is_read_by_the_types_of_its_fields(make: Maker, documented: str) -> None:
    body = b"access_token=1e3&expires_in=3600&is_new=true&scope=a+b&levels=1&levels=2&limits=%7B%22k%22%3A3%7D&until=&more=x"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = read(make, Wire(body, FORM), documented, TOKEN)
    assert (found.access_token, found.expires_in, found.is_new, found.scope) == ("1e3", 3600, True, ["a b"])
    assert (found.levels, found.limits, found.until, found.unknown_fields) == ([1, 2], {"k": 3}, None, {"more": "x"})


def test_a_form_that_is_not_described_is_a_map_of_texts_and_json_in_its_place_is_read_as_json(make: Maker) -> None:
    assert read(make, Wire(b"a=1&b=&a=2", FORM), FORM, {}) == {"a": ["1", "2"], "b": ""}
    assert read(make, Wire(b'{"a": 1}', "application/json"), FORM, {}) == {"a": 1}


@pytest.mark.parametrize(
    ("media_type", "found", "body", "expected"),
    [
        ("*/*", "application/json", b'{"a": 1}', {"a": 1}),
        ("*/*", "text/plain", b"a b", "a b"),
        ("*/*", "image/png", PNG, PNG),
        ("application/zip", "application/zip", b"PK\x03\x04\xff", b"PK\x03\x04\xff"),
    ],
)
def test_content_of_any_type_is_read_as_what_it_is(
    make: Maker, media_type: str, found: str, body: bytes, expected: Any
) -> None:
    schema: dict[str, Any] = (
        {"description": "anything"} if media_type == "*/*" else {"type": "object", "properties": {"a": {}}}
    )
    assert read(make, Wire(body, found), media_type, schema) == expected


@pytest.mark.parametrize("status", [202, 204, 205])
def test_an_empty_reply_that_the_document_does_not_list_is_none(make: Maker, status: int) -> None:
    assert read(make, Wire(b"", "", status), "application/json", KILN) is None
    with pytest.raises(errors.DecodingError, match=rf"GET /x does not fit its schema: it is empty \({status}\)"):
        read(make, Wire(b"", "", status), "application/json", KILN, strict=True)


def test_an_empty_reply_where_content_is_promised_is_an_error(make: Maker) -> None:
    with pytest.raises(errors.DecodingError, match="GET /x does not fit its schema"):
        read(make, Wire(b""), "application/json", KILN)


def test_head_has_no_content_whatever_is_documented(make: Maker) -> None:
    paths = {"/x": {"head": {"operationId": "look", **answer("application/json", KILN)}}}
    client = client_of(make, Wire(b""), document(paths))
    assert client.look() is None
    assert inspect.signature(client.look).return_annotation == "None"


def test_a_redirect_without_an_address_is_an_error_and_not_the_requests_own(make: Maker) -> None:
    paths = {"/x": {"get": {"operationId": "read", "responses": {"302": {"description": "elsewhere"}}}}}
    with pytest.raises(errors.DecodingError, match=r"GET /x is a redirect \(302\) that does not say where to"):
        client_of(make, Wire(b"", "", 302), document(paths)).read()


def test_what_is_odd_names_its_operation_and_a_strict_client_raises(make: Maker) -> None:
    with pytest.warns(errors.OddReplyWarning, match=r"GET /x: Kiln: kept as it came: expected str, got 3 @ Kiln\.name"):
        assert read(make, Wire(b'{"name": 3}'), "application/json", KILN).name == 3
    with pytest.raises(
        errors.DecodingError, match="GET /x does not fit its schema: Kiln: expected str, got 3"
    ) as caught:
        read(make, Wire(b'{"name": 3}'), "application/json", KILN, strict=True)
    assert caught.value.details["body"] == {"name": 3}


def test_events_of_a_strict_client_are_read_strictly(make: Maker) -> None:
    wire = Wire(b'data: {"name": 3}\n\n', "text/event-stream")
    with pytest.warns(errors.OddReplyWarning, match="GET /x: Kiln"):
        assert [one.name for one in read(make, wire, "text/event-stream", KILN)] == [3]
    with pytest.raises(errors.DecodingError, match="expected str, got 3"):
        list(read(make, wire, "text/event-stream", KILN, strict=True))


# --- bodies


@pytest.mark.parametrize("media_type", ["application/zip", "application/octet-stream", "image/png", "application/cbor"])
def test_an_object_is_not_sent_as_json_where_bytes_are_wanted(make: Maker, media_type: str) -> None:
    wire = Wire()
    client = client_of(make, wire, document({"/x": {"post": body_of(media_type, TOKEN)}}))
    assert "Binary" in inspect.signature(client.send).parameters["body"].annotation
    with pytest.raises(errors.ParameterError, match=f"a body of {media_type} is sent as it is.*pass its bytes"):
        client.send(body={"access_token": "a"})
    client.send(body=b"PK")
    assert (wire.sent[0].body, wire.sent[0].content_type) == (b"PK", media_type)


@pytest.mark.parametrize("media_type", ["application/vnd.pottery", "text/plain"])
def test_json_goes_out_under_the_media_type_that_the_document_names(make: Maker, media_type: str) -> None:
    wire = Wire()
    client_of(make, wire, document({"/x": {"post": body_of(media_type, KILN)}})).send(body={"name": "a"})
    assert (wire.sent[0].body, wire.sent[0].content_type) == (b'{"name": "a"}', media_type)


def test_a_multipart_body_is_an_object_a_list_or_a_whole_text(make: Maker) -> None:
    wire = Wire()
    client = client_of(make, wire, document({"/x": {"post": body_of("multipart/mixed", {"type": "string"})}}))
    whole = "--cut 1\r\nContent-Type: text/plain\r\n\r\nhi\r\n--cut 1--\r\n"
    client.send(body=whole)
    assert (wire.sent[0].body, wire.sent[0].content_type) == (whole.encode(), 'multipart/mixed; boundary="cut 1"')
    client.send(body=["hi", {"a": 1}])
    boundary = (wire.sent[1].content_type or "").partition("boundary=")[2]
    assert (wire.sent[1].body or b"").decode() == (  # type: ignore[union-attr]  # bytes here
        f'--{boundary}\r\n\r\nhi\r\n--{boundary}\r\nContent-Type: application/json\r\n\r\n{{"a":1}}\r\n--{boundary}--\r\n'
    )
    with pytest.raises(errors.ParameterError, match="must be a whole one, with a line `--boundary`"):
        client.send(body="hi")


@pytest.mark.parametrize("body", [["a"], 3, None])
def test_a_form_with_parts_that_have_no_names_says_what_to_pass(make: Maker, body: Any) -> None:
    client = client_of(make, Wire(), document({"/x": {"post": body_of("multipart/form-data", {})}}))
    with pytest.raises(errors.ParameterError, match="pass an object with a field for each"):
        client.send(body=body)


# --- parts of operations that lead nowhere

GONE = {"$ref": "#/components/gone/X"}


@pytest.mark.parametrize(
    ("part", "pointer", "consequence"),
    [
        ({"responses": {"200": GONE}}, "/responses/200", "any value is accepted here"),
        ({"responses": {"200": 3}}, "/responses/200", "any value is accepted here"),
        ({"requestBody": GONE, **OK}, "/requestBody", "any value is accepted here"),
        ({"parameters": [GONE], **OK}, "/parameters/0", "the parameter is left out"),
        ({"parameters": [{"in": "body", "name": "b"}], **OK}, "/parameters/0", "the parameter is left out"),
        ({"parameters": [{"in": "path", "name": "a", "style": "form"}], **OK}, "/parameters/0/style", "left out"),
        ({"responses": {"200": {"content": {"text/x": GONE}}}}, "/responses/200/content/text~1x", "any value"),
        (
            {"responses": {"200": {"content": {"a/b": {"schema": GONE}}}}},
            "/responses/200/content/a~1b/schema",
            "any value",
        ),
    ],
)
def test_a_part_that_leads_nowhere_is_a_problem_and_its_operation_stays(
    make: Maker, part: Any, pointer: str, consequence: str
) -> None:
    described = document({"/x/{a}": {"post": {"operationId": "fire", **part}}})
    problems = make.build(described).problems
    assert [one.location.pointer for one in problems] == [f"/paths/~1x~1{{a}}/post{pointer}"]
    assert f"until then {consequence}" in problems[0].next_step or problems[0].next_step.endswith(consequence)
    wire = Wire(b'{"a": 1}')
    client_of(make, wire, described).fire("k")
    assert wire.sent[0].url == "https://api.pottery.test/x/k"


def test_a_response_that_leads_nowhere_gives_whatever_comes(make: Maker) -> None:
    described = document({"/x": {"get": {"operationId": "read", "responses": {"200": GONE}}}})
    for body, media_type, expected in (
        (b'{"a": 1}', "application/json", {"a": 1}),
        (b"hi", "text/plain", "hi"),
        (PNG, "", PNG),
        (b"", "", None),
    ):
        assert client_of(make, Wire(body, media_type), described).read() == expected


# --- servers


def test_a_server_whose_variable_has_no_default_is_a_problem_and_clients_need_an_address(make: Maker) -> None:
    server = {
        "url": "https://{region}.pottery.test:{port}/{v}",
        "variables": {"region": {"enum": ["eu"]}, "port": {"default": 8443}},
    }
    described = document({"/x": {"get": {"operationId": "read", **OK}}}, servers=[server])
    problems = make.build(described).problems
    assert [(one.title, one.location.pointer) for one in problems] == [
        ("a variable of a server has no default", "/servers/0/variables/region"),
        ("a variable of a server has no default", "/servers/0/url"),
    ]
    with pytest.raises(errors.ConfigurationError, match=r"gives no address\. Next: pass base_url="):
        client_of(make, Wire(), described)
    wire = Wire()
    client_of(make, wire, described, base_url="https://eu.pottery.test").read()
    assert wire.sent[0].url == "https://eu.pottery.test/x"


def test_a_default_that_yaml_reads_as_a_number_is_part_of_the_address(make: Maker) -> None:
    server = {"url": "https://pottery.test:{port}", "variables": {"port": {"default": 8443}}}
    wire = Wire()
    client_of(make, wire, document({"/x": {"get": {"operationId": "read", **OK}}}, servers=[server])).read()
    assert wire.sent[0].url == "https://pottery.test:8443/x"


@pytest.mark.parametrize("tail", ["?v=1", "#top", "/?v=1#top", "?v={v}"])
def test_a_servers_query_or_fragment_is_no_part_of_addresses_and_a_problem(make: Maker, tail: str) -> None:
    own = document({"/x": {"get": {"operationId": "read", **OK, "servers": [{"url": f"https://own.test/b{tail}"}]}}})
    whole = document({"/x": {"get": {"operationId": "read", **OK}}}, servers=[{"url": f"https://pottery.test/a{tail}"}])
    for described, place, address in (
        (own, "/paths/~1x/get/servers/0/url", "https://own.test/b/x"),
        (whole, "/servers/0/url", "https://pottery.test/a/x"),
    ):
        problems = make.build(described).problems
        assert [(one.title, one.location.pointer, one.found) for one in problems] == [
            ("a server's address has a query or a fragment", place, repr(tail.removeprefix("/")))
        ]
        wire = Wire()
        client_of(make, wire, described).read()
        assert wire.sent[0].url == address


def test_an_operations_server_that_is_left_open_has_to_be_given(make: Maker) -> None:
    own = "https://{zone}.upload.test"
    described = document(
        {"/x": {"servers": [{"url": own}], "get": {"operationId": "read", **OK}, "put": {"operationId": "put", **OK}}}
    )
    problems = make.build(described).problems
    assert [one.location.pointer for one in problems] == ["/paths/~1x/servers/0/url"]
    with pytest.raises(
        errors.ConfigurationError, match=r"GET /x has a server of its own.*pass servers=\{'https://\{zone\}"
    ):
        client_of(make, Wire(), described).read()
    wire = Wire()
    client_of(make, wire, described, servers={own: "https://a.upload.test"}).read()
    assert wire.sent[0].url == "https://a.upload.test/x"


@pytest.mark.parametrize("argument", ["servers", "server_keys"])
def test_a_server_that_no_operation_has_is_refused_with_the_one_that_was_meant(make: Maker, argument: str) -> None:
    own = "https://upload.pottery.test"
    described = document({"/x": {"get": {"operationId": "read", "servers": [{"url": own}], **OK}}})
    with pytest.raises(errors.ConfigurationError, match=rf"{argument}= names the server .*did you mean '{own}'\?"):
        client_of(make, Wire(), described, **{argument: {"https://uploads.pottery.test": "x"}})
    with pytest.raises(errors.ConfigurationError, match="use one of these: none"):
        client_of(make, Wire(), document({}), **{argument: {own: "x"}})
