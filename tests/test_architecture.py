"""The rooms of docs/architecture.md and their directions: contracts, pictures compared with the real imports."""

import re
import subprocess
import sys
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("contracts", ["pyproject.toml", "importlinter-strict.toml"])
def test_rooms_import_only_in_the_allowed_directions(contracts: str) -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    command = [lint, "--no-cache", contracts]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def arrows_between_rooms(package: str) -> set[tuple[str, str]]:
    """Who imports whom among the rooms of a package, without the arrows that follow from others."""
    graph = grimp.build_graph(package, cache_dir=None)
    arrows: dict[str, set[str]] = {}
    for importer in graph.modules:
        for imported in graph.find_modules_directly_imported_by(importer):
            rooms = [f"{module}.".split(".")[1] for module in (importer, imported)]
            if all(rooms) and rooms[0] != rooms[1]:
                arrows.setdefault(rooms[0], set()).add(rooms[1])

    def reached(room: str) -> set[str]:
        found = set(arrows.get(room, ()))
        return found.union(*map(reached, found))

    return {
        (room, other)
        for room, others in arrows.items()
        for other in others
        if not any(other in reached(between) for between in others - {other})
    }


@pytest.mark.parametrize("package", ["typedrun_codegen", "typedrun_sandbox"])
def test_the_picture_of_the_rooms_is_drawn_from_the_imports(package: str) -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    picture = re.search(rf"```mermaid\nflowchart TD\n  %% {package}\n(.*?)```", page, re.DOTALL)
    assert picture is not None, f"docs/architecture.md has no picture of {package}"
    real = "".join(f"  {room} --> {other}\n" for room, other in sorted(arrows_between_rooms(package)))
    assert picture[1] == real


BEING_CUT = [
    {"typedrun_codegen.package.build", "typedrun_codegen.package.shelf"},
    {"typedrun_codegen.readers.lift", "typedrun_codegen.readers.variants"},
]


def circles(package: str) -> list[set[str]]:
    """Groups of modules of which each imports every other one, directly or not; imports for checkers count, functions' own, too."""
    graph = grimp.build_graph(package, cache_dir=None)
    # A package's own __init__ that gives out its modules' names makes no circle of modules.
    modules = {module for module in graph.modules if not graph.find_children(module)}
    imported = {module: graph.find_modules_directly_imported_by(module) & modules for module in modules}
    reached = {module: _reached(module, imported) for module in modules}
    return [
        group
        for module in sorted(modules)
        if len(group := {other for other in reached[module] if module in reached[other]}) > 1 and module == min(group)
    ]


def _reached(module: str, imported: Mapping[str, AbstractSet[str]]) -> set[str]:
    found: set[str] = set()
    todo = [module]
    while todo:
        new = imported[todo.pop()] - found
        found |= new
        todo += new
    return found


@pytest.mark.parametrize("package", ["typedrun", "typedrun_codegen", "typedrun_sandbox"])
def test_no_modules_import_each_other_in_a_circle_of_any_kind(package: str) -> None:
    assert [circle for circle in circles(package) if circle not in BEING_CUT] == []


def test_importing_the_runtime_loads_neither_urllib3_nor_cattrs() -> None:
    code = "import sys, typedrun, aixplain_models; print(sorted({'urllib3', 'cattrs', 'ssl', 'http.client'} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
