"""Which texts of fal's inputs are files. The counts are of a catalog of 449 endpoints: 573 such texts, all by their names."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.narrowing import Decoded, present
from typedrun.client import Client
from typedrun.marketplaces.fal.files import is_file
from typedrun.testing import Answer, ScriptedNetwork
from typedrun_codegen.ir.snapshot import ModelEntry, Snapshot
from typedrun_codegen.marketplaces.fal.adapter import read_catalog

TEXT = {"type": "string"}


def text(**words: Any) -> dict[str, Any]:
    return {**TEXT, **words}


FILES: dict[str, dict[str, Any]] = {
    "image_url": TEXT,
    "image_urls": {"type": "array", "items": TEXT},
    "end_image_url": {"anyOf": [TEXT, {"type": "null"}]},
    "url": text(description="URL of the frame"),
    "base_model_url": text(description="The URL to the base model to use"),
    "picture": text(_fal_ui_field="image"),
    "clips": {"type": "array", "items": text(ui={"field": "video"})},
    "mask": {"anyOf": [text(_fal_ui_field="mask"), {"type": "null"}]},
    "voice": text(format="uri"),
    "raw": text(format="file"),
    "input": text(max_file_size=1000),
    "source_url": text(description="The image that the website shows"),
}
OTHERS: dict[str, dict[str, Any]] = {
    "prompt": text(_fal_ui_field="textarea"),
    "webhook_url": text(format="uri"),
    "callback_url": TEXT,
    "return_url": TEXT,
    "website_url": TEXT,
    "git_repository_url": TEXT,
    "target_url": text(description="The web page to read"),
    "notification_urls": {"type": "array", "items": TEXT},
    "curl": TEXT,
}


@pytest.mark.parametrize("name", [*FILES, *OTHERS])
def test_the_schema_says_which_texts_are_files_and_else_the_name(name: str) -> None:
    assert is_file(name, {**FILES, **OTHERS}[name]) == (name in FILES)


def formats_of(parameters: Iterable[Decoded]) -> dict[str, object]:
    """What the schema of each parameter says of its format."""
    return {one.name: present(one.schema).get("format") for one in parameters}


def document() -> dict[str, Any]:
    body = {"type": "object", "properties": {"webhook_url": text(format="uri"), "picture": text(_fal_ui_field="image")}}
    path = {"post": {"requestBody": {"content": {"application/json": {"schema": body}}}}}
    return {
        "endpoint_id": "acme/teller",
        "metadata": {},
        "openapi": {"paths": {"/acme/teller": path}, "components": {"schemas": {}}},
    }


class Fal(Client):
    marketplace = "fal"


def test_generator_and_fetched_models_agree_on_it() -> None:
    (model,) = read_catalog(Snapshot(Path(), (ModelEntry("m.json", "", document()),))).catalog.models
    assert {one.name: str(one.type) for one in model.parameters} == {
        "webhook_url": "Leaf(name='str')",
        "picture": "Leaf(name='Media')",
    }
    assert formats_of(model.parameters) == {"webhook_url": None, "picture": "file"}
    network = ScriptedNetwork([Answer(json={"models": [document()]})])
    fetched = Fal("key-0123", transport=network, clock=network.clock).Model.get("acme/teller")
    assert formats_of(fetched.params or ()) == {"webhook_url": None, "picture": "file"}
