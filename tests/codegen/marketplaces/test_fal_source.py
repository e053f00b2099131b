"""What a pull asks of fal, and what it makes of the answers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from typedrun.core.request import Auth, Request
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.settings import Config, Select
from typedrun_codegen.marketplaces.fal.source import Documents, FalSource, Prices
from typedrun_codegen.marketplaces.source import Known
from typedrun_codegen.snapshots.listing import Listing, read_listing

URL = "https://api.fal.ai"
SOURCE = FalSource()
SCHEMA: JSON = {"openapi": "3.0.4", "paths": {}}


def entry(id: str, category: str = "llm", status: str = "active", **fields: JSON) -> dict[str, JSON]:
    return {"endpoint_id": id, "metadata": {"category": category, "status": status}, "openapi": SCHEMA, **fields}


def page(ids: list[str], cursor: JSON = None) -> JSON:
    return {"models": [entry(id) for id in ids], "next_cursor": cursor, "has_more": cursor is not None}


def select(*models: str, **words: tuple[str, ...]) -> Select:
    return Select(models=models, words=words)


def config(**words: tuple[str, ...]) -> Config:
    return Config(root=Path(), output=Path(), package="fal_models", select=select(**words))


def asked(chosen: Select) -> list[str]:
    return [search.request.url.removeprefix(f"{URL}/v1/models?") for search in SOURCE.searches(URL, chosen)]


def listed(answers: Mapping[str, JSON], chosen: Select | None = None) -> Listing:
    """What the listing of a backend with these answers, by query, gives."""
    (search,) = SOURCE.searches(URL, chosen or select())

    def ask(request: Request) -> JSON:
        return answers[request.url.removeprefix(f"{URL}/v1/models?")]

    return read_listing(ask, search.read, search.request)


ALL = "expand=openapi-3.0"


@pytest.mark.parametrize(
    ("chosen", "queries"),
    [
        pytest.param(select(), [ALL], id="everything"),
        pytest.param(select("fal-ai/flux/dev"), [], id="models alone"),
        pytest.param(select(owners=("fal-ai",)), [ALL], id="owners"),
        pytest.param(
            select(categories=("llm", "vision"), status=("active",)),
            [f"category=llm&status=active&{ALL}", f"category=vision&status=active&{ALL}"],
            id="categories and a status",
        ),
        pytest.param(select(search=("a fox & more",)), [f"q=a%20fox%20%26%20more&{ALL}"], id="search"),
        pytest.param(select(status=("gone",)), [], id="a status that there is not"),
        pytest.param(select(status=("gone", "active")), [f"status=active&{ALL}"], id="one that there is beside it"),
    ],
)
def test_a_selection_asks_a_listing_for_each_word(chosen: Select, queries: list[str]) -> None:
    assert asked(chosen) == queries


def test_pages_go_on_by_a_cursor_and_bring_whole_documents() -> None:
    found = listed({ALL: page(["a/b"], "M g=="), f"{ALL}&cursor=M%20g%3D%3D": page(["c/d/e"], "")})
    assert found.gaps[0].found.endswith("there is more, and the cursor for it is ''")
    found = listed({ALL: page(["a/b"], "M g=="), f"{ALL}&cursor=M%20g%3D%3D": page(["c/d/e"])})
    assert (found.ids, found.gaps) == (("a/b", "c/d/e"), ())
    assert found.documents["c/d/e"] == entry("c/d/e")


def test_the_cursor_of_a_page_takes_the_place_of_the_one_before() -> None:
    found = listed({ALL: page(["a/1"], "2"), f"{ALL}&cursor=2": page(["a/2"], "3"), f"{ALL}&cursor=3": page(["a/3"])})
    assert (len(found.ids), found.gaps) == (3, ())


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(page(["a/2"], "2"), "page 1 leads back to a page before it", id="the same cursor"),
        pytest.param({"models": [entry("a/2")], "has_more": True}, "the cursor for it is None", id="no cursor"),
        pytest.param({"models": [], "next_cursor": 3, "has_more": True}, "the cursor for it is 3", id="a number"),
        pytest.param({"error": {"type": "server_error"}}, "page 1 is not a list of models", id="no page"),
    ],
)
def test_a_listing_that_does_not_end_is_a_gap_and_no_loop(answer: JSON, words: str) -> None:
    found = listed({ALL: page(["a/1"], "2"), f"{ALL}&cursor=2": answer})
    assert "a/1" in found.ids
    assert words in found.gaps[0].found


def test_owners_are_told_apart_by_the_ids() -> None:
    found = listed({ALL: page(["fal-ai/x", "other/x"])}, select(owners=("fal-*",)))
    assert (found.ids, len(found.seen)) == (("fal-ai/x",), 2)


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        pytest.param(page(["fal-ai/flux/dev"]), entry("fal-ai/flux/dev"), id="one"),
        pytest.param(page([]), None, id="none"),
    ],
)
def test_a_model_is_the_one_entry_of_a_page(answer: JSON, found: JSON) -> None:
    assert SOURCE.model(URL, "fal-ai/flux/dev").url == f"{URL}/v1/models?endpoint_id=fal-ai%2Fflux%2Fdev&{ALL}"
    assert SOURCE.read_model(answer) == found


NO_MODELS: list[JSON] = [{}, [], {"models": [{}]}, {"models": [4]}]


@pytest.mark.parametrize("answer", NO_MODELS, ids=str)
def test_an_answer_that_is_no_model_is_refused(answer: JSON) -> None:
    with pytest.raises(ValueError, match=r"an (answer|entry) without"):
        SOURCE.read_model(answer)


@pytest.mark.parametrize(
    ("url", "host"),
    [("https://api.fal.ai", "https://fal.ai"), ("http://127.0.0.1:8080", "http://127.0.0.1:8080")],
)
def test_a_document_that_could_not_be_made_is_asked_for_alone_and_without_the_key(url: str, host: str) -> None:
    broken = entry("a/b/c", openapi={"error": {"code": "expansion_failed", "message": "later"}})
    assert Documents().lacking(url, "a/b/c", entry("a/b/c")) is None
    request = Documents().lacking(url, "a/b/c", broken)
    assert request is not None
    assert request.url == f"{host}/api/openapi/queue/openapi.json?endpoint_id=a%2Fb%2Fc"
    assert request.auth is Auth.NONE
    assert Documents().completed(broken, SCHEMA) == entry("a/b/c")
    with pytest.raises(ValueError, match="neither in the listing nor alone"):
        Documents().completed(broken, {"detail": "not found"})


def test_prices_come_for_several_endpoints_at_a_time() -> None:
    prices = Prices()
    assert prices.ask(URL, ["a/b", "c/d"]).url == f"{URL}/v1/models/pricing?endpoint_id=a%2Fb&endpoint_id=c%2Fd"
    row: JSON = {"endpoint_id": "a/b", "unit_price": 0.1, "unit": "image", "currency": "USD"}
    assert prices.read({"prices": [row, {}], "next_cursor": None, "has_more": False}) == {"a/b": row}
    with pytest.raises(ValueError, match="no list of prices"):
        prices.read({"error": {}})


def test_what_changes_by_itself_is_left_out() -> None:
    properties: JSON = {"example": {"type": "string", "default": "https://x"}, "n": {"examples": [1]}}
    schema: JSON = {
        "openapi": "3.0.4",
        "components": {
            "schemas": {
                "In": {"properties": properties, "examples": [{"image_url": "https://v3.fal.media/a.png"}]},
                "examples": {"type": "string", "example": "data:image/png;base64,AA", "format": "uri"},
            }
        },
    }
    document = entry("a/b", openapi=schema)
    document["metadata"] = {"category": "llm", "thumbnail_url": "x", "is_favorited": True, "updated_at": "today"}
    clean = SOURCE.scrubbed(document)
    assert clean["metadata"] == {"category": "llm"}
    assert clean["openapi"] == {
        "openapi": "3.0.4",
        "components": {"schemas": {"In": {"properties": properties}, "examples": {"type": "string", "format": "uri"}}},
    }


def test_an_endpoint_without_metadata_is_taken_and_stays_without() -> None:
    bare: dict[str, JSON] = {"endpoint_id": "a/b", "openapi": SCHEMA}
    assert SOURCE.is_selected(bare, select(categories=("llm",), status=("active",)))
    assert SOURCE.scrubbed(bare) == bare


def test_typos_are_told_by_what_there_is() -> None:
    known = Known(lists={}, models=(entry("fal-ai/x", "brand-new"),), listed=frozenset({"fal-ai/x", "other/y"}))
    chosen = config(owners=("fal_ai",), categories=("brand-new", "llms"), status=("activ",))
    problems = list(SOURCE.unknown_words(chosen, known))
    assert [problem.found for problem in problems] == ["fal_ai", "llms", "activ"]
    assert [problem.next_step.split("?")[0] for problem in problems] == [
        "did you mean 'fal-ai'",
        "did you mean 'llm'",
        "did you mean 'active'",
    ]


@pytest.mark.parametrize(
    ("chosen", "is_wanted"),
    [
        pytest.param(select(), True, id="everything"),
        pytest.param(select("a/b", status=("deprecated",)), True, id="named"),
        pytest.param(select(categories=("llm", "vision")), True, id="category"),
        pytest.param(select(categories=("vision",)), False, id="another category"),
        pytest.param(select(status=("deprecated",)), False, id="another status"),
        pytest.param(select(owners=("c",)), False, id="another owner"),
    ],
)
def test_what_a_listing_lets_through_is_checked(chosen: Select, is_wanted: bool) -> None:
    assert SOURCE.is_selected(entry("a/b"), chosen) is is_wanted
