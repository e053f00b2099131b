"""One canary in every text that a backend can write, through every command: nothing of it may steer a terminal."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commandline import Ran, run_command
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.snapshots.store import snapshot_files
from typedrun_sandbox.server import Sandbox

CANARY = "\x1b]0;owned\x07\x9b31m\u202e\u200b\r\x08\x00\ud800canary"
"""A title, a colour in one byte, a direction, nothing visible, the line's beginning, a step back, zero, half a character."""

FORGED = "\nerror: forged by a catalog"


def odd(text: str) -> str:
    return f"{text}{CANARY}{FORGED}"


def model(number: int, name: str) -> dict[str, JSON]:
    option: JSON = {"value": odd("one"), "label": odd("One")}
    return {
        "id": odd(f"{number:024x}"),
        "name": odd(name),
        "path": odd(f"acme/model-{number}"),
        "description": odd("what it does"),
        "status": odd("onboarded"),
        "function": {"id": odd("translation"), "name": odd("Translation")},
        "vendor": {"id": 1, "name": odd("Acme"), "code": odd("acme")},
        "version": {"id": odd("v1"), "name": odd("Version")},
        "developer": odd("Acme"),
        "host": odd("acme"),
        "connectionType": [odd("synchronous")],
        "pricing": {"price": -1, "unitType": odd("TOKEN"), "unitTypeScale": odd("K"), "currency": odd("EUR")},
        "attributes": [{"name": odd("size"), "code": odd("large")}],
        "params": [
            {"name": "text", "required": True, "dataType": "text", "dataSubType": "text"},
            {
                "name": odd("style"),
                "description": odd("how"),
                "dataType": odd("text"),
                "dataSubType": odd("text"),
                "isFixed": True,
                "availableOptions": [option, option, {}],
                "defaultValues": [option, {"value": odd("two")}],
            },
            {"name": odd("style"), "dataType": "text"},
            {"dataType": odd("text")},
            odd("no parameter"),
        ],
    }


LISTS: dict[str, JSON] = {
    "functions": {"items": [{"id": odd("other"), "name": odd("Other")}]},
    "suppliers": [{"id": 1, "name": odd("Other"), "code": odd("other")}],
    "languages": [{"value": odd("en"), "label": odd("English")}],
    "licenses": [{"id": odd("l1"), "name": odd("MIT")}],
}


def write(root: Path, *models: dict[str, JSON]) -> None:
    for path, data in snapshot_files(models, LISTS).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    (root / "models" / "odd.json").write_text(json.dumps(odd("no object")))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("canary")
    write(root / "catalog", model(1, "Echo"), model(2, "Other"))
    write(root / "older", {**model(1, "Older"), "function": odd("x"), "params": []}, model(3, "Gone"))
    select = json.dumps([odd("nobody")])
    (root / "typedrun.toml").write_text(
        f'snapshot = "catalog"\noutput = "."\npackage = "made"\n[select]\nsuppliers = {select.replace(chr(92) + "ud800", "")}\n'
    )
    return root


@pytest.fixture(scope="module")
def sandbox(project: Path) -> Iterator[Sandbox]:
    with Sandbox(project / "catalog") as running:
        yield running


def said(project: Path, *arguments: str, environment: dict[str, str] | None = None) -> Ran:
    """A command's words; whatever they are, they are printable lines of ours."""
    told = {"TYPEDRUN_TRACEBACK": "", "COLUMNS": "120"} | (environment or {})
    ran = run_command(project, *arguments, environment=os.environ | told)
    for text in (ran.stdout, ran.stderr):
        lines = text.split("\n")
        assert [line for line in lines if not line.isprintable()] == []
        assert [line for line in lines if line.startswith("error: forged")] == []
    assert "a defect of typedrun" not in ran.stderr
    return ran


COMMANDS = [
    "generate",
    "generate --json",
    "check",
    "check --json",
    "models",
    "models canary",
    "models --json",
    "models --function nobody",
    "show ATTRIBUTE",
    "show ATTRIBUTE --json",
    "show ATTRIBUTE --why text",
    "show ATTRIBUTE --why style",
    "show ATTRIBUTE --why result.data",
    "show ATTRIBUTE --why CLASS",
    "show ATTRIBUTE --why style --json",
    "show canary",
    "show nobody",
    "diff --against older",
    "diff --against older --format markdown",
    "diff --against older --json",
    "doctor",
    "doctor --format markdown",
    "doctor --json",
]


@pytest.fixture(scope="module")
def listed(project: Path) -> dict[str, str]:
    """A model as `typedrun models` lists it."""
    found: dict[str, str] = json.loads(said(project, "models", "--json").stdout)["models"][0]
    return found


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_that_a_catalog_says_steers_a_terminal(command: str, project: Path, listed: dict[str, str]) -> None:
    words = command.replace("ATTRIBUTE", listed["attribute"]).replace("CLASS", listed["class"]).split()
    ran = said(project, *words)
    assert ran.returncode in (0, 1, 2)
    if "--json" in words:
        json.loads(ran.stdout)


@pytest.mark.parametrize("options", ["", "--json", "--quiet", "--fresh"])
def test_nothing_that_a_backend_answers_steers_a_terminal(
    options: str, project: Path, sandbox: Sandbox, tmp_path: Path
) -> None:
    ran = said(
        project, "pull", "--snapshot", str(tmp_path / "pulled"), *options.split(), environment=sandbox.environment
    )
    assert ran.returncode in (0, 1, 2)
    assert ran.stdout or ran.stderr


def test_documents_keep_every_character_of_the_catalog(project: Path) -> None:
    listed = json.loads(said(project, "models", "--json").stdout)["models"]
    assert {entry["name"] for entry in listed} == {odd("Echo"), odd("Other")}
