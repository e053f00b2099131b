"""`make bench`: every benchmark, one table each; also written to benchmarks/results.md.

python benchmarks/run.py                      all of them
python benchmarks/run.py bench_call …         these; the tables of the others stay as they were

The last one checks programs in packages of up to 10,000 models, and takes longer than all others together.
"""

import importlib
import os
import re
import sys

from measure import machine, table
from page import RESULTS, write_page
from peers import versions

BENCHMARKS = (
    "bench_import",
    "bench_call",
    "bench_decode",
    "bench_stream",
    "bench_crowd",
    "bench_memory",
    "bench_many",
    "bench_generate",
    "bench_complete",
    "bench_async_scale",
    "bench_scale",
)
START = re.compile(r"^(?=## )", re.MULTILINE)
SOURCE = re.compile(r"^`python benchmarks/(\w+)\.py`", re.MULTILINE)


def main() -> None:
    """Measure, print, and keep the result."""
    parts = kept()
    for name in sys.argv[1:] or BENCHMARKS:
        module = importlib.import_module(name)
        before = os.getloadavg()[0]
        measured = table(module.TITLE, module.measure())
        told = (f"`python benchmarks/{name}.py`", f"load average {before:.1f} before, {os.getloadavg()[0]:.1f} after")
        parts[name] = f"{measured}\n{'; '.join((*told, machine(), *versions()))}.\n"
        sys.stdout.write(parts[name] + "\n")
        sys.stdout.flush()
        RESULTS.write_text(page_of(parts), "utf-8")
        write_page()


def kept() -> dict[str, str]:
    """The tables of earlier runs, by the program that made each."""
    parts = START.split(RESULTS.read_text("utf-8"))[1:]
    return {SOURCE.findall(part)[-1]: part.rstrip("\n") + "\n" for part in parts}


def page_of(parts: dict[str, str]) -> str:
    """All tables as one page."""
    about = "Medians of interleaved rounds; ratios are within one run. Each table says when it was busy, and what it compares.\n"
    ordered = [parts[name] for name in BENCHMARKS if name in parts]
    return "\n".join(["# Benchmarks\n", about, *ordered])


if __name__ == "__main__":
    main()
