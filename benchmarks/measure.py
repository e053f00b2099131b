"""How every number here is made: interleaved rounds, medians, ratios to a reference measured in the same run."""

import platform
import statistics
import subprocess
import sys
import venv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import attrs

HERE = Path(__file__).parent
ROOT = HERE.parent
ENVIRONMENTS = ROOT / ".benchmarks"


@attrs.frozen(kw_only=True)
class Row:
    """One measured thing."""

    what: str
    """What was measured, and of whom."""
    value: float | None
    """The median, in `unit`; None when the peer could not be installed."""
    unit: str
    ratio: float | None = None
    """`value` divided by the reference's value of the same run."""
    target: str = ""
    """The ratio that we promise ourselves, as text."""
    note: str = ""


def interleaved(measures: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """The median of each measure; one of each per round, so that a busy moment hits all of them."""
    seen: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            seen[name].append(measure())
    return {name: statistics.median(values) for name, values in seen.items()}


def rows(
    medians: Mapping[str, float], *, reference: str, unit: str, targets: Mapping[str, str] | None = None
) -> list[Row]:
    """Medians as rows with their ratio to `reference`."""
    base = medians[reference]
    return [
        Row(what=name, value=value, unit=unit, ratio=value / base, target=(targets or {}).get(name, ""))
        for name, value in medians.items()
    ]


def peer_python(name: str, requirements: Sequence[str]) -> Path | None:
    """The interpreter of an environment that holds a peer; None when it cannot be installed."""
    folder = ENVIRONMENTS / name
    python = folder / "bin" / "python"
    marker = folder / ".requirements"
    wanted = "\n".join(requirements)
    if marker.is_file() and marker.read_text("utf-8") == wanted:
        return python
    venv.create(folder, with_pip=True, clear=True)
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        return None
    marker.write_text(wanted, "utf-8")
    return python


def last_number(command: Sequence[str | Path]) -> float:
    """The number on the last line that a measuring process prints."""
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(ran.stdout.split()[-1])


def machine() -> str:
    """What the numbers were taken on, without naming the machine."""
    return f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"


def table(title: str, measured: Sequence[Row]) -> str:
    """A Markdown table of rows."""
    lines = [f"## {title}", "", "| what | median | ratio | target |", "|---|---:|---:|---|"]
    for row in measured:
        value = "absent (could not be installed)" if row.value is None else f"{row.value:.3g} {row.unit}"
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        lines.append(f"| {row.what}{f' ({row.note})' if row.note else ''} | {value} | {ratio} | {row.target} |")
    return "\n".join(lines) + "\n"


def show(title: str, measured: Sequence[Row]) -> None:
    """Print a table; the `main` of a benchmark that is run alone."""
    sys.stdout.write(table(title, measured) + "\n")
