"""Client CPU of one typed run over keep-alive loopback, beside urllib3 alone and the peers; calls a second with 16 threads.

python benchmarks/bench_call.py
"""

from attrs import evolve

from measure import Row, show
from programs_run import measure_programs

TITLE = "One typed run over keep-alive loopback"
CALLS = 1500
THREADS = 16


def measure() -> list[Row]:
    """The table's rows."""
    alone = measure_programs(
        "call",
        (str(CALLS),),
        reference="urllib3",
        peers=("httpx", "requests", "openai", "aixplain"),
        unit="ms of CPU",
        targets={"typedrun": "≤ 1.05"},
    )
    together = measure_programs(
        "threads",
        (str(CALLS * 4), str(THREADS)),
        reference="urllib3",
        ours=("typedrun", "urllib3-timeout"),
        peers=(),
        unit="calls/s",
        targets={"typedrun": "≥ 0.95"},
    )
    return [*alone, *(evolve(row, note=f"{THREADS} threads") for row in together)]


if __name__ == "__main__":
    show(TITLE, measure())
