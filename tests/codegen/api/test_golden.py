"""Small documents and exactly the package that they give; the package obeys our own gates."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.checkers import Mypy
from tests.narrowing import importable_from, imported
from typedrun_codegen.package.api import build_api
from typedrun_codegen.package.guard import find_foreign_code
from typedrun_codegen.package.writer import write_tree

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "tests" / "golden"
CASES = {"api-types": "openapi.yaml", "api-operations": "openapi.json", "api-jsonschema": "input.json"}


def build(case: str) -> dict[str, str]:
    built = build_api(GOLDEN / case / CASES[case], {}, package="golden_api", prefix="")
    assert built.problems == ()
    return built.files


def on_disk(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in files}


@pytest.mark.parametrize("case", CASES)
def test_the_package_is_the_expected_one(case: str, golden_update: bool) -> None:
    built = build(case)
    folder = GOLDEN / case / "golden_api"
    if golden_update:
        write_tree(folder, built, dict.fromkeys(on_disk(folder), ""))
    assert on_disk(folder) == built


@pytest.mark.parametrize("case", CASES)
def test_nothing_but_what_the_templates_mean_is_code(case: str) -> None:
    assert find_foreign_code(build(case), "golden_api") == ()


@pytest.mark.parametrize("case", CASES)
def test_the_package_passes_mypy(case: str, mypy: Mypy) -> None:
    sources = [GOLDEN / case, ROOT / "runtime"]
    options = ("--strict", "--config-file=", "--python-version=3.11")
    done = mypy.run(*options, str(GOLDEN / case / "golden_api"), folder=ROOT, sources=sources)
    assert done.returncode == 0, done.stdout + done.stderr


def test_operations_of_the_expected_package_work(monkeypatch: pytest.MonkeyPatch) -> None:
    importable_from(GOLDEN / "api-operations", monkeypatch)
    package, types = imported("golden_api"), imported("golden_api.types")
    Client, Errand, Part, Result = package.Client, types.Errand, types.Part, types.Result  # noqa: N806  # classes

    from typedrun.core.deadline import NEVER
    from typedrun.core.reply import Reply

    class Wire:
        """Answers each call with the next reply and keeps the request."""

        def __init__(self, *bodies: bytes) -> None:
            self.bodies, self.sent = list(bodies), list[Any]()

        def send(self, request: Any, *, deadline: Any = None) -> Reply:
            self.sent.append(request)
            return Reply(200, {"content-type": "application/json"}, self.bodies.pop(0), request.url)

        def open_stream(self, request: Any, *, deadline: Any = None) -> Any:
            self.sent.append(request)
            return self

        def blocks(self) -> Any:
            yield self.bodies.pop(0)

        def close(self) -> None:
            pass

        def deadline(self, seconds: float | None) -> Any:
            return NEVER

    wire = Wire(b'{"n": 3, "later": 1}', b'{"done": true}', b'data: {"n": 1}\n\ndata: {"done": true}\n\n')
    api = Client("key", driver=wire)
    part = api.get_part(
        "a/b", 3, fields=["x", "y"], filter={"min": 1}, timeout_=5, x_trace="t", session="s", where={"a": 1}
    )
    assert part == Part(n=3)
    assert wire.sent[0].url == (
        "https://api.example.com/v2/errands/a%2Fb/parts/3?fields=x,y&filter[min]=1&timeout=5&where=%7B%22a%22%3A1%7D"
    )
    assert dict(wire.sent[0].headers) == {"X-Key": "key", "X-Trace": "t", "Cookie": "session=s"}
    assert api.run(body=Errand(text="hi")) == Result(done=True)
    assert wire.sent[1].body == b'{"text": "hi"}'
    with api.run_stream(body=Errand(text="hi")) as events:
        assert list(events) == [Part(n=1), Result(done=True)]
    assert wire.sent[2].body == b'{"text": "hi", "stream": true}'
    for name in [name for name in sys.modules if name.startswith("golden_api")]:
        del sys.modules[name]
