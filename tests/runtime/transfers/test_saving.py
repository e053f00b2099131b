"""What a model made, as a file."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.runtime.conftest import Bench
from typedrun.errors import APIError, TransportError, ValidationError
from typedrun.results import ModelResult
from typedrun.testing import Answer, Fault
from typedrun_sandbox.server import Sandbox

URL = "https://store.test/files/speech.mp3?X-Signature=s3cr3t"


def result(data: Any) -> ModelResult[Any]:
    return ModelResult(status="SUCCESS", completed=True, data=data)


def test_a_medium_is_fetched_without_the_key_and_is_there_whole(bench: type[Bench], tmp_path: Path) -> None:
    made = bench(Answer(blocks=(b"ID3", b"\x04rest")))
    path = result(URL).save(tmp_path / "a.mp3", client=made.client)
    assert path == tmp_path / "a.mp3"
    assert path.read_bytes() == b"ID3\x04rest"
    (request,) = made.sent
    assert request.url == URL
    assert not {"x-api-key", "authorization"} & {name.lower() for name in request.headers}
    assert list(tmp_path.iterdir()) == [path]


def test_a_directory_takes_the_name_of_the_address(bench: type[Bench], tmp_path: Path) -> None:
    assert result(URL).save(tmp_path, client=bench(Answer(body=b"x")).client) == tmp_path / "speech.mp3"


@pytest.mark.parametrize("outcome", [Answer(status=403), Fault(), Answer(blocks=(b"half",), is_cut=True)])
def test_what_cannot_be_fetched_leaves_the_old_file(bench: type[Bench], tmp_path: Path, outcome: Any) -> None:
    (tmp_path / "a.mp3").write_bytes(b"old")
    made = bench(lambda _: outcome)
    with pytest.raises((APIError, TransportError)):
        result(URL).save(tmp_path / "a.mp3", client=made.client)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.mp3", b"old")]


@pytest.mark.parametrize(
    ("data", "content"),
    [
        ("größe", "größe".encode()),
        ({"a": [1]}, json.dumps({"a": [1]}, indent=2).encode()),
        ({"a": "ä"}, '{\n  "a": "ä"\n}'.encode()),
        ("data:audio/wav;base64,UklGRg==", b"RIFF"),
        ("data:text/plain,a%20b", b"a b"),
    ],
)
def test_other_outputs_are_written(data: Any, content: bytes, tmp_path: Path) -> None:
    assert result(data).save(tmp_path / "out").read_bytes() == content


@pytest.mark.parametrize(
    ("data", "path", "why"),
    [
        (None, "a", "`data` is None"),
        ("text", "", "is a directory"),
        ("https://x.example/..", "", "is a directory"),
        ("https://x.example/a%5C..%5Cb", "", "is a directory"),
        ("data:nothing", "a", "without data"),
        ("data:a/b;base64,!", "a", "cannot be decoded"),
        ("https://user@x.example/a", "a", "cannot be fetched"),
    ],
)
def test_what_cannot_be_saved_says_why(data: Any, path: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match=why):
        result(data).save(tmp_path / path)
    assert list(tmp_path.iterdir()) == []


def test_a_link_is_followed_and_a_device_stays_one(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("real")
    assert result("text").save(tmp_path / "link") == tmp_path / "link"
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "text"
    (tmp_path / "null").symlink_to(os.devnull)
    result("text").save(tmp_path / "null")
    assert Path(os.devnull).is_char_device()


def test_no_file_beside_it_is_touched_and_an_error_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.part").write_text("mine")
    result("text").save(tmp_path / "a")
    assert (tmp_path / "a.part").read_text() == "mine"
    with pytest.raises(FileNotFoundError) as refused:
        result("text").save(tmp_path / "nowhere" / "a")
    assert refused.value.filename == str(tmp_path / "nowhere" / "a")


def test_a_medium_of_the_sandbox_is_saved_without_a_client(typedrun_sandbox: Sandbox, tmp_path: Path) -> None:
    with typedrun_sandbox.client() as aix:
        found = next(iter(aix.models.by_function("speech-synthesis"))).run(text="Hello")
    saved = found.save(tmp_path / "speech")
    assert saved.stat().st_size > 40
