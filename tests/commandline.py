"""The command line within this process: a fresh interpreter for each test would cost half a second of processor."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from attrs import frozen

from typedrun_codegen.cli.app import main


@frozen
class Ran:
    """What a command did."""

    returncode: int
    stdout: str
    stderr: str


def run_command(cwd: Path, *arguments: str, environment: Mapping[str, str] = os.environ, stdin: str = "") -> Ran:
    """`typedrun` with these arguments and no other environment."""
    out, err = io.BytesIO(), io.BytesIO()
    told, said = (io.TextIOWrapper(stream, encoding="utf-8", write_through=True) for stream in (out, err))
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(told), redirect_stderr(said):
        patch.chdir(cwd)
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8"))
        for name in os.environ.keys() - environment.keys():
            patch.delenv(name)
        for name, value in dict(environment).items():
            patch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
    assert isinstance(ended.value.code, int)
    return Ran(ended.value.code, out.getvalue().decode(), err.getvalue().decode())
