"""Searching the catalog: pages, the iterator over all of them, and what cannot be read."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from tests.runtime.conftest import Bench
from typedrun.errors import DecodingError, ParameterError, ResourceError
from typedrun.search import Page
from typedrun.testing import Answer


def items(*numbers: int) -> list[dict[str, Any]]:
    return [{"id": f"{number:024d}", "name": f"m{number}"} for number in numbers]


def shelf(count: int, *, status: int = 201) -> Callable[[Any], Answer]:
    """A backend with that many models."""

    def answer(request: Any) -> Answer:
        start = request.json["pageNumber"] * request.json["pageSize"]
        found = items(*range(start, min(count, start + request.json["pageSize"])))
        return Answer(status=status, json={"results": found, "total": count, "pageTotal": len(found)})

    return answer


def test_a_search_posts_its_filters_to_the_catalog(bench: type[Bench]) -> None:
    made = bench(shelf(3))
    made.client.Model.search("gpt", functions=["text-generation"], host="openai", page_size=2, page_number=1)
    (request,) = made.sent
    assert (request.method, request.url) == ("POST", "https://platform.test/v2/models/paginate")
    assert request.json == {
        "q": "gpt", "functions": ["text-generation"], "hosts": ["openai"], "pageNumber": 1, "pageSize": 2, "sort": [{}],
    }  # fmt: skip


def test_a_page_is_a_sequence_that_knows_its_place(bench: type[Bench]) -> None:
    page = bench(shelf(5)).client.Model.search(page_size=2)
    assert (page.page_number, page.page_total, page.total, len(page)) == (0, 3, 5, 2)
    assert [model.name for model in page] == [page[0].name, page[1].name] == ["m0", "m1"]
    assert page[-1].name == page.results[1].name == "m1"
    assert [model.name for model in page[:1]] == ["m0"]


def test_all_goes_on_to_the_end_and_asks_only_when_reached(bench: type[Bench]) -> None:
    made = bench(shelf(5))
    found = made.client.Model.search(page_size=2).all()
    assert [next(found).name, next(found).name] == ["m0", "m1"]
    assert len(made.sent) == 1
    assert [model.name for model in found] == ["m2", "m3", "m4"]
    assert [request.json["pageNumber"] for request in made.sent] == [0, 1, 2]


def test_iter_search_starts_where_it_is_told(bench: type[Bench]) -> None:
    found = bench(shelf(5)).client.Model.iter_search(page_size=2, page_number=1)
    assert [model.name for model in found] == ["m2", "m3", "m4"]


def test_an_empty_page_ends_the_iteration_whatever_the_total_says(bench: type[Bench]) -> None:
    made = bench(
        lambda request: Answer(json={"results": items(1) if not request.json["pageNumber"] else [], "total": 99})
    )
    assert len(list(made.client.Model.search(page_size=1).all())) == 1


def test_the_last_page_has_no_next(bench: type[Bench]) -> None:
    page = bench(shelf(2)).client.Model.search(page_size=2)
    assert page.next_page() is None


@pytest.mark.parametrize(
    ("answer", "total", "length"),
    [
        ({"results": items(1)}, 1, 1),
        ({"results": [], "total": 0}, 0, 0),
        ({"items": items(1, 2), "total": 15, "pageTotal": 2}, 15, 2),
        (items(1, 2), 2, 2),
        ({"results": items(1), "total": "many"}, 1, 1),
    ],
)
def test_missing_counts_are_derived(bench: type[Bench], answer: Any, total: int, length: int) -> None:
    page = bench(Answer(json=answer)).client.Model.search()
    assert (page.total, len(page)) == (total, length)


def test_an_answer_without_results_is_an_error(bench: type[Bench]) -> None:
    with pytest.raises(DecodingError, match="without a list of results"):
        bench(Answer(json={"message": "hello"})).client.Model.search()


def test_an_item_that_is_no_model_is_reported_and_counted(bench: type[Bench], caplog: pytest.LogCaptureFixture) -> None:
    made = bench(Answer(json={"results": [items(1)[0], {"name": "no id"}, None], "total": 3}))
    with caplog.at_level(logging.WARNING, logger="typedrun"):
        page = made.client.Model.search()
    assert (len(page), page.skipped, page.total) == (1, 2, 3)
    assert [entry.position for entry in page.undecodable] == [1, 2]
    assert "2 of the models that a search found could not be read" in caplog.text


def test_a_strict_search_raises_instead(bench: type[Bench]) -> None:
    with pytest.raises(ResourceError, match="item 0 is not a model with an id, but 'odd'"):
        bench(Answer(json={"results": ["odd"]})).client.Model.search(strict=True)


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"vendor": "openai"}, "Unknown parameter 'vendor': did you mean 'vendors'"),
        ({"page_number": -1}, "'page_number' must be a whole number, at least 0; got -1"),
        ({"page_size": 0}, "'page_size' must be a whole number, at least 1; got 0"),
        ({"page_size": "20"}, "got '20'"),
    ],
)
def test_a_filter_that_cannot_work_is_refused_before_it_is_sent(
    bench: type[Bench], filters: dict[str, Any], message: str
) -> None:
    made = bench()
    with pytest.raises(ParameterError, match=message):
        made.client.Model.search(**filters)
    assert made.sent == []


def test_arguments_that_the_reference_takes_are_taken(bench: type[Bench]) -> None:
    made = bench(shelf(1))
    theirs: dict[str, Any] = {"api_key": "other", "resource_path": "v9", "paginate_items_key": "x"}
    made.client.Model.search(**theirs)
    assert made.sent[0].json == {"pageNumber": 0, "pageSize": 20, "sort": [{}]}


def test_a_page_can_be_made_by_hand() -> None:
    page = Page(results=[1, 2], page_number=0, page_total=1, total=2)
    assert list(page.all()) == [1, 2]


@pytest.mark.parametrize("total", [0, None, "132", "many", 10, 100, 132, 5000, True], ids=repr)
def test_all_finds_every_model_whatever_the_count_says(bench: type[Bench], total: object) -> None:
    def answer(request: Any) -> Answer:
        start = request.json["pageNumber"] * request.json["pageSize"]
        return Answer(
            json={"results": items(*range(start, min(132, start + request.json["pageSize"]))), "total": total}
        )

    made = bench(answer)
    found = [model.name for model in made.client.Model.search(page_size=10).all()]
    assert found == [f"m{number}" for number in range(132)]
    assert len(made.sent) <= 15


def test_a_model_on_two_pages_is_found_once(bench: type[Bench]) -> None:
    made = bench(
        Answer(json={"results": items(0, 1, 2), "total": 5}),
        Answer(json={"results": items(2, 3, 4), "total": 5}),
        Answer(json={"results": [], "total": 5}),
    )
    assert [model.name for model in made.client.Model.search(page_size=3).all()] == ["m0", "m1", "m2", "m3", "m4"]


def test_a_backend_that_repeats_a_page_for_ever_is_left(bench: type[Bench]) -> None:
    made = bench(lambda request: Answer(json={"results": items(0, 1), "total": 999}))
    assert [model.name for model in made.client.Model.search(page_size=2).all()] == ["m0", "m1"]
    assert len(made.sent) == 2


def test_a_page_behind_the_last_full_one_is_no_page(bench: type[Bench]) -> None:
    made = bench(Answer(json={"results": items(0, 1)}), Answer(json={"results": []}))
    page = made.client.Model.search(page_size=2)
    assert page.has_more
    assert page.next_page() is None


def test_the_fields_of_a_page_are_items_too(bench: type[Bench], language_model: dict[str, Any]) -> None:
    page = bench(Answer(json={"results": [language_model], "total": 45})).client.Model.search()
    assert page["results"] is page.results
    assert (page["total"], page["page_number"], page["page_total"]) == (45, 0, 3)
    with pytest.raises(KeyError, match="it has results, page_number, page_total, total"):
        page["pages"]  # type: ignore[call-overload]  # checkers flag it, too
