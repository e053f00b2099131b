"""Generation end to end, as a user runs it: snapshot and API schema on disk to a package on disk.

python benchmarks/bench_generate.py [MODELS]

The rate is of processor time: on a shared machine the clock on the wall measures the neighbours.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from measure import ENVIRONMENTS, ROOT, Row, Spent, absent, show, spend
from peers import interpreter
from synthesise import write_catalog

TITLE = "Generation, end to end"
MODELS = 10_000
PEER_MODELS = 1_000
FIELDS = 12


def catalog(count: int) -> Path:
    """A snapshot of `count` models; made once."""
    folder = ENVIRONMENTS / "catalogs" / str(count)
    if not (folder / "manifest.json").is_file():
        write_catalog(count, folder)
    return folder


def generate(count: int, output: Path, command: str = "generate") -> Spent:
    """Run `typedrun generate` (or `check`) on a synthesised catalog."""
    where = ["--snapshot", catalog(count), "--schema", ROOT / "schemas" / "aixplain" / "openapi.yaml"]
    target = ["--output", output, "--package", f"models_{count}", "--quiet"]
    return spend([sys.executable, "-m", "typedrun_codegen", command, *where, *target])


def measure(count: int = MODELS) -> list[Row]:
    """The table's rows."""
    with scratch() as output:
        generate(count // 100, output)  # writes the bytecode
        tenth = generate(count // 10, output)
        first = generate(count, output)
        second = generate(count, output)
        check = generate(count, output, "check")
    marginal = (first.cpu - tenth.cpu) / (count - count // 10)
    return [
        Row(what=f"{count:,} models", value=first.cpu, unit="s", note=f"{first.seconds:.0f} s by the clock"),
        Row(what="rate, start and API schema included", value=count / first.cpu, unit="models/s", target="≥ 2,000"),
        Row(what="rate, further models alone", value=1 / marginal, unit="models/s"),
        Row(what="memory at most", value=first.mebibytes, unit="MiB", target="≤ 300"),
        Row(what=f"{count // 10:,} models", value=tenth.cpu, unit="s"),
        Row(
            what=f"{count:,} against {count // 10:,} models",
            value=first.cpu,
            unit="s",
            ratio=first.cpu / tenth.cpu,
            target="≤ 11",
        ),
        Row(what="unchanged second run", value=second.cpu, unit="s", ratio=second.cpu / first.cpu, target="≤ 0.2"),
        Row(what="typedrun check", value=check.cpu, unit="s", ratio=check.cpu / first.cpu),
        *peers(),
    ]


def peers() -> Iterator[Row]:
    """Generators of classes for a schema of as many objects with as many properties."""
    with scratch() as folder:
        document = folder / "openapi.json"
        document.write_text(json.dumps(schema()), "utf-8")
        command = ["-m", "datamodel_code_generator", "--input", document, "--output", folder / "out.py"]
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
def scratch() -> Iterator[Path]:
    """A folder that is gone afterwards; not below a hidden one, which pyright would leave out."""
    with TemporaryDirectory(prefix="typedrun-bench-") as folder:
        yield Path(folder)


if __name__ == "__main__":
    show(TITLE, measure(int(sys.argv[1]) if len(sys.argv) > 1 else MODELS))
