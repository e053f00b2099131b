"""348 real models with real parameters, from one JSON list: every parameter, option and default is in a signature."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.checkers import Mypy
from tests.codegen.conftest import Workshop
from typedrun_codegen.package.build import Built

ROOT = Path(__file__).resolve().parents[3]
MARKETPLACE = ROOT.parent / "shared" / "catalogs" / "marketplace-348.json"

pytestmark = pytest.mark.skipif(
    not MARKETPLACE.is_file(), reason="../shared with the marketplace's catalog is not beside this checkout"
)

PROGRAM = """
import inspect, json, sys
from made import Aixplain
told = {}
for model in Aixplain(api_key="k").models:
    known = {**vars(sys.modules[type(model).__module__]), "JSON": object, "Media": str, "float": float}
    told[model.id] = {
        parameter.name: {
            "required": parameter.default is inspect.Parameter.empty,
            "default": None if parameter.default is inspect.Parameter.empty else parameter.default,
            "options": sorted(map(str, options(eval(parameter.annotation, known)))),
        }
        for parameter in inspect.signature(type(model).run).parameters.values()
        if parameter.name not in ("self", "controls")
    }
print(json.dumps(told))
"""
OPTIONS = """
def options(hint):
    import typing
    if typing.get_origin(hint) is typing.Literal:
        return set(typing.get_args(hint))
    return set().union(*(options(argument) for argument in typing.get_args(hint))) if typing.get_args(hint) else set()
"""


def plain(value: object) -> object:
    """A default as a signature has it: numbers and booleans that travel as text, lists as they are."""
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return {"true": 1.0, "false": 0.0}.get(value.lower(), value)
    return float(value) if isinstance(value, int | float) else value


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workshop, Built]:
    """The package of all models, and where it is."""
    workshop = Workshop(tmp_path_factory.mktemp("whole"))
    return workshop, workshop.generate(json.loads(MARKETPLACE.read_text()))


def test_every_parameter_option_and_default_is_in_a_signature(whole: tuple[Workshop, Built]) -> None:
    catalog = json.loads(MARKETPLACE.read_text())
    workshop, built = whole
    assert built.problems == ()
    assert built.counts["models"] == len(catalog) == 348
    told = json.loads(workshop.python(OPTIONS + PROGRAM))
    for entry in catalog:
        names = built.manifest.names.parameters.get(entry["id"], {})
        for parameter in entry["params"]:
            shown = told[entry["id"]][names.get(parameter["name"], parameter["name"])]
            defaults = [default["value"] for default in parameter["defaultValues"]]
            assert shown["required"] == (parameter["required"] and not defaults)
            options = {str(option["value"]) for option in parameter["availableOptions"]}
            assert {*shown["options"]} in (options, set())
            assert bool(options) == bool(shown["options"])
            if defaults and not parameter["multipleValues"]:
                assert plain(shown["default"]) == plain(defaults[0])


def test_the_package_passes_mypy_strict(whole: tuple[Workshop, Built], mypy: Mypy) -> None:
    folder = whole[0].root
    done = mypy.run("--strict", "--config-file=", "-p", "made", folder=folder, sources=[ROOT / "runtime", folder])
    assert done.returncode == 0, done.stdout[-2000:]
