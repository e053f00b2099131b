"""How types of an API document relate, and how they read in prose."""

from __future__ import annotations

from typedrun_codegen.ir.api import ANY, Leaf, ListOf, LiteralOf, MapOf, Ref, TypeExpr, UnionOf

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
