"""Whatever a client sends to the sandbox of a marketplace that publishes schemas is answered: nothing that a request holds breaks it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sandbox.conftest import Talk
from tests.strategies import bodies, examples, json_values
from typedrun_codegen.snapshots.store import read_snapshot
from typedrun_sandbox.answers.answer import Question
from typedrun_sandbox.answers.instances import by_schema
from typedrun_sandbox.engine.files import FileStore, LinkedFiles
from typedrun_sandbox.engine.refusals import Refusal, encode
from typedrun_sandbox.jsontypes import JSONObject
from typedrun_sandbox.marketplaces.fal import catalog as fal
from typedrun_sandbox.marketplaces.fal import validation as fal_validation
from typedrun_sandbox.marketplaces.fal.running import partial_outputs
from typedrun_sandbox.marketplaces.replicate import catalog as replicate
from typedrun_sandbox.marketplaces.replicate import validation as replicate_validation
from typedrun_sandbox.server import Sandbox

SCHEMAS = Path(__file__).parents[3] / "schemas"
CATALOGS: dict[str, Sequence[replicate.CatalogModel | fal.CatalogModel]] = {
    "replicate": replicate.Catalog(read_snapshot(SCHEMAS / "replicate" / "catalog")).models,
    "fal": fal.Catalog(read_snapshot(SCHEMAS / "fal" / "catalog")).models,
}
CHECKS: dict[str, Callable[[Any, JSONObject], None]] = {
    "replicate": replicate_validation.check_input,
    "fal": fal_validation.check_input,
}
"""Each takes the models of its own catalog."""
NAMES = [
    "prompt",
    "text",
    "messages",
    "image",
    "image_url",
    "num_outputs",
    "num_images",
    "seed",
    "width",
    "image_size",
    "aspect_ratio",
]


@pytest.mark.parametrize("name", CATALOGS)
@settings(max_examples=examples(0.5), deadline=None)
@given(data=st.data())
def test_every_model_checks_and_answers_every_input(name: str, data: st.DataObject) -> None:
    model = data.draw(st.sampled_from(CATALOGS[name]))
    names = [*NAMES, *replicate.order_of(model.input_schema)]
    body = data.draw(bodies(names, json_values(6)))
    with suppress(Refusal):
        CHECKS[name](model, body)
    answer = by_schema(Question(model=model, body=body, files=LinkedFiles(FileStore(), "http://sandbox")))
    encode(answer.data)
    assert partial_outputs(answer.data)[-1] is not None


PATHS = {
    "replicate": [
        "/v1/predictions",
        "/v1/models/meta/meta-llama-3-8b-instruct/predictions",
        "/v1/deployments/meta/meta-llama-3-8b-instruct/predictions",
        "/v1/deployments",
        "/v1/files",
        "/v1/predictions/none/cancel",
    ],
    "fal": [
        "/queue/lakeside/llm",
        "/run/lakeside/llm",
        "/run/lakeside/llm/stream",
        "/v1/models/pricing/estimate",
        "/rest/storage/upload/initiate",
        "/queue/a/requests/b/status",
        "/cdn/files/upload",
    ],
}
BODIES = [
    b"",
    b"null",
    b"[]",
    b'"x"',
    b"{",
    b"\xff",
    b'{"input": 1}',
    b'{"version": 1, "input": {}}',
    b'{"prompt": null}',
    b'{"endpoints": 1, "estimate_type": "unit_price"}',
    b'{"name": [], "model": {}}',
]


@pytest.mark.parametrize("name", PATHS)
def test_no_body_is_answered_with_a_failure_of_the_sandbox(name: str, talk_to: Talk) -> None:
    with Sandbox(marketplace=name) as sandbox:
        ask = talk_to(sandbox, {"Authorization": f"{'Key' if name == 'fal' else 'Bearer'} {sandbox.api_key}"})
        found = {(path, body): ask("POST", path, body).status for path in PATHS[name] for body in BODIES}
    assert {case: status for case, status in found.items() if status >= 500} == {}
