"""pyright, run again and again by one process: most of what a short run takes is Node's, which begins, compiles and makes fast."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from subprocess import PIPE, CompletedProcess, Popen
from typing import Self


class Pyright:
    """The process; it begins with the first run. Each run checks anew, and reads all files anew."""

    def __init__(self, output: Path) -> None:
        self._output = output
        self._process: Popen[str] | None = None

    def run(self, *options: str, folder: Path, **environment: str) -> CompletedProcess[str]:
        """As `pyright` with these options would in `folder`, with this Python; what it writes to stderr is the tests' own."""
        if self._process is None:
            self._process = self._begin()
        assert self._process.stdin is not None
        environment = {**os.environ, **environment}  # what an earlier run was given is no longer there
        asked = {"options": options, "folder": str(folder), "environment": environment, "output": str(self._output)}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        code = self._ended(self._process)
        return CompletedProcess(options, code, self._output.read_text(encoding="utf-8"), "")

    def _begin(self) -> Popen[str]:
        again = str(Path(__file__).with_name("again.cjs")).replace("\\", "\\\\")
        environment = os.environ | {"NODE_OPTIONS": f'{os.environ.get("NODE_OPTIONS", "")} --require "{again}"'}
        command = [sys.executable, "-m", "pyright", "--version"]
        begun = Popen(command, env=environment, stdin=PIPE, stdout=PIPE, text=True)
        assert self._ended(begun) == 0
        return begun

    @staticmethod
    def _ended(process: Popen[str]) -> int:
        assert process.stdout is not None
        code = process.stdout.readline()
        assert code, "pyright is gone; tests/again.cjs relies on how its files are bundled"
        return int(code)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._process is not None:
            self._process.communicate()
