"""Decoding bytes into typed objects: the answer of a run (420 bytes), and a catalog page of 100 models.

python benchmarks/bench_decode.py
"""

import json
import sys
from pathlib import Path

import attrs

from blast_server import RESULT
from measure import ENVIRONMENTS, Row, absent, interleaved, rows, show
from peers import interpreter
from programs_run import run_program
from synthesise import models

TITLE = "Decoding into typed objects, CPU"
ROUNDS = 7
MODELS = 100
REFERENCE = "json.loads"
WAYS = {
    REFERENCE: (None, "decode_json"),
    "typedrun": (None, "decode_typedrun"),
    "typedrun, API classes": (None, "decode_typedrun_api"),
    "typedrun with orjson": ("orjson", "decode_typedrun"),
    "typedrun with orjson, API classes": ("orjson", "decode_typedrun_api"),
    "cattrs, plain": (None, "decode_cattrs"),
    "pydantic": ("pydantic", "decode_pydantic"),
    "dataclasses-json": ("dataclasses-json", "decode_dataclasses_json"),
}
"""Name → environment (None: this one) and program."""
TARGETS = {
    "result": {"typedrun": "≤ 1.5", "typedrun with orjson": "≤ 1.0"},
    "page": {
        "typedrun": "≤ 1.7",
        "typedrun, API classes": "≤ 2.0",
        "typedrun with orjson": "≤ 1.2",
    },
}


def samples() -> dict[str, tuple[str, bytes]]:
    """Kind → what it is, and its bytes."""
    items = list(models(MODELS))
    page = json.dumps({"results": items, "total": MODELS, "pageTotal": 1, "pageNumber": 0}).encode()
    return {
        "result": (f"result of {len(RESULT)} bytes", RESULT),
        "page": (f"page of {MODELS} models × 12 parameters, {len(page) // 1000} KB", page),
    }


def measure() -> list[Row]:
    """The table's rows; the reference is the standard library's parser alone."""
    folder = ENVIRONMENTS / "samples"
    folder.mkdir(parents=True, exist_ok=True)
    found: list[Row] = []
    for kind, (meaning, content) in samples().items():
        file = folder / f"{kind}.json"
        file.write_bytes(content)
        found += [attrs.evolve(row, note=meaning) for row in measure_kind(kind, file)]
    return found


def measure_kind(kind: str, file: Path) -> list[Row]:
    """Rows for one sample."""
    pythons = {name: sys.executable if peer is None else interpreter(peer) for name, (peer, _) in WAYS.items()}
    measures = {
        name: lambda python=python, name=name: run_program(python, WAYS[name][1], kind, str(file))
        for name, python in pythons.items()
        if python is not None
    }
    medians = interleaved(measures, ROUNDS)
    missing = [absent(name, "µs") for name, python in pythons.items() if python is None]
    return [*rows(medians, reference=REFERENCE, unit="µs", targets=TARGETS[kind]), *missing]


if __name__ == "__main__":
    show(TITLE, measure())
