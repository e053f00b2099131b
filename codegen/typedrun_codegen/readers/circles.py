"""Aliases that lead back to themselves through nothing but unions.

Such a union means what its other members say, and no checker takes it as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from typedrun_codegen.ir.api import Ref, TypeExpr, UnionOf, union_of
from typedrun_codegen.ir.problems import Problem
from typedrun_codegen.readers.lift import Lifter


def open_circles(lifter: Lifter) -> dict[str, TypeExpr]:
    """Find the types of such aliases without the circle; each circle is a problem."""
    aliases = {one.key: one.shape.type for one in lifter.lifted.values() if one.shape.kind == "alias"}
    graph = _circular({key: set(_targets(type_)) & aliases.keys() for key, type_ in aliases.items()})
    reach = {key: _reach(graph, key) for key in graph}
    found: dict[str, TypeExpr] = {}
    reported: set[str] = set()
    for key in graph:
        circle = [other for other in reach[key] if key in reach[other]]
        if key not in circle:
            continue
        members = [one for other in circle for one in _members(aliases[other])]
        found[key] = union_of(one for one in members if not (isinstance(one, Ref) and one.key in circle))
        if key not in reported:
            where = lifter.refs.location(lifter.lifted[key].place)
            next_step = "take the circle out; until then the other members count"
            shown = [one for one in circle if one != key][:6]
            lifter.report(Problem("a union contains itself", where, " → ".join([key, *shown, key]), next_step))
        reported.update(circle)
    return found


def _members(type_: TypeExpr) -> tuple[TypeExpr, ...]:
    return type_.members if isinstance(type_, UnionOf) else (type_,)


def _targets(type_: TypeExpr) -> Iterator[str]:
    return (one.key for one in _members(type_) if isinstance(one, Ref))


def _circular(graph: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """What is left of a graph when everything that leads nowhere is taken out."""
    users: dict[str, list[str]] = {}
    for key, targets in graph.items():
        for target in targets:
            users.setdefault(target, []).append(key)
    left = {key: set(targets) for key, targets in graph.items()}
    ends = [key for key, targets in left.items() if not targets]
    while ends:
        end = ends.pop()
        del left[end]
        for user in users.get(end, ()):
            left[user].discard(end)
            if not left[user]:
                ends.append(user)
    return left


def _reach(graph: Mapping[str, set[str]], start: str) -> list[str]:
    """Everything that a key leads to, itself when it leads back; nearest first."""
    found: dict[str, None] = {}
    todo = [start]
    for key in todo:
        new = [one for one in sorted(graph.get(key, ())) if one not in found]
        found |= dict.fromkeys(new)
        todo += new
    return list(found)
