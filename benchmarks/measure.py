"""How every number here is made: interleaved rounds, medians, ratios to a reference measured in the same run."""

import os
import platform
import resource
import statistics
import subprocess
import sys
import venv
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import attrs

HERE = Path(__file__).parent
ROOT = HERE.parent
ENVIRONMENTS = ROOT / ".benchmarks"
"""Peers' environments, catalogs and caches: everything that a benchmark may leave behind."""


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
    """What we promise ourselves, as text; a bare `≤ N` or `≥ N` is about the ratio."""
    note: str = ""


@attrs.frozen(kw_only=True)
class Spent:
    """What a process used."""

    seconds: float
    """By the clock on the wall: on a busy machine more than its work."""
    cpu: float
    """Seconds of processor, children that it waited for included."""
    mebibytes: float
    """The most memory that it held at a time."""
    output: str
    """What it wrote to standard output."""


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


def absent(what: str, unit: str) -> Row:
    """The row of a peer that could not be installed."""
    return Row(what=what, value=None, unit=unit)


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


def environment(**more: str) -> dict[str, str]:
    """Of a measured process: bytecode is kept (as it is for users), in a place of ours; nothing else of the shell's Python."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return kept | {"PYTHONPYCACHEPREFIX": str(ENVIRONMENTS / "bytecode"), "PYTHONHASHSEED": "0"} | more


def last_number(command: Sequence[str | Path], **more: str) -> float:
    """The number on the last line that a measuring process prints; `more` are environment variables for it."""
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=environment(**more))
    if ran.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))} failed:\n{ran.stderr}")
    return float(ran.stdout.split()[-1])


def spend(
    command: Sequence[str | Path], *, cwd: Path | None = None, accept: Sequence[int] = (0,), **more: str
) -> Spent:
    """Run a process; what it used. Exit codes other than those in `accept` are an error; `more` are environment variables for it."""
    measuring = [sys.executable, __file__, *map(str, command)]
    ran = subprocess.run(measuring, capture_output=True, text=True, check=False, env=environment(**more), cwd=cwd)
    if ran.returncode not in accept:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {ran.returncode}:\n{ran.stdout}{ran.stderr}")
    seconds, cpu, mebibytes = map(float, ran.stderr.splitlines()[-1].split())
    return Spent(seconds=seconds, cpu=cpu, mebibytes=mebibytes, output=ran.stdout)


def _run_and_tell(command: Sequence[str]) -> int:
    """In a process of its own, so that the usage of children is that of this command alone."""
    from time import perf_counter

    began = perf_counter()
    code = subprocess.run(command, check=False).returncode
    seconds = perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    in_kibibytes = used.ru_maxrss / 1024 if sys.platform == "darwin" else used.ru_maxrss
    sys.stderr.write(f"\n{seconds} {used.ru_utime + used.ru_stime} {in_kibibytes / 1024}\n")
    return code


def machine() -> str:
    """What the numbers were taken on, without naming the machine."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("typedrun", "urllib3", "attrs", "cattrs"))
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, "
        f"Python {platform.python_version()}, {libraries}"
    )


def table(title: str, measured: Sequence[Row]) -> str:
    """A Markdown table of rows."""
    lines = [f"## {title}", "", "| what | median | ratio | target |", "|---|---:|---:|---|"]
    for row in measured:
        value = "absent (could not be installed)" if row.value is None else f"{_short(row.value)} {row.unit}"
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        lines.append(f"| {row.what}{f' ({row.note})' if row.note else ''} | {value} | {ratio} | {row.target} |")
    return "\n".join(lines) + "\n"


def _short(value: float) -> str:
    """Three digits, without an exponent."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def show(title: str, measured: Sequence[Row]) -> None:
    """Print a table; the `main` of a benchmark that is run alone."""
    sys.stdout.write(table(title, measured) + "\n")


if __name__ == "__main__":
    sys.exit(_run_and_tell(sys.argv[1:]))
