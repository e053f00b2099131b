"""Models of which a catalog does not say everything: whose they are, what they do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.codegen.conftest import MODEL_ID, Workshop
from tests.narrowing import Decoded
from typedrun_codegen.ir.catalog import PricingSpec, SupplierSpec
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.snapshot import ModelEntry, Snapshot
from typedrun_codegen.marketplaces.aixplain.adapter import read_catalog


def without(*names: str, **more: object) -> dict[str, Decoded]:
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
def test_a_model_without_a_supplier_stands_with_the_unknown_one(workshop: Workshop, model: dict[str, object]) -> None:
    built = workshop.build([model])
    assert built.problems == ()
    text = built.files["models/unknown/echo.py"]
    assert 'VendorInfo(name="unknown supplier", code="unknown")' in text
    assert '    unknown: UnknownModels\n    """unknown supplier: 1 model."""' in built.files["catalog.py"]
    assert built.manifest.names.models == {MODEL_ID: "unknown.echo.Echo"}


LISTED: JSON = [
    {"id": 7, "name": "Acme", "code": "acme"},
    {"id": 8, "code": "boats"},
    {"id": True, "name": "Odd"},
    {"name": ""},
    3,
]


@pytest.mark.parametrize(
    ("said", "supplier"),
    [
        pytest.param({"vendor": 7}, SupplierSpec("acme", "Acme", 7), id="an id that is listed"),
        pytest.param({"vendor": {"id": 7}}, SupplierSpec("acme", "Acme", 7), id="an object with such an id"),
        pytest.param({"vendor": "7"}, SupplierSpec("7", "7"), id="a text is a code"),
        pytest.param({"vendor": 9}, SupplierSpec("9", "9", 9), id="an id that is not"),
        pytest.param({"vendor": {"id": 7, "name": "Ours"}}, SupplierSpec("Ours", "Ours", 7), id="a name of its own"),
        pytest.param(
            {"vendor": {"id": 7, "code": "own", "name": "Own"}}, SupplierSpec("own", "Own", 7), id="a whole one"
        ),
        pytest.param({"vendor": None, "supplier": 8}, SupplierSpec("boats", "boats", 8), id="under the other word"),
        pytest.param({"vendor": True}, SupplierSpec("unknown", "unknown supplier"), id="no id"),
        pytest.param({"vendor": {"id": False}}, SupplierSpec("unknown", "unknown supplier"), id="no id in an object"),
        pytest.param({"vendor": " "}, SupplierSpec("unknown", "unknown supplier"), id="blank"),
        pytest.param({}, SupplierSpec("unknown", "unknown supplier"), id="nothing"),
    ],
)
def test_a_supplier_is_what_the_model_says_completed_by_the_list(said: dict[str, JSON], supplier: SupplierSpec) -> None:
    document: Decoded = without("vendor", **said) | said
    entry = ModelEntry("models/echo.json", "", document)
    read = read_catalog(Snapshot(Path("catalog"), (entry,), suppliers=LISTED))
    assert [model.supplier for model in read.catalog.models] == [supplier]
    assert [(one.code, one.id) for one in read.catalog.suppliers] == [
        ("acme", 7),
        ("boats", 8),
        ("Odd", None),
        ("3", 3),
    ]


@pytest.mark.parametrize(
    ("said", "pricing"),
    [
        pytest.param(
            {"price": 0.5, "unitType": "TOKEN", "unitTypeScale": "K", "currency": "EUR", "id": "p"},
            PricingSpec(0.5, "TOKEN", "K", "EUR", "p"),
            id="whole",
        ),
        pytest.param({"price": "1e-05"}, PricingSpec(1e-05, None, None, None, None), id="a text"),
        pytest.param({"value": 2, "currency": 3}, PricingSpec(2.0, None, None, None, None), id="the older word"),
        pytest.param([0.5], None, id="no object"),
        pytest.param(None, None, id="nothing"),
    ],
)
def test_a_price_is_what_the_model_says(said: JSON, pricing: PricingSpec | None) -> None:
    read = read_catalog(Snapshot(Path("catalog"), (ModelEntry("models/echo.json", "", without(pricing=said)),)))
    assert [model.pricing for model in read.catalog.models] == [pricing]
