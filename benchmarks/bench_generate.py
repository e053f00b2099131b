"""Generation end to end, as a user runs it: snapshot and API schema on disk to a package on disk.

python benchmarks/bench_generate.py [MODELS]

The rate comes twice: by processor time, which neighbours on a shared machine change little, and by the clock, which shows what
several processes are good for. Memory is that of all processes together, pages that they share counted once.
"""

import json
import os
import statistics
import sys
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

from measure import ENVIRONMENTS, ROOT, Row, Spent, absent, show, spend
from peers import interpreter
from synthesise import write_catalog

TITLE = "Generation, end to end"
MODELS = 10_000
ROUNDS = 3
PEER_MODELS = 1_000
FIELDS = 12


def catalog(count: int) -> Path:
    """A snapshot of `count` models; made once."""
    folder = ENVIRONMENTS / "catalogs" / str(count)
    if not (folder / "manifest.json").is_file():
        write_catalog(count, folder)
    return folder


def generate(count: int, output: Path, *command: str, snapshot: Path | None = None) -> Spent:
    """Run `typedrun generate` (or another command) on a synthesised catalog, or on a snapshot of which one entry is broken."""
    where: list[str | Path] = [
        "--snapshot",
        snapshot or catalog(count),
        "--schema",
        ROOT / "schemas" / "aixplain" / "openapi.yaml",
    ]
    target: list[str | Path] = ["--output", output, "--package", f"models_{count}", "--quiet"]
    ran = [sys.executable, "-m", "typedrun_codegen", *(command or ("generate",)), *where, *target]
    return spend(ran, accept=(0,) if snapshot is None else (0, 1))


def measure(count: int = MODELS) -> list[Row]:
    """The table's rows."""
    with scratch() as output:  # one for all: where many files were just deleted, a file system makes new ones slowly
        rounds = [_round(count, output / str(number)) for number in range(ROUNDS)]
        with memory() as peak:
            generate(count, output / "watched")
    tenth, first, second, clock = (statistics.median(values) for values in zip(*rounds, strict=True))
    marginal = (first - tenth) / (count - count // 10)
    return [
        Row(what=f"{count:,} models", value=first, unit="s", note=f"{clock:.1f} s by the clock"),
        Row(what="rate by processor time, start and API schema included", value=count / first, unit="models/s"),
        Row(what="… by the clock", value=count / clock, unit="models/s", target="≥ 2,000"),
        Row(what="rate by processor time, further models alone", value=1 / marginal, unit="models/s"),
        Row(what="memory at most, all processes", value=max(peak), unit="MiB", target="≤ 250"),
        Row(what=f"{count // 10:,} models", value=tenth, unit="s"),
        Row(
            what=f"{count:,} against {count // 10:,} models", value=first, unit="s", ratio=first / tenth, target="≤ 11"
        ),
        Row(what="unchanged second run", value=second, unit="s", ratio=second / first, target="≤ 0.2"),
        *later_runs(count),
        *peers(),
    ]


def later_runs(count: int) -> Iterator[Row]:
    """What the cache saves, in a catalog with a broken entry; seconds of processor time."""
    with scratch() as folder:
        snapshot = folder / "catalog"
        copytree(catalog(count), snapshot)
        (snapshot / "models" / "broken.json").write_text("{")
        first = generate(count, folder, snapshot=snapshot)
        unchanged = generate(count, folder, snapshot=snapshot)
        changed = min((snapshot / "models").glob("supplier-*.json"))
        changed.write_text(changed.read_text("utf-8").replace("It is not real", "It was changed"), "utf-8")
        one = generate(count, folder, snapshot=snapshot)
        check = generate(count, folder, "check", snapshot=snapshot)
        again = generate(count, folder, "check", snapshot=snapshot)
        anew = generate(count, folder, "check", "--no-cache", snapshot=snapshot)
    runs = (
        ("first run, with a broken entry", first, ""),
        ("unchanged second run, with a broken entry", unchanged, "≤ 0.2"),
        ("one model changed", one, "≤ 0.1"),
        ("typedrun check", check, "≤ 8 s"),
        ("typedrun check, again", again, "≤ 8 s"),
        ("typedrun check --no-cache", anew, ""),
    )
    for what, spent, target in runs:
        note = f"{spent.seconds:.0f} s by the clock"
        yield Row(what=what, value=spent.cpu, unit="s", ratio=spent.cpu / first.cpu, target=target, note=note)


def _round(count: int, output: Path) -> tuple[float, float, float, float]:
    """Processor seconds of a tenth, of all, of all again; seconds of all by the clock."""
    generate(count // 100, output)  # writes the bytecode
    tenth = generate(count // 10, output)
    first = generate(count, output)
    second = generate(count, output)
    return tenth.cpu, first.cpu, second.cpu, first.seconds


@contextmanager
def memory() -> Generator[list[float]]:
    """Mebibytes that the commands started in the body hold together, twenty times a second; Linux tells."""
    seen = [0.0]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            commands = (pid for measuring in _children(os.getpid()) for pid in _children(measuring))
            seen.append(sum(_held(pid) for command in commands for pid in (command, *_children(command))) / 1024)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield seen
    finally:
        done.set()
        watching.join()


def _children(pid: int) -> list[int]:
    try:
        return [
            int(child) for file in Path(f"/proc/{pid}/task").glob("*/children") for child in file.read_text().split()
        ]
    except OSError:  # it has ended
        return []


def _held(pid: int) -> int:
    """Kibibytes; a page that several processes share counts in parts."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def peers() -> Iterator[Row]:
    """Generators of classes for a schema of as many objects with as many properties."""
    with scratch() as folder:
        document = folder / "openapi.json"
        document.write_text(json.dumps(schema()), "utf-8")
        command: list[str | Path] = [
            "-m",
            "datamodel_code_generator",
            "--input",
            document,
            "--output",
            folder / "out.py",
        ]
        kind = ["--input-file-type", "openapi", "--output-model-type", "dataclasses.dataclass"]
        spent = spend([sys.executable, *command, *kind])
        yield _rate("datamodel-code-generator", spent)
        python = interpreter("openapi-python-client")
        if python is None:
            yield absent("openapi-python-client", "classes/s")
            return
        spent = spend(
            [python, "-m", "openapi_python_client", "generate", "--path", document, "--meta", "none"], cwd=folder
        )
        yield _rate("openapi-python-client", spent)


def _rate(who: str, spent: Spent) -> Row:
    note = f"{PEER_MODELS:,} classes of {FIELDS} fields, {spent.mebibytes:.0f} MiB"
    return Row(what=who, value=PEER_MODELS / spent.cpu, unit="classes/s", note=note)


def schema() -> dict[str, object]:
    """An OpenAPI document with `PEER_MODELS` schemas of `FIELDS` properties."""
    kinds = ({"type": "string"}, {"type": "number", "default": 0.5}, {"type": "string", "enum": ["low", "high"]})
    objects = {
        f"Model{number}": {
            "type": "object",
            "description": f"Inputs of model {number}.",
            "required": ["field0"],
            "properties": {
                f"field{at}": {**kinds[at % len(kinds)], "description": f"Field {at} of model {number}."}
                for at in range(FIELDS)
            },
        }
        for number in range(PEER_MODELS)
    }
    answers = {
        f"/model{number}": {
            "get": {
                "operationId": f"get{number}",
                "responses": {
                    "200": {
                        "description": "One.",
                        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/Model{number}"}}},
                    }
                },
            }
        }
        for number in range(PEER_MODELS)
    }
    about = {"title": "Bench", "version": "1"}
    return {"openapi": "3.1.0", "info": about, "paths": answers, "components": {"schemas": objects}}


@contextmanager
def scratch() -> Generator[Path]:
    """A folder that is gone afterwards; not below a hidden one, which pyright would leave out."""
    with TemporaryDirectory(prefix="typedrun-bench-") as folder:
        yield Path(folder)


if __name__ == "__main__":
    show(TITLE, measure(int(sys.argv[1]) if len(sys.argv) > 1 else MODELS))
