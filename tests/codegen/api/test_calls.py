"""A document → a client → what is on the wire: names, servers, paths, redirects and bodies of operations."""

from __future__ import annotations

import asyncio
import inspect
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.checkers import Mypy
from tests.pyright_again import Pyright
from typedrun.aio.driver import AsyncDriver
from typedrun.errors import ConfigurationError, NotFoundError, ParameterError
from typedrun.sending.driver import Driver
from typedrun.settings import Secret, Settings
from typedrun.testing import Answer, Received, ScriptedNetwork
from typedrun_sandbox import bundled_snapshot
from typedrun_sandbox.server import Sandbox

Maker = Any  # tests/codegen/api/conftest.py
ROOT = Path(__file__).resolve().parents[3]
HOME = "https://api.pottery.test/v1"
OK = {"200": {"description": "ok"}}


def document(paths: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": "Pottery", "version": "1"},
        "servers": [{"url": HOME}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
        **more,
    }


def operation(identity: str, **more: Any) -> dict[str, Any]:
    return {"operationId": identity, "responses": OK, **more}


class Awaited:
    """An asyncio client whose operations are waited for."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.client, name)
        assert inspect.iscoroutinefunction(method), name

        def waited_for(*given: Any, **named: Any) -> Any:
            return asyncio.run(method(*given, **named))

        return waited_for


class Bench:
    """A client whose backend is a script."""

    def __init__(
        self, package: Any, answer: Answer, *, own_driver: bool = False, is_async: bool = False, **options: Any
    ) -> None:
        self.network = network = ScriptedNetwork(lambda _: answer)
        kind = package.AsyncClient if is_async else package.Client
        settings = Settings(backend_url=HOME, run_url=HOME, api_key=Secret("k-1"))
        if own_driver:  # the settings that the client makes for itself, on the same script
            settings = kind("k-1", **options)._driver.settings
        driver: Any = Driver(settings, transport=network, clock=network.clock)
        if is_async:
            driver = AsyncDriver(settings, transport=network.awaited, clock=network.clock.awaited)
        made = kind("k-1", driver=driver, **options)
        self.client: Any = Awaited(made) if is_async else made

    @property
    def sent(self) -> Received:
        return self.network.received[-1]


@pytest.fixture(params=["blocking", "asyncio"])
def bench(make: Maker, request: pytest.FixtureRequest) -> Any:
    is_async = request.param == "asyncio"

    def made(paths: dict[str, Any], answer: Answer | None = None, **options: Any) -> Bench:
        return Bench(make.package(document(paths)), answer or Answer(json=None), is_async=is_async, **options)

    return made


# --- names


def test_spellings_of_one_tag_are_one_group(make: Maker) -> None:
    paths = {
        "/kilns": {
            "get": operation("listKilns", tags=["Kilns"]),
            "post": operation("addKiln", tags=["kilns"]),
            "put": operation("fire", tags=["KILNS!"]),
        },
        "/door": {"get": operation("readDoor"), "put": operation("close", tags=["default"])},
    }
    made = Bench(make.package(document(paths)), Answer(json=None))
    for call in ("list_kilns", "add_kiln", "fire", "read_door", "close"):
        getattr(made.client, call)()
    bases = [base.__name__ for base in type(made.client).__mro__ if base.__name__.endswith("Operations")]
    assert len(bases) == len(set(bases))
    assert bases == ["DefaultOperations", "KilnsOperations", "Operations"]


def test_a_package_for_threads_alone_has_no_asyncio_half(make: Maker) -> None:
    built = make.build(document({"/x": {"get": operation("x")}}), has_asyncio=False)
    assert not [path for path in built.files if path.startswith("aio/")]
    assert "aio" not in built.files["__init__.py"]
    assert any(path.startswith("aio/") for path in make.build(document({"/x": {"get": operation("x")}})).files)


def test_no_group_is_a_file_that_windows_takes_for_a_device(make: Maker) -> None:
    built = make.build(
        document({"/x": {"get": operation("x", tags=["CON"])}, "/y": {"get": operation("y", tags=["lpt1"])}})
    )
    assert {"operations/con_.py", "operations/lpt1_.py"} <= built.files.keys()


TAKEN = [
    "unset",
    "uuid",
    "float",
    "str",
    "int",
    "bool",
    "bytes",
    "list",
    "dict",
    "date",
    "datetime",
    "types",
    "type",
    "utc",
]


def test_operations_named_like_what_the_module_uses_work_and_check(
    make: Maker, tmp_path: Path, mypy: Mypy, pyright: Pyright
) -> None:
    arguments = [
        {"name": "weight", "in": "query", "schema": {"type": "number"}},
        {"name": "labels", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
        {"name": "since", "in": "query", "schema": {"type": "string", "format": "date"}},
        {"name": "at", "in": "query", "schema": {"type": "string", "format": "date-time"}},
        {"name": "kiln", "in": "query", "schema": {"type": "string", "format": "uuid"}},
    ]
    paths = {f"/{name}": {"post": operation(name, parameters=arguments, tags=["all"])} for name in TAKEN}
    package = make.package(document(paths))
    made = Bench(package, Answer(json=None))
    for name in TAKEN:
        getattr(made.client, f"{name}_" if hasattr(made.client, f"{name}_") else name)(weight=1.5)
        assert made.sent.url == f"{HOME}/{name}?weight=1.5"  # and nothing for what was left out
    folder = Path(inspect.getfile(package)).parent
    ran = mypy.run("--strict", folder.name, folder=tmp_path, sources=[ROOT / "runtime"])
    assert ran.returncode == 0, ran.stdout
    ran = pyright.run("--pythonpath", sys.executable, folder.name, folder=tmp_path)
    assert ran.returncode == 0, ran.stdout


# --- servers

SERVERS = {
    "/relative": {"get": operation("relative", servers=[{"url": "/v9"}])},
    "/upload": {"post": operation("upload", servers=[{"url": "https://upload.pottery.test"}])},
    "/plain": {"get": operation("plain")},
}


def test_a_relative_server_belongs_to_the_clients_own_address(bench: Any) -> None:
    made = bench(SERVERS)
    made.client.relative()
    assert (made.sent.url, made.sent.headers["Authorization"]) == ("https://api.pottery.test/v9/relative", "Bearer k-1")
    moved = bench(SERVERS, base_url="http://127.0.0.1:9/proxy/v1")
    moved.client.relative()
    assert moved.sent.url == "http://127.0.0.1:9/v9/relative"


def test_a_foreign_server_gets_no_key_but_its_own(bench: Any) -> None:
    foreign = "https://upload.pottery.test"
    made = bench(SERVERS)
    made.client.upload()
    assert made.sent.url == f"{foreign}/upload"
    assert "k-1" not in str(dict(made.sent.headers))
    keyed = bench(SERVERS, server_keys={foreign: "k-2"}, servers={foreign: "https://mirror.test/up"})
    keyed.client.upload()
    assert (keyed.sent.url, keyed.sent.headers["Authorization"]) == ("https://mirror.test/up/upload", "Bearer k-2")
    keyed.client.plain()
    assert keyed.sent.headers["Authorization"] == "Bearer k-1"


def test_a_key_for_a_server_is_checked_like_any_other(bench: Any) -> None:
    with pytest.raises(ConfigurationError, match="cannot travel"):
        bench(SERVERS, server_keys={"https://upload.pottery.test": "k\n2"})


# --- paths


def test_a_query_or_fragment_in_a_path_key_is_no_part_of_the_path(bench: Any) -> None:
    query = [{"name": "q", "in": "query", "schema": {"type": "string"}}]
    made = bench(
        {
            "/pots?preview=true": {"get": operation("listPots", parameters=query)},
            "/pots#draft": {"get": operation("listDrafts", parameters=query)},
        }
    )
    made.client.list_pots(q="a b")
    assert made.sent.url == f"{HOME}/pots?preview=true&q=a%20b"
    made.client.list_pots()
    assert made.sent.url == f"{HOME}/pots?preview=true"
    made.client.list_drafts(q="x")
    assert made.sent.url == f"{HOME}/pots?q=x"


@pytest.mark.parametrize("mark", ["{path*}", "{path+}", "{+path}"])
@pytest.mark.parametrize("declared", ["path", "as written", "not at all"])
def test_the_rest_of_an_address_may_have_slashes(bench: Any, mark: str, declared: str) -> None:
    name = mark.strip("{}") if declared == "as written" else "path"
    parameters = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}}]
    made = bench(
        {
            f"/files/{mark}": {
                "get": operation("getFile", **({} if declared == "not at all" else {"parameters": parameters}))
            }
        }
    )
    made.client.get_file("a b/c.txt")
    assert made.sent.url == f"{HOME}/files/a%20b/c.txt"
    for outside in ("../keys", "a/../../keys", ".", ""):
        with pytest.raises(ParameterError, match="cannot be"):
            made.client.get_file(outside)


# --- redirects


def test_a_documented_redirect_gives_its_address_and_goes_nowhere(bench: Any) -> None:
    responses = {"302": {"description": "moved"}, "default": {"description": "an error"}}
    paths = {"/archive": {"get": {"operationId": "archive", "responses": responses}}}
    target = "https://cdn.elsewhere.test/a.zip?sig=1"
    made = bench(paths, Answer(status=302, headers={"Location": target}))
    assert made.client.archive() == target
    assert len(made.network.received) == 1
    relative = bench(paths, Answer(status=302, headers={"Location": "/v1/files/7"}))
    assert relative.client.archive() == "https://api.pottery.test/v1/files/7"


# --- values


def test_nothing_is_left_out_of_a_multipart_body(bench: Any) -> None:
    fields = {"name": {"type": ["string", "null"]}, "tags": {"type": "array", "items": {"type": ["string", "null"]}}}
    body = {"content": {"multipart/form-data": {"schema": {"type": "object", "properties": fields}}}}
    made = bench({"/pots": {"post": operation("addPot", requestBody=body)}})
    made.client.add_pot(body={"name": None, "tags": ["blue", None]})
    assert b"null" not in made.sent.body
    assert b'name="name"' not in made.sent.body
    assert made.sent.body.count(b'name="tags"') == 1


def test_lists_of_objects_are_numbered_in_a_deep_object(bench: Any) -> None:
    rules = {"type": "array", "items": {"type": "object", "properties": {"min": {"type": "integer"}}}}
    schema = {"type": "object", "properties": {"rules": rules, "tags": {"type": "array", "items": {"type": "string"}}}}
    parameter = {"name": "filter", "in": "query", "style": "deepObject", "explode": True, "schema": schema}
    made = bench({"/pots": {"get": operation("listPots", parameters=[parameter])}})
    made.client.list_pots(filter={"rules": [{"min": 1}, {"min": 2}], "tags": ["a", "b"]})
    query = made.sent.url.partition("?")[2]
    assert query == "filter[rules][0][min]=1&filter[rules][1][min]=2&filter[tags]=a&filter[tags]=b"


@pytest.mark.parametrize(
    ("style", "value", "query"),
    [
        ("form", {"a": 1, "b": None}, "a=1"),
        ("form", ["x", None], "filter=x"),
        ("form", [None], ""),
        ("deepObject", {"a": None, "b": {"c": None, "d": 1}}, "filter[b][d]=1"),
        ("deepObject", [{"a": 1}, {"b": [{"c": 2}]}], "filter[0][a]=1&filter[1][b][0][c]=2"),
        ("deepObject", ["x", "y"], "filter=x&filter=y"),
    ],
)
def test_a_query_and_a_form_have_no_nulls_and_number_objects(bench: Any, style: str, value: Any, query: str) -> None:
    parameter: dict[str, Any] = {"name": "filter", "in": "query", "style": style, "explode": True, "schema": {}}
    media = {"schema": {"type": "object"}, "encoding": {"filter": {"style": style, "explode": True}}}
    body = {"content": {"application/x-www-form-urlencoded": media}}
    made = bench(
        {"/pots": {"get": operation("listPots", parameters=[parameter]), "post": operation("add", requestBody=body)}}
    )
    made.client.list_pots(filter=value)
    assert made.sent.url.partition("?")[2] == query
    made.client.add(body={"filter": value, "gone": None})
    assert made.sent.body.decode() == query


def test_no_key_of_a_client_is_in_what_it_reads(bench: Any) -> None:
    text = {"200": {"description": "ok", "content": {"text/plain": {"schema": {"type": "string"}}}}}
    other = {"operationId": "other", "responses": text, "servers": [{"url": "https://other.test"}]}
    paths = {"/echo": {"get": {"operationId": "echo", "responses": text}, "put": other}}
    quoted = Answer(body=b"canary-scheme0 canary-server0", headers={"Content-Type": "text/plain"})
    made = bench(
        paths,
        quoted,
        keys={"key": "canary-scheme0"},
        server_keys={"https://other.test": "canary-server0"},
        own_driver=True,
    )
    assert made.client.echo() == "*** ***"


# --- asyncio


@pytest.mark.parametrize(
    ("media_type", "blocks"),
    [
        ("text/event-stream", (b'data: {"n": 1}\n\nda', b'ta: {"n": 2}\n\n', b"data: [DONE]\n\n")),
        ("application/jsonl", (b'{"n": 1}\n{"n"', b": 2}\n")),
        ("application/json-seq", (b'\x1e{"n": 1}\n\x1e{"n"', b": 2}\n")),
    ],
)
def test_events_and_records_are_iterated_with_await(make: Maker, media_type: str, blocks: tuple[bytes, ...]) -> None:
    counted = {"type": "object", "properties": {"n": {"type": "integer"}}}
    responses = {"200": {"description": "ok", "content": {media_type: {"schema": counted}}}}
    package = make.package(document({"/count": {"post": {"operationId": "count", "responses": responses}}}))
    network = ScriptedNetwork(lambda _: Answer(blocks=blocks, headers={"Content-Type": media_type}))
    settings = Settings(backend_url=HOME, run_url=HOME, api_key=Secret("k-1"))
    driver = AsyncDriver(settings, transport=network.awaited, clock=network.clock.awaited)

    async def main() -> list[int]:
        async with package.AsyncClient("k-1", driver=driver) as api:
            stream = api.count()
            assert network.received == []  # it is sent when it is entered
            async with stream as events:
                return [event.n async for event in events]

    assert asyncio.run(main()) == [1, 2]


def test_an_asyncio_client_of_its_own_speaks_to_a_real_server(make: Maker) -> None:
    text = (Path(__file__).parents[3] / "schemas" / "aixplain" / "openapi.yaml").read_text(encoding="utf-8")
    package = make.package(text)

    async def main(sandbox: Sandbox) -> None:
        async with package.AsyncClient(sandbox.api_key, sandbox.backend_url) as api:
            found = await api.get_model("openai/gpt-5.4/openai")
            assert found.id == "69b7e5f1b2fe44704ab0e7d0"
            with pytest.raises(NotFoundError):
                await api.get_model("nobody/nothing")

    with Sandbox(bundled_snapshot()) as sandbox:
        asyncio.run(main(sandbox))
