"""Names for shells: read from the snapshot once, and again when it has changed."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Never

import pytest

from typedrun_codegen.cli.config import load_config
from typedrun_codegen.cli.names import complete, document_of, harmless
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.settings import Config
from typedrun_codegen.look import show
from typedrun_codegen.snapshots.store import snapshot_files


def model(number: int) -> dict[str, JSON]:
    return {
        "id": f"{number:024x}",
        "name": f"Quill {number}",
        "path": f"acme/quill-{number}",
        "vendor": {"id": 1, "name": "Acme", "code": "acme"},
        "params": [{"name": "text", "required": True, "dataType": "text"}],
    }


def write(root: Path, *numbers: int) -> None:
    for path, content in snapshot_files([model(number) for number in numbers], {}).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    later = 2_000_000_000 + len(numbers)  # a file system may not tell two writes of a moment apart
    os.utime(root / "manifest.json", (later, later))


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    write(tmp_path / "catalog", 1, 2)
    return load_config(snapshot=tmp_path / "catalog", output=tmp_path / "generated")


def test_attributes_are_completed_and_paths_after_a_slash(config: Config) -> None:
    assert complete(config, "acme") == ["acme.quill_1", "acme.quill_2"]
    assert complete(config, "acme/") == ["acme/quill-1", "acme/quill-2"]
    assert complete(config, "zebra") == []


def test_no_text_of_a_catalog_is_run_by_a_shell() -> None:
    fine = ["acme/quill-2", "mode=größe", "text:=", "audio@", "a.b_c", "ratio=16:9", "voice=en-US,1.5%"]
    evil = [
        "a$(touch x)",
        "a\\$(touch x)",
        "a`x`",
        "a\\`x`",
        "a'",
        'a"',
        "a;x",
        "a b",
        "a\nb",
        "a\\",
        "a|b",
        "a>b",
        "a\x1b",
        "~root",
        "*",
        "",
    ]
    assert harmless([*fine, *evil]) == fine


def test_the_snapshot_is_read_once_until_it_changes(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_again(_: object) -> Never:
        pytest.fail("the snapshot was read again")

    complete(config, "")
    with monkeypatch.context() as patched:
        patched.setattr(show, "read_named", read_again)
        assert complete(config, "acme.quill_2") == ["acme.quill_2"]
    write(tmp_path / "catalog", 1, 2, 3)
    assert complete(config, "acme.quill_3") == ["acme.quill_3"]


@pytest.mark.parametrize("wanted", ["acme.quill_2", "acme/quill-2", f"{2:024x}", "aix.models.acme.quill_2"])
def test_a_document_is_found_by_every_exact_name(wanted: str, config: Config) -> None:
    assert (document_of(config, wanted) or {})["name"] == "Quill 2"
    assert document_of(config, "acme/quill") is None


@pytest.mark.parametrize("content", ["", "[]", "{", json.dumps({"stamp": 1, "models": [[1]]})])
def test_a_damaged_cache_is_read_again(content: str, config: Config, tmp_path: Path) -> None:
    complete(config, "")
    (kept,) = (tmp_path / "cache" / "typedrun").iterdir()
    kept.write_text(content)
    assert complete(config, "acme.quill_1") == ["acme.quill_1"]


def test_a_cache_that_cannot_be_written_is_done_without(config: Config, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    assert complete(config, "acme.quill_1") == ["acme.quill_1"]
