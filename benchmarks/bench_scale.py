"""How things grow with the catalog: 40, 350, 1,400 and 10,000 models; writes the plot of docs/performance.md.

python benchmarks/bench_scale.py [MODELS …]

A script of 20 lines uses three models of two suppliers: by direct imports, by the attribute tree, by the trees of the suppliers that
it imports. It is checked by pyright and mypy with empty caches, and completed in by pyright's language server.
"""

import ast
import json
import os
import shutil
import statistics
import sys
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

import attrs

from bench_generate import generate, scratch
from languageserver import LanguageServer
from measure import ROOT, Row, Spent, last_number, show, spend
from plot import write_plot
from typedrun_codegen.ir.settings import MYPY_TREE

TITLE = "Growth with the catalog"
SIZES = (40, 350, 1_400, 10_000)
ROUNDS = 5
COMPLETIONS = 15
"""Edits with a completion after each; a server's memory is read after them, because it grows with the first ones."""
CHECKS = 3
"""Runs of a type checker, of which the median counts."""
BIN = Path(sys.executable).parent
PLOT = ROOT / "docs" / "performance.svg"


@attrs.frozen(kw_only=True)
class Scale:
    """Everything measured at one size; seconds are of processor time unless said otherwise."""

    models: int
    generate: float
    generate_memory: float
    unchanged: float
    check: float
    import_package: float
    """Milliseconds by the clock, like the next."""
    import_first_model: float
    pyright_direct: float
    pyright_tree: float
    mypy_direct: float
    mypy_suppliers: float
    mypy_tree: float
    mypy_tree_warm: float
    completion: float
    """Milliseconds by the clock: members of a model imported directly."""
    completion_tree: float
    """The same after `aix.models.`."""
    server: float
    """MiB, with the direct imports."""
    server_alone: float
    """The same with nothing but `import os`."""


def measure_size(count: int) -> Scale:
    """Generate a package of `count` models and measure what its users meet."""
    with scratch() as folder:
        generated = generate(count, folder)
        unchanged = generate(count, folder)
        checked = generate(count, folder, "check")
        package = f"models_{count}"
        places = places_of(folder / package)
        direct, tree = _direct_script(package, places), tree_script(package, places)
        suppliers = _suppliers_script(package, places)
        sees_tree = count <= MYPY_TREE
        completion, completion_tree, server, server_alone = _complete(folder, package, direct, tree, places)
        import_statement = f"import {package}"
        touch = f"from {package} import Aixplain; Aixplain(api_key='k').models.{'.'.join(places[0][:2])}.run"
        return Scale(
            models=count,
            generate=generated.cpu,
            generate_memory=generated.mebibytes,
            unchanged=unchanged.cpu,
            check=checked.cpu,
            import_package=_import_time(folder, import_statement),
            import_first_model=_import_time(folder, touch),
            pyright_direct=pyright(folder, direct),
            pyright_tree=pyright(folder, tree),
            mypy_direct=mypy(folder, direct),
            mypy_suppliers=mypy(folder, suppliers),
            mypy_tree=mypy(folder, tree, is_exact=sees_tree),
            mypy_tree_warm=mypy(folder, tree, is_exact=sees_tree, is_cold=False),
            completion=completion,
            completion_tree=completion_tree,
            server=server,
            server_alone=server_alone,
        )


def places_of(package: Path) -> list[tuple[str, str, str]]:
    """Supplier, module and class of two models of the first supplier and one of the second."""
    first, second = sorted(path for path in (package / "models").iterdir() if path.is_dir() and path.name[0] != "_")[:2]
    return [*islice(_models(first), 2), *islice(_models(second), 1)]


def _models(folder: Path) -> Iterator[tuple[str, str, str]]:
    for module in sorted(folder.glob("[a-z]*.py")):
        text = module.read_text("utf-8")
        classes = [node.name for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
        name = next((name for name in reversed(classes) if not name.endswith("Inputs")), None)
        if name and "text: str" in text:
            yield folder.name, module.stem, name


def _direct_script(package: str, places: list[tuple[str, str, str]]) -> str:
    imports = [(supplier, name) for supplier, _, name in places]
    return _script(package, imports, [f"{name}(aix)" for _, _, name in places])


def tree_script(package: str, places: list[tuple[str, str, str]]) -> str:
    """The script that reaches its models by attributes."""
    return _script(package, [], [f"aix.models.{supplier}.{module}" for supplier, module, _ in places])


def async_tree_script(package: str, places: list[tuple[str, str, str]]) -> str:
    """The same with the asyncio client."""
    made = "".join(
        f"    model{at} = aix.models.{supplier}.{module}\n" for at, (supplier, module, _) in enumerate(places)
    )
    used = "".join(
        f"    result{at} = await model{at}.run(text='Hello', temperature=0.2, timeout=30)\n"
        f"    print(result{at}.data, result{at}.completed, result{at}.used_credits)\n"
        f"    job{at} = await model{at}.run_async(text='Hello')\n"
        f"    print((await job{at}.wait(timeout=10)).data)\n"
        for at in range(len(places))
    )
    return (
        f"from {package} import AsyncAixplain\n\n\nasync def main() -> None:\n    aix = AsyncAixplain(api_key='k')\n{made}{used}"
        "    await model0.run(text='Hello', temprature=0.2)\n"
    )


def _suppliers_script(package: str, places: list[tuple[str, str, str]]) -> str:
    trees = {
        supplier: "".join(part.capitalize() for part in supplier.split("_")) + "Models" for supplier, _, _ in places
    }
    return _script(package, [*trees.items()], [f"{trees[supplier]}(aix).{module}" for supplier, module, _ in places])


def _script(package: str, imports: list[tuple[str, str]], models: list[str]) -> str:
    lines = "".join(f"from {package}.models.{supplier} import {name}\n" for supplier, name in imports)
    made = "\n".join(f"model{at} = {model}" for at, model in enumerate(models))
    return f"from {package} import Aixplain\n{lines}\naix = Aixplain(api_key='k')\n{made}\n{_uses(len(models))}"


def _uses(count: int) -> str:
    """Lines that use the models; the last one is wrong, which both checkers must say."""
    lines = [
        f"result{at} = model{at}.run(text='Hello', temperature=0.2, timeout=30)\n"
        f"print(result{at}.data, result{at}.completed, result{at}.used_credits)\n"
        f"job{at} = model{at}.run_async(text='Hello')\n"
        f"print(job{at}.wait(timeout=10).data)\n"
        for at in range(count)
    ]
    return "".join(lines) + "model0.run(text='Hello', temprature=0.2)\n"


def _write_script(folder: Path, text: str) -> Path:
    script = folder / "script.py"
    script.write_text(text, "utf-8")
    return script


def _source_roots(folder: Path) -> str:
    return f"{ROOT / 'runtime'}{os.pathsep}{folder}"


def pyright(folder: Path, text: str) -> float:
    """Seconds of one check."""
    _write_script(folder, text)
    command: list[str | Path] = [BIN / "pyright", "--pythonpath", sys.executable, "script.py"]
    return statistics.median(_must_complain(spend(command, cwd=folder, accept=(1,))).cpu for _ in range(CHECKS))


def mypy(folder: Path, text: str, *, is_exact: bool = True, is_cold: bool = True) -> float:
    """Seconds of one check; with a warm cache, only the script has changed."""
    seconds: list[float] = []
    for number in range(CHECKS):
        _write_script(folder, f"{text}# {number}\n")
        if is_cold:
            shutil.rmtree(folder / ".mypy_cache", ignore_errors=True)
        spent = spend([BIN / "mypy", "--strict", "script.py"], cwd=folder, accept=(1,) if is_exact else (0,))
        seconds.append((_must_complain(spent) if is_exact else spent).cpu)
    return statistics.median(seconds)


def _must_complain(spent: Spent) -> Spent:
    """The one error of the script must be found, and nothing else."""
    errors = [line for line in spent.output.splitlines() if "error:" in line]
    if len(errors) != 1 or "temprature" not in errors[0]:
        raise RuntimeError(f"expected one error about temprature:\n{spent.output}")
    return spent


def _import_time(folder: Path, statement: str) -> float:
    timed = f"import time; began = time.perf_counter(); {statement}; print((time.perf_counter() - began) * 1000)"
    measure = [last_number([sys.executable, "-c", timed], PYTHONPATH=_source_roots(folder)) for _ in range(ROUNDS + 1)]
    return statistics.median(measure[1:])  # the first writes the bytecode


def _complete(
    folder: Path, package: str, direct: str, tree: str, places: list[tuple[str, str, str]]
) -> tuple[float, float, float, float]:
    """Milliseconds of a completion after an edit, direct and in the tree, and what a server holds with direct imports and without.

    The script is beside the package, not above it, as with an installed one: pyright keeps a record of every file of a workspace.
    """
    workspace = make_workspace(folder / "workspace", direct, folder)
    command = BIN / "pyright-langserver"
    with LanguageServer(command, workspace, sys.executable) as server:
        server.open("import os\n")
        _edit(server, "import os\n", "os.")
        alone = server.mebibytes
    with LanguageServer(command, workspace, sys.executable) as server:
        server.open(direct)
        of_model = _edit(server, direct, "model0.")
        held = server.mebibytes
        of_tree = _edit(server, tree, "aix.models.")
    if any("run" not in names for _, names in of_model) or any(places[0][0] not in names for _, names in of_tree):
        raise RuntimeError(f"{package}: a completion lacks what it must have")
    times = (statistics.median(seconds * 1000 for seconds, _ in found) for found in (of_model, of_tree))
    return next(times), next(times), held, alone


def completions(folder: Path, text: str, starts: tuple[str, ...]) -> list[float]:
    """Milliseconds of a completion after each of these beginnings of a line, below the text."""
    workspace = make_workspace(folder / "workspace", text, folder)
    with LanguageServer(BIN / "pyright-langserver", workspace, sys.executable) as server:
        server.open(text)
        found = [_edit(server, text, start) for start in starts]
    if any("run" not in names for _, names in found[0]):
        raise RuntimeError("a completion lacks what it must have")
    return [statistics.median(seconds * 1000 for seconds, _ in times) for times in found]


def make_workspace(workspace: Path, text: str, *paths: Path) -> Path:
    """A folder with a script, which finds packages in these places."""
    workspace.mkdir(exist_ok=True)
    (workspace / "pyrightconfig.json").write_text(json.dumps({"extraPaths": [*map(str, paths)]}), "utf-8")
    _write_script(workspace, text)
    return workspace


def _edit(server: LanguageServer, text: str, start: str) -> list[tuple[float, list[str]]]:
    """Complete `start` below `text` again and again; the first time, when everything is read, does not count."""
    return [server.complete_after(f"{text}# {at}\n{start}") for at in range(COMPLETIONS + 1)][1:]


COLUMNS: Mapping[str, tuple[str, str]] = {
    "generate": ("generate", "s"),
    "generate_memory": ("… memory", "MiB"),
    "unchanged": ("… unchanged", "s"),
    "check": ("check", "s"),
    "import_package": ("import", "ms"),
    "import_first_model": ("import, client, first model", "ms"),
    "pyright_direct": ("pyright, direct imports", "s"),
    "pyright_tree": ("pyright, tree", "s"),
    "mypy_direct": ("mypy cold, direct imports", "s"),
    "mypy_suppliers": ("mypy cold, suppliers' trees", "s"),
    "mypy_tree": ("mypy cold, tree", "s"),
    "mypy_tree_warm": ("mypy warm, tree", "s"),
    "completion": ("completion of a model", "ms"),
    "completion_tree": ("completion of `aix.models.`", "ms"),
    "server": ("language server", "MiB"),
    "server_alone": ("… with `import os` alone", "MiB"),
}
TARGETS = {"completion": "≤ 150 ms", "server": "≤ 200 MiB", "generate_memory": "≤ 250 MiB"}
CONSTANT = (
    *("import_package", "import_first_model", "pyright_direct", "pyright_tree"),
    *("mypy_direct", "mypy_suppliers", "mypy_tree_warm"),
)
"""Measured to be the same at every size; ± 10 % is the aim."""


def measure(sizes: tuple[int, ...] = SIZES) -> list[Row]:
    """The table's rows: one of each kind at each size, the ratio being to the smallest."""
    scales = [measure_size(count) for count in sizes]
    write_plot(PLOT, {label: [getattr(s, name) for s in scales] for name, label in _plotted().items()}, sizes)
    first = scales[0]
    return [
        Row(
            what=f"{label}, {scale.models:,} models",
            value=getattr(scale, name),
            unit=unit,
            ratio=getattr(scale, name) / (getattr(first, name) or 1),
            target="≤ 1.1" if name in CONSTANT and scale is not first else TARGETS.get(name, ""),
        )
        for name, (label, unit) in COLUMNS.items()
        for scale in scales
    ]


def _plotted() -> dict[str, str]:
    """The lines of the plot: everything that is a time."""
    return {name: label.replace("`", "") for name, (label, unit) in COLUMNS.items() if unit in {"s", "ms"}}


if __name__ == "__main__":
    show(TITLE, measure(tuple(map(int, sys.argv[1:])) or SIZES))
