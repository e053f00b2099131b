"""How types of an API document relate, and how they read in prose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from typedrun_codegen.ir.api import (
    ANY,
    AliasSpec,
    AnyNamed,
    ClassSpec,
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


def is_covered(part: TypeExpr, whole: TypeExpr) -> bool:
    """Whether every value of `part` is one of `whole`; named types count by their key."""
    if part == whole or whole == ANY:
        return True
    if isinstance(part, UnionOf):
        return all(is_covered(member, whole) for member in part.members)
    if isinstance(part, LiteralOf):
        return all(_takes(whole, value) for value in part.values)
    if isinstance(whole, UnionOf):
        return any(is_covered(part, member) for member in whole.members)
    if isinstance(part, Leaf) and isinstance(whole, Leaf):
        return (part.name, whole.name) in _INSIDE
    if isinstance(part, ListOf) and isinstance(whole, ListOf):
        return is_covered(part.item, whole.item)
    return isinstance(part, MapOf) and isinstance(whole, MapOf) and is_covered(part.value, whole.value)


def _takes(whole: TypeExpr, value: str | int | bool) -> bool:
    if isinstance(whole, UnionOf):
        return any(_takes(member, value) for member in whole.members)
    if isinstance(whole, LiteralOf):
        return any(type(value) is type(option) and value == option for option in whole.values)
    return isinstance(whole, Leaf) and whole.name in {type(value).__name__, "Any"}


def words(type_: TypeExpr) -> str:
    """A type in prose."""
    match type_:
        case Leaf(name):
            return name
        case Ref(key):
            return key.rsplit("/", 1)[-1]
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
