"""The first answer of a process, a thousand jobs, two hundred streams at a time, and an upload of 1 GiB.

python benchmarks/bench_many.py
"""

import sys
from functools import partial
from pathlib import Path

from attrs import evolve

from measure import ENVIRONMENTS, HERE, ROOT, Row, absent, interleaved, rows, show, spend
from peers import interpreter
from programs_run import canned_server, measure_programs, run_program

TITLE = "First answer, many at a time, large files"
ROUNDS = 7
JOBS, THREADS, STREAMS = 1000, 16, 200
UPLOADED = 1024
"""MiB of the large file; its bytes are none, so that the disk is not what is measured."""


def measure() -> list[Row]:
    """The table's rows."""
    jobs = measure_programs(
        "jobs", (str(JOBS), str(THREADS)), reference="urllib3", peers=(), unit="ms of CPU a job", targets={}, rounds=3
    )
    streams = measure_programs(
        "streams", (str(STREAMS),), reference="urllib3", peers=(), unit="ms of CPU a stream", targets={}, rounds=3
    )
    return [
        *_first_answers(),
        *(evolve(row, note=f"{JOBS} jobs, {THREADS} threads") for row in jobs),
        *(evolve(row, note=f"{STREAMS} streams of 1 MiB at a time") for row in streams),
        *_uploads(),
    ]


def _first_answers() -> list[Row]:
    """CPU of a process from its start to the end of one run."""
    pythons = {who: Path(sys.executable) for who in ("urllib3", "typedrun")}
    found = {peer: interpreter(peer) for peer in ("httpx", "openai", "aixplain")}
    pythons |= {peer: python for peer, python in found.items() if python is not None}
    with canned_server() as base:
        measures = {f"first answer, {who}": partial(_cold, python, who, base) for who, python in pythons.items()}
        for warm in measures.values():
            warm()  # writes the bytecode
        medians = interleaved(measures, ROUNDS)
    targets = {"first answer, typedrun": "≤ 1.5"}
    missing = [absent(f"first answer, {peer}", "ms of CPU") for peer, python in found.items() if python is None]
    return [*rows(medians, reference="first answer, urllib3", unit="ms of CPU", targets=targets), *missing]


def _cold(python: Path, who: str, base: str) -> float:
    path = f"{ROOT / 'runtime'}:{ROOT / 'generated'}"
    return spend([python, HERE / "programs" / f"cold_{who}.py", base], PYTHONPATH=path).cpu * 1000


def _uploads() -> list[Row]:
    large, small = (ENVIRONMENTS / "samples" / name for name in ("large.mp3", "small.mp3"))
    large.parent.mkdir(parents=True, exist_ok=True)
    for file, size in ((large, UPLOADED), (small, 1)):
        with file.open("wb") as written:
            written.truncate(size * 2**20)
    speed = measure_programs(
        "upload", (str(large),), reference="urllib3", peers=(), unit="MB/s", targets={"typedrun": "≥ 0.95"}, rounds=3
    )
    with canned_server() as base:
        held = {file: run_program(sys.executable, "upload_memory", base, str(file)) for file in (small, large)}
    large.unlink()
    return [
        *(evolve(row, note=f"upload of {UPLOADED} MiB") for row in speed),
        Row(what="process after an upload of 1 MiB", value=held[small], unit="MiB"),
        Row(
            what=f"process after an upload of {UPLOADED} MiB",
            value=held[large],
            unit="MiB",
            ratio=held[large] / held[small],
            target="flat",
        ),
    ]


if __name__ == "__main__":
    show(TITLE, measure())
