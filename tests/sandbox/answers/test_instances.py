"""Answers made from output schemas: valid by the schema, whatever the catalog publishes, and like what was asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import frozen

from tests.narrowing import Decoded, present
from typedrun_codegen.snapshots.store import read_snapshot
from typedrun_sandbox.answers.answer import Question
from typedrun_sandbox.answers.instances import by_schema, kind_of_file
from typedrun_sandbox.engine.files import FileStore, LinkedFiles
from typedrun_sandbox.jsontypes import JSON, JSONObject
from typedrun_sandbox.marketplaces.fal.catalog import Catalog as FalCatalog
from typedrun_sandbox.marketplaces.fal.catalog import CatalogModel as FalModel
from typedrun_sandbox.marketplaces.replicate.catalog import Catalog as ReplicateCatalog
from typedrun_sandbox.marketplaces.replicate.catalog import CatalogModel as ReplicateModel
from typedrun_sandbox.schemas.check import check

SCHEMAS = Path(__file__).parents[3] / "schemas"
MODELS = [
    *FalCatalog(read_snapshot(SCHEMAS / "fal" / "catalog")).models,
    *ReplicateCatalog(read_snapshot(SCHEMAS / "replicate" / "catalog")).models,
]


@frozen
class Subject:
    output_schema: JSONObject
    output: str = ""
    function: str = ""
    id: str = "a/b"
    name: str = "B"
    vector_size: int | None = None

    def preset(self, _parameter: str) -> str:
        return ""


def made(schema: JSONObject, *, output: str = "", function: str = "", **body: JSON) -> tuple[Decoded, FileStore]:
    files = LinkedFiles(FileStore(), "http://sandbox")
    return by_schema(Question(model=Subject(schema, output, function), body=body, files=files)).data, files.kept


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_the_answer_of_every_model_fits_its_schema(model: FalModel | ReplicateModel) -> None:
    files = LinkedFiles(FileStore(), "http://sandbox")
    answer = by_schema(Question(model=model, body={"prompt": "Twelve boats in a row"}, files=files)).data
    assert check(model.output_schema, answer, model.output_schema) == []
    again = by_schema(Question(model=model, body={"prompt": "Twelve boats in a row"}, files=files)).data
    assert again == answer


IMAGE: JSONObject = {
    "type": "object",
    "properties": {
        "url": {"type": "string"},
        "content_type": {"type": "string"},
        "file_name": {"type": "string"},
        "file_size": {"type": "integer"},
        "file_data": {"type": "string", "format": "binary"},
        "width": {"type": "integer"},
        "height": {"type": "integer"},
    },
    "required": ["url"],
}


def test_an_object_that_describes_a_file_describes_one_that_can_be_fetched() -> None:
    answer, kept = made({"type": "object", "properties": {"image": IMAGE}}, prompt="x", image_size="landscape_16_9")
    image = answer["image"]
    file = present(kept.get(image["url"].rpartition("/")[2]))
    assert (image["content_type"], image["file_size"]) == (file.content_type, len(file.content)) != ("", 0)
    assert image["width"] / image["height"] == pytest.approx(16 / 9, rel=0.01)
    assert "file_data" not in image


def test_as_many_files_are_made_as_were_asked_for_and_each_differs() -> None:
    schema: JSONObject = {"type": "object", "properties": {"images": {"type": "array", "items": IMAGE}}}
    answer, _ = made(schema, prompt="x", num_images=3)
    assert len({image["url"] for image in answer["images"]}) == 3


@pytest.mark.parametrize(
    ("name", "function", "content_type"),
    [
        ("video", "", "video/mp4"),
        ("audio_file", "text-to-video", "audio/wav"),
        ("result", "text-to-speech", "audio/wav"),
        ("diffusers_lora_file", "", "application/zip"),
        ("subtitles", "", "text/plain"),
        ("result", "", "image/png"),
    ],
)
def test_the_kind_of_a_file_is_told_by_the_outputs_name_or_else_the_models(
    name: str, function: str, content_type: str
) -> None:
    answer, kept = made(
        {"type": "object", "properties": {name: {"type": "string", "format": "uri"}}}, function=function
    )
    assert present(kept.get(answer[name].rpartition("/")[2])).content_type == content_type


def test_a_conversion_is_known_by_what_comes_out() -> None:
    assert [kind_of_file(words) for words in ("image-to-video", "video-to-audio", "text-to-image")] == [
        "video",
        "audio",
        "image",
    ]


def test_seed_and_prompt_come_back_where_they_fit() -> None:
    schema: JSONObject = {"type": "object", "properties": {"seed": {"type": "integer"}, "prompt": {"type": "string"}}}
    assert made(schema, seed=7, prompt="a boat")[0] == {"seed": 7, "prompt": "a boat"}
    assert made(schema, seed="x", prompt="a boat")[0]["seed"] != "x"


def test_pieces_of_text_are_the_reply() -> None:
    answer, _ = made({"type": "array", "items": {"type": "string"}}, output="text", prompt="What is 2 + 2?")
    assert (len(answer) > 2, "".join(answer)) == (True, "2 + 2 = 4.")


def test_a_model_that_was_told_a_link_alone_says_something_else() -> None:
    answer, _ = made({"type": "string"}, audio="https://example.com/127/a.wav")
    assert answer
    assert "example.com" not in answer
