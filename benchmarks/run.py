"""`make bench`: every benchmark, one table each; also written to benchmarks/results.md."""

import importlib
import sys
from pathlib import Path

from measure import machine, table

BENCHMARKS = {
    "bench_import": "Import, cold process",
    "bench_call": "One typed run over keep-alive loopback, client CPU",
    "bench_decode": "Decoding into attrs objects",
    "bench_stream": "Server-sent events to typed chunks, events per CPU second",
    "bench_generate": "Generation, end to end",
}


def main() -> None:
    """Measure, print, and keep the result."""
    parts = ["# Benchmarks\n", f"{machine()}. Medians of interleaved rounds; ratios are within this run.\n"]
    for module, title in BENCHMARKS.items():
        part = table(title, importlib.import_module(module).measure())
        sys.stdout.write(part + "\n")
        sys.stdout.flush()
        parts.append(part)
    Path(__file__).with_name("results.md").write_text("\n".join(parts), "utf-8")


if __name__ == "__main__":
    main()
