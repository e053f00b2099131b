"""Members of a class that a first plain run does without: defined elsewhere, and imported when one of them is first asked for.

    if TYPE_CHECKING:
        from typedrun.job.blocking import BlockingRun  # what checkers, editors and the page of the reference read
    else:
        BlockingRun = later("typedrun.job.blocking:BlockingRun", "poll wait result", ModelResult)

    class Job(BlockingRun): ...

The stand-in has the same bases and the names by which anybody gets in: what is public, and what Python itself asks for. The first of them
brings all members of the real class into the stand-in, so that nothing is asked a second time, and `help()`, `dir()`, `super()` of a
subclass and pickles see what they would see anyway. In the real class `super()` must name its class's bases; instances are none of it.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from importlib import import_module
from typing import Any

_OF_EACH_CLASS = frozenset(vars(type("_", (), {}))) - {"__doc__"} | {
    "__abstractmethods__",
    "__orig_bases__",
    "__parameters__",
    "_abc_impl",
    "__slots__",
}
"""What every class has of its own."""


class _Member:
    """One of those names."""

    def __init__(self, home: str) -> None:
        self._home = home

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self._owner, self._name = owner, name

    def __get__(self, instance: object, owner: type[Any] | None = None) -> Any:
        value = self._move_in()
        bind = getattr(value.__class__, "__get__", None)
        return value if bind is None else bind(value, instance, owner)

    def __set__(self, instance: object, value: object) -> None:
        self._move_in()
        setattr(instance, self._name, value)

    def _move_in(self) -> Any:
        module, _, name = self._home.partition(":")
        whole: type[Any] = getattr(import_module(module), name)
        found = dict[str, Any]()
        for kind in reversed([kind for kind in whole.__mro__ if kind not in self._owner.__mro__ and _is_ours(kind)]):
            found |= {member: value for member, value in vars(kind).items() if member not in _OF_EACH_CLASS}
        # The names by which one gets in come last: another thread finds all the rest behind them.
        for member in sorted(found, key=lambda member: isinstance(vars(self._owner).get(member), _Member)):
            setattr(self._owner, member, found[member])
        return found[self._name]


def _is_ours(kind: type[Any]) -> bool:
    """Whether a class is of this package: the standard library's protocols (`Iterator`) know their kind by its methods."""
    return kind.__module__.partition(".")[0] == __name__.partition(".")[0]


def later(home: str, members: str, *bases: Any) -> type[Any]:
    """A class that stands in for another until one of its members is asked for.

    Args:
        home: The other: its module and name, with a colon between.
        members: Names by which one gets in, separated by blanks (a test compares them with the other's).
        bases: The bases that both have.
    """
    name = home.partition(":")[2]

    def fill(namespace: dict[str, Any]) -> None:
        namespace.update(
            {member: _Member(home) for member in members.split()}, __module__=home.partition(":")[0], __slots__=()
        )

    return types.new_class(name, bases, {}, fill)


def exports(module: str, *homes: str) -> Callable[[str], object]:
    """The `__getattr__` of a module (PEP 562) that gives names which others define, and imports them when they are asked for.

    Args:
        module: Its own name.
        homes: The others: each its name, a colon, and what is given of it, separated by blanks.
    """
    known = {name: home for home, _, names in (one.partition(":") for one in homes) for name in names.split()}

    def get(name: str) -> object:
        if name not in known:
            raise AttributeError(f"module {module!r} has no attribute {name!r}", name=name)
        return getattr(import_module(known[name]), name)

    return get
