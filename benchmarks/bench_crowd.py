"""Many at once on one event loop: jobs, streams, and what is left of 10,000 calls; beside bare aiohttp, AsyncOpenAI and our threads.

python benchmarks/bench_crowd.py [counted]

What a job and an event cost is counted in the processor's instructions, too, where `perf` is: a busy machine changes seconds, not these.
`counted` measures that alone.
"""

import shutil
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from measure import HERE, ROOT, Row, absent, environment, interleaved, last_number, rows, show
from peers import interpreter

TITLE = "Many at once on one event loop"
JOBS = (200, 1000)
MOST_OF_OPENAI = 200
"""Jobs at once that AsyncOpenAI is asked for: a thousand take it minutes."""
STREAMS = 200
CALLS = 10_000
ROUNDS = 2
WHO = ("aiohttp", "typedrun", "threads", "openai")
NAMES = {"aiohttp": "aiohttp", "typedrun": "typedrun", "threads": "typedrun, threads", "openai": "AsyncOpenAI"}


COUNTED = (
    ("jobs", 200, 2, "a job", "≤ 1.3"),
    ("jobs", 1000, 2, "a job", "≤ 1.3"),
    ("streams", STREAMS, 61, "an event", "≤ 1.2"),
)
"""What is counted: of how many at once, how many of the unit each of them is, what the unit is called, and the target."""


@contextmanager
def crowd_server() -> Generator[str]:
    """The base URL of a running `crowd_server.py`."""
    command: list[str | Path] = [sys.executable, HERE / "crowd_server.py"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) as server:
        try:
            if server.stdout is None:
                raise RuntimeError("the server has no standard output")
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.kill()


def measure() -> list[Row]:
    """The table's rows."""
    pythons: dict[str, Path | str | None] = dict.fromkeys(WHO[:3], sys.executable)
    pythons["openai"] = interpreter("openai")
    with crowd_server() as base:
        found: list[Row] = []
        for number in JOBS:
            asked = {who: python for who, python in pythons.items() if number <= MOST_OF_OPENAI or who != "openai"}
            found += _compare(base, asked, "jobs", number, "ms of CPU a job", f"{number} jobs", "≤ 1.3")
        found += _compare(base, pythons, "streams", STREAMS, "µs of CPU an event", f"{STREAMS} streams", "≤ 1.2")
        found += _compare(base, pythons, "held", STREAMS, "KiB a stream", f"{STREAMS} streams", "≤ 1.5")
        found += _compare(
            base, pythons, "first", STREAMS, "ms to the first event", f"{STREAMS} streams", "when its bytes arrive"
        )
        found += counted(base)
        grown = {who: _run(sys.executable, who, base, "calls", CALLS) for who in WHO[:2]}
    found += [
        Row(
            what=NAMES[who],
            value=value,
            unit="KiB more",
            note=f"after {CALLS:,} calls, one after the other",
            target="no growth" if who == "typedrun" else "",
        )
        for who, value in grown.items()
    ]
    return found


def counted(base: str) -> list[Row]:
    """Rows in instructions, those of one job or stream alone (and of what is imported with it) being taken off."""
    if shutil.which("perf") is None:
        return []
    found: list[Row] = []
    for what, number, units, unit, target in COUNTED:
        each = dict[str, float]()
        for who in WHO[:2]:
            _instructions(who, base, what, 1)  # the first one writes the bytecode
            alone = _instructions(who, base, what, 1)
            each[who] = (_instructions(who, base, what, number) - alone) / units / (number - 1)
        found += [
            Row(
                what=f"{NAMES[who]} ({number} {what}, counted)",
                value=value / 1000,
                unit=f"thousand instructions {unit}",
                ratio=value / each["aiohttp"],
                target=target if who == "typedrun" else "",
            )
            for who, value in each.items()
        ]
    return found


def _instructions(who: str, base: str, what: str, number: int) -> float:
    """What a program's own code takes of the processor."""
    program = [sys.executable, str(HERE / "programs" / f"crowd_{who}.py"), base, what, str(number)]
    paths = f"{ROOT / 'runtime'}:{ROOT / 'generated'}"
    command = ["perf", "stat", "-x,", "-e", "instructions:u", *program]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, env=environment(PYTHONPATH=paths))
    return float(ran.stderr.splitlines()[-1].split(",")[0])


def _compare(
    base: str,
    pythons: Mapping[str, Path | str | None],
    what: str,
    number: int,
    unit: str,
    note: str,
    target: str,
) -> Sequence[Row]:
    measures = {
        f"{NAMES[who]} ({note})": lambda python=python, who=who: _run(python, who, base, what, number)
        for who, python in pythons.items()
        if python is not None
    }
    medians = interleaved(measures, ROUNDS)
    reference = f"{NAMES['aiohttp']} ({note})"
    missing = [absent(f"{NAMES[who]} ({note})", unit) for who, python in pythons.items() if python is None]
    return [
        *rows(medians, reference=reference, unit=unit, targets={f"{NAMES['typedrun']} ({note})": target}),
        *missing,
    ]


def _run(python: Path | str, who: str, base: str, what: str, number: int) -> float:
    """What a program measured. Where memory is, Python's own stock of it is off: it hides what is free again."""
    command = [python, HERE / "programs" / f"crowd_{who}.py", base, what, str(number)]
    more = {"PYTHONMALLOC": "malloc"} if what in {"held", "calls"} else {}
    return last_number(command, PYTHONPATH=f"{ROOT / 'runtime'}:{ROOT / 'generated'}", **more)


if __name__ == "__main__":
    if sys.argv[1:] == ["counted"]:
        with crowd_server() as address:
            show(TITLE, counted(address))
    else:
        show(TITLE, measure())
