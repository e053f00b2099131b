"""Import of the generated package in a cold process, beside urllib3 and the peers.

python benchmarks/bench_import.py
"""

import sys
from pathlib import Path

from measure import Row, interleaved, last_number, rows, show
from peers import interpreter

ROUNDS = 9
TIMED = "import time; began = time.perf_counter(); {}; print(time.perf_counter() - began)"
OURS = {
    "import urllib3": "import urllib3",
    "import aixplain_models": "import aixplain_models",
    "import, client, first model": (
        "from aixplain_models import Aixplain; Aixplain(api_key='k').models.openai.gpt_5_4.run; import urllib3"
    ),
}
PEERS = ("openai", "anthropic", "replicate", "aixplain")
TARGETS = {"import aixplain_models": "≤ 0.55", "import, client, first model": "≤ 1.35"}


def milliseconds(python: str | Path, statement: str) -> float:
    """Time of `statement` in a new interpreter."""
    return last_number([python, "-c", TIMED.format(statement)]) * 1000


def measure() -> list[Row]:
    """The table's rows."""
    measures = {name: lambda code=code: milliseconds(sys.executable, code) for name, code in OURS.items()}
    absent: list[Row] = []
    for name in PEERS:
        python = interpreter(name)
        if python is None:
            absent.append(Row(what=f"import {name}", value=None, unit="ms"))
        else:
            # The aixplain package wants a key at import.
            code = f"import os; os.environ['TEAM_API_KEY'] = 'k'; import {name}"
            measures[f"import {name}"] = lambda python=python, code=code: milliseconds(python, code)
    return [*rows(interleaved(measures, ROUNDS), reference="import urllib3", unit="ms", targets=TARGETS), *absent]


if __name__ == "__main__":
    show("Import, cold process", measure())
