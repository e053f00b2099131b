"""A document of the catalog as it was received."""

from __future__ import annotations

from typedrun.jsontypes import JSON, is_array, is_object

_SECRET_KEYS = {"apikey", "api_key", "accesskey", "access_key", "secret", "token", "password", "authorization"}


class Document(dict[str, JSON]):
    """A model document as received; secrets in it are not shown."""

    def __repr__(self) -> str:
        return repr(_mask(self))

    __str__ = __repr__


_DEEPEST_SHOWN = 50
"""Levels of a document that are shown; the parser takes more than Python's own recursion limit would."""


def _mask(value: JSON, depth: int = 0) -> JSON:
    if depth > _DEEPEST_SHOWN:
        return "…"
    if is_object(value):
        return {name: "***" if name.lower() in _SECRET_KEYS else _mask(item, depth + 1) for name, item in value.items()}
    return [_mask(item, depth + 1) for item in value] if is_array(value) else value
