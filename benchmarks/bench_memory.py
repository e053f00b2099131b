"""What streams and clients hold, when the first event is there, and that one large event takes linear time.

python benchmarks/bench_memory.py
"""

import sys

from measure import Row, show
from programs_run import canned_server, run_program

TITLE = "Memory, first event, large event"
STREAMED = 1024
CLIENTS = 200
FRAMINGS = {"chunk": "one HTTP chunk an event", "coal": "inside a 16 KiB chunk", "close": "no framing"}
WIDE = (1, 8, 32)


def measure() -> list[Row]:
    """The table's rows."""
    with canned_server() as base:
        return [*_held(base), *_first(base), *_wide(base)]


def _held(base: str) -> list[Row]:
    short, long = (run_program(sys.executable, "stream_memory", base, str(size)) for size in (16, STREAMED))
    idle = run_program(sys.executable, "idle_clients", base, str(CLIENTS))
    return [
        Row(what="process after streaming 16 MiB", value=short, unit="MiB"),
        Row(
            what=f"process after streaming {STREAMED} MiB",
            value=long,
            unit="MiB",
            ratio=long / short,
            target="flat: text is gathered up to 16 Mi characters",
        ),
        Row(
            what="one idle client",
            value=idle,
            unit="KiB",
            target="< 1,024 KiB",
            note=f"of {CLIENTS}, each with a connection",
        ),
    ]


def _first(base: str) -> list[Row]:
    return [
        Row(
            what="first event",
            value=run_program(sys.executable, "stream_first", base, framing),
            unit="ms",
            note=f"{meaning}, then 500 ms of silence",
            target="when its bytes arrive",
        )
        for framing, meaning in FRAMINGS.items()
    ]


def _wide(base: str) -> list[Row]:
    seconds = {size: run_program(sys.executable, "stream_wide", base, str(size)) for size in WIDE}
    return [
        Row(
            what=f"one event of {size} MiB",
            value=spent,
            unit="ms of CPU",
            ratio=spent / seconds[WIDE[0]],
            target="" if size == WIDE[0] else f"≈ {size}: linear",
        )
        for size, spent in seconds.items()
    ]


if __name__ == "__main__":
    show(TITLE, measure())
