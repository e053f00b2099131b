"""Packages that 0.1 generated go on working on this runtime: some modules of one, as text, and a program that uses them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).with_name("package_of_0_1")


@pytest.fixture(scope="module")
def said(typedrun_sandbox_server: Any) -> dict[str, Any]:
    """What the program prints."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", HERE / "program.py", typedrun_sandbox_server.url],
        env={**os.environ, "PYTHONPATH": str(HERE)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


@pytest.mark.parametrize(
    ("door", "outcome"),
    [
        ("run", [True, "SUCCESS", True, True]),
        ("job", [True, "SUCCESS", True]),
        ("stream", [True, True]),
        ("inputs", [0.7, True]),
        ("refused", True),
        ("by id", [True, True, True]),
        ("no stream", True),
        ("get", [True, True, True]),
        ("search", [True, 2, True]),
        ("llm", [True, "SUCCESS", True]),
        ("api", ["Supplier"]),
    ],
)
def test_a_package_of_0_1_works_through_every_door(said: dict[str, Any], door: str, outcome: object) -> None:
    assert said[door] == outcome


def test_the_package_is_that_of_0_1() -> None:
    model = (HERE / "aixplain_models" / "models" / "openai" / "gpt_5_4.py").read_text(encoding="utf-8")
    assert "from typedrun.core.jsontypes import JSON\n" in model
    assert "# ruff: noqa" not in model  # 0.1 did not write that yet
