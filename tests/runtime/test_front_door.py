"""`import typedrun`: every public name, on first use."""

import ast
import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

import typedrun
from tests.narrowing import attribute

HOMES: dict[str, str] = vars(typedrun)["_HOME"]
"""Every public name → its module; checkers read a stub, which has no such table."""


def test_every_name_can_be_imported() -> None:
    assert [name for name in HOMES if getattr(typedrun, name, None) is None] == []


def test_what_checkers_see_is_what_is_there() -> None:
    stub = Path(str(typedrun.__file__)).with_suffix(".pyi")
    seen = {
        alias.asname: f"{node.module}.{alias.name}"
        for node in ast.parse(stub.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == {name: f"typedrun.{module}.{name}" for name, module in HOMES.items()}


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'typedrun' has no attribute 'nope'"):
        attribute(typedrun, "nope")


def test_dir_lists_the_names() -> None:
    assert {"Client", "Model", "LLM", "Page", "ParameterError"} <= set(dir(typedrun))


def test_the_version_is_that_of_the_distribution() -> None:
    assert typedrun.__version__ == importlib.metadata.version("typedrun")


def test_the_package_runs_as_the_command() -> None:
    ran = subprocess.run([sys.executable, "-m", "typedrun", "--version"], capture_output=True, text=True, check=True)
    assert ran.stdout == f"typedrun {typedrun.__version__}\n"
