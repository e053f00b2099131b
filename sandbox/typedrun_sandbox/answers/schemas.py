"""A value that fits a JSON Schema, made from nothing but the schema and the prompt."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from typedrun_sandbox.jsontypes import JSON, JSONObject, as_list, as_number, as_object, as_text
from typedrun_sandbox.schemas.references import follow

LARGEST = 1000
"""Items or characters at most, whatever a schema's minimum says."""

DEPTH = 12
"""Deeper levels (a schema that contains itself) become null or empty."""

_FORMATS: dict[str, str] = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "time": "12:00:00Z",
    "email": "someone@example.com",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "ipv4": "192.0.2.1",
    "hostname": "example.com",
}


def sample(schema: JSON, prompt: str) -> JSON:
    """A value that is valid for the schema; strings are taken from the prompt where the schema leaves them free."""
    return Sampler(as_object(schema), prompt).value(schema, "", 0)


class Sampler:
    """Makes values for the schemas of one document; a subclass may know more about what it makes."""

    def __init__(self, root: JSONObject, prompt: str) -> None:
        self.root = root
        self.prompt = prompt
        self.makers: Mapping[str, Callable[[JSONObject, str, int], JSON]] = {
            "object": self.object,
            "array": self.array,
            "string": self.string,
            "integer": self.integer,
            "number": self.number,
            "boolean": _always_true,
            "null": _always_null,
        }

    def value(self, schema: JSON, name: str, depth: int) -> JSON:
        """A value for a schema; `name` is what it is called, `depth` how deep it lies."""
        rules = self.resolve(as_object(schema), depth)
        if "const" in rules:
            return rules["const"]
        options = as_list(rules.get("enum"))
        if options:
            return next((o for o in options if str(o).casefold() in self.prompt.casefold()), options[0])
        if "default" in rules:
            return rules["default"]
        if depth > DEPTH:
            return None
        return self.makers.get(kind_of(rules), self.string)(rules, name, depth)

    def resolve(self, rules: JSONObject, depth: int) -> JSONObject:
        """Follow `$ref`, merge `allOf`, choose the first branch of `anyOf`/`oneOf` that is not null."""
        for _ in range(DEPTH):
            reference = as_text(rules.get("$ref"))
            branches = as_list(rules.get("anyOf")) or as_list(rules.get("oneOf"))
            if reference:
                rules = {k: v for k, v in rules.items() if k != "$ref"} | follow(self.root, reference)
            elif branches:
                chosen = next((b for b in map(as_object, branches) if b.get("type") != "null"), None)
                rules = {k: v for k, v in rules.items() if k not in ("anyOf", "oneOf")} | (chosen or {})
            elif "allOf" in rules:
                parts = [self.resolve(as_object(part), depth) for part in as_list(rules["allOf"])]
                rules = merge([{k: v for k, v in rules.items() if k != "allOf"}, *parts])
            else:
                break
        return rules

    def object(self, rules: JSONObject, _name: str, depth: int) -> JSON:
        """An object with every member, deep down with the required ones alone."""
        properties = as_object(rules.get("properties"))
        required = {as_text(name) for name in as_list(rules.get("required"))}
        wanted = [name for name in properties if depth < DEPTH // 2 or name in required]
        made: JSONObject = {name: self.value(properties[name], name, depth + 1) for name in wanted}
        return made | dict.fromkeys(sorted(required - made.keys()), "")

    def array(self, rules: JSONObject, name: str, depth: int) -> JSON:
        """A list with as few items as are allowed, but one where none is asked for."""
        length = int(as_number(rules.get("minItems"), 0 if as_number(rules.get("maxItems"), 1) < 1 else 1))
        first = as_list(rules.get("prefixItems"))
        return [
            self.value(first[i] if i < len(first) else rules.get("items", {}), name, depth + 1)
            for i in range(min(max(length, len(first)), LARGEST))
        ]

    def string(self, rules: JSONObject, name: str, _depth: int) -> JSON:
        """A text in the format, or words of the prompt."""
        text = _FORMATS.get(as_text(rules.get("format"))) or fitting_words(self.prompt, name)
        shortest = int(as_number(rules.get("minLength"), 0))
        longest = int(as_number(rules.get("maxLength"), 10_000))
        return text.ljust(min(shortest, LARGEST), ".")[: max(longest, 0)]

    def integer(self, rules: JSONObject, _name: str, _depth: int) -> JSON:
        """A whole number within the bounds: one of the prompt where there is one."""
        low, high = bounds(rules, 1)
        step = int(as_number(rules.get("multipleOf"), 1)) or 1
        found = int(as_number(self.number_in_prompt(), 1))
        value = min(max(found, -(-int(low) // 1)), int(high))
        return -(-value // step) * step if value % step else value

    def number(self, rules: JSONObject, _name: str, _depth: int) -> JSON:
        """A number within the bounds: one of the prompt where there is one."""
        low, high = bounds(rules, 0.000001)
        return min(max(as_number(self.number_in_prompt(), 1.0), low), high)

    def number_in_prompt(self) -> JSON:
        """The first number that the prompt has; None when it has none."""
        found = re.search(r"-?\d+(?:\.\d+)?", self.prompt)
        return found.group() if found else None


def _always_true(_rules: JSONObject, _name: str, _depth: int) -> JSON:
    return True


def _always_null(_rules: JSONObject, _name: str, _depth: int) -> JSON:
    return None


def kind_of(rules: JSONObject) -> str:
    """The schema's type; the first that is not null where there are several, guessed where there is none."""
    kinds = rules.get("type")
    if isinstance(kinds, list):
        return next((as_text(kind) for kind in kinds if kind != "null"), "null")
    if isinstance(kinds, str):
        return kinds
    return "object" if "properties" in rules else "array" if "items" in rules else "string"


def bounds(rules: JSONObject, open_step: float) -> tuple[float, float]:
    """Smallest and largest allowed number; an exclusive bound is stepped over."""
    low = as_number(rules.get("minimum"), -1e9)
    high = as_number(rules.get("maximum"), 1e9)
    return (
        max(low, as_number(rules.get("exclusiveMinimum"), -2e9) + open_step),
        min(high, as_number(rules.get("exclusiveMaximum"), 2e9) - open_step),
    )


def merge(parts: list[JSONObject]) -> JSONObject:
    """Make one object schema from several: properties and required names add up, other keywords of later parts win."""
    merged: JSONObject = {}
    properties: JSONObject = {}
    required: list[JSON] = []
    for part in parts:
        merged |= part
        properties |= as_object(part.get("properties"))
        required += as_list(part.get("required"))
    if properties:
        merged["properties"], merged["required"] = properties, required
    return merged


def fitting_words(prompt: str, name: str) -> str:
    """Words of the prompt for a free string: a proper noun when there is one past the first word, else the prompt itself."""
    proper = re.findall(r"(?<=\s)[A-Z]\w+", prompt)
    return proper[0] if proper else " ".join(prompt.split())[:80] or name or "text"
