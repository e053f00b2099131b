"""attrs' `define`, `frozen`, `field` and `evolve`: declared in short for editors, made in less time than attrs makes them.

attrs writes the methods of each class as source text and compiles it; that was a third of the time from the start of a process to its
first answer. Here it writes `__init__` alone. Showing, comparing and hashing are the same few functions for all classes: slower by some
microseconds, and no run does any of the three.

What checkers read stands in `records.pyi`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from operator import attrgetter
from reprlib import recursive_repr
from typing import Any, TypeVar

import attrs
from attrs import evolve as evolve
from attrs import field as field

T = TypeVar("T")


def define(*, eq: bool = True, **options: Any) -> Callable[[type[T]], type[T]]:
    """As `attrs.define`, always with brackets."""
    return _maker(attrs.define, {"__eq__": _eq, "__hash__": None} if eq else {}, options)


def frozen(*, eq: bool = True, **options: Any) -> Callable[[type[T]], type[T]]:
    """As `attrs.frozen`, always with brackets."""
    return _maker(attrs.frozen, {"__eq__": _eq, "__hash__": _hash} if eq else {}, options)


def _maker(
    make: Callable[..., Any], methods: dict[str, Any], options: dict[str, Any]
) -> Callable[[type[Any]], type[Any]]:
    def made(cls: type[Any]) -> Any:
        for name, method in {"__repr__": _repr, **methods}.items():
            # What a class has of its own stays; None stands for a hash where there is an `__eq__`.
            if vars(cls).get(name) is None:
                setattr(cls, name, method)
        return make(cls, eq=False, repr=False, **options)

    return made


@recursive_repr()
def _repr(self: object) -> str:
    shown = (f"{name}={show(getattr(self, name))}" for name, show in _shown(type(self)))
    return f"{type(self).__qualname__.rpartition('>.')[2]}({', '.join(shown)})"


def _eq(self: object, other: object) -> bool:
    if type(other) is not type(self):
        return NotImplemented
    values = _compared(type(self))
    return values(self) == values(other)


def _hash(self: object) -> int:
    return hash((type(self), _compared(type(self))(self)))


def field_names(kind: type[Any]) -> tuple[str, ...]:
    """The names of a record's fields, in their order."""
    return tuple(one.name for one in attrs.fields(kind))


@cache
def _shown(kind: type[Any]) -> list[tuple[str, Callable[[Any], object]]]:
    return [(one.name, one.repr if callable(one.repr) else repr) for one in attrs.fields(kind) if one.repr]


@cache
def _compared(kind: type[Any]) -> Callable[[object], tuple[Any, ...]]:
    return attrgetter("__class__", *(one.name for one in attrs.fields(kind) if one.eq))
