"""Hostile metadata: whatever a catalog says, every module parses, does nothing but declare, and has the same parameters."""

from __future__ import annotations

import ast
import io
import json
import tokenize

from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.codegen.conftest import Workshop
from tests.narrowing import Decoded
from tests.strategies import NASTY, examples, hostile_models
from typedrun_codegen.package.build import build_package
from typedrun_codegen.package.guard import find_foreign_code


def declared_parameters(source: str) -> list[str]:
    """Wire names of the `params` of a model module, in order."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Parameter":
            found += [ast.literal_eval(k.value) for k in node.keywords if k.arg == "name"]
    return found


def expected_parameters(value: dict[str, Decoded]) -> list[str]:
    names: list[str] = [entry["name"] for entry in value["params"]]
    return list(dict.fromkeys(name for name in names if name.strip()))


@settings(max_examples=examples(0.6), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(catalog=st.lists(hostile_models(), min_size=1, max_size=3))
def test_no_metadata_becomes_code_and_no_parameter_is_lost(
    workshop: Workshop, catalog: list[dict[str, Decoded]]
) -> None:
    entries: list[dict[str, Decoded]] = [{**value, "id": f"{index:024x}"} for index, value in enumerate(catalog)]
    built = workshop.build(entries)
    python = {path: text for path, text in built.files.items() if path.endswith(".py")}
    for path, text in python.items():
        compile(text, path, "exec", dont_inherit=True)
        text.encode()
        assert "\x00" not in text
    assert find_foreign_code(python, "made") == ()
    modules = {identity: place.split(".") for identity, place in built.manifest.names.models.items()}
    for entry in entries:
        supplier, module, _ = modules[entry["id"]]
        source = built.files[f"models/{supplier}/{module}.py"]
        assert declared_parameters(source) == expected_parameters(entry)


def test_no_name_of_a_source_chooses_the_encoding_in_which_a_module_is_read(workshop: Workshop) -> None:
    workshop.write([workshop.model()])
    catalog = (workshop.root / "catalog.json").rename(workshop.root / "coding:utf-7 of a catalog.json")
    files = build_package(evolve(workshop.config, snapshot=catalog)).files
    python = {path: text.encode() for path, text in files.items() if path.endswith(".py")}
    assert b"utf-7" in python["models/acme/echo.py"].partition(b"\n")[0]
    assert {tokenize.detect_encoding(io.BytesIO(text).readline)[0] for text in python.values()} == {"utf-8"}


def test_a_catalog_of_nothing_but_hostile_texts_imports(workshop: Workshop) -> None:
    entries: list[dict[str, Decoded]] = [
        {
            "id": f"{index:024x}",
            "name": text,
            "description": text,
            "path": text,
            "function": {"id": text, "name": text},
            "vendor": {"id": text, "name": text, "code": text},
            "params": [
                {
                    "name": f"{text}{other}",
                    "dataType": "text",
                    "description": text,
                    "defaultValues": [text],
                    "availableOptions": [{"value": text, "label": text}, {"value": "x", "label": text}],
                }
                for other in ("", "x", "-")
            ],
        }
        for index, text in enumerate(NASTY)
    ]
    workshop.generate(entries)
    printed = workshop.python(
        "import json\n"
        "from made import Aixplain\n"
        "import made.functions, made.options, made.enums\n"
        "aix = Aixplain(api_key='k')\n"
        "print(json.dumps({m.id: [[p.name, p.default] for p in m.params] for m in aix.models}))\n"
    )
    got = json.loads(printed)
    for entry in entries:
        names = [[p["name"], p["defaultValues"][0]] for p in entry["params"] if p["name"].strip()]
        assert got[entry["id"]] == [pair for i, pair in enumerate(names) if pair[0] not in [n for n, _ in names[:i]]]
