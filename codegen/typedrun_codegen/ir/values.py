"""Types of values, and values of types: how a wire value reads in Python, what options make of a type, what a signature can show."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from typedrun.kinds import read_boolean, read_number
from typedrun_codegen.ir.catalog import Array, Either, Option, Options, Scalar, TypeExpr
from typedrun_codegen.ir.jsontypes import JSON

TEXT = Scalar("text")
NUMBER = Scalar("number")
INTEGER = Scalar("integer")
BOOLEAN = Scalar("boolean")
ANYTHING = Scalar("json")
OBJECT = Scalar("object")
MEDIA = Scalar("media")
MESSAGES = Scalar("messages")

MAX_LITERAL = 400
"""Larger option sets are plain text for the checkers and are checked at run time (docs/generated-code.md has the costs)."""


def python_value(value: JSON, type_: TypeExpr) -> JSON:
    """A default or option as Python sees it: numbers and booleans that travel as text become what they are."""
    if isinstance(value, str) and isinstance(type_, Scalar):
        return _READ.get(type_.name, _as_is)(value)
    if isinstance(type_, Array) and isinstance(value, list):
        return [python_value(item, type_.item) for item in value]
    return value


def with_options(type_: TypeExpr, options: Sequence[JSON]) -> TypeExpr:
    """`type_` narrowed to its options; a float cannot be a literal, so floats leave the type as it is."""
    if isinstance(type_, Array):
        return Array(with_options(type_.item, options))
    if not options or (isinstance(type_, Scalar) and type_.name in {"media", "object"}):
        return type_
    values = [python_value(option, type_) for option in options]
    literal = tuple(dict.fromkeys((type(v), v) for v in values if isinstance(v, bool | int | str)))
    floats = any(isinstance(value, float) for value in values)
    if not all(isinstance(value, bool | int | float | str) for value in values) or len(literal) > MAX_LITERAL:
        return type_
    return _narrowed(tuple(value for _, value in literal), floats=floats)


def _narrowed(literal: tuple[bool | int | str, ...], *, floats: bool) -> TypeExpr:
    if set(literal) == {True, False} and all(isinstance(value, bool) for value in literal) and not floats:
        return BOOLEAN
    if not floats:
        return Options(literal)
    texts: tuple[Option, ...] = tuple(value for value in literal if isinstance(value, str))
    return Either((NUMBER, Options(texts))) if texts else NUMBER


def fits(value: JSON, type_: TypeExpr) -> bool:
    """Whether a default can be shown in a signature of this type."""
    if isinstance(type_, Either):
        return any(fits(value, member) for member in type_.members)
    if isinstance(type_, Options):
        return value in type_.values
    if isinstance(type_, Array):
        return isinstance(value, list) and all(fits(item, type_.item) for item in value)
    if isinstance(type_, Scalar):
        return _FITS[type_.name](value)
    return isinstance(value, dict)


def _as_is(text: str) -> JSON:
    return text


def _read_number(text: str) -> JSON:
    number = read_number(text)
    return text if number is None else number


def _read_boolean(text: str) -> JSON:
    boolean = read_boolean(text)
    return text if boolean is None else boolean


_READ = {"number": _read_number, "integer": _read_number, "boolean": _read_boolean}

_FITS: dict[str, Callable[[JSON], bool]] = {
    "text": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "json": lambda _: True,
    "object": lambda value: isinstance(value, dict),
    "media": lambda value: isinstance(value, str),
    "messages": lambda value: isinstance(value, list),
}
