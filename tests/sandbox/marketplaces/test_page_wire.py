"""The modules with which the page speaks the wires, in Node, which the checkers need anyway."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.narrowing import decoded, is_list
from typedrun_sandbox.server import Sandbox
from typedrun_sandbox.settings import Settings

NODE = shutil.which("node")
SCRIPT = Path(__file__).with_name("page_wire.mjs")
MODELS = {"replicate": "meta/meta-llama-3-8b-instruct", "fal": "lakeside/llm"}


@pytest.mark.skipif(NODE is None, reason="Node is not installed")
@pytest.mark.parametrize("name", MODELS)
def test_the_page_runs_streams_and_uploads(name: str, tmp_path: Path) -> None:
    with Sandbox(marketplace=name, settings=Settings(token_seconds=0.0, job_polls=0)) as sandbox:
        module = tmp_path / "wire.js"
        module.write_text(sandbox.backend.wire.page_script, encoding="utf-8")
        command = [str(NODE), str(SCRIPT), sandbox.url, sandbox.backend.page_key, str(module), MODELS[name]]
        ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert ran.returncode == 0, ran.stderr
        said = decoded(ran.stdout)
        cards = sandbox.backend.wire.cards()
    value = said["value"]
    assert ("".join(value) if is_list(value) else value["output"]) == said["text"] == "2 + 2 = 4."
    assert said["note"].startswith("Done in ")
    assert said["link"].startswith(sandbox.url)
    (card,) = [card for card in cards if card.id == MODELS[name]]
    assert card.can_stream
    assert "prompt" in [field.name for field in card.fields]
