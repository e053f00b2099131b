"""A model as the page shows it, whatever its marketplace calls the parts."""

from __future__ import annotations

from typing import Literal, TypeAlias, cast

from attrs import asdict, frozen

from typedrun_sandbox.jsontypes import JSON, JSONObject

FieldKind: TypeAlias = Literal["text", "number", "integer", "boolean", "json", "media"]
"""How the page reads what a person typed."""


@frozen(kw_only=True)
class Field:
    """One parameter."""

    name: str
    """As it travels."""
    python: str
    """As it is spelt in a call."""
    kind: FieldKind
    type: str
    """The catalog's word for its type."""
    is_required: bool = False
    is_fixed: bool = False
    """Whether its value is set by the catalog and nobody may send another."""
    is_several: bool = False
    """Whether it takes a list of such values."""
    default: JSON = None
    options: tuple[JSON, ...] = ()
    description: str = ""


@frozen(kw_only=True)
class Card:
    """One model."""

    id: str
    name: str
    path: str = ""
    function: str = ""
    description: str = ""
    can_stream: bool = False
    facts: tuple[tuple[str, str], ...] = ()
    """Terms and what there is to say: supplier, price …"""
    fields: tuple[Field, ...] = ()

    def show(self) -> JSONObject:
        """Show the card as JSON."""
        return cast("JSONObject", asdict(self, value_serializer=lambda _card, _field, value: _as_list(value)))


def _as_list(value: JSON | tuple[JSON, ...]) -> JSON:
    return list(value) if isinstance(value, tuple) else value
