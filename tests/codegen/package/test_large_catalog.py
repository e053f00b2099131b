"""A catalog above `mypy_tree`: pyright checks its tree, mypy the classes and suppliers that a script imports; pinned models."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from attrs import evolve

from tests.checkers import Mypy
from tests.codegen.conftest import Workshop
from tests.pyright_again import Pyright
from typedrun_codegen.ir.settings import Typing

ROOT = Path(__file__).resolve().parents[3]
SUPPLIERS = ("acme", "bolt", "cone")
SCRIPT = """\
from made import Aixplain
from made.models.acme import AcmeModels
from made.models.acme.echo import Echo

aix = Aixplain(api_key="key")
Echo(aix).run(txt="Hello")
AcmeModels(aix).echo.run(txt="Hello")
aix.models["bolt/echo"].run(txt="Hello")
aix.models.acme.echo.run(txt="Hello")
aix.models.acme.nobody
aix.models.nobody
print(aix.models.acme.echo.run(text="Hello").dat)
Echo(aix).run(text="Hello")
"""
IMPORTED, OF_SUPPLIER, PINNED, OF_TREE, NO_MODEL, NO_SUPPLIER, NO_FIELD = range(6, 13)


@pytest.fixture
def large(workshop: Workshop) -> Workshop:
    """A package of three models, too many for mypy here; one of them is pinned."""
    workshop.config = evolve(workshop.config, typing=Typing(pinned=("bolt/echo",), mypy_tree=2))
    workshop.generate(
        [
            workshop.model(
                params=[workshop.param("text", required=True)],
                id=f"{number:024}",
                path=f"{code}/echo",
                vendor={"id": number, "name": code.title(), "code": code},
            )
            for number, code in enumerate(SUPPLIERS)
        ]
    )
    (workshop.root / "script.py").write_text(SCRIPT)
    return workshop


def flagged_by_mypy(mypy: Mypy, folder: Path, *what: str) -> list[int]:
    """Lines of script.py that have errors; nothing else may have any."""
    options = ("--strict", "--config-file=", "--output=json", "--no-error-summary")
    done = mypy.run(*options, *(what or ("script.py",)), folder=folder, sources=[ROOT / "runtime", folder])
    assert done.returncode in (0, 1), done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines() if line]
    assert {one["file"] for one in found} <= {"script.py"}, done.stdout
    return [one["line"] for one in found if one["severity"] == "error"]


def flagged_by_pyright(pyright: Pyright, folder: Path) -> list[int]:
    (folder / "pyrightconfig.json").write_text(
        json.dumps({"extraPaths": [str(ROOT / "runtime")], "include": ["script.py"]})
    )
    done = pyright.run("--outputjson", "--pythonpath", sys.executable, "-p", str(folder), folder=folder)
    found = json.loads(done.stdout)["generalDiagnostics"]
    return sorted({one["range"]["start"]["line"] + 1 for one in found if one["severity"] == "error"})


def test_mypy_checks_what_is_imported_and_what_is_pinned(large: Workshop, mypy: Mypy) -> None:
    assert flagged_by_mypy(mypy, large.root) == [IMPORTED, OF_SUPPLIER, PINNED, NO_FIELD]


def test_pyright_checks_the_tree_too(large: Workshop, pyright: Pyright) -> None:
    exact = [IMPORTED, OF_SUPPLIER, PINNED, OF_TREE, NO_MODEL, NO_SUPPLIER, NO_FIELD]
    assert flagged_by_pyright(pyright, large.root) == exact


def test_mypy_does_not_read_suppliers_that_a_script_does_not_name(large: Workshop, mypy: Mypy) -> None:
    (large.root / "made" / "models" / "cone" / "echo.py").write_text("this is not Python")
    assert flagged_by_mypy(mypy, large.root) == [IMPORTED, OF_SUPPLIER, PINNED, NO_FIELD]


def test_mypy_checks_the_tree_of_a_smaller_catalog(large: Workshop, mypy: Mypy) -> None:
    large.config = evolve(large.config, typing=Typing(mypy_tree=3))
    large.generate(json.loads((large.root / "catalog.json").read_text()))
    exact = [IMPORTED, OF_SUPPLIER, OF_TREE, NO_MODEL, NO_SUPPLIER, NO_FIELD]
    assert flagged_by_mypy(mypy, large.root) == exact


def test_of_a_large_supplier_mypy_checks_what_is_imported_by_module(
    workshop: Workshop, pyright: Pyright, mypy: Mypy
) -> None:
    """Its other models are not read, neither is their syntax: see the broken one."""
    workshop.config = evolve(workshop.config, typing=Typing(mypy_tree=1))
    models = [
        workshop.model(
            name=name,
            params=[workshop.param("text", required=True)],
            id=f"{number:024}",
            vendor={"id": 1, "name": "Acme", "code": "acme"},
        )
        for number, name in enumerate(("Echo", "Other", "Third"))
    ]
    workshop.generate(models)
    supplier = workshop.root / "made" / "models" / "acme"
    (workshop.root / "script.py").write_text(
        "from made import Aixplain\n"
        "from made.models.acme import AcmeModels, Other\n"
        "from made.models.acme.echo import Echo\n"
        "aix = Aixplain(api_key='key')\n"
        "Echo(aix).run(txt='Hello')\n"
        "Other(aix).run(txt='Hello')\n"
        "AcmeModels(aix).other.run(txt='Hello')\n"
        "AcmeModels(aix).nobody\n"
    )
    assert flagged_by_pyright(pyright, workshop.root) == [5, 6, 7, 8]
    assert flagged_by_mypy(mypy, workshop.root) == [5]
    assert workshop.python("from made.models.acme import Third; print(Third.__name__)") == "Third\n"
    assert flagged_by_mypy(mypy, workshop.root, "-p", "made") == []
    (supplier / "third.py").write_text("this is not Python")
    assert flagged_by_mypy(mypy, workshop.root) == [5]


def test_the_package_itself_passes_mypy_strict(large: Workshop, mypy: Mypy) -> None:
    assert flagged_by_mypy(mypy, large.root, "-p", "made") == []


def test_a_running_program_finds_its_models_as_in_any_catalog(large: Workshop) -> None:
    program = (
        'from made import Aixplain; m = Aixplain(api_key="k").models; print(m.cone.echo is m["cone/echo"], len(m))'
    )
    assert large.python(program) == "True 3\n"


@pytest.mark.parametrize("pinned", [("nobody/echo",), ("bolt/echo", "nobody/echo")], ids=["alone", "beside another"])
def test_a_pinned_model_that_is_not_in_the_snapshot_is_a_problem(workshop: Workshop, pinned: Sequence[str]) -> None:
    workshop.config = evolve(workshop.config, typing=Typing(pinned=tuple(pinned)))
    models = [workshop.model(path="bolt/echo", params=[])]
    built = workshop.build(models)
    (problem,) = built.problems
    assert (problem.title, problem.found) == ("a pinned model is not in the snapshot", "'nobody/echo'")
    assert ("-> Echo" in built.files["catalog.py"]) == ("bolt/echo" in pinned)


def test_pinned_models_of_one_name_are_told_apart(large: Workshop) -> None:
    large.config = evolve(large.config, typing=Typing(pinned=("bolt/echo", "cone/echo", "bolt/echo")))
    text = large.generate(json.loads((large.root / "catalog.json").read_text())).files["catalog.py"]
    assert "import Echo\n" in text
    assert "import Echo as ConeEcho\n" in text
    assert text.count('"bolt/echo"') == 1
    large.python("import made.catalog")
