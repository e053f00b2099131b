"""What vendors take of the tools of one request, as published in November 2026. One schema beyond that, and the whole request is refused.

- OpenAI, https://developers.openai.com/api/docs/guides/structured-outputs#supported-schemas: 5000 properties, 10 levels of objects,
  1000 options, 120 000 characters of names and options, 15 000 of one list of more than 250 options; every schema names its type, an
  enum too. https://platform.openai.com/docs/api-reference/chat/create: functions are named in `[a-zA-Z0-9_-]{1,64}` and described in
  1024 characters.
- Anthropic, https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations: 20 strict tools, 24 optional
  parameters and 16 of union types; patterns of literals, classes, `( )` and `|`, without `(?…)`; the values of an enum have its type.
  Properties are named in `[a-zA-Z0-9_.-]{1,64}`, in tools that are not strict, too.
- Model Context Protocol, https://modelcontextprotocol.io/specification/2025-11-25/server/tools: tools are named in `[A-Za-z0-9_.-]{1,128}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from typedrun.exports.dialects import Schema
from typedrun.names import short_hash

MAX_NAME: Final = 64
"""Characters of a tool's name that every vendor takes."""

MAX_DESCRIPTION: Final = 1024
"""Characters of a tool's description that every vendor takes."""

_PROPERTY: Final = re.compile("[A-Za-z0-9_.-]{1,64}")


def property_name(argument: str) -> str:
    """What an argument is called in a schema for a language model: itself, unless a vendor would refuse the name."""
    if _PROPERTY.fullmatch(argument):
        return argument
    letters = "".join(letter for letter in argument if _PROPERTY.fullmatch(letter))
    return cut(letters or "parameter", short_hash(argument))


def cut(name: str, ending: str) -> str:
    """A name with an ending, within `MAX_NAME`."""
    return f"{name[: MAX_NAME - len(ending) - 1]}_{ending}"


def check_size(schema: Schema) -> bool:
    """Whether OpenAI decodes a schema of this size strictly."""
    nodes = list(_nodes(schema))
    names = [name for node, _ in nodes for name in node.get("properties", ())]
    listings: list[list[Any]] = [node["enum"] for node, _ in nodes if "enum" in node]
    options = [option for listed in listings for option in listed]
    characters = sum(map(len, names)) + sum(len(option) for option in options if isinstance(option, str))
    longest = max((sum(len(str(option)) for option in one) for one in listings if len(one) > 250), default=0)
    deepest = max(depth for _, depth in nodes)
    sizes = (len(names), len(options), characters, longest, deepest)
    return all(size <= limit for size, limit in zip(sizes, (5000, 1000, 120_000, 15_000, 10), strict=True))


class Allowance:
    """What is left of the strict tools of one request to Anthropic."""

    def __init__(self) -> None:
        self._tools, self._optional, self._unions = 20, 24, 16

    def takes(self, schema: Schema) -> bool:
        """Whether one more fits; it is then counted."""
        nodes = [node for node, _ in _nodes(schema)]
        optional = sum(len(node.get("properties", ())) - len(node.get("required", ())) for node in nodes)
        unions = sum("anyOf" in node or isinstance(node.get("type"), list) for node in nodes)
        if not self._tools or optional > self._optional or unions > self._unions:
            return False
        self._tools, self._optional, self._unions = self._tools - 1, self._optional - optional, self._unions - unions
        return True


def _nodes(schema: Schema, depth: int = 0) -> Iterator[tuple[Schema, int]]:
    """A schema and every schema in it, with the objects that each is in, itself among them."""
    depth += "properties" in schema
    yield schema, depth
    inner: list[Schema] = [*schema.get("properties", {}).values(), *schema.get("anyOf", ())]
    for each in [*inner, schema["items"]] if "items" in schema else inner:
        yield from _nodes(each, depth)
