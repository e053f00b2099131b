"""Does one type still take what another took? The question behind narrowed, widened and changed; and how types read in prose."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

from attrs import define, field

from typedrun_codegen.ir.api import (
    ANY,
    ANYTHING,
    AliasSpec,
    AnyNamed,
    ClassSpec,
    EnumSpec,
    Leaf,
    ListOf,
    LiteralOf,
    MapOf,
    Ref,
    TypeExpr,
    UnionOf,
    refs_of,
)

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
    "Binary": "file content",
    "datetime": "date and time",
}

_SHOWN = 8
"""Longer option sets are cut: the whole set is in the snapshot's own diff."""

_INSIDE = {("int", "float"), ("datetime", "str"), ("date", "str"), ("UUID", "str")}
_ANYTHING = (ANY, ANYTHING)
_TAKEN = {str: {"str", "Media"}, int: {"int", "float"}, bool: {"bool"}}
"""Leaves that take a constant of a type; those of anything take all of them."""


Types: TypeAlias = "Mapping[str, AnyNamed]"
"""Named types of a document, by key."""


def is_covered(part: TypeExpr, whole: TypeExpr, parts: Types | None = None, wholes: Types | None = None) -> bool:
    """Whether every value of `part` is one of `whole`.

    Args:
        part: a type.
        whole: another.
        parts: the named types that `part` mentions, where enumerations and aliases count by what they are; classes, and all
            named types where there is no table, count by their key.
        wholes: those that `whole` mentions.
    """
    return _Cover(parts or {}, wholes or {}).holds(part, whole)


@define
class _Cover:
    parts: Types
    wholes: Types
    _open: set[tuple[TypeExpr, TypeExpr]] = field(factory=set[tuple[TypeExpr, TypeExpr]])
    """Pairs that are being compared: an alias may contain itself."""

    def holds(self, part: TypeExpr, whole: TypeExpr) -> bool:
        if part == whole or whole in _ANYTHING or (part, whole) in self._open:
            return True
        inner, outer = _meant(part, self.parts), _meant(whole, self.wholes)
        self._open.add((part, whole))
        try:
            return self._holds(inner, outer)
        finally:
            self._open.discard((part, whole))

    def _holds(self, part: TypeExpr, whole: TypeExpr) -> bool:
        if part == whole or whole in _ANYTHING:
            return True
        if isinstance(part, UnionOf):
            return all(self.holds(member, whole) for member in part.members)
        if isinstance(part, LiteralOf):
            return all(self._takes(whole, value) for value in part.values)
        if isinstance(whole, UnionOf):
            return any(self.holds(part, member) for member in whole.members)
        if isinstance(part, Leaf) and isinstance(whole, Leaf):
            return (part.name, whole.name) in _INSIDE
        if isinstance(part, ListOf) and isinstance(whole, ListOf):
            return self.holds(part.item, whole.item)
        return isinstance(part, MapOf) and isinstance(whole, MapOf) and self.holds(part.value, whole.value)

    def _takes(self, whole: TypeExpr, value: str | int | bool) -> bool:
        if isinstance(whole, UnionOf):
            return any(self._takes(_meant(member, self.wholes), value) for member in whole.members)
        if isinstance(whole, LiteralOf):
            return any(type(value) is type(option) and value == option for option in whole.values)
        return whole in _ANYTHING or (isinstance(whole, Leaf) and whole.name in _TAKEN[type(value)])


def _meant(type_: TypeExpr, types: Types) -> TypeExpr:
    """What a name stands for, unless it is a class."""
    seen = set[str]()
    while isinstance(type_, Ref) and type_.key not in seen:
        seen.add(type_.key)
        match types.get(type_.key):
            case EnumSpec(values=values):
                return LiteralOf(tuple(values))
            case AliasSpec(type=meant):
                type_ = meant
            case _:
                break
    return type_


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


def reach(types: Mapping[str, AnyNamed], roots: Iterable[TypeExpr]) -> frozenset[str]:
    """Keys of every named type that the roots mention, directly or through others."""
    found: set[str] = set()
    todo = [key for root in roots for key in refs_of(root)]
    while todo:
        key = todo.pop()
        if key not in found and key in types:
            found.add(key)
            todo += [inner for part in parts_of(types[key]) for inner in refs_of(part)]
    return frozenset(found)


def parts_of(named: AnyNamed) -> list[TypeExpr]:
    """The types that a named type mentions."""
    if isinstance(named, ClassSpec):
        return [one.type for one in named.fields] + ([named.rest] if named.rest is not None else [])
    return [named.type] if isinstance(named, AliasSpec) else []
