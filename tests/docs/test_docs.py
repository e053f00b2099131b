"""Every code block of README.md and docs/ is run.

python: the blocks of a file run top to bottom as one program, against a sandbox, at the line numbers they have in the file.
console: each `$ command` runs in a scratch copy of the project and exits 0; the lines shown below it occur in its output
(a line with `…` is an abridged one). toml, json, yaml: must parse. text: a listing, not code.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.commandline import Ran, run_command
from typedrun.marketplaces.aixplain.controls import CONTROLS

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
PARSERS: dict[str, Callable[[str], Any]] = {
    "toml": tomllib.loads,
    "json": json.loads,
    "yaml": lambda text: list(yaml.safe_load_all(text)),
}
LANGUAGES = {"python", "console", "text", "mermaid", *PARSERS}  # pictures: tests/test_architecture.py
RUN_ELSEWHERE = {
    "make test": "it runs this very test",
    "make generate": "tests/codegen runs it",
    "make bench": "it measures for minutes",
}
"""Commands that readers type and this test does not, with the reason."""


@cache
def fences(page: Path) -> list[Token]:
    return [token for token in MarkdownIt().parse(page.read_text("utf-8")) if token.type in {"fence", "code_block"}]


def page_id(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path, language: str) -> list[tuple[int, str]]:
    """(line number of the first code line, code) of each block in that language."""
    return [(token.map[0] + 2, token.content) for token in fences(page) if token.info.strip() == language and token.map]


def with_blocks(language: str) -> list[Path]:
    return [page for page in PAGES if blocks(page, language)]


@pytest.fixture(scope="session")
def sandbox_environment() -> Iterator[dict[str, str]]:
    from typedrun_codegen.marketplaces import MARKETPLACES
    from typedrun_sandbox.server import Sandbox

    with ExitStack() as running:
        sandboxes = [running.enter_context(Sandbox(marketplace=name)) for name in MARKETPLACES]
        yield {name: value for sandbox in sandboxes for name, value in sandbox.environment.items()}


@pytest.fixture(scope="session")
def project_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("docs") / "project"
    copy.mkdir()
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    (copy / ".venv").symlink_to(Path(sys.prefix))
    os.utime(copy / "pyproject.toml", (0, 0))  # older than the environment: `make` must not install the copy into it
    subprocess.run(["git", "init", "--quiet"], cwd=copy, check=True)
    return copy


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_blocks_name_a_language_that_is_run_or_parsed(page: Path) -> None:
    for token in fences(page):
        line = token.map[0] + 1 if token.map else 0
        language = token.info.strip() if token.type == "fence" else "text"
        assert language in LANGUAGES, f"{page_id(page)}:{line}: language {language!r} is neither run nor parsed"
        if language in PARSERS:
            PARSERS[language](token.content)


# The program of docs/mcp.md is run, and what it prints compared, in tests/codegen/cli/test_mcp.py.
@pytest.mark.parametrize(
    "page", [page for page in with_blocks("python") if page != ROOT / "docs" / "mcp.md"], ids=page_id
)
def test_python_blocks_run_as_one_program(page: Path, sandbox_environment: dict[str, str], tmp_path: Path) -> None:
    lines: list[str] = []
    for line, code in blocks(page, "python"):
        lines += [""] * (line - 1 - len(lines))
        lines += code.splitlines()
    program = tmp_path / page.name.replace(".md", "_md.py").replace("-", "_")
    program.write_text("\n".join(lines) + "\n", "utf-8")
    ran = subprocess.run(
        [sys.executable, "-W", "error", program],
        cwd=tmp_path,
        env=os.environ | sandbox_environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def commands(code: str) -> Iterator[tuple[str, list[str]]]:
    """Each `$ command` with the output lines shown below it."""
    command, shown = "", list[str]()
    for line in code.splitlines():
        if line.startswith("$ "):
            if command:
                yield command, shown
            command, shown = line[2:], []
        else:
            shown.append(line)
    if command:
        yield command, shown


IN_A_CLONE = ROOT / "README.md"
"""Its commands are typed in one shell, in order: test_readme_in_a_clone.py."""


def typed(command: str, cwd: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str] | Ran:
    """What a command does that is typed in a shell; ours run within this process where they need nothing of the shell."""
    if command.startswith("typedrun ") and not set(command) & set("|&;<>$*"):
        return run_command(cwd, *shlex.split(command)[1:], environment=environment)
    return subprocess.run(
        ["bash", "-c", command],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


@pytest.mark.parametrize("page", [page for page in with_blocks("console") if page != IN_A_CLONE], ids=page_id)
def test_console_commands_run_and_print_what_the_page_shows(
    page: Path, project_copy: Path, sandbox_environment: dict[str, str]
) -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    for line, code in blocks(page, "console"):
        for command, shown in commands(code):
            if command in RUN_ELSEWHERE or command.startswith(("git clone ", "cd ", "pip install ")):
                continue
            ran = typed(command, project_copy, os.environ | sandbox_environment | {"PATH": path, "COLUMNS": "120"})
            where = f"{page_id(page)}:{line}: `{command}`"
            assert ran.returncode == 0, f"{where} exited {ran.returncode}\n{ran.stdout}{ran.stderr}"
            printed = {text.strip() for text in (ran.stdout + ran.stderr).splitlines()}
            for expected in shown:
                if expected.strip() and "…" not in expected:
                    assert expected.strip() in printed, f"{where} does not print {expected!r}\n{ran.stdout}{ran.stderr}"


def test_every_page_is_in_the_navigation_of_the_site() -> None:
    site = (ROOT / "mkdocs.yml").read_text("utf-8")
    pages = [page.relative_to(ROOT / "docs").as_posix() for page in (ROOT / "docs").rglob("*.md")]
    assert [page for page in pages if f"- {page}\n" not in site] == []


def test_the_options_of_a_call_are_all_in_the_table_of_the_runtime_page() -> None:
    page = (ROOT / "docs" / "runtime.md").read_text("utf-8")
    table = page.partition("## Options of a call")[2].partition("\n## ")[0]
    first = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert sorted(name for cell in first for name in re.findall(r"`(\w+)`", cell)) == sorted(CONTROLS)
