"""datamodel-code-generator reads the same documents and understands them as we do, or a test says who is right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from typedrun_codegen.readers.second import second_opinion

ROOT = Path(__file__).resolve().parents[3]
SPECS = ROOT.parent / "shared" / "specs"
DOCUMENTS = [
    ROOT / "schemas" / "aixplain" / "openapi.yaml",
    ROOT / "tests" / "golden" / "api-types" / "openapi.yaml",
    ROOT / "tests" / "golden" / "api-operations" / "openapi.json",
    ROOT / "tests" / "golden" / "api-jsonschema" / "input.json",
    *sorted(SPECS.glob("*.yaml")),
]
Maker = Any  # tests/codegen/api/conftest.py


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_both_parsers_read_a_document_alike(path: Path) -> None:
    opinion = second_opinion(path, path.name)
    assert [one.block() for one in opinion.differences] == []
    assert opinion.unread == ()
    assert opinion.read > 0


def test_a_difference_names_the_schema_and_both_readings(make: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    from typedrun_codegen.readers import dcg

    def mistaken(text: str) -> Any:
        return real(text.replace('"integer"', '"boolean"'))

    real = dcg._parser
    monkeypatch.setattr(dcg, "_parser", mistaken)
    path = make.document(document({"A": {"properties": {"n": {"type": "integer"}}}}))
    (difference,) = second_opinion(path, "openapi.json").differences
    assert difference.title == "a second parser reads this property otherwise"
    assert str(difference.location) == "openapi.json#/components/schemas/A/properties/n"
    assert difference.found == "integer; datamodel-code-generator: boolean"


def test_a_schema_that_the_second_parser_cannot_take_is_found_and_left_out(
    make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    from typedrun_codegen.readers import dcg

    def parser(text: str) -> Any:
        if '"integer"' in text:
            raise ValueError("no")
        return real(text)

    real = dcg._parser
    monkeypatch.setattr(dcg, "_parser", parser)
    kinds = {"A": "string", "B": "integer", "C": "boolean"}
    path = make.document(document({name: {"properties": {"x": {"type": kind}}} for name, kind in kinds.items()}))
    opinion = second_opinion(path, "openapi.json")
    assert (opinion.unread, opinion.read, opinion.differences) == (("#/components/schemas/B",), 2, ())


def document(schemas: dict[str, Any]) -> dict[str, Any]:
    info = {"title": "Test", "version": "1"}
    return {"openapi": "3.1.0", "info": info, "paths": {}, "components": {"schemas": schemas}}
