"""Real API documents through typedrun, openapi-python-client and datamodel-code-generator, one row for each pair.

python benchmarks/bench_document_peers.py DOCUMENT …

"Operations" are calls in modules that can be imported; "Any" counts annotated fields of classes whose annotation holds `Any`, by one rule for all
three; a map of anything does not count, because openapi-python-client makes a class without fields of it. Each package is imported, module by module, and checked with mypy
--strict in the tool's own environment. datamodel-code-generator writes types alone.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from peers import interpreter

HEAD = ("document", "tool", "operations", "modules that fail", "mypy", "fields", "Any", "seconds")
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
    """A Markdown table."""
    sys.stdout.write(f"| {' | '.join(HEAD)} |\n|{'---|' * len(HEAD)}\n")
    for name in sys.argv[1:]:
        for tool in ("typedrun", "openapi-python-client", "datamodel-code-generator"):
            with TemporaryDirectory() as folder:
                row = measured(tool, Path(name).resolve(), Path(folder))
            sys.stdout.write(f"| {Path(name).stem} | {tool} | {' | '.join(row)} |\n")
            sys.stdout.flush()


def measured(tool: str, document: Path, folder: Path) -> Sequence[str]:
    """The cells of one row after the tool's name."""
    if (python := python_of(tool)) is None:
        return ("not installed",)
    status, seconds = run(command(tool, python, document), folder)
    files = list((folder / "made").rglob("*.py")) if (folder / "made").is_dir() else []
    if not files:
        return (f"nothing (exit {status})", "", "", "", "", f"{seconds:.1f}")
    failed = output([str(python), "-c", IMPORT, "made"], folder).split()
    trees = {path: ast.parse(path.read_text("utf-8")) for path in files if parses(path)}
    fields = [one for tree in trees.values() for one in fields_of(tree)]
    broken = {folder.joinpath(*name.split(".")).with_suffix(".py") for name in failed}
    calls = sum(operations(tree) for path, tree in trees.items() if path not in broken)
    return (
        str(calls),
        str(len(failed) + len(files) - len(trees)),
        mypy(python, folder),
        str(len(fields)),
        str(sum("Any" in re.findall(r"\w+", MAP.sub("", one)) for one in fields)),
        f"{seconds:.1f}",
    )


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
        case _:
            options = ["--input", str(document), "--input-file-type", "openapi", "--output", "made/models.py"]
            kind = ["--output-model-type", "dataclasses.dataclass"]
            return [str(python), "-m", "datamodel_code_generator", *options, *kind]


def run(arguments: Sequence[str], folder: Path) -> tuple[int, float]:
    """Exit status and seconds of processor time of a command."""
    child = subprocess.Popen(arguments, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    return os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime


def output(arguments: Sequence[str], folder: Path) -> str:
    """What a command prints."""
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(arguments, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.stdout


def mypy(python: Path, folder: Path) -> str:
    """Errors of mypy --strict, which runs in our environment and looks into the tool's."""
    options = ["--strict", "--config-file=", "--no-error-summary", "--cache-dir", os.devnull]
    found = output([sys.executable, "-m", "mypy", *options, "--python-executable", str(python), "made"], folder)
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


def operations(tree: ast.Module) -> int:
    """Calls that a module offers: `Operation` values of ours, `sync_detailed` of openapi-python-client."""
    ours = sum(isinstance(one, ast.Call) and ast.unparse(one.func) == "Operation" for one in ast.walk(tree))
    theirs = sum(isinstance(one, ast.FunctionDef) and one.name == "sync_detailed" for one in tree.body)
    return ours + theirs


if __name__ == "__main__":
    main()
