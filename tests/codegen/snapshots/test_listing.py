"""When a listing is complete: what the rows say, whatever the backend's numbers say."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from typedrun.core.request import Request
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.settings import Select
from typedrun_codegen.marketplaces.aixplain.source import AixplainSource
from typedrun_codegen.snapshots.listing import Listing, read_listing

URL = "https://backend.example/v2/models/paginate"


def row(number: int) -> dict[str, JSON]:
    return {"id": f"m{number}"}


def rows(*numbers: range) -> list[JSON]:
    return [row(number) for each in numbers for number in each]


def page(found: JSON, total: JSON = None) -> JSON:
    said: dict[str, JSON] = {"results": found, "pageTotal": 1}
    return said if total is None else {**said, "total": total}


def listed(*pages: JSON, beyond: JSON = None) -> Listing:
    """A backend with these pages, which answers `beyond` to every later one."""
    (search,) = AixplainSource().searches("https://backend.example", Select())

    def ask(request: Request) -> JSON:
        assert isinstance(request.body, bytes)
        number = int(json.loads(request.body)["pageNumber"])
        return pages[number] if number < len(pages) else beyond

    return read_listing(ask, search.read, search.request)


EMPTY = page([], 132)


@pytest.mark.parametrize(
    ("listing", "seen"),
    [
        pytest.param(
            lambda: listed(page(rows(range(100)), 132), page(rows(range(100, 132)), 132), beyond=EMPTY), 132, id="plain"
        ),
        pytest.param(lambda: listed(page(rows(range(100)), 100), beyond=page([], 100)), 100, id="exactly one page"),
        pytest.param(
            lambda: listed(*(page(rows(range(n, n + 20)), 60) for n in (0, 20, 40)), beyond=page([], 60)),
            60,
            id="the backend has smaller pages",
        ),
        pytest.param(lambda: listed(page(rows(range(40)), 0), beyond=page([], 0)), 40, id="total 0, rows to the end"),
        pytest.param(lambda: listed(rows(range(40)), beyond=[]), 40, id="bare lists without a total"),
        pytest.param(lambda: listed(page(rows(range(40))), beyond=page([])), 40, id="no total"),
        pytest.param(
            lambda: listed(page(rows(range(40)), 40), beyond=page(rows(range(40)), 40)), 40, id="last page again"
        ),
        pytest.param(lambda: listed(page(rows(range(40)), 40), beyond=None), 40, id="a page too many is refused"),
        pytest.param(
            lambda: listed(page(rows(range(60)), 100), page(rows(range(50, 100)), 100), beyond=page([])),
            100,
            id="overlap",
        ),
        pytest.param(lambda: listed(page([], 0)), 0, id="nothing there"),
        pytest.param(
            lambda: listed(page(rows(range(100)), 0), page(rows(range(100, 132)), 0), beyond=page([], 0)),
            132,
            id="total 0, full pages to the end",
        ),
    ],
)
def test_a_listing_whose_rows_add_up_is_complete(listing: Callable[[], Listing], seen: int) -> None:
    found = listing()
    assert found.gaps == ()
    assert len(found.ids) == len(set(found.ids)) == seen


@pytest.mark.parametrize(
    ("listing", "seen", "words"),
    [
        pytest.param(
            lambda: listed(beyond=page(rows(range(100)), 132)),
            100,
            "100 of 132 models; page 1 has nothing that was not on earlier pages",
            id="page 0 repeated",
        ),
        pytest.param(
            lambda: listed(beyond=page(rows(range(100)), 0)),
            100,
            "100 of 0 models; page 1 has nothing that was not on earlier pages",
            id="page 0 repeated, total 0",
        ),
        pytest.param(
            lambda: listed(page(rows(range(99)), 132), page(rows(range(100, 131)), 132), beyond=EMPTY),
            130,
            "130 of 132 models; page 2 is empty",
            id="each page one record short",
        ),
        pytest.param(
            lambda: listed(page(rows(range(100)), 132), page(rows(range(90, 122)), 132), beyond=EMPTY),
            122,
            "122 of 132 models; page 2 is empty",
            id="overlap that hides rows",
        ),
        pytest.param(
            lambda: listed(page(rows(range(100)), 100), page(rows(range(100, 130)), 132), beyond=EMPTY),
            130,
            "130 of 132 models; page 2 is empty",
            id="the total grows",
        ),
        pytest.param(
            lambda: listed(page(rows(range(100)), 132), beyond={"message": "busy"}),
            100,
            "100 of 132 models; page 1 is not a list of models",
            id="an answer that is no page",
        ),
        pytest.param(
            lambda: listed({"message": "busy", "total": 0}), 0, "page 0 is not a list of models", id="no page at all"
        ),
        pytest.param(
            lambda: listed(page(rows(range(100)), 132), beyond=None),
            100,
            "100 of 132 models; the backend refuses page 1",
            id="the next page is refused",
        ),
        pytest.param(
            lambda: listed(beyond=rows(range(40))),
            40,
            "40 models, and no total; page 1 has nothing that was not on earlier pages",
            id="no total, and every page the same",
        ),
        pytest.param(lambda: listed(page([], 5)), 0, "0 of 5 models; page 0 is empty", id="a total without rows"),
        *(
            pytest.param(
                lambda total=total: listed(
                    page(rows(range(99)), total), page(rows(range(100, 131)), total), beyond=page([], total)
                ),
                130,
                "130 ",
                id=f"each page one record short, total {total}",
            )
            for total in (0, None, 99, -1)
        ),
        pytest.param(
            lambda: listed(rows(range(100)), rows(range(100, 199)), rows(range(200, 240)), beyond=[]),
            239,
            "239 models, and no total; page 1 has 99 of 100, and is not the last",
            id="a page in the middle one record short",
        ),
        pytest.param(
            lambda: listed(rows(range(100)), rows(range(90, 190)), rows(range(191, 200)), beyond=[]),
            199,
            "199 models, and no total; page 1 has 90 of 100, and is not the last",
            id="a full page, of which another one had some",
        ),
    ],
)
def test_a_listing_whose_rows_do_not_add_up_is_a_gap(listing: Callable[[], Listing], seen: int, words: str) -> None:
    found = listing()
    assert len(found.ids) == seen
    (gap,) = found.gaps
    assert gap.title == "the backend's listing is not complete"
    assert words in gap.found
    assert "until then no model is removed" in gap.next_step


@pytest.mark.parametrize("total", [True, "40", -1, 40.5, [], None])
def test_a_total_that_is_no_number_is_none(total: JSON) -> None:
    assert listed(page(rows(range(40)), total), beyond=page([], total)).gaps == ()


def test_a_record_without_a_usable_id_is_a_problem_with_page_and_position() -> None:
    odd: list[JSON] = [{"name": "Nameless"}, {"id": 7}, {"id": " "}, None, "text"]
    found = listed(page([row(0), *odd], 7), page([row(1)], 7), beyond=page([], 7))
    assert found.ids == ("m0", "m1")
    assert [(str(gap.location), gap.found) for gap in found.gaps] == [
        (f"{URL}#/results/1", "page 0, position 1: no id (name 'Nameless')"),
        (f"{URL}#/results/2", "page 0, position 2: id is 7"),
        (f"{URL}#/results/3", "page 0, position 3: id is ' '"),
        (f"{URL}#/results/4", "page 0, position 4: None"),
        (f"{URL}#/results/5", "page 0, position 5: 'text'"),
    ]
    assert {gap.title for gap in found.gaps} == {"a record of the listing has no usable id"}
