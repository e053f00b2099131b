"""Does one parameter type still take what another took? The question behind narrowed, widened and changed."""

from __future__ import annotations

import json
from typing import Literal, TypeAlias

from typedrun_codegen.ir.catalog import Array, Either, Option, Options, Record, Scalar, TypeExpr

Relation: TypeAlias = Literal["same", "widened", "narrowed", "changed"]

_INSIDE = {("integer", "number"), ("messages", "json"), ("object", "json")}
"""Scalars whose values another scalar takes as well; `json` takes everything."""

_WORDS = {
    "json": "any JSON value",
    "media": "a URL or file",
    "messages": "a list of chat messages",
    "object": "an object",
}

_SHOWN = 8
"""Longer option sets are cut: the whole set is in the snapshot's own diff."""


def relation(old: TypeExpr, new: TypeExpr) -> Relation:
    """How a type changed, seen from a caller who passes values of the old one."""
    forth, back = is_covered(old, new), is_covered(new, old)
    if forth and back:
        return "same"
    if forth:
        return "widened"
    return "narrowed" if back else "changed"


def is_covered(part: TypeExpr, whole: TypeExpr) -> bool:
    """Whether every value of `part` is one of `whole`."""
    if part == whole or whole == Scalar("json"):
        return True
    if isinstance(part, Either):
        return all(is_covered(member, whole) for member in part.members)
    if isinstance(part, Options):
        return all(_takes(whole, value) for value in part.values)
    if isinstance(whole, Either):
        return any(is_covered(part, member) for member in whole.members)
    return _is_inside(part, whole)


def _is_inside(part: TypeExpr, whole: TypeExpr) -> bool:
    if isinstance(part, Scalar) and isinstance(whole, Scalar):
        return (part.name, whole.name) in _INSIDE
    if isinstance(part, Array) and isinstance(whole, Array):
        return is_covered(part.item, whole.item)
    if isinstance(part, Record):
        return whole == Scalar("object") or (isinstance(whole, Record) and _record_fits(part, whole))
    return False


def _record_fits(part: Record, whole: Record) -> bool:
    given = {name: (type_, required) for name, type_, required in part.members}
    wanted = {name: (type_, required) for name, type_, required in whole.members}
    return all(name in given and given[name][1] for name, (_, required) in wanted.items() if required) and all(
        name in wanted and is_covered(type_, wanted[name][0]) for name, (type_, _) in given.items()
    )


def _takes(whole: TypeExpr, value: Option) -> bool:
    if isinstance(whole, Either):
        return any(_takes(member, value) for member in whole.members)
    if isinstance(whole, Options):
        return any(type(value) is type(option) and value == option for option in whole.values)
    return isinstance(whole, Scalar) and whole.name in _SCALARS_OF[type(value)]


_SCALARS_OF: dict[type, frozenset[str]] = {
    bool: frozenset({"boolean", "json"}),
    int: frozenset({"integer", "number", "json"}),
    float: frozenset({"number", "json"}),
    str: frozenset({"text", "media", "json"}),
}


def words(type_: TypeExpr) -> str:
    """A type in prose, for a person who reads a change."""
    match type_:
        case Scalar(name):
            return _WORDS.get(name, name)
        case Array(item):
            return f"list of {words(item)}"
        case Options(values):
            more = "" if len(values) <= _SHOWN else f", … ({len(values)} options)"
            return "one of " + ", ".join(json.dumps(value, ensure_ascii=False) for value in values[:_SHOWN]) + more
        case Either(members):
            return " or ".join(words(member) for member in members)
        case Record(members):
            return "object with " + ", ".join(name for name, _, _ in members)
