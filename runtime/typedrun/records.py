"""attrs' `define`, `frozen`, `field` and `evolve`: declared in short for editors, made in less time than attrs makes them.

attrs writes the methods of each class as source text and compiles it; that was a third of the time from the start of a process to its
first answer. Here it writes `__init__` alone. Showing, comparing and hashing are the same few functions for all classes: slower by some
microseconds, and no run does any of the three.

For mypy, whose plugin knows attrs by name, these are those of attrs. Other checkers read the declarations below: those of attrs cost
them a third of each completion in a user's script. Classes that users' code meets are made with these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

MYPY = False
"""True for mypy, which takes every name spelt like this for true."""

if TYPE_CHECKING:

    def field_names(kind: type[object]) -> tuple[str, ...]:
        """The names of a record's fields, in their order."""
        ...  # pyright takes it for a declaration


if MYPY:
    # pyright takes the condition for either and compares the two halves.
    from attrs import define as define  # pyright: ignore[reportAssignmentType]
    from attrs import evolve as evolve  # pyright: ignore[reportAssignmentType]
    from attrs import field as field
    from attrs import frozen as frozen  # pyright: ignore[reportAssignmentType]
elif TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar, dataclass_transform

    T = TypeVar("T")

    def field(*, default: Any = None, factory: Any = None, repr: Any = True, eq: bool = True, alias: str = "") -> Any:
        """The same as `attrs.field`."""

    def evolve(record: T, **changes: Any) -> T:
        """As `attrs.evolve`."""
        ...  # noqa: PIE790  # pyright takes it for a declaration

    @dataclass_transform(field_specifiers=(field,))
    def define(*, slots: bool = True, eq: bool = True, kw_only: bool = False) -> Callable[[T], T]:
        """As `attrs.define`, always with brackets."""
        ...  # noqa: PIE790  # pyright takes it for a declaration

    @dataclass_transform(frozen_default=True, field_specifiers=(field,))
    def frozen(*, slots: bool = True, eq: bool = True, kw_only: bool = False) -> Callable[[T], T]:
        """As `attrs.frozen`, always with brackets."""
        ...  # noqa: PIE790  # pyright takes it for a declaration
else:
    from functools import cache
    from operator import attrgetter
    from reprlib import recursive_repr

    import attrs
    from attrs import evolve as evolve
    from attrs import field as field

    def define(*, eq=True, **options):
        """As `attrs.define`, always with brackets."""
        return _maker(attrs.define, {"__eq__": _eq, "__hash__": None} if eq else {}, options)

    def frozen(*, eq=True, **options):
        """As `attrs.frozen`, always with brackets."""
        return _maker(attrs.frozen, {"__eq__": _eq, "__hash__": _hash} if eq else {}, options)

    def _maker(make, methods, options):
        def made(cls):
            for name, method in {"__repr__": _repr, **methods}.items():
                # What a class has of its own stays; None stands for a hash where there is an `__eq__`.
                if vars(cls).get(name) is None:
                    setattr(cls, name, method)
            return make(cls, eq=False, repr=False, **options)

        return made

    @recursive_repr()
    def _repr(self):
        shown = (f"{name}={show(getattr(self, name))}" for name, show in _shown(type(self)))
        return f"{type(self).__qualname__.rpartition('>.')[2]}({', '.join(shown)})"

    def _eq(self, other):
        if type(other) is not type(self):
            return NotImplemented
        values = _compared(type(self))
        return values(self) == values(other)

    def _hash(self):
        return hash((type(self), _compared(type(self))(self)))

    def field_names(kind):
        """The names of a record's fields, in their order."""
        return tuple(one.name for one in attrs.fields(kind))

    @cache
    def _shown(kind):
        return [(one.name, one.repr if callable(one.repr) else repr) for one in attrs.fields(kind) if one.repr]

    @cache
    def _compared(kind):
        return attrgetter("__class__", *(one.name for one in attrs.fields(kind) if one.eq))
