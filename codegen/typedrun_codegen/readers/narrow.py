"""What several types allow together: the narrowest of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Final

from typedrun_codegen.ir.api import ANY, Leaf, ListOf, LiteralOf, MapOf, Ref, TypeExpr, UnionOf, union_of
from typedrun_codegen.ir.relation import is_covered

_SCALARS: Final = frozenset({Leaf("str"), Leaf("int"), Leaf("float"), Leaf("bool")})


def narrower(types: Sequence[TypeExpr], is_enum: Callable[[str], bool]) -> TypeExpr:
    """The narrowest of several types; the last, where they have nothing in common."""
    start: TypeExpr = ANY
    return reduce(lambda one, other: _both(one, other, is_enum), types, start)


def _both(one: TypeExpr, other: TypeExpr, is_enum: Callable[[str], bool]) -> TypeExpr:
    if one in (ANY, other):
        return other
    if other == ANY:
        return one
    if isinstance(one, UnionOf) or isinstance(other, UnionOf):
        return _common(one, other, is_enum)
    if isinstance(one, ListOf) and isinstance(other, ListOf):
        return ListOf(_both(one.item, other.item, is_enum))
    if isinstance(one, MapOf) and isinstance(other, MapOf):
        return MapOf(_both(one.value, other.value, is_enum))
    if isinstance(one, LiteralOf) and isinstance(other, LiteralOf):
        kept = [value for value in other.values if LiteralOf((value,)) in [LiteralOf((each,)) for each in one.values]]
        return LiteralOf(tuple(kept)) if kept else other
    return one if _is_within(one, other, is_enum) else other


def _is_within(one: TypeExpr, other: TypeExpr, is_enum: Callable[[str], bool]) -> bool:
    """Whether every value of the one is a value of the other, which allows more."""
    if is_covered(one, other):
        return True
    if isinstance(one, LiteralOf):
        return isinstance(other, Ref) and is_enum(other.key)
    if isinstance(one, Ref):
        return other in _SCALARS if is_enum(one.key) else isinstance(other, MapOf)
    return False


def _common(one: TypeExpr, other: TypeExpr, is_enum: Callable[[str], bool]) -> TypeExpr:
    """The members that both unions have, or that one narrows of the other."""
    found: list[TypeExpr] = []
    for mine in one.members if isinstance(one, UnionOf) else (one,):
        for theirs in other.members if isinstance(other, UnionOf) else (other,):
            if mine == theirs or _is_within(mine, theirs, is_enum):
                found.append(mine)
            elif _is_within(theirs, mine, is_enum):
                found.append(theirs)
    return union_of(found) if found else other
