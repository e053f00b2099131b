"""How types of an API document relate, and how they read in prose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

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


def words(type_: TypeExpr) -> str:
    """A type in prose."""
    match type_:
        case Leaf(name):
            return name
        case Ref(key):
            return key.rpartition("/")[2]
        case ListOf(item):
            return f"list of {words(item)}"
        case MapOf(value):
            return f"map to {words(value)}"
        case UnionOf(members):
            return " or ".join(words(member) for member in members)
        case LiteralOf(values):
            return "one of " + ", ".join(repr(value) for value in values)


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
