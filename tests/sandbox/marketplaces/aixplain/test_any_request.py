"""Whatever a client sends is answered: nothing that a request holds breaks an answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import bodies, examples, json_values
from typedrun_sandbox.answers.answer import ABSENT, Answer
from typedrun_sandbox.answers.functions import BY_FUNCTION, BY_OUTPUT
from typedrun_sandbox.answers.schemas import sample
from typedrun_sandbox.app import serve_snapshot
from typedrun_sandbox.engine.backend import Backend
from typedrun_sandbox.engine.refusals import encode
from typedrun_sandbox.jsontypes import JSON
from typedrun_sandbox.marketplaces.aixplain.answering import answer
from typedrun_sandbox.marketplaces.aixplain.cards import card_of
from typedrun_sandbox.marketplaces.aixplain.catalog import Catalog, CatalogModel
from typedrun_sandbox.marketplaces.aixplain.envelope import envelope
from typedrun_sandbox.marketplaces.aixplain.frames import frames
from typedrun_sandbox.marketplaces.aixplain.runs import Run
from typedrun_sandbox.marketplaces.aixplain.search import V1_FILTERS, V2_FILTERS, search
from typedrun_sandbox.marketplaces.aixplain.validation import find_errors
from typedrun_sandbox.settings import Settings

NAMES = [
    "text",
    "data",
    "prompt",
    "action",
    "payload",
    "filters",
    "documents",
    "tools",
    "tool_choice",
    "response_format",
    "stop",
    "max_tokens",
    "labels",
    "targetlanguage",
    "sourcelanguage",
    "source_audio",
    "image",
    "size",
    "width",
    "height",
    "num_images",
    "dimensions",
    "hypotheses",
    "references",
    "context",
    "options",
    "authScheme",
    "top_k",
    "numResults",
    "reasoning_effort",
    "aspect_ratio",
    "table",
]
VALUES = json_values(numbers=st.floats())
BODIES = bodies(NAMES, VALUES)
FUNCTIONS = sorted({*BY_FUNCTION, "connection", "connector", *(f"some-{kind}" for kind in BY_OUTPUT)})


@pytest.fixture(scope="module")
def backend(snapshot: Path) -> Backend:
    return serve_snapshot(snapshot, Settings()).backend


@pytest.fixture(scope="module")
def catalog(backend: Backend) -> Catalog:
    assert isinstance(backend.catalog, Catalog)
    return backend.catalog


@pytest.mark.parametrize("function", FUNCTIONS)
@settings(max_examples=6, deadline=None)
@given(body=BODIES)
def test_every_function_answers_every_body(backend: Backend, function: str, body: dict[str, JSON]) -> None:
    model = CatalogModel({"id": "m", "name": "M", "function": {"id": function}}, function.removeprefix("some-"))
    body = {name: value for name, value in body.items() if value is not None}
    run = Run(model=model, body=body, files=backend.files_at("http://localhost"), documents={})
    given_answer = answer(run)
    assert isinstance(given_answer, Answer)
    assert given_answer.failure or given_answer.data == ABSENT or given_answer.data is not None
    shown = envelope(run, given_answer)
    json.loads(encode(shown))
    for raw in (True, False):
        *_, last = frames(given_answer, shown, "auto", raw=raw)
        assert last.endswith(b"\n\n")


@settings(max_examples=examples(0.6), deadline=None)
@given(
    schema=VALUES
    | st.dictionaries(
        st.sampled_from(
            [
                "type",
                "properties",
                "items",
                "enum",
                "$ref",
                "anyOf",
                "allOf",
                "required",
                "minimum",
                "minItems",
                "maxLength",
            ]
        ),
        VALUES,
    )
)
def test_every_schema_gives_some_value(schema: JSON) -> None:
    encode(sample(schema, "3 things about Paris"))


@settings(max_examples=examples(0.6), deadline=None)
@given(body=st.dictionaries(st.sampled_from([*V2_FILTERS, *V1_FILTERS, "sort", "pageNumber", "pageSize"]), VALUES))
def test_every_search_gives_a_page(catalog: Catalog, body: dict[str, JSON]) -> None:
    for filters in (V1_FILTERS, V2_FILTERS):
        page = search(catalog.models, body, filters)
        assert len(page.models) <= min(page.total, page.size)


@settings(max_examples=examples(0.6), deadline=None)
@given(body=BODIES)
def test_validation_judges_every_body(catalog: Catalog, body: dict[str, JSON]) -> None:
    for model in catalog.models:
        assert all(error["message"] for error in find_errors(model, body))


model_objects = st.dictionaries(
    st.sampled_from(
        [
            "id",
            "name",
            "function",
            "vendor",
            "supplier",
            "params",
            "pricing",
            "connectionType",
            "assetInfo",
            "attributes",
            "path",
            "description",
        ]
    ),
    VALUES,
)


@settings(max_examples=examples(0.6), deadline=None)
@given(value=model_objects)
def test_any_model_object_is_read(value: dict[str, JSON]) -> None:
    model = CatalogModel(value)
    search([model], {"q": "x", "sort": [{"field": "price"}], "suppliers": ["x"], "sourceLanguages": ["en"]}, V2_FILTERS)
    find_errors(model, {"text": "x"})
    encode(card_of(model).show())
    assert isinstance(model.price, float)
