"""`make bench`: every benchmark, one table each; also written to benchmarks/results.md.

python benchmarks/run.py                      all of them
python benchmarks/run.py bench_call …         these; the tables of the others stay as they were

The last one checks programs in packages of up to 10,000 models, and takes longer than all others together.
"""

import importlib
import os
import sys

from measure import ENVIRONMENTS, HERE, machine, table
from page import write_page
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
KEPT = ENVIRONMENTS / "results"


def main() -> None:
    """Measure, print, and keep the result."""
    KEPT.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[1:] or BENCHMARKS:
        module = importlib.import_module(name)
        before = os.getloadavg()[0]
        measured = table(module.TITLE, module.measure())
        load = f"a load average of {before:.1f} before and {os.getloadavg()[0]:.1f} after"
        part = f"{measured}\n`python benchmarks/{name}.py`, at {load}.\n"
        sys.stdout.write(part + "\n")
        sys.stdout.flush()
        (KEPT / f"{name}.md").write_text(part, "utf-8")
        write_results()


def write_results() -> None:
    """Write everything measured here so far, as one page."""
    parts = [(KEPT / f"{name}.md").read_text("utf-8") for name in BENCHMARKS if (KEPT / f"{name}.md").is_file()]
    about = f"{machine()}. {versions()}\n\nMedians of interleaved rounds; ratios are within one run.\n"
    (HERE / "results.md").write_text("\n".join(["# Benchmarks\n", about, *parts]), "utf-8")
    if len(parts) == len(BENCHMARKS):  # the page tells of all of them
        write_page()


if __name__ == "__main__":
    main()
