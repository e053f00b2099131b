"""One schema of a document by itself, references put in: what a running program checks values by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from attrs import frozen

from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.readers.forms import Node
from typedrun_codegen.readers.references import BadReference, Place, References

_MAPS: Final = ("properties", "patternProperties")
_LISTS: Final = ("anyOf", "oneOf", "allOf", "prefixItems")
_ONES: Final = ("items", "additionalProperties", "not")
_SAID: Final = frozenset({"title", "examples", "example", "deprecated", "readOnly", "writeOnly"})
"""Words that say nothing about values."""
_LIMITS: Final = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}
"""Limits as a Python program calls them, which a document got hold of."""


def tidied(schema: JSON) -> JSON:
    """A schema, and all inside it, without titles (they repeat the names) and with the limits that JSON Schema knows."""
    if not isinstance(schema, dict):
        return schema
    found: Node = {}
    for key, value in schema.items():
        if key in _MAPS:
            found[key] = tidied_all(value)
        elif key in _LISTS and isinstance(value, list):
            found[key] = [tidied(one) for one in value]
        elif key in _ONES:
            found[key] = tidied(value)
        elif key not in _SAID or key == "deprecated":
            found.setdefault(_LIMITS.get(key, key), value)
    return found


def tidied_all(schemas: JSON) -> JSON:
    """Schemas by their names, each tidied."""
    return {name: tidied(one) for name, one in schemas.items()} if isinstance(schemas, dict) else schemas


IsFile = Callable[[str, Node], bool | None]
"""Whether a text of a name and a schema is the address of a file; None where its format says it."""


@frozen
class Inliner:
    """Puts references in; one that leads back into itself allows anything there."""

    refs: References
    is_file: IsFile

    def parameter(self, name: str, node: JSON, at: Place) -> JSON:
        """The schema of a property.

        Args:
            name: of the property.
            node: what stands there.
            at: the place.
        """
        return self._schema(node, at, self._is_file(name, node), frozenset())

    def _is_file(self, name: str, node: JSON) -> bool | None:
        return self.is_file(name, node) if isinstance(node, dict) else None

    def _schema(self, node: JSON, at: Place, is_file: bool | None, within: frozenset[str]) -> JSON:
        """The schema of a place.

        Args:
            node: what stands there.
            at: the place.
            is_file: whether a text there is the address of a file; None where its format says it.
            within: places of the references that are being put in.
        """
        if not isinstance(node, dict):
            return node
        found = self._referred(node, at, is_file, within)
        for key, value in node.items():
            if key in _MAPS and isinstance(value, dict):
                found[key] = {
                    one: self._schema(each, at.at(key, one), self._is_file(one, each), within)
                    for one, each in value.items()
                }
            elif key in _LISTS and isinstance(value, list):
                if key != "allOf" or len(value) > 1:
                    found[key] = [self._schema(one, at.at(key, i), is_file, within) for i, one in enumerate(value)]
            elif key in _ONES:
                found[key] = self._schema(value, at.at(key), is_file, within)
            elif key not in _SAID and key != "$ref" and not key.startswith("x-"):
                found[key] = value
        if found.get("type") == "string" and "enum" not in found:
            if is_file:
                found.setdefault("format", "file")
            elif is_file is False and found.get("format") == "uri":
                del found["format"]
        return found

    def _referred(self, node: Node, at: Place, is_file: bool | None, within: frozenset[str]) -> Node:
        """What a schema says by its reference, or by the only part that it is made of."""
        parts = node.get("allOf")
        if isinstance(parts, list) and len(parts) == 1:
            part = self._schema(parts[0], at.at("allOf", 0), is_file, within)
            return part if isinstance(part, dict) else {}
        if not isinstance(ref := node.get("$ref"), str):
            return {}
        try:
            place, target = self.refs.follow(ref, at)
        except BadReference:
            return {}  # reported where its type is read
        if place.key in within:
            return {}
        found = self._schema(target, place, is_file, within | {place.key})
        return {key: one for key, one in found.items() if key != "description"} if isinstance(found, dict) else {}
