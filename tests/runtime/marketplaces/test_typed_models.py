"""A model with schemas, files and a typed output, from the arguments of `run` to its result, by each way that leads there."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any, ClassVar

import attrs
import pytest

from tests.narrowing import decoded, noting
from typedrun.client import Client
from typedrun.errors import ParameterError
from typedrun.model import Model
from typedrun.parameters import Parameter
from typedrun.remotefile import RemoteFile
from typedrun.structure import ApiObject
from typedrun.testing import Answer, ScriptedNetwork

KEY = "canary-0123456789"
ID = "wax4r1w0qdrmc0cm0bvsgr18kg"


@attrs.define(repr=False)
class Answered(ApiObject):
    """What the model answers."""

    images: list[RemoteFile]


class Painter(Model[Answered]):
    """A model as generated packages have them."""

    id = "quill/painter"
    path = "quill/painter"
    name = "Painter"
    marketplace = "replicate"
    version = ""
    params = (
        Parameter(name="prompt", required=True, schema={"type": "string"}),
        Parameter(name="steps", schema={"type": "integer", "minimum": 1, "maximum": 50}, default_values=(4,)),
        Parameter(
            name="layers",
            schema={
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"image": {"type": "string", "format": "uri"}},
                    "required": ["image"],
                },
            },
        ),
    )
    output_type = "Answered"


class Index:
    """A generated package's index of classes."""

    package = __name__
    is_sample = False

    def find(self, id_or_path: str) -> type[Any] | None:
        return Painter if id_or_path == Painter.id else None


class Replicate(Client):
    marketplace = "replicate"
    registry: ClassVar[Any] = Index()


def client(*outcomes: Any) -> tuple[Replicate, ScriptedNetwork]:
    network = ScriptedNetwork(list(outcomes))
    return Replicate(KEY, transport=network, clock=network.clock), network


def prediction(status: str, **fields: Any) -> Answer:
    urls = {
        "get": f"https://api.replicate.com/v1/predictions/{ID}",
        "cancel": f"https://api.replicate.com/v1/predictions/{ID}/cancel",
    }
    return Answer(status=201, json={"id": ID, "status": status, "urls": urls, "output": None, "error": None, **fields})


DONE = prediction("succeeded", output={"images": ["https://replicate.delivery/a.png"], "seed": 3})
MADE = Answered(images=[RemoteFile("https://replicate.delivery/a.png")])


def test_a_small_file_travels_in_the_body_wherever_it_stands_and_a_large_one_is_uploaded(tmp_path: Path) -> None:
    (tmp_path / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 300_000)
    stored = Answer(status=201, json={"id": "f1", "urls": {"get": "https://api.replicate.com/v1/files/f1"}})
    rep, network = client(stored, DONE)
    seen: list[tuple[str, int, int]] = []
    Painter(rep).run(
        prompt="A",
        steps=3.0,
        layers=[
            {"image": b"\x89PNG\r\n\x1a\n"},
            {"image": tmp_path / "b.png"},
            {"image": RemoteFile("https://a.test/c.png")},
            {"image": "https://a.test/d.png"},
        ],
        on_upload=noting(seen),
    )
    upload, run = network.received
    assert upload.url == "https://api.replicate.com/v1/files"
    assert run.json["input"] == {
        "prompt": "A",
        "steps": 3,
        "layers": [
            {"image": "data:image/png;base64,iVBORw0KGgo="},
            {"image": "https://api.replicate.com/v1/files/f1"},
            {"image": "https://a.test/c.png"},
            {"image": "https://a.test/d.png"},
        ],
    }
    assert '"steps": 3,' in json.dumps(run.json["input"])
    assert seen[0] == ("layers", 8, 8)
    assert {name for name, _, _ in seen} == {"layers"}


def test_what_is_wrong_is_told_before_anything_is_uploaded() -> None:
    rep, network = client()
    with pytest.raises(ParameterError, match=r"'layers\[1\]' has an invalid value. Its member 'image' is missing"):
        Painter(rep).run(prompt="A", layers=[{"image": b"x"}, {}])
    assert network.received == []


def test_a_run_gives_an_object_of_the_declared_type_at_once_and_after_waiting() -> None:
    for outcomes in ((DONE,), (prediction("starting"), prediction("processing", output={"images": []}), DONE)):
        rep, _ = client(*outcomes)
        result = Painter(rep).run(prompt="A")
        assert result.data.images == MADE.images
        assert result.data.unknown_fields == {"seed": 3}
        assert decoded(json.dumps(result.raw["output"]))["images"] == ["https://replicate.delivery/a.png"]


def test_a_job_knows_its_type_here_and_in_another_process() -> None:
    rep, _ = client(prediction("starting"), DONE, DONE, DONE)
    job = Painter(rep).run_async(prompt="A")
    token, pickled = job.token(), pickle.dumps(job)
    assert KEY.encode() not in pickled
    for again in (job, rep.job(token), rep.job(f"https://api.replicate.com/v1/predictions/{ID}", model=Painter.id)):
        assert again.wait().data.images == MADE.images
        assert again.data.images == MADE.images
        assert again.result().data.images == MADE.images
    assert pickle.loads(pickled)._output == job._output  # our own


def test_a_finished_result_pickles() -> None:
    rep, _ = client(DONE)
    result = pickle.loads(pickle.dumps(Painter(rep).run(prompt="A")))  # our own
    assert result.data.images == MADE.images
    assert result.to_dict()["data"] == {"images": ["https://replicate.delivery/a.png"], "seed": 3}
