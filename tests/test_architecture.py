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


def test_rooms_import_only_in_the_allowed_directions() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("package", ["typedrun_codegen", "typedrun_sandbox", "typedrun"])
def test_no_module_imports_a_package_that_it_stands_in(package: str) -> None:
    graph = grimp.build_graph(package, cache_dir=None)
    inward = {
        (importer, imported)
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
        if importer.startswith(f"{imported}.")
    }
    # PyInstaller executes its hooks by their path, as programs.
    assert inward <= {("typedrun._pyinstaller.hook-typedrun", "typedrun._pyinstaller")}


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


WORDS = {
    "aixplain": (
        *("(?i:aixplain)", "TEAM_API_KEY", "assetInfo", "functionType", "dataType", "dataSubType", "availableOptions"),
        *("defaultValues", "multipleValues", "isFixed", "supportsStreaming", "supportsBYOC", "connectionType"),
        *(
            "usedCredits",
            "runTime",
            "errorMessage",
            "executionStats",
            "BACKEND_URL",
            "MODELS_RUN_URL",
            "PIPELINES_RUN_URL",
        ),
        *(
            "unitType",
            "hostedBy",
            "x-user-id",
            "assetId",
            "uploadUrl",
            "originalName",
            "sdk/",
            "/v2/models",
            "/api/v[12]/",
        ),
    ),
    "replicate": ("(?i:replicate)", "x-cog", "x-order", "latest_version", "/predictions"),
    "fal": (r"\b(?i:fal)\b", "FAL_", "(?i:x-fal)", "endpoint_id", "IN_QUEUE", "queue_position", "stream_url"),
    "": ("/v[12]/",),
}
"""What a marketplace calls itself and its things, and where they are: patterns, by its folder; the last row is of all of them."""

DOORS = {
    "codegen/typedrun_codegen/marketplaces/__init__.py": "picks one by name",
    "runtime/typedrun/client/__init__.py": "names of the reference by which one gets into client/options.py",
    "runtime/typedrun/client/options.py": "names of the reference, which clients of its marketplace have",
    "runtime/typedrun/llm/responses.py": "the older surface, which hands the answers of one marketplace on",
    "runtime/typedrun/marketplaces/__init__.py": "the one that is meant where none is named",
    "runtime/typedrun/marketplaces/older.py": "the older surface, which knows one marketplace alone",
    "runtime/typedrun/marketplaces/runparams.py": "names that users import from `typedrun.model`",
    "runtime/typedrun/marketplaces/words.py": "names that users import from `typedrun.enums`",
    "runtime/typedrun/model/base.py": "the form of a tool for the reference's agents, with its two names of an id",
    "sandbox/typedrun_sandbox/marketplaces/bundled.py": "the type of the client of the package that ships with typedrun",
}
"""The modules that name a marketplace outside its folders, and why."""

PRODUCT = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for room in ("codegen", "runtime", "sandbox", "templates")
    for path in sorted((ROOT / room).rglob("*"))
    if path.suffix in {".py", ".pyi", ".js", ".html", ".css", ".jinja"}
}
"""Our code by its path, but for what is generated."""


@pytest.mark.parametrize(("name", "word"), [(name, word) for name, words in WORDS.items() for word in words])
def test_a_word_of_a_marketplace_stands_in_its_folders_alone(name: str, word: str) -> None:
    naming = {path for path, text in PRODUCT.items() if re.search(word, text)} - set(DOORS)
    inside = {path for path in naming if f"/marketplaces/{name}" in path}
    assert naming - inside == set()
    assert inside, "no folder has the word: it guards nothing"


def test_a_module_that_may_name_marketplaces_does() -> None:
    names = re.compile("|".join(word for words in WORDS.values() for word in words))
    assert {path for path in DOORS if not names.search(PRODUCT[path])} == set()


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    modules = {path: len(text.splitlines()) for path, text in PRODUCT.items() if path.endswith(".py")}
    assert {path: lines for path, lines in modules.items() if lines > 450} == {}


NAMED = re.compile(
    r"(?<![\w/.{*:\"-])(?:(?:docs|decisions|benchmarks|examples|schemas)/[\w/.-]+\.(?:md|toml)|[\w-]+(?:/[\w.-]+)*\.pyi?)\b"
)
"""A page, or a module: by its path or the end of it, by its bare name, too."""
PAGES = [
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "pyproject.toml", "Makefile")),
]


def test_a_file_that_code_or_a_page_names_is_there() -> None:
    texts = PRODUCT | {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in PAGES}
    rooms = ("docs", "runtime", "codegen", "sandbox", "generated", "tests", "benchmarks", "examples", "schemas")
    have = {path.as_posix() for room in rooms for path in (ROOT / room).rglob("*.*")}
    named = {(path, name) for path, text in texts.items() for name in NAMED.findall(text)}
    assert len(named) > 200
    missing = {(path, name) for path, name in named if not any(one.endswith(f"/{name}") for one in have)}
    # A module of catalogs larger than ours, and a package of others.
    assert missing == {
        ("docs/architecture.md", "_index_0.py"),
        ("docs/decisions/a-connection-belongs-to-its-call.md", "VCR.py"),
    }


def test_what_code_or_a_page_names_by_its_module_is_there() -> None:
    pages = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in PAGES}
    modules = {
        path.partition("/")[2].removesuffix(".py").removesuffix("/__init__").replace("/", "."): text
        for path, text in PRODUCT.items()
        if path.endswith(".py")
    }
    dotted = re.compile(r"(?<=`)typedrun(?:_codegen|_sandbox)?(?!\.toml)(?:\.\w+)+")
    named = {name: path for path, text in (PRODUCT | pages).items() for name in dotted.findall(text)}
    assert len(named) > 20
    del named["typedrun_sandbox.client"]  # what a fixture of that name does
    for name, path in named.items():
        module, _, last = name.rpartition(".")
        assert name in modules or re.search(rf"\b{last}\b", modules.get(module, "")), (path, name)


def test_the_page_of_the_rooms_names_all_modules_and_none_that_is_not_there() -> None:
    named = set(re.findall(r"\b\w+\.py\b", (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")))
    have = {
        path.name
        for room in ("codegen", "runtime", "sandbox", "generated", "tests")
        for path in (ROOT / room).rglob("*.py")
    }
    assert named - have == {"_index_0.py"}  # of catalogs larger than ours
    alike = re.compile(
        r"(?!runtime/).*/marketplaces/\w+/|.*/(_\w+|hook-\w+)\.py"
    )  # folders that the page describes once for all
    ours = {path.rpartition("/")[2] for path in PRODUCT if path.endswith(".py") and not alike.match(path)}
    assert ours - named == set()


WHOLES = {"api": "an API schema, from the document to its package"}
"""Folders of tests that are about several rooms, and what they are about."""


@pytest.mark.parametrize(
    ("tests", "product"),
    [
        ("runtime", "runtime/typedrun"),
        ("codegen", "codegen/typedrun_codegen"),
        ("sandbox", "sandbox/typedrun_sandbox"),
    ],
)
def test_a_folder_of_tests_is_named_after_the_room_that_it_is_about(tests: str, product: str) -> None:
    folders = {
        path.relative_to(ROOT / "tests" / tests).as_posix()
        for path in (ROOT / "tests" / tests).rglob("*")
        if path.is_dir() and any(path.rglob("test_*.py"))
    }
    assert {folder for folder in folders - WHOLES.keys() if not (ROOT / product / folder).is_dir()} == set()


BLOCKS = re.compile(
    r"\btime\.sleep\(|\bthreading\.local\b|\bmetaclass=|\burlopen\(|\bcreate_connection\(|\bselect\.|\.recv(_into)?\("
)
"""What waits for the world, keeps state by thread, or makes a class what it does not say."""


def test_the_runtime_waits_in_its_drivers_alone_and_keeps_nothing_by_thread() -> None:
    waiting = {path for path, text in PRODUCT.items() if path.startswith("runtime/") and BLOCKS.search(text)}
    assert {path.rpartition("/")[0] for path in waiting} == {"runtime/typedrun/drivers"}


def circles(package: str) -> list[set[str]]:
    """Groups of modules of which each imports every other one, directly or not; imports for checkers count, functions' own, too."""
    graph = grimp.build_graph(package, cache_dir=None)
    modules = graph.modules
    imported = {module: graph.find_modules_directly_imported_by(module) for module in modules}
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
