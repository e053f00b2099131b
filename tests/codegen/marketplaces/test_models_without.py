"""Models of which a catalog does not say everything: whose they are, what they do."""

from __future__ import annotations

import pytest

from tests.codegen.conftest import MODEL_ID, Workshop
from typedrun_codegen.ir.jsontypes import JSON


def without(*names: str, **more: JSON) -> dict[str, JSON]:
    model = {**Workshop.model(params=[Workshop.param("text", required=True)]), **more}
    return {name: value for name, value in model.items() if name not in names}


@pytest.mark.parametrize(
    "model",
    [
        pytest.param(without("vendor"), id="left out"),
        pytest.param(without(vendor=None), id="null"),
        pytest.param(without("vendor", supplier={}), id="an object that says nothing"),
    ],
)
def test_a_model_without_a_supplier_stands_with_the_unknown_one(workshop: Workshop, model: dict[str, JSON]) -> None:
    built = workshop.build([model])
    assert built.problems == ()
    text = built.files["models/unknown/echo.py"]
    assert 'VendorInfo(name="unknown supplier", code="unknown")' in text
    assert "    unknown: UnknownModels" in built.files["catalog.py"] or "def unknown(" in built.files["catalog.py"]
    assert built.manifest.names.models == {MODEL_ID: "unknown.echo.Echo"}


def test_the_supplier_is_told_under_either_word_and_completed_by_the_list(workshop: Workshop) -> None:
    vendors: JSON = {"id": 7, "name": "Acme", "code": "acme"}
    for model in (without(supplier=vendors, vendor=None), without(vendor=vendors)):
        assert "models/acme/echo.py" in workshop.build([model]).files
