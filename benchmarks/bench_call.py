"""Client CPU of one typed run over keep-alive loopback, beside urllib3 alone and the peers.

python benchmarks/bench_call.py
"""

from measure import Row, show
from programs_run import measure_programs

CALLS = 1500
TARGETS = {"typedrun": "≤ 1.25"}


def measure() -> list[Row]:
    """The table's rows."""
    return measure_programs(
        "call", (str(CALLS),), reference="urllib3", peers=("httpx", "requests", "aixplain"), unit="ms", targets=TARGETS
    )


if __name__ == "__main__":
    show("One typed run over keep-alive loopback, client CPU", measure())
