"""Run the installed type checker on code: pyright, else mypy."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

from attrs import frozen

from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Location, Problem, UsageProblem

Checker: TypeAlias = Literal["pyright", "mypy"]

_KEPT = ("typeCheckingMode", "pythonVersion", "pythonPlatform", "deprecateTypingAliases", "enableTypeIgnoreComments")
"""Settings of pyright that change what it finds, beside all that begin with `report` and `strict`."""

_FOLLOWING = tuple(f"reportUnknown{what}Type" for what in ("Argument", "Lambda", "Member", "Parameter", "Variable"))
"""Errors of strict mode that follow from another one, at each place that uses what is wrong."""


@frozen(kw_only=True)
class Finding:
    """One error of a checker."""

    file: str
    """Below the checked tree."""
    line: int
    column: int
    """From 1."""
    rule: str
    message: str


@frozen(kw_only=True)
class Tool:
    """A checker that is installed."""

    name: Checker
    command: str


@frozen(kw_only=True)
class Tree:
    """What is checked."""

    root: Path
    """The mirror of the project."""
    files: Sequence[str]
    """What to check, below the root."""
    search: Sequence[Path]
    """Where imports are looked for, the generated package first."""
    project: Path
    """The real project, for its settings."""


def find_checker(wanted: Checker | None) -> Tool:
    """Find the checker to use: the wanted one, else pyright, else mypy; of this environment, else of the PATH.

    Raises:
        UsageProblem: there is none.
    """
    names: tuple[Checker, ...] = ("pyright", "mypy") if wanted is None else (wanted,)
    beside = str(Path(sys.executable).parent)
    for name in names:
        command = shutil.which(name, path=beside) or shutil.which(name)
        if command is not None:
            return Tool(name=name, command=command)
    raise UsageProblem(
        Problem(
            f"no type checker is installed{f': {wanted}' if wanted else ''}",
            Location("--code"),
            found="neither beside this Python nor on the PATH",
            next_step="pip install pyright (or mypy) into the environment of your code",
        )
    )


def check(tool: Tool, trees: Sequence[Tree]) -> list[tuple[Finding, ...]]:
    """Find the errors of each tree; all mirror the same project, each in a folder of its own beside the others.

    What they have in common is read once: pyright looks at all of them in one run, mypy keeps what it learnt of one for the next.

    Raises:
        UsageProblem: the checker could not do its work.
    """
    found = _pyright(tool, trees) if tool.name == "pyright" else [_mypy(tool, tree) for tree in trees]
    return [
        tuple(finding for finding in findings if finding.file in tree.files)
        for tree, findings in zip(trees, found, strict=True)
    ]


def python_of(project: Path) -> str:
    """The Python whose packages the code imports: the active environment's, the project's own, else this one."""
    active = os.environ.get("VIRTUAL_ENV")
    for place in ([Path(active)] if active else []) + [project / ".venv"]:
        for python in (place / "bin" / "python", place / "Scripts" / "python.exe"):
            if python.exists():
                return str(python)
    return sys.executable


# --- pyright


def _pyright(tool: Tool, trees: Sequence[Tree]) -> list[list[Finding]]:
    project, place = trees[0].project, trees[0].root.parent
    settings = _pyright_settings(project)
    extra = settings.pop("extraPaths", [])
    own = [str(project / path) for path in extra if isinstance(path, str)] if isinstance(extra, list) else []
    written = (
        settings
        | dict.fromkeys(_FOLLOWING, False)
        | {
            "include": [f"{tree.root.name}/{file}" for tree in trees for file in tree.files],
            "executionEnvironments": [
                {"root": tree.root.name, "extraPaths": [*map(str, tree.search), *own]} for tree in trees
            ],
        }
    )
    file = place / "pyrightconfig.json"
    file.write_text(json.dumps(written), encoding="utf-8")
    ran = _run([tool.command, "--outputjson", "--pythonpath", python_of(project), "-p", str(file)], place, {})
    try:
        said = json.loads(ran.stdout)["generalDiagnostics"]
    except (ValueError, KeyError, TypeError) as error:
        raise UsageProblem(_failed(tool, ran)) from error
    errors = [each for each in said if each.get("severity") == "error"]
    found = [[_pyright_finding(tree, each) for each in errors] for tree in trees]
    return [[finding for finding in findings if finding is not None] for findings in found]


def _pyright_finding(tree: Tree, said: Mapping[str, JSON]) -> Finding | None:
    file, place = said.get("file"), said.get("range")
    start = place.get("start") if isinstance(place, dict) else None
    if not isinstance(file, str) or not isinstance(start, dict):
        return None
    line, column = start.get("line"), start.get("character")
    return Finding(
        file=_below(tree.root, Path(file)),
        line=line + 1 if isinstance(line, int) else 1,
        column=column + 1 if isinstance(column, int) else 1,
        rule=str(said.get("rule") or "error"),
        message=str(said.get("message")),
    )


def _pyright_settings(project: Path) -> dict[str, JSON]:
    """The project's own settings, as far as they change what is found."""
    try:
        known: object = json.loads((project / "pyrightconfig.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = _table(project / "pyproject.toml", "pyright")
    if not isinstance(known, dict):
        return {}
    found: dict[str, JSON] = {}
    for name, value in known.items():  # pyright: ignore[reportUnknownVariableType]  # of a file
        if isinstance(name, str) and (name in {*_KEPT, "extraPaths"} or name.startswith(("report", "strict"))):
            found[name] = value if name != "strict" else []  # a list of places, which are other ones here
    return found


def _table(file: Path, tool: str) -> object:
    try:
        value: dict[str, JSON] = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    tools = value.get("tool")
    return tools.get(tool, {}) if isinstance(tools, dict) else {}


# --- mypy


def _mypy(tool: Tool, tree: Tree) -> list[Finding]:
    config = next((file for file in _mypy_files(tree.project) if file.is_file()), None)
    command = [
        tool.command,
        "--output",
        "json",
        "--no-error-summary",
        "--cache-dir",
        str(tree.root.parent / ".mypy_cache"),
    ]
    command += ["--config-file", "" if config is None else str(config), "--python-executable", python_of(tree.project)]
    command += ["--hide-error-context", *tree.files]
    # It refuses a path with installed packages, and finds those by its Python.
    search = [str(path) for path in tree.search if path.name not in {"site-packages", "dist-packages"}]
    ran = _run(command, tree.root, {"MYPYPATH": os.pathsep.join(search)})
    if ran.returncode not in {0, 1}:
        raise UsageProblem(_failed(tool, ran))
    found = list[Finding]()
    for line in ran.stdout.splitlines():
        try:
            said = json.loads(line)
        except ValueError as error:
            raise UsageProblem(_failed(tool, ran)) from error
        if said.get("severity") == "error":
            found.append(
                Finding(
                    file=_below(tree.root, tree.root / said["file"]),
                    line=int(said["line"]),
                    column=max(0, int(said["column"])) + 1,
                    rule=str(said.get("code") or "error"),
                    message=str(said["message"]),
                )
            )
    return found


def _mypy_files(project: Path) -> list[Path]:
    named = [project / name for name in ("mypy.ini", ".mypy.ini")]
    own = [project / "pyproject.toml"] if _table(project / "pyproject.toml", "mypy") else []
    return [*named, *own, project / "setup.cfg"]


# --- both


def _run(command: Sequence[str], root: Path, variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # the user's own checker; no shell
        command, cwd=root, env={**os.environ, **variables}, capture_output=True, text=True, check=False
    )


def _failed(tool: Tool, ran: subprocess.CompletedProcess[str]) -> Problem:
    said = (ran.stdout + ran.stderr).strip().splitlines()
    return Problem(
        f"{tool.name} could not check the code",
        Location(tool.command),
        found=said[0] if said else f"exit code {ran.returncode}",
        next_step=f"run {tool.name} on your code by itself and mend what it says, then run this command again",
    )


def _below(root: Path, file: Path) -> str:
    for base in (root, root.resolve()):
        if file.is_relative_to(base):
            return file.relative_to(base).as_posix()
    return file.as_posix()
