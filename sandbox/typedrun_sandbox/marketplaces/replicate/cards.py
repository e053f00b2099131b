"""A model as the sandbox's page shows it."""

from __future__ import annotations

from functools import partial

from typedrun.marketplaces.replicate.controls import CONTROLS
from typedrun.names import python_name
from typedrun_sandbox.engine.cards import Card
from typedrun_sandbox.engine.schemafields import fields_of
from typedrun_sandbox.marketplaces.replicate.catalog import CatalogModel, order_of


def card_of(model: CatalogModel) -> Card:
    """The card of a model."""
    schema = model.input_schema
    return Card(
        id=model.id,
        name=model.name,
        path=model.id,
        description=model.function,
        can_stream=model.yields_text,
        facts=(("owner", model.owner), ("version", "official" if model.is_official else model.version)),
        fields=fields_of(schema, model.document, partial(python_name, controls=CONTROLS), order_of(schema)),
    )
