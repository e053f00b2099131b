"""Real API documents through typedrun and three other generators: one table, a row for each document, a column for each tool.

python benchmarks/bench_document_peers.py DOCUMENT …

Each cell: different operations in modules that can be imported · modules that cannot · errors of mypy --strict · fields whose annotation holds `Any` ·
seconds of processor time of the whole command · peak memory in MB. One rule counts fields for all: annotated fields of classes; a map of
anything does not count, because openapi-python-client makes a class without fields of it. Each package is imported module by module
and checked in its tool's own environment. datamodel-code-generator writes types alone; openapi-generator (the Python one) runs on Java.
"""

from __future__ import annotations

import ast
import itertools
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from measure import environment
from peers import interpreter

TOOLS = ("typedrun", "openapi-python-client", "openapi-generator", "datamodel-code-generator")
MOST_SECONDS = 300
"""Of one step of one tool; what takes longer is told as such."""
MAP = re.compile(r"\b[Dd]ict\[str, Any\]|\bMapping\[str, Any\]")
IMPORT = """
import importlib, pkgutil, sys
failed = []
root = importlib.import_module(sys.argv[1])
for one in pkgutil.walk_packages(getattr(root, "__path__", []), sys.argv[1] + "."):
    try:
        importlib.import_module(one.name)
    except Exception:
        failed.append(one.name)
print("\\n".join(failed))
"""


def main() -> None:
    """Print a Markdown table."""
    for tool, name in itertools.product(TOOLS, sys.argv[1:2]):
        warm(tool, Path(name).resolve())
    sys.stdout.write(f"| Document | {' | '.join(TOOLS)} |\n|{'---|' * (1 + len(TOOLS))}\n")
    for name in sys.argv[1:]:
        cells: list[str] = []
        for tool in TOOLS:
            with TemporaryDirectory() as folder:
                cells.append(measured(tool, Path(name).resolve(), Path(folder)))
        sys.stdout.write(f"| {Path(name).stem} | {' | '.join(cells)} |\n")
        sys.stdout.flush()


def warm(tool: str, document: Path) -> None:
    """Make one run that does not count: it leaves the tool's bytecode, which a user's second run finds."""
    if python := python_of(tool):
        with TemporaryDirectory() as folder:
            run(command(tool, python, document), python, Path(folder))


def measured(tool: str, document: Path, folder: Path) -> str:
    """One cell."""
    if (python := python_of(tool)) is None:
        return "not installed"
    status, seconds, megabytes = run(command(tool, python, document), python, folder)
    files = list((folder / "made").rglob("*.py")) if (folder / "made").is_dir() else []
    if not files:
        return f"nothing (exit {status}) · {seconds:.1f} s · {megabytes} MB"
    failed = output([str(python), "-c", IMPORT, "made"], python, folder).split()
    trees = {path: ast.parse(path.read_text("utf-8")) for path in files if parses(path)}
    fields = [one for tree in trees.values() for one in fields_of(tree)]
    broken = {folder.joinpath(*name.split(".")).with_suffix(".py") for name in failed}
    calls = len({one for path, tree in trees.items() if path not in broken for one in operations(path, tree)})
    loose = sum("Any" in re.findall(r"\w+", MAP.sub("", one)) for one in fields)
    unusable = len(failed) + len(files) - len(trees)
    return f"{calls:,} · {unusable} · {mypy(python, folder)} · {loose} · {seconds:.1f} s · {megabytes} MB"


def python_of(tool: str) -> Path | None:
    """The interpreter that has the tool."""
    return Path(sys.executable) if tool == "typedrun" else interpreter(tool)


def command(tool: str, python: Path, document: Path) -> list[str]:
    """How the tool is called to write the package `made`."""
    match tool:
        case "typedrun":
            options = ["generate", "--schema", str(document), "--package", "made", "--output", "."]
            return [str(python), "-m", "typedrun_codegen", *options]
        case "openapi-python-client":
            options = ["generate", "--path", str(document), "--meta", "none", "--output-path", "made", "--overwrite"]
            return [str(python), "-m", "openapi_python_client", *options]
        case "openapi-generator":
            options = [
                "generate",
                "-i",
                str(document),
                "-g",
                "python",
                "-o",
                ".",
                "--package-name",
                "made",
                "--skip-validate-spec",
            ]
            return [str(python.with_name("openapi-generator-cli")), *options]
        case _:
            options = ["--input", str(document), "--input-file-type", "openapi", "--output", "made/models.py"]
            kind = ["--output-model-type", "dataclasses.dataclass"]
            return [str(python), "-m", "datamodel_code_generator", *options, *kind]


def run(arguments: Sequence[str], python: Path, folder: Path) -> tuple[int, float, int]:
    """Exit status, seconds of processor time and peak memory in MB of a command and what it starts."""
    watched = [sys.executable, "-c", WATCH, str(MOST_SECONDS), *arguments]
    told = output(watched, python, folder).split()
    return int(told[-3]), float(told[-2]), round(int(told[-1]) / 1024)


WATCH = """
import resource, subprocess, sys
try:
    status = subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=float(sys.argv[1])).returncode
except subprocess.TimeoutExpired:
    status = -1
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(status, used.ru_utime + used.ru_stime, used.ru_maxrss)
"""


def output(arguments: Sequence[str], python: Path, folder: Path) -> str:
    """What a command prints; it finds the programs of the tool's environment (a formatter that it calls by name)."""
    variables = environment(PYTHONPATH=str(folder), PATH=os.pathsep.join((str(python.parent), os.environ["PATH"])))
    done = subprocess.run(arguments, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    return done.stdout


def mypy(python: Path, folder: Path) -> str:
    """Errors of mypy --strict, which runs in our environment and looks into the tool's."""
    options = ["--strict", "--config-file=", "--no-error-summary", "--cache-dir", os.devnull]
    found = output([sys.executable, "-m", "mypy", *options, "--python-executable", str(python), "made"], python, folder)
    return str(sum(": error:" in line for line in found.splitlines()))


def parses(path: Path) -> bool:
    """Whether a file is Python."""
    try:
        ast.parse(path.read_text("utf-8"))
    except SyntaxError:
        return False
    return True


def fields_of(tree: ast.Module) -> Iterator[str]:
    """Annotations of the fields of classes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for one in node.body:
                if isinstance(one, ast.AnnAssign) and ast.unparse(one.target) != "additional_properties":
                    yield ast.unparse(one.annotation)


def operations(path: Path, tree: ast.Module) -> Iterator[str]:
    """Calls that a module offers: `Operation` values of ours, `sync_detailed` and `…_with_http_info` of the others.

    openapi-generator writes an operation once for each of its tags, under the same name: that is one operation.
    """
    for one in ast.walk(tree):
        if isinstance(one, ast.Call) and ast.unparse(one.func) == "Operation":
            yield f"{path}:{one.lineno}"
        elif isinstance(one, ast.FunctionDef) and one.name == "sync_detailed":
            yield str(path)
        elif isinstance(one, ast.FunctionDef) and one.name.endswith("_with_http_info"):
            yield one.name


if __name__ == "__main__":
    main()
