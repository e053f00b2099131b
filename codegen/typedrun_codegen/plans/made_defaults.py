"""Which defaults of an API package's classes may be made by code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import define, field

from typedrun_codegen.ir.api import AnyNamed, ClassSpec


@define
class MadeDefaults:
    """Which defaults may be made by code, and so which modules may import which while they run.

    A circle of modules would break the import, a circle of classes whose defaults make each other would never end: the default
    that closes one is left to the docstring.
    """

    types: Mapping[str, AnyNamed]
    _modules: dict[str, set[str]] = field(factory=dict[str, set[str]])
    _classes: dict[str, set[str]] = field(factory=dict[str, set[str]])

    def allow(self, user: ClassSpec, keys: Iterable[str]) -> bool:
        """Whether a field of a class may have a default that needs other types."""
        needed = set(keys)
        modules = {self.types[key].owner for key in needed} - {user.owner}
        if any(user.owner in _reach_of(self._modules, one) for one in modules):
            return False
        if any(user.key in _reach_of(self._classes, one) for one in needed):
            return False
        self._modules.setdefault(user.owner, set()).update(modules)
        self._classes.setdefault(user.key, set()).update(needed)
        return True


def _reach_of(graph: Mapping[str, set[str]], start: str) -> set[str]:
    """Everything that a key leads to, itself included."""
    found, todo = {start}, [start]
    while todo:
        new = graph.get(todo.pop(), set()) - found
        found |= new
        todo += new
    return found
