"""An endpoint as the sandbox's page shows it."""

from __future__ import annotations

from functools import partial

from typedrun.marketplaces.fal.controls import CONTROLS
from typedrun.names import python_name
from typedrun_sandbox.engine.cards import Card
from typedrun_sandbox.engine.schemafields import fields_of
from typedrun_sandbox.jsontypes import as_text
from typedrun_sandbox.marketplaces.fal.catalog import CatalogModel


def card_of(model: CatalogModel) -> Card:
    """The card of an endpoint."""
    price = model.price
    facts = [("status", as_text(model.metadata.get("status")))]
    if price:
        facts.append(
            ("price", f"{model.unit_price:.10g} {as_text(price.get('currency'))} per {as_text(price.get('unit'))}")
        )
    return Card(
        id=model.id,
        name=model.name,
        path=model.id,
        function=model.function,
        description=as_text(model.metadata.get("description")),
        can_stream=model.can_stream,
        facts=tuple(facts),
        fields=fields_of(model.input_schema, model.document, partial(python_name, controls=CONTROLS), model.order),
    )
