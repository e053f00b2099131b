"""References inside one document."""

from __future__ import annotations

from typedrun_sandbox.jsontypes import JSON, JSONObject, as_object, as_text

CHAIN = 12
"""References that may follow each other; a longer chain leads in a circle."""


def follow(root: JSON, reference: str) -> JSONObject:
    """What a reference such as `#/components/schemas/Input` means in its document; empty when it leads nowhere."""
    node: JSON = root
    for part in reference.removeprefix("#/").split("/"):
        node = as_object(node).get(part.replace("~1", "/").replace("~0", "~"))
    return as_object(node)


def meant(root: JSON, schema: JSON) -> JSONObject:
    """A schema with the reference at its top followed, and those that this leads to; what stands beside a reference wins."""
    rules = as_object(schema)
    for _ in range(CHAIN):
        reference = as_text(rules.get("$ref"))
        if not reference:
            break
        rules = follow(root, reference) | {name: value for name, value in rules.items() if name != "$ref"}
    return rules
