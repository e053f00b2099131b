"""Documents in the forms that real ones have, and the calls that their clients make."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.checkers import Mypy
from tests.codegen.api.conftest import Maker
from tests.pyright_again import Pyright
from typedrun import errors
from typedrun.core.deadline import NEVER
from typedrun.core.reply import Reply
from typedrun.core.request import Request
from typedrun.structure import decode, encode

ROOT = Path(__file__).resolve().parents[3]
OK: dict[str, Any] = {"responses": {"200": {"description": "ok"}}}


def document(paths: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": "Pottery", "version": "1"},
        "servers": [{"url": "https://api.pottery.test"}],
        "paths": paths,
        "components": {"schemas": {"Kiln": {"type": "object", "properties": {"name": {"type": "string"}}}}},
        **more,
    }


def answer(media_type: str, schema: Any) -> dict[str, Any]:
    return {"responses": {"200": {"description": "ok", "content": {media_type: {"schema": schema}}}}}


class Wire:
    """A driver that gives each request one reply and keeps the request."""

    def __init__(self, body: bytes = b"", media_type: str = "application/json", status: int = 200) -> None:
        self.reply = (status, {"content-type": media_type}, body)
        self.sent: list[Request] = []

    def send(self, request: Request, *, deadline: Any = None) -> Reply:
        self.sent.append(request)
        return Reply(*self.reply, request.url)

    def open_stream(self, request: Request, *, deadline: Any = None) -> Any:
        self.sent.append(request)
        return self

    def blocks(self) -> Any:
        yield from (self.reply[2][i : i + 10] for i in range(0, len(self.reply[2]), 10))

    def close(self) -> None:
        pass

    def deadline(self, seconds: float | None) -> Any:
        return NEVER


def client_of(make: Maker, wire: Wire, described: dict[str, Any], *args: Any, **options: Any) -> Any:
    package = make.package(described)
    return importlib.import_module(f"{package.__name__}.client").Client(*args, driver=wire, **options)


@pytest.mark.parametrize(
    ("one", "other"), [(["Kilns"], ["kilns"]), (["a-b"], ["A.B"]), (["default"], []), (["AB"], ["A B"])]
)
def test_tags_that_give_one_name_are_one_class(make: Maker, one: list[str], other: list[str]) -> None:
    paths = {"/k": {"get": {"operationId": "a", "tags": one, **OK}, "post": {"operationId": "b", "tags": other, **OK}}}
    wire = Wire()
    client = client_of(make, wire, document(paths))
    client.a()
    client.b()
    assert [request.method for request in wire.sent] == ["GET", "POST"]


def test_an_operation_that_is_a_reference_is_followed_into_its_file(make: Maker) -> None:
    make.document(
        {
            "operationId": "listGlazes",
            "parameters": [{"$ref": "common.json#/colour"}],
            **answer("application/json", {"type": "array", "items": {"$ref": "common.json#/Glaze"}}),
        },
        "parts/list.json",
    )
    make.document(
        {
            "colour": {"name": "colour", "in": "query", "required": True, "schema": {"type": "string"}},
            "Glaze": {"type": "object", "properties": {"colour": {"type": "string"}}},
        },
        "parts/common.json",
    )
    wire = Wire(b'[{"colour": "blue"}]')
    ref = {"$ref": "parts/list.json"}
    described = document({"/glazes": {"get": ref}, "/all": {"$ref": "#/paths/~1glazes", "post": {**OK}}})
    built = make.build(described)
    assert [problem.title for problem in built.problems] == ["two operations have one operationId"]
    assert built.counts["operations"] == 3
    client = client_of(make, wire, described)
    assert client.list_glazes(colour="blue")[0].colour == "blue"
    assert wire.sent[0].url == "https://api.pottery.test/glazes?colour=blue"


def test_a_reference_to_nothing_costs_one_path(make: Maker) -> None:
    paths = {
        "/a": {"$ref": "#/nowhere"},
        "/b": {"get": {"$ref": "#/nowhere"}},
        "/c": {"get": {"operationId": "c", **OK}},
    }
    built = make.build(document(paths))
    assert [str(problem.location) for problem in built.problems] == [
        "openapi.json#/paths/~1a",
        "openapi.json#/paths/~1b/get",
    ]
    assert built.counts["operations"] == 1


def test_a_path_without_a_slash_is_a_problem_and_no_part_of_the_host(make: Maker) -> None:
    described = document({"kilns": {"get": {"operationId": "x", **OK}}, "/pots": {"get": {"operationId": "y", **OK}}})
    (problem,) = make.build(described).problems
    assert (problem.title, str(problem.location)) == ("a path does not begin with a slash", "openapi.json#/paths/kilns")
    wire = Wire()
    client = client_of(make, wire, described)
    client.x()
    client.y()
    assert [one.url for one in wire.sent] == ["https://api.pottery.test/kilns", "https://api.pottery.test/pots"]


@pytest.mark.parametrize(
    ("more", "title", "pointer"),
    [
        ({"parameters": {"q": {"in": "query"}}}, "parameters is not a list", "/parameters"),
        ({"responses": [{"description": "ok"}]}, "responses is not an object", "/responses"),
        ({"requestBody": {"content": ["text/plain"]}}, "content is not an object", "/requestBody/content"),
    ],
)
def test_what_stands_in_the_wrong_form_is_not_lost_without_a_word(
    make: Maker, more: dict[str, Any], title: str, pointer: str
) -> None:
    built = make.build(document({"/x": {"get": {"operationId": "x", **OK, **more}}, "/y": {"get": OK}}))
    assert [(problem.title, problem.location.pointer) for problem in built.problems] == [
        (title, f"/paths/~1x/get{pointer}")
    ]
    assert built.counts["operations"] == 2


def problems_of(make: Maker, described: dict[str, Any]) -> list[tuple[str, str]]:
    return [(problem.title, problem.location.pointer) for problem in make.build(described).problems]


@pytest.mark.parametrize(
    ("where", "value", "title"),
    [
        ("components", [], "components is not an object"),
        ("servers", "https://api.pottery.test", "servers is not a list"),
        ("security", 5, "security is not a list"),
    ],
)
def test_a_member_of_the_document_in_the_wrong_form_is_a_problem(
    make: Maker, where: str, value: object, title: str
) -> None:
    described = document({"/x": {"get": {"operationId": "x", **OK}}}) | {where: value}
    assert problems_of(make, described) == [(title, f"/{where}")]


def test_a_table_of_components_in_the_wrong_form_is_a_problem(make: Maker) -> None:
    components: dict[str, Any] = {"components": {"schemas": [], "headers": "x"}}
    described = document({"/x": {"get": {"operationId": "x", **OK}}}) | components
    assert problems_of(make, described) == [
        ("schemas is not an object", "/components/schemas"),
        ("headers is not an object", "/components/headers"),
    ]


def test_servers_and_security_of_operations_in_the_wrong_form_are_problems(make: Maker) -> None:
    paths = {"/x": {"servers": {}, "get": {"operationId": "x", "servers": "a", "security": True, **OK}, "put": OK}}
    assert problems_of(make, document(paths)) == [
        ("servers is not a list", "/paths/~1x/servers"),
        ("servers is not a list", "/paths/~1x/get/servers"),
        ("security is not a list", "/paths/~1x/get/security"),
    ]


@pytest.mark.parametrize(
    ("schema", "title", "pointer"),
    [
        (None, "a schema is neither an object nor a boolean", ""),
        (3, "a schema is neither an object nor a boolean", ""),
        ([{"type": "string"}], "a schema is neither an object nor a boolean", ""),
        ({"allOf": {"type": "string"}}, "allOf is not a list", "/allOf"),
        ({"oneOf": "x"}, "oneOf is not a list", "/oneOf"),
        ({"type": []}, "a schema has a type that does not exist", ""),
        ({"type": "object", "properties": {"a": {}}, "required": "a"}, "required is not a list", "/required"),
    ],
)
def test_a_schema_in_the_wrong_form_is_a_problem(make: Maker, schema: object, title: str, pointer: str) -> None:
    described = document({"/x": {"get": {"operationId": "x", **OK}}}) | {"components": {"schemas": {"Odd": schema}}}
    assert problems_of(make, described) == [(title, f"/components/schemas/Odd{pointer}")]


NAMES = (
    "unset",
    "uuid",
    "utc",
    "any",
    "float",
    "str",
    "date",
    "datetime",
    "types",
    "list",
    "bool",
    "final",
    "operation",
)


def named_like_the_module() -> dict[str, Any]:
    """A document whose operations are called what their module imports, and use all of it."""
    formats = {"when": "date", "at": "date-time", "key": "uuid", "content": "byte", "side": ""}
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "query", "schema": {"type": "string", "format": format_}}
        for name, format_ in formats.items()
    ]
    kinds = ("integer", "number", "boolean")
    parameters += [{"name": f"an_{kind}", "in": "query", "schema": {"type": kind}} for kind in kinds]
    parameters.append({"name": "names", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}})
    return document({f"/{name}": {"get": {"operationId": name, "parameters": parameters, **OK}} for name in NAMES})


def test_operations_named_like_what_their_module_uses_can_be_called(make: Maker) -> None:
    wire = Wire()
    client = client_of(make, wire, named_like_the_module())
    for name in NAMES:
        getattr(client, name if hasattr(client, name) else f"{name}_")()
        assert wire.sent[-1].url == f"https://api.pottery.test/{name}"


def test_operations_named_like_what_their_module_uses_pass_the_checkers(
    make: Maker, mypy: Mypy, pyright: Pyright
) -> None:
    package = make.package(named_like_the_module()).__name__
    (make.root / "pyrightconfig.json").write_text(
        json.dumps({"include": [package], "typeCheckingMode": "strict", "extraPaths": [str(ROOT / "runtime")]})
    )
    done = pyright.run("--project", str(make.root), folder=make.root)
    assert done.returncode == 0, done.stdout
    done = mypy.run("--strict", "--config-file=", package, folder=make.root, sources=[ROOT / "runtime"])
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("media_type", "schema", "body", "expected"),
    [
        ("application/octet-stream", {"type": "string"}, b"\xff\x00", b"\xff\x00"),
        ("application/pdf", {"type": ["string", "null"]}, b"%PDF\xff", b"%PDF\xff"),
        ("image/png", {"type": "string", "format": "byte"}, b"\x89PNG", b"\x89PNG"),
        ("application/json", {"type": "string", "format": "byte"}, b'"aGk="', b"hi"),
        ("application/xml", {"$ref": "#/components/schemas/Kiln"}, b"<kiln/>", "<kiln/>"),
        ("application/yaml", {"type": "object"}, b"a: 1\n", "a: 1\n"),
        ("text/csv", {"type": "array", "items": {}}, b"a,b\n", "a,b\n"),
        ("text/html", {}, b"<p>", "<p>"),
        ("*/*", {"type": "string"}, b"plain", "plain"),
    ],
)
def test_content_is_read_as_what_it_is(make: Maker, media_type: str, schema: Any, body: bytes, expected: Any) -> None:
    paths = {"/x": {"get": {"operationId": "read", **answer(media_type, schema)}}}
    wire = Wire(body, media_type if "*" not in media_type else "text/plain")
    assert client_of(make, wire, document(paths)).read() == expected


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("application/jsonl", b'{"name": "a"}\n\n{"name": "b"}'),
        ("application/x-ndjson", b'{"name": "a"}\r\n{"name": "b"}\r\n'),
        ("application/json-seq", b'\x1e{"name":\n "a"}\n\x1e{"name": "b"}\n'),
        ("text/event-stream", b'data: {"name": "a"}\n\ndata: {"name": "b"}\n\n'),
    ],
)
def test_values_that_follow_each_other_are_iterated(make: Maker, media_type: str, body: bytes) -> None:
    paths = {"/x": {"get": {"operationId": "read", **answer(media_type, {"$ref": "#/components/schemas/Kiln"})}}}
    wire = Wire(body, media_type)
    with client_of(make, wire, document(paths)).read() as kilns:
        assert [kiln.name for kiln in kilns] == ["a", "b"]
    assert wire.sent[0].accept == media_type


def body_of(media_type: str, schema: Any) -> dict[str, Any]:
    return {"operationId": "send", "requestBody": {"content": {media_type: {"schema": schema}}}, **OK}


@pytest.mark.parametrize(
    ("media_type", "schema", "body", "sent", "content_type"),
    [
        ("*/*", {"$ref": "#/components/schemas/Kiln"}, {"name": "a"}, b'{"name": "a"}', "application/json"),
        ("*/*", {"type": "string"}, "a", b"a", "text/plain; charset=utf-8"),
        ("image/*", {"type": "string"}, b"\x89", b"\x89", "application/octet-stream"),
        ("application/xml", {"$ref": "#/components/schemas/Kiln"}, "<kiln/>", b"<kiln/>", "application/xml"),
        ("application/yaml", {"type": "object"}, b"a: 1", b"a: 1", "application/yaml"),
        ("application/jsonl", {"type": "object"}, [{"a": 1}, {"b": 2}], b'{"a":1}\n{"b":2}\n', "application/jsonl"),
        ("application/json-seq", {"type": "object"}, [{"a": 1}], b'\x1e{"a":1}\n', "application/json-seq"),
    ],
)
def test_bodies_are_sent_as_what_they_are(
    make: Maker, media_type: str, schema: Any, body: Any, sent: bytes, content_type: str
) -> None:
    wire = Wire()
    client_of(make, wire, document({"/x": {"post": body_of(media_type, schema)}})).send(body=body)
    assert (wire.sent[0].body, wire.sent[0].content_type) == (sent, content_type)


def test_an_object_in_place_of_markup_says_what_to_pass(make: Maker) -> None:
    client = client_of(make, Wire(), document({"/x": {"post": body_of("application/xml", {"type": "object"})}}))
    with pytest.raises(errors.ParameterError, match="pass its text or bytes"):
        client.send(body={"a": 1})


def test_a_success_that_is_not_listed_is_the_nearest_that_is_and_never_the_error(make: Maker) -> None:
    kiln = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Kiln"}}}, "description": "ok"}
    fault = {"content": {"application/json": {"schema": {"type": "object"}}}, "description": "bad"}
    responses = {"200": kiln, "204": {"description": "none"}, "default": fault}
    described = document({"/x": {"get": {"operationId": "read", "responses": responses}}})
    for status in (200, 201, 202, 206):
        assert client_of(make, Wire(b'{"name": "a"}', status=status), described).read().name == "a"


def test_a_child_is_read_by_its_tag_taken_where_the_parent_is_wanted_and_unknown_without_one(make: Maker) -> None:
    ref = "#/components/schemas/"
    ware = {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"type": "string"}},
        "discriminator": {"propertyName": "kind", "mapping": {"cup": f"{ref}Cup", "bowl": f"{ref}Bowl"}},
    }
    schemas = {
        "Ware": ware,
        "Cup": {"allOf": [{"$ref": f"{ref}Ware"}, {"type": "object", "properties": {"handle": {"type": "boolean"}}}]},
        "Bowl": {"allOf": [{"$ref": f"{ref}Ware"}, {"type": "object", "properties": {"depth": {"type": "integer"}}}]},
        "Shelf": {
            "type": "object",
            "properties": {"wares": {"type": "array", "items": {"$ref": f"{ref}Ware"}}},
            "additionalProperties": {"$ref": f"{ref}Cup"},
        },
    }
    types = make.types(schemas, "3.0.3")
    payload = {
        "wares": [{"kind": "bowl", "depth": 1}, {"kind": "Ware"}, {"kind": "newer", "x": 1}],
        "spare": {"kind": "cup", "handle": True},
    }
    shelf = decode(payload, types.Shelf)
    assert [type(one).__name__ for one in shelf.wares] == ["Bowl", "Ware", "UnknownObject"]
    assert shelf.additional_properties == {"spare": types.Cup(kind="cup", handle=True)}
    assert encode(shelf) == payload


SCHEMES = {
    "old": {"type": "apiKey", "in": "query", "name": "old"},
    "modern": {"type": "http", "scheme": "bearer"},
    "staff": {"type": "http", "scheme": "basic"},
    "app": {"type": "apiKey", "in": "header", "name": "X-App"},
    "biscuit": {"type": "apiKey", "in": "cookie", "name": "sid"},
}
HOME = "https://api.pottery.test/x"


def secured(security: Any, own: Any = None, schemes: Any = SCHEMES) -> dict[str, Any]:
    operation: dict[str, Any] = {"operationId": "x", **OK} | ({} if own is None else {"security": own})
    more = {} if security is None else {"security": security}
    return document({"/x": {"get": operation}}, **more, components={"schemas": {}, "securitySchemes": schemes})


@pytest.mark.parametrize(
    ("security", "own", "keys", "url", "headers"),
    list[tuple[Any, ...]]([
        ([{"modern": []}], None, "k", HOME, {"Authorization": "Bearer k"}),
        ([{"modern": []}], [{"staff": []}], "ann:pw", HOME, {"Authorization": "Basic YW5uOnB3"}),
        ([{"modern": []}], [], "k", HOME, {}),
        ([{"modern": []}], [{}], "k", HOME, {}),
        ([{"old": []}, {"modern": []}], None, "k", HOME, {"Authorization": "Bearer k"}),
        ([{}, {"modern": []}], None, "k", HOME, {"Authorization": "Bearer k"}),
        ([{"old": []}], None, "k&", f"{HOME}?old=k%26", {}),
        ([{"biscuit": []}], None, "k", HOME, {"Cookie": "sid=k"}),
        (None, None, "k", HOME, {"Authorization": "Bearer k"}),
        ([{"old": []}, {"app": [], "modern": []}], None, {"app": "a", "modern": "m"}, HOME,
         {"X-App": "a", "Authorization": "Bearer m"}),
        ([{"modern": []}, {"staff": []}], None, {"staff": ("ann", "p w")}, HOME, {"Authorization": "Basic YW5uOnAgdw=="}),
        ([{"app": [], "modern": []}], None, "", HOME, {}),
    ]),
)  # fmt: skip
def test_the_documents_security_decides_where_keys_go(
    make: Maker, security: Any, own: Any, keys: Any, url: str, headers: dict[str, str]
) -> None:
    wire = Wire()
    given = {"api_key": keys} if isinstance(keys, str) else {"api_key": "", "keys": keys}
    client_of(make, wire, secured(security, own), **given).x()
    assert (wire.sent[0].url, dict(wire.sent[0].headers)) == (url, headers)


def test_one_key_for_two_schemes_together_says_what_to_pass(make: Maker) -> None:
    client = client_of(make, Wire(), secured([{"app": [], "modern": []}]), "k")
    with pytest.raises(errors.ConfigurationError, match=r"needs keys for 'app' and 'modern' together.*pass keys="):
        client.x()
    with pytest.raises(errors.ConfigurationError, match="names the security scheme 'other'"):
        client_of(make, Wire(), secured([{"app": []}]), keys={"other": "k"})


@pytest.mark.parametrize(
    "scheme",
    [{"type": "http", "scheme": "digest"}, {"type": "mutualTLS"}, {"type": "apiKey", "in": "body", "name": "k"}],
)
def test_a_scheme_that_is_not_spoken_is_a_problem_and_gets_no_key(make: Maker, scheme: dict[str, str]) -> None:
    described = secured([{"odd": []}], schemes={**SCHEMES, "odd": scheme})
    problem, *more = make.build(described).problems
    assert (str(problem.location), more) == ("openapi.json#/components/securitySchemes/odd", [])
    assert problem.title == "a security scheme is none that typedrun speaks"
    wire = Wire()
    client_of(make, wire, described, "k").x()
    assert (wire.sent[0].url, dict(wire.sent[0].headers)) == (HOME, {})


@pytest.mark.parametrize(
    ("security", "own", "pointer"),
    list[tuple[Any, ...]](
        [
            ([{"gone": []}], None, "/security"),
            ([{"modern": []}], [{"app": [], "gone": []}], "/paths/~1x/get/security"),
            ([{"gone": []}], [{"gone": []}], "/security"),
        ]
    ),
)
def test_security_that_names_no_scheme_is_a_problem(make: Maker, security: Any, own: Any, pointer: str) -> None:
    described = secured(security, own)
    problem, *more = make.build(described).problems
    assert (str(problem.location), problem.found, more) == (f"openapi.json#{pointer}", "'gone'", [])
    wire = Wire()
    client_of(make, wire, described, "k").x()
    assert (wire.sent[0].url, dict(wire.sent[0].headers)) == (HOME, {})


@pytest.mark.parametrize("security", [{"modern": []}, "modern", ["modern"]])
def test_security_that_is_no_list_of_objects_means_what_it_can_only_mean(make: Maker, security: Any) -> None:
    wire = Wire()
    client_of(make, wire, secured([], security), "k").x()
    assert dict(wire.sent[0].headers) == {"Authorization": "Bearer k"}


def test_the_clients_headers_go_home_with_every_request_and_nowhere_else(make: Maker) -> None:
    described = secured([{"modern": []}])
    described["paths"]["/up"] = {"post": {"operationId": "up", "servers": [{"url": "https://up.test"}], **OK}}
    wire = Wire()
    client = client_of(make, wire, described, "k", headers={"X-Team": "t"})
    client.x()
    client.up()
    assert [dict(one.headers) for one in wire.sent] == [{"X-Team": "t", "Authorization": "Bearer k"}, {}]
