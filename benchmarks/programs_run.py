"""Runs the programs of `programs/`, each in the environment of its library, against the canned server."""

import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from measure import HERE, ROOT, Row, absent, environment, interleaved, last_number, rows
from peers import interpreter

ROUNDS = 5


@contextmanager
def canned_server() -> Generator[str]:
    """The base URL of a running `blast_server.py`."""
    command: list[str | Path] = [sys.executable, HERE / "blast_server.py"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) as server:
        try:
            if server.stdout is None:
                raise RuntimeError("the server has no standard output")
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.kill()


def run_program(python: Path | str, name: str, *arguments: str) -> float:
    """The number that a program of `programs/` prints; typedrun is on its path, for an environment of its own."""
    path = f"{ROOT / 'runtime'}:{ROOT / 'generated'}"
    return last_number([python, HERE / "programs" / f"{name}.py", *arguments], PYTHONPATH=path)


def measure_programs(
    kind: str,
    arguments: Sequence[str],
    *,
    reference: str,
    ours: Sequence[str] = ("typedrun",),
    peers: Sequence[str],
    unit: str,
    targets: Mapping[str, str],
    rounds: int = ROUNDS,
) -> list[Row]:
    """Rows for `programs/<kind>_<who>.py`: the reference, ours, and every peer that can be installed."""
    pythons: dict[str, Path | str | None] = dict.fromkeys((reference, *ours), sys.executable)
    pythons |= {peer: interpreter(peer) for peer in peers}
    with canned_server() as base:
        measures = {
            who: lambda python=python, who=who: run_program(python, f"{kind}_{who.replace('-', '_')}", base, *arguments)
            for who, python in pythons.items()
            if python is not None
        }
        medians = interleaved(measures, rounds)
    missing = [absent(who, unit) for who, python in pythons.items() if python is None]
    return [*rows(medians, reference=reference, unit=unit, targets=targets), *missing]
