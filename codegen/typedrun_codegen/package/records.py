"""attrs' `define` as the trial (`trial.py`) runs it: no methods are made for a class, and what making them would find is found.

Nobody makes objects in a trial, while attrs writes and compiles `__init__`, `__eq__` and others for each class: for a large API that
was a third of it. `prepared.py` lets modules import this one where they say `attrs`.
"""

from __future__ import annotations

from collections.abc import Callable
from keyword import iskeyword
from typing import TypeVar

import attrs
from attrs import field

__all__ = ["define", "field"]

T = TypeVar("T")

_NAMES = "__names_of_fields__"
"""Attribute of a checked class: the fields that it has of its own."""


def define(
    *,
    kw_only: bool = False,
    repr: bool = True,
    field_transformer: object = None,
) -> Callable[[type[T]], type[T]]:
    """Check a class whose fields are given by name, so that their order is free; any other goes to attrs.

    Args:
        kw_only: whether fields are given by name.
        repr: whether `__repr__` is made.
        field_transformer: what the runtime does with the fields; it is not called.
    """
    del field_transformer
    return _check if kw_only else attrs.define(repr=repr)


def _check(cls: type[T]) -> type[T]:
    """Raise what attrs or Python would for a class.

    Raises:
        TypeError: two bases have fields.
        SyntaxError: a field cannot be an argument of `__init__`, or two are the same one.
    """
    annotations: dict[str, str] = vars(cls).get("__annotations__", {})
    if sum(any(_NAMES in vars(each) for each in base.__mro__) for base in cls.__bases__) > 1:
        raise TypeError("multiple bases have instance lay-out conflict")
    setattr(cls, _NAMES, [name for name, text in annotations.items() if not text.startswith("ClassVar")])
    names = dict.fromkeys(name for each in reversed(cls.__mro__) for name in vars(each).get(_NAMES, ()))
    arguments = {"self"}
    for argument in (name.lstrip("_") for name in names):
        if argument in arguments:
            raise SyntaxError(f"duplicate argument {argument!r} in function definition")
        if not argument.isidentifier() or iskeyword(argument):
            raise SyntaxError(f"invalid syntax: {argument!r} as an argument")
        arguments.add(argument)
    return cls
