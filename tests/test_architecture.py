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
    command: list[Path | str] = [lint, "--no-cache", contracts]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def arrows_between_rooms(package: str, room_of: Mapping[str, str]) -> set[tuple[str, str]]:
    """Who imports whom among the rooms of a package, without the arrows that follow from others.

    A room is what stands first below the package, or the group that the picture gives it to.
    """
    graph = grimp.build_graph(package, cache_dir=None)
    arrows: dict[str, set[str]] = {}
    for importer in graph.modules:
        for imported in graph.find_modules_directly_imported_by(importer):
            firsts = [f"{module}.".split(".")[1] for module in (importer, imported)]
            rooms = [room_of.get(first, first) for first in firsts]
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


@pytest.mark.parametrize("package", ["typedrun_codegen", "typedrun_sandbox", "typedrun"])
def test_the_picture_of_the_rooms_is_drawn_from_the_imports(package: str) -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    picture = re.search(rf"```mermaid\nflowchart TD\n  %% {package}\n((?:  %% [^\n]*\n)*)(.*?)```", page, re.DOTALL)
    assert picture is not None, f"docs/architecture.md has no picture of {package}"
    groups = re.findall(r"  %% (\w+): (.*)", picture[1])
    room_of = {module: room for room, modules in groups for module in modules.split()}
    real = "".join(f"  {room} --> {other}\n" for room, other in sorted(arrows_between_rooms(package, room_of)))
    assert picture[2] == real


WORDS = re.compile(
    r"(?i:aixplain)|TEAM_API_KEY|assetInfo|functionType|dataType|dataSubType|availableOptions|supportsBYOC|hostedBy"
    r"|uploadUrl|originalName|/sdk/|/v2/models|/api/v[12]/"
)
"""What aiXplain calls itself and its things, and where they are."""


def test_a_marketplace_is_named_in_its_folders_alone() -> None:
    sources = [path for room in ("codegen", "runtime", "sandbox") for path in sorted((ROOT / room).rglob("*.py"))]
    outside = [path for path in sources if "marketplaces" not in path.parts]
    naming = {path.relative_to(ROOT).as_posix() for path in outside if WORDS.search(path.read_text(encoding="utf-8"))}
    assert naming == set()


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
    assert circles(package) == []


def test_importing_the_runtime_loads_neither_urllib3_nor_cattrs() -> None:
    code = "import sys, typedrun, aixplain_models; print(sorted({'urllib3', 'cattrs', 'ssl', 'http.client'} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
