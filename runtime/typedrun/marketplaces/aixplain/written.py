"""A model that was not fetched, as a document."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

import attrs

from typedrun.jsontypes import JSON, is_array, is_object

_FIELDS = (
    "id", "name", "description", "path", "service_name", "status", "host", "developer", "vendor", "function_type", "type",
    "pricing", "version", "created_at", "updated_at", "supports_streaming", "supports_byoc", "connection_type", "params",
    "attributes",
)  # fmt: skip
_SPELT = {"supports_byoc": "supportsBYOC"}
"""Fields whose name in documents is not the usual one."""


def write_document(field_of: Callable[[str], Any]) -> dict[str, JSON]:
    """Write what a model knows of itself, under the names that documents have; what it does not know is left out.

    Args:
        field_of: The value of a field of `Model`, by its name.
    """
    known, function = {field: field_of(field) for field in _FIELDS}, field_of("function")
    written = {_SPELT.get(field, _camel(field)): _plain(value) for field, value in known.items() if value is not None}
    return written if function is None else {**written, "function": {"id": str(function)}}


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
