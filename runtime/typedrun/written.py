"""A model that was not fetched, as a document."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

import attrs

from typedrun.core.jsontypes import JSON, is_array, is_object

if TYPE_CHECKING:
    from typedrun.described import DescribedModel


_FIELDS = (
    "id", "name", "description", "path", "service_name", "status", "host", "developer", "vendor", "function_type", "type",
    "pricing", "version", "created_at", "updated_at", "supports_streaming", "supports_byoc", "connection_type", "params",
    "attributes",
)  # fmt: skip
_SPELT = {"supports_byoc": "supportsBYOC"}
"""Fields whose name in documents is not the usual one."""


def document_of(model: DescribedModel) -> dict[str, JSON]:
    """What a model knows of itself, under the names that documents have; what it does not know is left out."""
    known = {field: getattr(model, field) for field in _FIELDS}
    written = {_SPELT.get(field, _camel(field)): _plain(value) for field, value in known.items() if value is not None}
    return written if model.function is None else {**written, "function": {"id": str(model.function)}}


def _plain(value: Any) -> JSON:
    if isinstance(value, Enum):
        return str(value.value)
    if attrs.has(value.__class__):
        return {
            _camel(name): _plain(item) for name, item in attrs.asdict(value, recurse=False).items() if item is not None
        }
    if is_object(value):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if is_array(value) else value


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
