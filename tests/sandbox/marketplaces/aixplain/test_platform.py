from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.narrowing import present
from tests.sandbox.conftest import Http
from typedrun.jsontypes import JSON
from typedrun_sandbox.marketplaces.aixplain.catalog import Catalog
from typedrun_sandbox.server import Sandbox

KEY = "typedrun-sandbox-key"
FREE: dict[str, object] = {}
"""In whatever order."""


@pytest.mark.parametrize(
    ("path", "name"),
    [
        pytest.param("/v2/models/chat", "Chat", id="v2 by id"),
        pytest.param("/v2/models/acme%2Fchat%2Facme", "Chat", id="v2 by encoded path"),
        pytest.param("/v2/models/chat?host=acme", "Chat", id="v2 with a host"),
        pytest.param("/sdk/models/chat", "Chat", id="v1 by id"),
        pytest.param("/sdk/models/by-name/Quick%20Translate", "Quick Translate", id="v1 by name"),
    ],
)
def test_a_model_is_found_by_id_path_and_name(http: Http, path: str, name: str) -> None:
    answer = http("GET", path)
    assert (answer.status, answer.json["name"]) == (200, name)


@pytest.mark.parametrize("path", ["/v2/models/nobody", "/sdk/models/nobody", "/sdk/models/by-name/Nobody"])
def test_an_unknown_model_is_404_in_the_platforms_words(http: Http, path: str) -> None:
    answer = http("GET", path)
    assert (answer.status, answer.json) == (404, {"statusCode": 404, "message": "Model not found"})


def test_a_path_with_bare_slashes_names_no_model(http: Http) -> None:
    assert http("GET", "/v2/models/acme/chat/acme").status == 404


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        pytest.param("GET", "/v2/models/chat", {"x-api-key": KEY}, 200, id="v2 team key"),
        pytest.param("GET", "/v2/models/chat", {"x-aixplain-key": KEY}, 200, id="v2 individual key"),
        pytest.param("GET", "/v2/models/chat", {"Authorization": f"Token {KEY}"}, 401, id="v2 refuses Token"),
        pytest.param("GET", "/v2/models/chat", {"x-api-key": "wrong"}, 401, id="wrong key"),
        pytest.param("GET", "/v2/models/chat", {}, 401, id="no key"),
        pytest.param("GET", "/sdk/models/chat", {"Authorization": f"Token {KEY}"}, 200, id="v1 Token"),
        pytest.param("GET", "/sdk/models/chat", {"x-api-key": KEY}, 200, id="v1 get also by x-api-key"),
        pytest.param("POST", "/sdk/models/paginate", {"Authorization": f"Token {KEY}"}, 201, id="v1 paginate Token"),
        pytest.param("POST", "/sdk/models/paginate", {"x-api-key": KEY}, 401, id="v1 paginate refuses x-api-key"),
        pytest.param("GET", "/sdk/functions", {"x-api-key": KEY}, 200, id="enumeration"),
        pytest.param("POST", "/sdk/file/upload/temp-url", {"x-api-key": KEY}, 401, id="upload refuses x-api-key"),
        pytest.param("GET", "/api/v1/data/x", {}, 401, id="poll without key"),
        pytest.param("GET", "/sandbox/requests", {}, 401, id="control without key"),
    ],
)
def test_each_endpoint_family_reads_its_own_key_header(
    http: Http, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    assert http(method, path, headers=headers).status == status


def test_a_refused_key_is_told_in_the_platforms_shape(http: Http) -> None:
    answer = http("GET", "/v2/models/chat", headers={"x-api-key": "wrong"})
    assert answer.json == {"statusCode": 401, "message": "Unauthorized", "error": "UNAUTHORIZED"}


def search(http: Http, **body: JSON) -> list[str]:
    answer = http("POST", "/v2/models/paginate", {"sort": [FREE], "pageSize": 100, **body})
    assert answer.status == 201, answer.text
    return [found["id"] for found in answer.json["results"]]


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        pytest.param({"q": "TRANSLATE"}, ["slow", "quick"], id="q ignores case"),
        pytest.param({"q": "acme/chat"}, ["chat"], id="q searches the path"),
        pytest.param({"functions": ["guardrails", "search"]}, ["index", "web", "guard"], id="functions"),
        pytest.param({"suppliers": ["ancient"]}, ["old"], id="suppliers, even as a bare string"),
        pytest.param({"hosts": ["elsewhere"]}, ["old"], id="hosts"),
        pytest.param({"path": "acme/qu"}, ["quick"], id="path prefix"),
        pytest.param({"targetLanguages": ["pt"], "sourceLanguages": ["en"]}, ["slow", "quick"], id="languages"),
        pytest.param({"sourceLanguages": ["ja"]}, [], id="a language nobody takes"),
        pytest.param({"status": ["draft"]}, [], id="status"),
        pytest.param({"functions": []}, None, id="an empty filter asks nothing"),
        pytest.param({"saved": False}, None, id="saved"),
    ],
)
def test_search_filters(http: Http, body: dict[str, JSON], ids: list[str] | None) -> None:
    assert search(http, **body) == (ids if ids is not None else search(http))


@pytest.mark.parametrize(("direction", "first"), [(1, "chat"), (-1, "web")])
def test_search_sorts_by_name(http: Http, direction: int, first: str) -> None:
    assert search(http, sort=[{"field": "name", "dir": direction}])[0] == first


def test_search_pages_add_up_to_everything(http: Http) -> None:
    pages = [search(http, pageSize=4, pageNumber=number) for number in range(5)]
    assert [id for page in pages for id in page] == search(http)
    assert pages[-1] == []


def test_a_page_tells_how_many_there_are(http: Http) -> None:
    page = http("POST", "/v2/models/paginate", {"sort": [FREE], "pageSize": 4, "pageNumber": 1}).json
    assert (page["total"], page["pageTotal"], page["pageNumber"]) == (15, 4, 1)


@pytest.mark.parametrize(
    ("body", "field"),
    [({"pageSize": 1}, "sort"), ({"sort": [FREE], "functions": [{"id": "search"}]}, "functions")],
    ids=["sort is missing", "functions are objects"],
)
def test_search_refuses_what_the_platform_refuses(http: Http, body: dict[str, JSON], field: str) -> None:
    answer = http("POST", "/v2/models/paginate", body)
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, field)


def test_the_older_search_counts_the_items_of_the_page(http: Http) -> None:
    headers = {"Authorization": f"Token {KEY}"}
    body = {"q": "", "pageSize": 2, "functions": ["translation"], "suppliers": [7]}
    page = http("POST", "/sdk/models/paginate", body, headers).json
    assert ([item["id"] for item in page["items"]], page["total"], page["pageTotal"]) == (["slow", "quick"], 2, 2)


@pytest.mark.parametrize(("language", "count"), [("pt", 2), ("ja", 0)])
def test_the_older_search_filters_by_language(http: Http, language: str, count: int) -> None:
    body = {"q": "", "ioFilter": [{"code": "targetlanguage", "value": language}]}
    page = http("POST", "/sdk/models/paginate", body, {"Authorization": f"Token {KEY}"}).json
    assert page["total"] == count


def test_the_older_dialect_has_supplier_and_attribute_lists_instead_of_vendor_and_maps(http: Http) -> None:
    found = http("GET", "/sdk/models/chat").json
    assert "vendor" not in found
    assert (found["supplier"]["code"], found["attributes"]) == ("acme", [])


def test_several_models_come_by_ids(http: Http) -> None:
    answer = http("GET", "/sdk/models?ids=chat,nobody,web").json
    assert [item["id"] for item in answer["items"]] == ["chat", "web"]


def test_enumerations_are_derived_when_the_snapshot_is_a_bare_list(http: Http) -> None:
    functions = http("GET", "/sdk/functions").json
    assert {"id": "guardrails", "name": "Guardrails", "params": [], "output": []} in functions["items"]
    assert [one["code"] for one in http("GET", "/sdk/suppliers").json] == ["acme", "ancient"]
    assert http("GET", "/sdk/languages").json == []


def test_enumerations_are_the_snapshots_own_where_it_has_them(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    functions = {"total": 1, "items": [{"id": "say", "output": [{"code": "data", "dataType": "audio"}]}]}
    (tmp_path / "functions.json").write_text(json.dumps(functions), encoding="utf-8")
    (tmp_path / "models" / "m.json").write_text(json.dumps({"id": "m", "function": {"id": "say"}}), encoding="utf-8")
    with Sandbox(tmp_path) as sandbox:
        catalog = sandbox.backend.catalog
        assert isinstance(catalog, Catalog)
        assert catalog.lists["functions"] == functions
        assert present(catalog.find("m")).output == "audio"


def test_a_deleted_model_is_gone_until_the_reset(sandbox: Sandbox, http: Http) -> None:
    assert http("DELETE", "/sdk/models/chat", headers={"Authorization": f"Token {KEY}"}).status == 200
    assert http("GET", "/v2/models/chat").status == 404
    assert "chat" not in search(http)
    sandbox.reset()
    assert http("GET", "/v2/models/chat").status == 200
