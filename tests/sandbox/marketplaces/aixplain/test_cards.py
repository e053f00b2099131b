"""A model as the page shows it."""

from __future__ import annotations

import pytest

from typedrun.marketplaces.aixplain.controls import CONTROLS
from typedrun.names import python_name
from typedrun_sandbox.engine.cards import Field
from typedrun_sandbox.jsontypes import JSONObject
from typedrun_sandbox.marketplaces.aixplain.cards import card_of
from typedrun_sandbox.marketplaces.aixplain.catalog import CatalogModel


def field(**parameter: object) -> Field:
    (made,) = card_of(CatalogModel({"id": "m", "params": [{"name": "p", **parameter}]})).fields  # type: ignore[dict-item]  # as a document may be
    return made


def test_a_card_says_what_the_catalog_says() -> None:
    value: JSONObject = {
        "id": "m",
        "name": "M",
        "description": "Says things",
        "function": {"id": "text-generation"},
        "assetInfo": {"instanceId": "acme/m/acme"},
        "vendor": {"id": 7, "name": "Acme", "code": "acme"},
        "connectionType": ["synchronous", "asynchronous"],
        "pricing": {"price": 1e-05, "unitType": "TOKEN", "unitTypeScale": "per 1M"},
    }
    card = card_of(CatalogModel(value))
    assert (card.id, card.name, card.path, card.function) == ("m", "M", "acme/m/acme", "text-generation")
    assert (card.description, card.can_stream) == ("Says things", True)
    assert card.facts == (
        ("supplier", "Acme"),
        ("price", "1e-05 credits per token (per 1M)"),
        ("called", "synchronous, asynchronous"),
    )


@pytest.mark.parametrize(
    ("said", "supplier"),
    [
        ({}, None),
        ({"vendor": None, "supplier": None}, None),
        ({"vendor": "", "supplier": "ancient"}, "ancient"),
        ({"supplier": 7}, "7"),
        ({"vendor": {"id": 7}}, "7"),
        ({"vendor": {"id": 7, "code": "acme"}}, "acme"),
    ],
    ids=str,
)
def test_a_supplier_is_named_by_what_there_is_of_it(said: JSONObject, supplier: str | None) -> None:
    facts = dict(card_of(CatalogModel({"id": "m", **said})).facts)
    assert facts.get("supplier") == supplier


@pytest.mark.parametrize(
    ("pricing", "price"),
    [
        ({"price": 0, "unitType": "TOKEN"}, "0 credits per token"),
        ({"value": 2}, "2 credits per run"),
        ({"unitType": "TOKEN"}, None),
        (None, None),
    ],
    ids=str,
)
def test_a_price_is_told_where_there_is_one(pricing: JSONObject | None, price: str | None) -> None:
    assert dict(card_of(CatalogModel({"id": "m", "pricing": pricing})).facts).get("price") == price


def test_a_bare_model_has_a_card_too() -> None:
    card = card_of(CatalogModel({"id": "m"}))
    assert (card.name, card.path, card.facts, card.fields) == ("m", "", (), ())


@pytest.mark.parametrize(
    ("said", "kind", "type"),
    [
        ({"dataType": "text"}, "text", "text"),
        ({"dataType": "text", "dataSubType": "number"}, "number", "number"),
        ({"dataType": "text", "dataSubType": "json"}, "json", "json"),
        ({"dataType": "integer"}, "integer", "integer"),
        ({"dataType": "boolean"}, "boolean", "boolean"),
        ({"dataType": "audio"}, "media", "audio"),
        ({"dataType": "label"}, "text", "label"),
        ({"dataType": "array"}, "json", "array"),
        ({}, "text", "any"),
    ],
    ids=str,
)
def test_a_field_is_read_as_its_kind_and_called_as_the_catalog_does(said: JSONObject, kind: str, type: str) -> None:
    assert (field(**said).kind, field(**said).type) == (kind, type)


@pytest.mark.parametrize(
    ("said", "default"),
    [
        ({"defaultValues": ["0.7"]}, "0.7"),
        ({"defaultValues": [{"value": "en", "label": "English"}]}, "en"),
        ({"isFixed": True, "values": [{"value": "pt"}]}, "pt"),
        ({"values": ["pt"]}, None),
        ({}, None),
    ],
    ids=str,
)
def test_a_default_is_the_catalogs(said: JSONObject, default: str | None) -> None:
    assert field(**said).default == default


def test_options_flags_and_the_description_are_taken_over() -> None:
    found = field(
        required=True, isFixed=True, multipleValues=True, description="Why", availableOptions=[{"value": "a"}, "b"]
    )
    assert (found.options, found.description) == (("a", "b"), "Why")
    assert found.is_required
    assert found.is_fixed
    assert found.is_several


@pytest.mark.parametrize("wire", ["text", "max detections", "3d_format", "from", "timeout", "fußnote", "self", "模型"])
def test_a_field_is_spelt_as_clients_spell_it(wire: str) -> None:
    assert field(name=wire).python == python_name(wire, CONTROLS)
