"""Does one parameter type still take what another took? The question behind narrowed, widened and changed."""

from __future__ import annotations

import json
from typing import Literal, TypeAlias

from typedrun_codegen.ir.api import Leaf, ListOf, LiteralOf, MapOf, Ref, TypeExpr, UnionOf
from typedrun_codegen.ir.api_relation import Types, is_covered

Relation: TypeAlias = Literal["same", "widened", "narrowed", "changed"]

_WORDS = {
    "str": "text",
    "float": "number",
    "int": "integer",
    "bool": "boolean",
    "None": "null",
    "JSON": "any JSON value",
    "Any": "any JSON value",
    "Media": "a URL or file",
    "Messages": "a list of chat messages",
    "RemoteFile": "a file",
}

_SHOWN = 8
"""Longer option sets are cut: the whole set is in the snapshot's own diff."""


def relation(old: TypeExpr, new: TypeExpr, olds: Types | None = None, news: Types | None = None) -> Relation:
    """How a type changed, seen from a caller who passes values of the old one.

    Args:
        old: the type before.
        new: the type after.
        olds: the named types that `old` mentions.
        news: those that `new` mentions.
    """
    forth, back = is_covered(old, new, olds, news), is_covered(new, old, news, olds)
    if forth and back:
        return "same"
    if forth:
        return "widened"
    return "narrowed" if back else "changed"


def words(type_: TypeExpr) -> str:
    """A type in prose, for a person who reads a change."""
    match type_:
        case Leaf(name):
            return _WORDS.get(name, name)
        case Ref(key):
            return key.rpartition("/")[2]
        case ListOf(item):
            return f"list of {words(item)}"
        case MapOf(value):
            return "an object" if value == Leaf("JSON") else f"an object of {words(value)}"
        case LiteralOf(values):
            more = "" if len(values) <= _SHOWN else f", … ({len(values)} options)"
            return "one of " + ", ".join(json.dumps(value, ensure_ascii=False) for value in values[:_SHOWN]) + more
        case UnionOf(members):
            return " or ".join(words(member) for member in members)
