"""Import of the generated package in a cold process, beside urllib3 and the peers.

python benchmarks/bench_import.py
"""

import sys
from functools import partial
from pathlib import Path

from measure import Row, absent, interleaved, last_number, rows, show
from peers import interpreter

TITLE = "Import, cold process"
ROUNDS = 11
TIMED = "import time; began = time.perf_counter(); {}; print((time.perf_counter() - began) * 1000)"
TOUCH = "from aixplain_models import Aixplain; Aixplain(api_key='k').models.openai.gpt_5_4.run"
OURS = {
    "import urllib3": "import urllib3",
    "import aixplain_models": "import aixplain_models",
    "import, client, first model": TOUCH,
    "import, client, first model, urllib3 (loaded by the first request)": f"{TOUCH}; import typedrun.drivers.urllib3_network",
    "import urllib3, attrs": "import urllib3, attrs",
}
PEERS = ("openai", "anthropic", "replicate", "aixplain")
TARGETS = {"import aixplain_models": "≤ 0.55", "import, client, first model": "≤ 1.35"}


def milliseconds(python: str | Path, statement: str) -> float:
    """Time of `statement` in a new interpreter."""
    # The aixplain package wants a key at import.
    return last_number([python, "-c", TIMED.format(statement)], TEAM_API_KEY="k")


def measure() -> list[Row]:
    """The table's rows."""
    measures = {name: partial(milliseconds, sys.executable, code) for name, code in OURS.items()}
    pythons = {name: interpreter(name) for name in PEERS}
    for name, python in pythons.items():
        if python is not None:
            measures[f"import {name}"] = partial(milliseconds, python, f"import {name}")
    for warm in measures.values():
        warm()  # writes the bytecode
    return [
        *rows(interleaved(measures, ROUNDS), reference="import urllib3", unit="ms", targets=TARGETS),
        *(absent(f"import {name}", "ms") for name, python in pythons.items() if python is None),
    ]


if __name__ == "__main__":
    show(TITLE, measure())
