"""Where the operations are that the client itself calls."""

import pytest
from attrs import evolve

from typedrun.core.routes import quote_id
from typedrun.marketplaces.aixplain import MARKETPLACE
from typedrun.marketplaces.aixplain.places import as_run_url, as_start_url, fill, run_url

ROUTES = MARKETPLACE.routes


@pytest.mark.parametrize(
    ("given", "v2", "v1"),
    [
        ("https://m.test/api/v2/execute", "https://m.test/api/v2/execute", "https://m.test/api/v1/execute"),
        ("https://m.test/api/v2/execute/", "https://m.test/api/v2/execute", "https://m.test/api/v1/execute"),
        ("https://m.test/api/v1/execute", "https://m.test/api/v2/execute", "https://m.test/api/v1/execute"),
        ("https://m.test/p/api/v1/execute//", "https://m.test/p/api/v2/execute", "https://m.test/p/api/v1/execute"),
        ("https://m.test/run", "https://m.test/run", "https://m.test/run"),
    ],
)
def test_the_run_url_has_a_v2_and_a_v1_form(given: str, v2: str, v1: str) -> None:
    assert as_run_url(ROUTES, given) == v2
    assert as_start_url(ROUTES, v2) == v1


def test_a_path_is_one_segment_of_a_url() -> None:
    assert quote_id("openai/gpt 4?/é") == "openai%2Fgpt%204%3F%2F%C3%A9"
    assert fill(ROUTES.get_model, "openai/gpt-4o") == "/v2/models/openai%2Fgpt-4o"


def test_the_run_url_follows_the_schemas_paths() -> None:
    moved = evolve(ROUTES, models_url="https://m.test", run_model="/v3/runs/{id}", start_run="/v2/runs/{id}")
    assert run_url(moved) == "https://m.test/v3/runs"
    assert as_run_url(moved, "https://m.test/v2/runs/") == "https://m.test/v3/runs"
    assert as_start_url(moved, "https://m.test/v3/runs") == "https://m.test/v2/runs"
