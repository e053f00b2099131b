"""A model as the sandbox's page shows it."""

from __future__ import annotations

from typedrun.kinds import Row
from typedrun.marketplaces.aixplain.controls import CONTROLS
from typedrun.names import python_name
from typedrun.parameters.presets import preset_values
from typedrun_sandbox.engine.cards import Card, Field, FieldKind
from typedrun_sandbox.jsontypes import JSON, JSONObject, as_list, as_object, as_text
from typedrun_sandbox.marketplaces.aixplain.catalog import CatalogModel
from typedrun_sandbox.marketplaces.aixplain.validation import options_of, row_of

_KINDS: dict[str, FieldKind] = {
    "number": "number",
    "integer": "integer",
    "boolean": "boolean",
    "json": "json",
    "value": "json",
    "media": "media",
}
"""How the page reads a kind of parameter; the others as text."""


def card_of(model: CatalogModel) -> Card:
    """The card of a model."""
    return Card(
        id=model.id,
        name=model.name or model.id,
        path=model.path,
        function=model.function,
        description=as_text(model.value.get("description")),
        can_stream=model.can_stream,
        facts=tuple(_facts(model)),
        fields=tuple(map(_field, model.params)),
    )


def _facts(model: CatalogModel) -> list[tuple[str, str]]:
    pairs = [
        ("supplier", _name_of(model.supplier)),
        ("price", _price(model)),
        ("called", ", ".join(model.connection_type)),
    ]
    return [(term, text) for term, text in pairs if text]


def _name_of(supplier: JSONObject) -> str:
    return next((str(supplier[key]) for key in ("name", "code", "id") if supplier.get(key)), "")


def _price(model: CatalogModel) -> str:
    pricing = as_object(model.value.get("pricing"))
    if pricing.get("price", pricing.get("value")) is None:
        return ""
    scale = f" ({pricing['unitTypeScale']})" if pricing.get("unitTypeScale") else ""
    return f"{model.price:.10g} credits per {(model.unit or 'RUN').lower()}{scale}"


def _field(parameter: JSONObject) -> Field:
    row, name = row_of(parameter), as_text(parameter.get("name"))
    return Field(
        name=name,
        python=python_name(name, CONTROLS),
        kind="json" if row.is_list else _KINDS.get(row.kind, "text"),
        type=_type(parameter, row),
        is_required=parameter.get("required") is True,
        is_fixed=parameter.get("isFixed") is True,
        is_several=parameter.get("multipleValues") is True,
        default=_default(parameter),
        options=tuple(options_of(parameter)),
        description=as_text(parameter.get("description")),
    )


def _type(parameter: JSONObject, row: Row) -> str:
    word = as_text(parameter.get("dataType")) or "any"
    return row.kind if word == "text" and row.kind in ("number", "integer", "json", "boolean") else word


def _default(parameter: JSONObject) -> JSON:
    presets = as_list(parameter.get("defaultValues")) or (
        as_list(parameter.get("values")) if parameter.get("isFixed") is True else []
    )
    return next(iter(preset_values(presets)), None)
