"""Runs the programs of `programs/`, each in the environment of its library, against the canned server."""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from measure import HERE, Row, interleaved, last_number, rows
from peers import interpreter

ROUNDS = 5


@contextmanager
def canned_server() -> Iterator[str]:
    """The base URL of a running `blast_server.py`."""
    server = subprocess.Popen([sys.executable, HERE / "blast_server.py"], stdout=subprocess.PIPE, text=True)
    try:
        if server.stdout is None:
            raise RuntimeError("the server has no standard output")
        yield f"http://127.0.0.1:{int(server.stdout.readline())}"
    finally:
        server.kill()
        server.wait()


def measure_programs(
    kind: str,
    arguments: Sequence[str],
    *,
    reference: str,
    peers: Sequence[str],
    unit: str,
    targets: Mapping[str, str],
) -> list[Row]:
    """Rows for `programs/<kind>_<who>.py`: the reference, typedrun, and every peer that can be installed."""
    pythons: dict[str, Path | str | None] = {reference: sys.executable, "typedrun": sys.executable}
    pythons |= {peer: interpreter(peer) for peer in peers}
    with canned_server() as base:
        measures = {
            who: lambda python=python, who=who: last_number(
                [python, HERE / "programs" / f"{kind}_{who}.py", base, *arguments]
            )
            for who, python in pythons.items()
            if python is not None
        }
        medians = interleaved(measures, ROUNDS)
    absent = [Row(what=who, value=None, unit=unit) for who, python in pythons.items() if python is None]
    return [*rows(medians, reference=reference, unit=unit, targets=targets), *absent]
