"""Documents from the wild: every schema and operation of them, or a problem that says why not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from typedrun_codegen.package.api import build_api
from typedrun_codegen.package.guard import find_foreign_code

ROOT = Path(__file__).resolve().parents[3]
SPECS = ROOT.parent / "shared" / "specs"
TASKS = sorted((SPECS / "huggingface-tasks").glob("*.json"))
needs_specs = pytest.mark.skipif(not TASKS, reason="the shared documents are not beside this checkout")


@needs_specs
@pytest.mark.parametrize("path", TASKS, ids=[path.stem for path in TASKS])
def test_a_task_document_generates(path: Path) -> None:
    built = build_api(path, {}, package="tasks", prefix="")
    unknown = (
        ["a reference names a document that is not here"] if path.stem == "automatic-speech-recognition.input" else []
    )
    assert [one.title for one in built.problems] == unknown
    assert (
        built.counts["classes"] + built.counts["enums"]
        or "types/translation_output.py" in built.files
        or built.counts["schemas"]
    )
    assert find_foreign_code(built.files, "tasks") == ()


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """openai-3.1.yaml as a package on disk."""
    root = tmp_path_factory.mktemp("large")
    built = build_api(SPECS / "openai-3.1.yaml", {}, package="large", prefix="")
    for path, text in built.files.items():
        target = root / "large" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return root, built


@needs_specs
def test_every_schema_and_operation_of_a_large_document_is_there(large: Any) -> None:
    _, built = large
    assert built.problems == ()
    assert (built.counts["schemas"], built.counts["operations"]) == (1422, 288)
    assert find_foreign_code(built.files, "large") == ()


@needs_specs
def test_one_type_of_a_large_document_costs_one_module(large: Any) -> None:
    root, _ = large
    program = "import sys; from large.types import CreateChatCompletionResponse; print(sum(m.startswith('large.types.') for m in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "1\n"


@needs_specs
def test_every_type_of_a_large_document_can_be_resolved(large: Any) -> None:
    root, _ = large
    program = """
from large import types
from typedrun.structure import ApiObject, converter, resolve
for name in types.MODULES:
    converter(strict=True).get_structure_hook(resolve(name, types.__name__))
print(len(types.MODULES) > 2000)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(root)}, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("True\n", "")


@needs_specs
def test_new_schemas_at_the_top_of_a_large_document_rename_nothing(large: Any, tmp_path: Path) -> None:
    _, first = large
    head = "  schemas:\n"
    added = "".join(
        f"    {name}:\n      properties: {{a: {{enum: [x, y]}}, b: {{enum: [z, w]}}}}\n"
        for name in ("AAA", "create-response", "Chat_Completion")
    )
    changed = tmp_path / "openai-3.1.yaml"
    changed.write_text(
        (SPECS / changed.name).read_text(encoding="utf-8").replace(head, head + added, 1), encoding="utf-8"
    )
    second = build_api(changed, first.names, package="large", prefix="")
    assert second.counts["schemas"] == first.counts["schemas"] + 3
    assert {key: second.names[key] for key in first.names} == first.names
    assert {path for path in first.files if first.files[path] != second.files[path]} == {"types/__init__.py"}
