"""`typedrun tools`: models of the snapshot, or of a package, as tools."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from typedrun_codegen.cli.app import main

ROOT = Path(__file__).parents[3]
GPT = "openai/gpt-5.4/openai"


@pytest.fixture(autouse=True)
def in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("TEAM_API_KEY", raising=False)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


@pytest.mark.parametrize("format", ["openai", "anthropic", "mcp", "json-schema"])
def test_models_of_the_snapshot_are_printed_as_tools_without_a_key(
    format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, "tools", GPT, "google/text-to-speech/google", "--format", format)
    assert (code, err) == (0, "")
    first, second = json.loads(out)
    assert first != second
    for tool in (first, second):
        inner = tool.get("function", tool)
        Draft202012Validator.check_schema(
            inner.get("parameters") or inner.get("input_schema") or inner.get("inputSchema") or inner
        )


@pytest.mark.parametrize("name", [GPT, "openai.gpt_5_4", "69b7e5f1b2fe44704ab0e7d0"])
def test_the_package_gives_the_same_tools_as_its_snapshot(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, of_package, _ = run(capsys, "tools", name, "--package", "aixplain_models")
    _, of_snapshot, _ = run(capsys, "tools", name)
    (one,), (other,) = json.loads(of_package), json.loads(of_snapshot)
    for properties in (tool["function"]["parameters"]["properties"] for tool in (one, other)):
        descriptions = [schema.pop("description") for schema in properties.values()]
        assert "How freely the model chooses its words" in descriptions[4]
        assert re.search("Default:? 0.7", descriptions[4])
    assert one == other


def test_a_model_that_is_not_there_is_told_with_what_was_meant(capsys: pytest.CaptureFixture[str]) -> None:
    for options in ([], ["--package", "aixplain_models"]):
        code, out, err = run(capsys, "tools", "openai/gtp-5.4/openai", *options)
        assert (code, out) == (2, "")
        assert f"did you mean {GPT}" in err


def test_a_package_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "tools", GPT, "--package", "no_such_package")
    assert code == 2
    assert "neither a snapshot nor a generated package" in err


def test_a_model_that_is_named_twice_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "tools", GPT, "openai.gpt_5_4")
    assert code == 2
    assert "listed twice" in err
