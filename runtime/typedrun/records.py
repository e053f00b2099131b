"""attrs' `define`, `frozen`, `field` and `evolve`: declared in short for editors, made without attrs until somebody asks for attrs.

attrs writes the methods of each class as source text and compiles it; to import it and to make sixty classes was two fifths of the way
from the start of a process to its first answer. Here a class gets its slots at once, an `__init__` when it is first made (compiled, as
attrs does: a run makes a dozen), and what attrs knows it by when attrs or cattrs ask (`typedrun.recordattrs`): for them and for users it
is an attrs class. Showing, comparing and hashing are the same few functions for all classes: slower by some microseconds, and no run does
any of the three.

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
        """As `attrs.field`."""

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
    from functools import cache, cached_property
    from operator import attrgetter
    from reprlib import recursive_repr

    NOTHING = object()
    """Stands where there is no default."""

    class Field:
        """What was said of one field."""

        def __init__(self, default=NOTHING, factory=None, repr=True, eq=True, alias=""):
            self.default, self.factory, self.repr, self.eq, self.alias = default, factory, repr, eq, alias
            self.kind, self.is_kw_only = None, False

        def default_of(self):
            """The default, by the word that attrs has for it."""
            if self.factory is not None:
                return {"factory": self.factory}
            return {} if self.default is NOTHING else {"default": self.default}

    def field(*, default=NOTHING, factory=None, repr=True, eq=True, alias=""):
        """As `attrs.field`."""
        return Field(default, factory, repr, eq, alias)

    def evolve(record, **changes):
        """As `attrs.evolve`."""
        for name, one in fields_of(type(record)).items():
            changes.setdefault(one.alias, getattr(record, name))
        return type(record)(**changes)

    def define(*, slots=True, eq=True, kw_only=False):
        """As `attrs.define`, always with brackets."""
        return lambda cls: _made(cls, {"__eq__": _eq, "__hash__": None} if eq else {}, slots, kw_only)

    def frozen(*, slots=True, eq=True, kw_only=False):
        """As `attrs.frozen`, always with brackets."""
        methods = {"__eq__": _eq, "__hash__": _hash} if eq else {}
        return lambda cls: _made(cls, methods | {"__setattr__": _refuse, "__delattr__": _refuse}, slots, kw_only)

    def field_names(kind):
        """The names of a record's fields, in their order."""
        return tuple(fields_of(kind))

    def fields_of(kind):
        """The fields of a record's class by name, inherited ones first."""
        return kind.__record_fields__

    def _made(cls, methods, slots, kw_only):
        own, space = {}, dict(vars(cls))
        for name, kind in space.get("__annotations__", {}).items():
            if not str(kind).startswith(("ClassVar", "typing.ClassVar")):
                given = space.pop(name, NOTHING)
                own[name] = one = given if isinstance(given, Field) else Field(given)
                one.kind, one.is_kw_only, one.alias = kind, kw_only, one.alias or name.lstrip("_")
        inherited = getattr(cls, "__record_fields__", {})
        fields = {name: one for name, one in inherited.items() if name not in own} | own
        for name, method in {"__repr__": _repr, **methods}.items():
            # What a class has of its own stays; None stands for a hash where there is an `__eq__`.
            if space.get(name) is None:
                space[name] = method
        space["__match_args__"] = tuple(one.alias for one in fields.values() if not one.is_kw_only)
        space |= {"__record_fields__": fields, "__attrs_attrs__": _Attributes()}
        space.setdefault("__init__", _Init())
        made = _slotted(cls, space, own) if slots else _filled(cls, space, own)
        for late in (vars(made)["__init__"], vars(made)["__attrs_attrs__"]):
            if isinstance(late, _Late):
                late.record = made
        return made

    def _filled(cls, space, own):
        for name in own:
            if name in vars(cls):
                delattr(cls, name)
        for name, value in space.items():
            if vars(cls).get(name, NOTHING) is not value and name not in {"__dict__", "__weakref__"}:
                setattr(cls, name, value)
        return cls

    def _slotted(cls, space, own):
        bases = cls.__bases__
        slots = [name for name in own if not any(hasattr(base, name) for base in bases)]
        if not any(base.__weakrefoffset__ for base in bases):
            slots.append("__weakref__")
        if any(isinstance(value, cached_property) for value in space.values()) and not any(
            b.__dictoffset__ for b in bases
        ):
            slots.append("__dict__")
        space.pop("__dict__", None)
        space.pop("__weakref__", None)
        space.setdefault("__getstate__", _state)
        space.setdefault("__setstate__", _set_state)
        made = type(cls)(cls.__name__, bases, {**space, "__slots__": tuple(slots), "__qualname__": cls.__qualname__})
        for value in space.values():  # `super()` finds its class in a cell
            function = getattr(value, "__func__", getattr(value, "fget", getattr(value, "func", value)))
            for cell in getattr(function, "__closure__", None) or ():
                if cell.cell_contents is cls:
                    cell.cell_contents = made
        return made

    class _Late:
        """What a class gets when it is first asked for."""

        record = None

        def __get__(self, instance, owner=None):
            value = self.make(self.record)
            setattr(self.record, self.name, value)
            return value.__get__(instance, owner) if instance is not None and hasattr(value, "__get__") else value

    class _Init(_Late):
        name = "__init__"

        def make(self, record):
            """Its `__init__`, which takes the fields in their order."""
            is_frozen = record.__setattr__ is _refuse
            known = {"NOTHING": NOTHING, "_set_of": object.__setattr__.__get__}
            taken, keywords, lines, told = [], [], [], {}
            for name, one in fields_of(record).items():
                value, default = one.alias, ""
                if one.factory is not None:
                    known[f"_make_{name}"], default = one.factory, "=NOTHING"
                    value = f"_make_{name}() if {value} is NOTHING else {value}"
                elif one.default is not NOTHING:
                    known[f"_default_{name}"], default = one.default, f"=_default_{name}"
                (keywords if one.is_kw_only else taken).append(one.alias + default)
                lines.append(f"_set({name!r}, {value})" if is_frozen else f"self.{name} = {value}")
                told[one.alias] = one.kind
            lines = ["_set = _set_of(self)", *lines] if is_frozen and lines else lines
            if hasattr(record, "__attrs_post_init__"):
                lines.append("self.__attrs_post_init__()")
            arguments = ", ".join(["self", *taken, *(["*", *keywords] if keywords else [])])
            body = "\n    ".join(lines or ["pass"])
            # Names are identifiers of a class body, and no text from outside.
            exec(compile(f"def __init__({arguments}):\n    {body}", f"<record {record.__qualname__}>", "exec"), known)  # noqa: S102  # as attrs does
            init = known["__init__"]
            init.__module__, init.__qualname__ = record.__module__, f"{record.__qualname__}.__init__"
            init.__annotations__ = {**told, "return": None}
            return init

    class _Attributes(_Late):
        name = "__attrs_attrs__"

        def make(self, record):
            """What attrs knows it by."""
            from typedrun.recordattrs import attributes

            return attributes(record.__name__, fields_of(record))

    def _state(self):
        return {name: getattr(self, name) for name in fields_of(type(self))}

    def _set_state(self, state):
        for name, value in state.items():
            object.__setattr__(self, name, value)

    def _refuse(self, *_):  # noqa: ARG001  # as object.__setattr__ has it
        from attrs.exceptions import FrozenInstanceError

        raise FrozenInstanceError

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

    @cache
    def _shown(kind):
        return [(name, one.repr if callable(one.repr) else repr) for name, one in fields_of(kind).items() if one.repr]

    @cache
    def _compared(kind):
        return attrgetter("__class__", *(name for name, one in fields_of(kind).items() if one.eq))
