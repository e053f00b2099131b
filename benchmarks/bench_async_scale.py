"""How the asyncio half grows with the catalog, beside the blocking half in the same run: checkers and completion at 40 and 10,000 models.

python benchmarks/bench_async_scale.py [MODELS …]

The scripts are those of bench_scale.py by the attribute tree, one with `Aixplain`, one with `AsyncAixplain`. The package has both halves;
the last rows check the blocking script in a package of the blocking half alone.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from bench_generate import generate, scratch
from bench_scale import async_tree_script, completions, mypy, places_of, pyright, tree_script
from measure import Row, show
from typedrun_codegen.ir.settings import MYPY_TREE

TITLE = "Growth with the catalog, on asyncio"
SIZES = (40, 10_000)
BLOCKING, ASYNCIO, ALONE = "blocking", "asyncio", "blocking, in a package without asyncio"
STARTS = {BLOCKING: ("model0.", "aix.models."), ASYNCIO: ("    model0.", "    aix.models.")}
"""Where something is completed; with await, inside the function."""
BLOCKING_ALONE = 'clients = ["blocking"]\n'


def measure_size(count: int) -> Iterator[Row]:
    """The rows of one size: each with its ratio to the blocking half."""
    with scratch() as folder:
        generate(count, folder)
        package = f"models_{count}"
        places = places_of(folder / package)
        scripts = {BLOCKING: tree_script(package, places), ASYNCIO: async_tree_script(package, places)}
        yield from _checked(folder, scripts, count)
        found = {who: completions(folder, text, STARTS[who]) for who, text in scripts.items()}
        for at, what in enumerate(("completion of a model", "completion of `aix.models.`")):
            yield from _rows(what, {who: times[at] for who, times in found.items()}, "ms", count)
    with scratch() as folder:
        (folder / "typedrun.toml").write_text(BLOCKING_ALONE, "utf-8")
        generate(count, folder, "generate", "--config", str(folder / "typedrun.toml"))
        text = tree_script(package, places)
        yield _row("mypy cold", ALONE, mypy(folder, text, is_exact=count <= MYPY_TREE), "s", count)
        yield _row("mypy warm", ALONE, mypy(folder, text, is_exact=count <= MYPY_TREE, is_cold=False), "s", count)


def _checked(folder: Path, scripts: dict[str, str], count: int) -> Iterator[Row]:
    is_exact = count <= MYPY_TREE
    yield from _rows("pyright", {who: pyright(folder, text) for who, text in scripts.items()}, "s", count)
    for what, is_cold in (("mypy cold", True), ("mypy warm", False)):
        found = {who: mypy(folder, text, is_exact=is_exact, is_cold=is_cold) for who, text in scripts.items()}
        yield from _rows(what, found, "s", count)


def _rows(what: str, found: dict[str, float], unit: str, count: int) -> Iterator[Row]:
    for who, value in found.items():
        yield _row(what, who, value, unit, count, ratio=value / found[BLOCKING])


def _row(what: str, who: str, value: float, unit: str, count: int, ratio: float | None = None) -> Row:
    return Row(what=f"{what}, {who}, {count:,} models", value=value, unit=unit, ratio=ratio)


def measure(sizes: tuple[int, ...] = SIZES) -> list[Row]:
    """The table's rows."""
    return [row for count in sizes for row in measure_size(count)]


if __name__ == "__main__":
    show(TITLE, measure(tuple(map(int, sys.argv[1:])) or SIZES))
