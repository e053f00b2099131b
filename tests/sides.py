"""Two packages that take the same steps against one sandbox, and where what they did differs."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import IO, Any

import pytest
from attrs import frozen

from tests.narrowing import is_dict, is_list
from typedrun_sandbox.server import Sandbox

_MINUTES = 60.0


@frozen
class Seen:
    """One step on one side."""

    result: Any
    requests: list[dict[str, Any]]


class Side:
    """A process that takes steps.

    Args:
        command: what starts it; it reads a step a line, and answers each with a line of JSON.
        sandbox: what it calls; reset before each step.
        errors: where its stderr goes.
        scenes: what the sandbox is told before a step.
        headers: those that are compared.
        without: beginnings of environment variables that it must not see.
    """

    def __init__(
        self,
        command: list[str],
        sandbox: Sandbox,
        errors: IO[str],
        *,
        scenes: Mapping[str, Callable[[Sandbox], None]],
        headers: tuple[str, ...],
        without: tuple[str, ...] = (),
    ) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(without or ("\0",))}
        self._sandbox, self._errors, self._scenes, self._headers = sandbox, errors, scenes, headers
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=environment | sandbox.environment,
            cwd=tempfile.gettempdir(),
        )
        assert self._line() == "ready"

    def take(self, step: str) -> Seen:
        self._sandbox.reset()
        if scene := self._scenes.get(step):
            scene(self._sandbox)
        assert self._process.stdin is not None
        self._process.stdin.write(step + "\n")
        self._process.stdin.flush()
        result = json.loads(self._line())
        return Seen(result, [self._show(entry) for entry in self._sandbox.requests])

    def close(self) -> None:
        self._process.communicate(timeout=_MINUTES)

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._errors.seek(0)
            pytest.fail(f"the script ended: {self._errors.read()[-2000:]}")
        return line.strip()

    def _show(self, entry: Any) -> dict[str, Any]:
        headers = {name: entry.headers[name] for name in self._headers if name in entry.headers}
        return {"method": entry.method, "path": entry.path, "headers": headers, "body": entry.body}


def compare(one: Any, other: Any, place: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Every place where two JSON values differ; a missing member differs as a whole."""
    if is_dict(one) and is_dict(other):
        for name in [*one, *(name for name in other if name not in one)]:
            yield from compare(one.get(name, "(absent)"), other.get(name, "(absent)"), f"{place}.{name}".lstrip("."))
    elif is_list(one) and is_list(other) and len(one) == len(other):
        for number, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from compare(left, right, f"{place}.{number}".lstrip("."))
    elif one != other or isinstance(one, bool) != isinstance(other, bool):
        yield place, one, other


def steps_of(script: Path) -> list[str]:
    """The names in the script's table, read without running it."""
    tree = ast.parse(script.read_text(encoding="utf-8"))
    (table,) = (
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "STEPS"
    )
    assert isinstance(table, ast.Dict)
    return [str(ast.literal_eval(key)) for key in table.keys if key is not None]


@frozen
class Difference:
    """A place where the two sides differ."""

    step: str
    place: str
    reference: Any
    ours: Any


@frozen
class Allowed:
    """A row of the table in docs/differences.md."""

    steps: tuple[str, ...]
    place: str

    def covers(self, difference: Difference) -> bool:
        return any(fnmatchcase(difference.step, step) for step in self.steps) and fnmatchcase(
            difference.place, self.place
        )


def read_allowed(document: str) -> list[Allowed]:
    """The rows whose first cell names steps and whose second a place, both in code type."""
    rows = [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in document.splitlines()
        if line.startswith("| `")
    ]
    return [
        Allowed(tuple(step.strip().strip("`") for step in row[0].split(", ")), row[1].strip("`"))
        for row in rows
        if row[1].startswith("`")
    ]


def differences_of(step: str, reference: Seen, ours: Seen) -> list[Difference]:
    left, right = ({"result": side.result, "requests": side.requests} for side in (reference, ours))
    return [Difference(step, place, one, other) for place, one, other in compare(left, right)]
