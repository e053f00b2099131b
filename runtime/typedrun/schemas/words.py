"""What a shape takes, in Python's words."""

from __future__ import annotations

from typing import Final

from typedrun.kinds import KINDS
from typedrun.schemas.shapes import Shape, forms_of, is_file, types_of

_ONE: Final = {
    "string": KINDS["text"].one,
    "integer": KINDS["integer"].one,
    "number": KINDS["number"].one,
    "boolean": KINDS["boolean"].one,
    "array": "a list",
    "object": "a dict",
    "null": "None",
}
_MANY: Final = {
    "string": KINDS["text"].many,
    "integer": KINDS["integer"].many,
    "number": KINDS["number"].many,
    "boolean": KINDS["boolean"].many,
    "array": "lists",
    "object": "dicts",
}


def expected(shape: Shape) -> str:
    """What a shape takes, in Python's words: "a number", "a list of texts or None"."""
    words = dict.fromkeys(_said(form, one) for form in forms_of(shape) for one in types_of(form))
    return " or ".join(words) or KINDS["value"].one


def _said(shape: Shape, type_: str) -> str:
    if type_ == "string" and is_file(shape):
        return KINDS["media"].one
    if type_ != "array":
        return _ONE[type_]
    items: Shape = shape.get("items", {})
    if is_file(items):
        return f"a list of {KINDS['media'].many}"
    types = types_of(items)
    return f"a list of {_MANY[types[0]]}" if len(types) == 1 and types[0] in _MANY else "a list"
