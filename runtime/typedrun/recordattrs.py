"""What attrs knows a record by: made when attrs, or cattrs, ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs


def attributes(name: str, fields: Mapping[str, Any]) -> tuple[attrs.Attribute[Any], ...]:
    """The attributes of a class that attrs would make of the same fields.

    Args:
        name: The record's.
        fields: What `typedrun.records` knows of each.
    """
    said: dict[str, Any] = {field: _said(one) for field, one in fields.items()}
    kind: Any = attrs.make_class(name, said, init=False, repr=False, eq=False)
    made: tuple[attrs.Attribute[Any], ...] = attrs.fields(kind)
    return made


def _said(one: Any) -> Any:
    """A field, in attrs' words."""
    return attrs.field(
        **one.default_of(), repr=one.repr, eq=one.eq, alias=one.alias, kw_only=one.is_kw_only, type=one.kind
    )
