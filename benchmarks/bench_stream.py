"""Events per CPU second from bytes to typed chunks, in three framings, beside the peers.

python benchmarks/bench_stream.py
"""

from attrs import evolve

from measure import Row, show
from programs_run import measure_programs

TITLE = "Server-sent events to typed chunks, events per CPU second"
FRAMINGS = {"chunk": "one HTTP chunk an event", "coal": "16 KiB chunks", "close": "no framing"}


def measure() -> list[Row]:
    """The table's rows; the reference is bare urllib3 with json.loads."""
    found: list[Row] = []
    for framing, meaning in FRAMINGS.items():
        measured = measure_programs(
            "stream", (framing,), reference="urllib3", peers=("openai", "aixplain"), unit="events/s", targets={}
        )
        speed = {row.what: row.value for row in measured}
        for row in measured:
            faster = [
                f"{speed['typedrun'] / value:.1f} × {peer}"
                for peer in ("openai", "aixplain")
                if row.what == "typedrun" and speed["typedrun"] and (value := speed.get(peer))
            ]
            target = "≥ 10 × openai, ≥ 1.2 × aixplain" if faster else ""
            found.append(evolve(row, note="; ".join([meaning, *faster]), target=target))
    return found


if __name__ == "__main__":
    show(TITLE, measure())
