"""The shortcut of an unchanged generation: taken only when nothing at all changed."""

from __future__ import annotations

import time

import pytest

from tests.codegen.conftest import Workshop
from tests.narrowing import Decoded
from typedrun_codegen.package.publish import publish
from typedrun_codegen.package.state import STATE, find_current

PARAMS = [
    {"name": name, "dataType": "text", "dataSubType": "number", "defaultValues": [{"value": "1", "label": "1"}]}
    for name in ("temperature", "top_p", "max_tokens", "seed")
]


@pytest.fixture
def published(workshop: Workshop) -> Workshop:
    workshop.write([workshop.model(params=[workshop.param("text")])])
    publish(workshop.config)
    return workshop


def test_nothing_changed_is_known_without_generating(published: Workshop) -> None:
    current = find_current(published.config)
    assert current is not None
    assert "models/acme/echo.py" in current.files
    assert current.counts["models"] == 1
    again = publish(published.config).report
    assert (again.written, again.removed) == ((), ())
    assert set(again.unchanged) == set(current.files)


def test_a_generation_tells_how_long_it_took(workshop: Workshop) -> None:
    workshop.write([workshop.model(params=[workshop.param("text")])])
    for _ in ("from the catalog", "known already"):
        began = time.monotonic()
        told = publish(workshop.config).seconds
        assert 0 < told <= time.monotonic() - began


def test_a_changed_catalog_is_generated_again(published: Workshop) -> None:
    published.write([published.model("Other")])
    assert find_current(published.config) is None


@pytest.mark.parametrize("path", ["models/acme/echo.py", "manifest.json"])
def test_an_edited_file_is_generated_again(published: Workshop, path: str) -> None:
    file = published.config.package_dir / path
    file.write_text(file.read_text() + "\n")
    assert find_current(published.config) is None


def test_a_missing_file_is_generated_again(published: Workshop) -> None:
    (published.config.package_dir / "models/acme/echo.py").unlink()
    assert find_current(published.config) is None
    assert publish(published.config).report.written == ("models/acme/echo.py",)


def test_problems_are_remembered_and_said_again(workshop: Workshop) -> None:
    workshop.write([workshop.model(params=[workshop.param("text"), {}]), workshop.model("Twin")])
    first, second = publish(workshop.config), publish(workshop.config)
    assert [problem.title for problem in first.problems] == [
        "this parameter has no name",
        "two models have the same id",
    ]
    assert [problem.block() for problem in second.problems] == [problem.block() for problem in first.problems]
    again: Decoded = second.as_json()
    said: Decoded = first.as_json()
    assert again["problems"] == said["problems"]
    assert (second.report.written, second.counts) == ((), first.counts)
    assert find_current(workshop.config) is not None


@pytest.mark.parametrize("state", ["", "[]", "{}", '{"problems": 5}', "\ud800"])
def test_a_state_that_was_tampered_with_is_no_state(published: Workshop, state: str) -> None:
    (published.config.package_dir / STATE).write_text(state, errors="surrogatepass")
    assert find_current(published.config) is None


def test_a_second_run_costs_a_fifth_of_the_first_whatever_is_wrong_with_the_catalog(workshop: Workshop) -> None:
    models = [workshop.model(f"Model {n}", id=f"{n:024x}", params=PARAMS) for n in range(200)]
    workshop.write([*models, models[0], {"name": "without an id"}, 5])
    first, second = publish(workshop.config), min(publish(workshop.config).seconds for _ in range(3))
    assert len(first.problems) >= 3
    assert second <= first.seconds * 0.2, f"{second:.2f} s after {first.seconds:.2f} s"
