"""What a pull asks of Replicate, and what it makes of the answers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from typedrun.core.request import Request
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.settings import Config, Select
from typedrun_codegen.marketplaces.replicate.source import ReplicateSource
from typedrun_codegen.marketplaces.source import Known
from typedrun_codegen.snapshots.listing import IDLE_PAGES, Listing, read_listing

URL = "https://replicate.example"
SOURCE = ReplicateSource()


def model(id: str, **fields: JSON) -> dict[str, JSON]:
    owner, name = id.split("/")
    version: dict[str, JSON] = {"id": "a" * 64, "openapi_schema": {"components": {"schemas": {}}}}
    return {"owner": owner, "name": name, "is_official": False, "latest_version": version, **fields}


def page(ids: list[str], next: JSON = None) -> JSON:
    return {"next": next, "previous": None, "results": [model(id) for id in ids]}


def select(*models: str, **words: tuple[str, ...]) -> Select:
    return Select(models=models, words=words)


def config(**words: tuple[str, ...]) -> Config:
    return Config(root=Path(), output=Path(), package="replicate_models", select=select(**words))


def asked(chosen: Select) -> list[str]:
    return [search.request.url.removeprefix(URL) for search in SOURCE.searches(URL, chosen)]


def listed(answers: Mapping[str, JSON], chosen: Select | None = None) -> Listing:
    """What the listing of a backend with these answers, by path, gives."""
    (search,) = SOURCE.searches(URL, chosen or select())

    def ask(request: Request) -> JSON:
        return answers[request.url.removeprefix(URL)]

    return read_listing(ask, search.read, search.request)


FIRST, SECOND = "/v1/models", "/v1/models?cursor=2"


@pytest.mark.parametrize(
    ("chosen", "urls"),
    [
        pytest.param(select(), [FIRST], id="everything"),
        pytest.param(select("meta/llama"), [], id="models alone"),
        pytest.param(select("meta/llama", owners=("meta",)), [FIRST], id="models and owners"),
        pytest.param(select(names=("flux-*",)), [FIRST], id="names"),
        pytest.param(select(search=("nano banana",)), ["/v1/search?query=nano+banana&limit=50"], id="search"),
        pytest.param(
            select(collections=("official", "a/b")),
            ["/v1/collections/official", "/v1/collections/a%2Fb"],
            id="collections",
        ),
        pytest.param(
            select(collections=("official",), owners=("meta",)), ["/v1/collections/official"], id="of a collection"
        ),
    ],
)
def test_a_selection_asks_the_narrowest_listing(chosen: Select, urls: list[str]) -> None:
    assert asked(chosen) == urls


def test_pages_go_on_where_the_answer_says() -> None:
    found = listed({FIRST: page(["a/1", "a/2"], f"{URL}{SECOND}"), SECOND: page(["b/1"])})
    assert (found.ids, found.gaps) == (("a/1", "a/2", "b/1"), ())


@pytest.mark.parametrize(
    ("next", "words"),
    [
        pytest.param("https://evil.example/v1/models?cursor=2", "which is not at this backend", id="another host"),
        pytest.param("http://replicate.example/v1/models?cursor=2", "which is not at this backend", id="no TLS"),
        pytest.param(7, "said to be 7", id="a number"),
        pytest.param(f"{URL}{FIRST}", "leads back to a page before it", id="itself"),
    ],
)
def test_a_way_on_that_is_none_is_a_gap_and_is_not_asked(next: JSON, words: str) -> None:
    found = listed({FIRST: page(["a/1"], next)})
    assert found.ids == ("a/1",)
    assert words in found.gaps[0].found


def test_a_listing_that_goes_round_is_a_gap() -> None:
    found = listed({FIRST: page(["a/1"], f"{URL}{SECOND}"), SECOND: page(["a/2"], f"{URL}{FIRST}")})
    assert found.ids == ("a/1", "a/2")
    assert "page 1 leads back" in found.gaps[0].found


def test_a_listing_without_end_is_a_gap() -> None:
    (search,) = SOURCE.searches(URL, select())
    count = 0

    def ask(request: Request) -> JSON:
        nonlocal count
        count += 1
        return page(["a/1"], f"{URL}/v1/models?cursor={count}")

    found = read_listing(ask, search.read, search.request)
    assert count == IDLE_PAGES + 1
    assert "has nothing that is new, and leads on" in found.gaps[0].found


def test_some_empty_pages_on_the_way_are_no_end() -> None:
    answers = {f"/v1/models?cursor={n}": page([], f"{URL}/v1/models?cursor={n + 1}") for n in range(1, 5)}
    found = listed({FIRST: page(["a/1"], f"{URL}/v1/models?cursor=1"), **answers, "/v1/models?cursor=5": page(["b/1"])})
    assert (found.ids, found.gaps) == (("a/1", "b/1"), ())


@pytest.mark.parametrize("answer", [{"message": "busy"}, [], "no", {"results": 4}], ids=str)
def test_an_answer_that_is_no_page_is_a_gap(answer: JSON) -> None:
    (gap,) = listed({FIRST: page(["a/1"], f"{URL}{SECOND}"), SECOND: answer}).gaps
    assert "page 1 is not a list of models" in gap.found


def test_a_record_without_an_owner_is_a_gap_and_the_others_are_taken() -> None:
    answer: JSON = {"next": None, "results": [{"name": "x"}, model("a/1")]}
    found = listed({FIRST: answer})
    assert found.ids == ("a/1",)
    assert "position 0: no id (name 'x')" in found.gaps[0].found


def test_models_that_do_not_fit_are_seen_and_not_asked_for() -> None:
    answer: JSON = {
        "next": None,
        "results": [
            model("meta/llama-3"),
            model("meta/sam"),
            model("other/llama-3"),
            model("meta/llama-4", latest_version=None),
            model("meta/llama-5", latest_version=None, is_official=True),
        ],
    }
    found = listed({FIRST: answer}, select(owners=("meta",), names=("llama-*",)))
    assert found.ids == ("meta/llama-3", "meta/llama-5")
    assert len(found.seen) == 5


def test_a_search_finds_models_beside_what_it_says_of_them() -> None:
    answer: JSON = {"query": "x", "models": [{"model": model("a/1"), "metadata": {"score": 1}}], "collections": []}
    found = listed({"/v1/search?query=x&limit=50": answer}, select(search=("x",)))
    assert (found.ids, found.gaps) == (("a/1",), ())
    (search,) = SOURCE.searches(URL, select(search=("x",)))
    assert search.is_ranked


def test_a_collection_lists_its_models_and_collections_have_words() -> None:
    answer: JSON = {"slug": "official", "models": [model("a/1")]}
    assert listed({"/v1/collections/official": answer}, select(collections=("official",))).ids == ("a/1",)
    assert SOURCE.vocabulary is not None
    request = SOURCE.vocabulary.ask(URL)
    words, more = SOURCE.vocabulary.read({"next": f"{URL}/2", "results": [{"slug": "official"}, {}]}, request)
    assert (list(words), more) == (["official"], Request("GET", f"{URL}/2"))


def test_what_changes_by_itself_is_left_out() -> None:
    schema: dict[str, JSON] = {
        "openapi": "3.0.2",
        "info": {},
        "components": {},
        "paths": {"/predictions": {}},
        "servers": [],
    }
    document = model("a/1", run_count=7, default_example={"output": "https://x"}, cover_image_url="https://y")
    document["latest_version"] = {"id": "b" * 64, "openapi_schema": schema}
    clean = SOURCE.scrubbed(document)
    assert clean == model(
        "a/1",
        latest_version={"id": "b" * 64, "openapi_schema": {"openapi": "3.0.2", "info": {}, "components": {}}},
    )
    assert "paths" in schema, "what came is not changed"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param({"detail": "no"}, "without owner and name", id="no model"),
        pytest.param(model("a/1", latest_version=None), "without a version", id="no version"),
    ],
)
def test_an_answer_that_is_no_model_is_refused(answer: JSON, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        SOURCE.read_model(answer)


def test_typos_in_owners_and_names_are_told_by_what_was_listed() -> None:
    known = Known(lists={}, models=(), listed=frozenset({"meta/llama-3", "google/gemma"}))
    problems = list(SOURCE.unknown_words(config(owners=("meta", "gogle"), names=("llama-*", "gema")), known))
    assert [problem.found for problem in problems] == ["gogle", "gema"]
    assert problems[0].next_step.startswith("did you mean 'google'?")
    assert problems[1].next_step.startswith("did you mean 'gemma'?")


@pytest.mark.parametrize(
    ("chosen", "is_wanted"),
    [
        pytest.param(select(), True, id="everything"),
        pytest.param(select("a/1", owners=("b",)), True, id="named"),
        pytest.param(select(owners=("b",)), False, id="another owner"),
        pytest.param(select(owners=("a", "b"), names=("?",)), True, id="both fit"),
        pytest.param(select(owners=("a",), names=("2",)), False, id="one does not fit"),
    ],
)
def test_what_a_listing_lets_through_is_checked(chosen: Select, is_wanted: bool) -> None:
    assert SOURCE.is_selected(model("a/1"), chosen) is is_wanted


def test_a_version_that_a_selection_names_takes_the_place_of_the_newest() -> None:
    versions = SOURCE.elsewhere
    assert versions is not None
    newest = model("meta/llama", is_official=True)
    assert versions.lacking(URL, "meta/llama", newest) is None
    request = versions.lacking(URL, "meta/llama:b7", newest)
    assert request is not None
    assert request.url == f"{URL}/v1/models/meta/llama/versions/b7"
    pinned = versions.completed(newest, {"id": "b7", "openapi_schema": {}})
    assert pinned == {"owner": "meta", "name": "llama", "latest_version": {"id": "b7", "openapi_schema": {}}}
    with pytest.raises(ValueError, match="no version"):
        versions.completed(newest, {"detail": "Not found"})
