"""Types of values, and values of types: how a wire value reads in Python, what options make of a type, what a signature can show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from typedrun.kinds import read_boolean, read_number
from typedrun_codegen.ir.api import ANYTHING, ClassSpec, Leaf, ListOf, LiteralOf, MapOf, Ref, TypeExpr, UnionOf
from typedrun_codegen.ir.jsontypes import JSON

TEXT = Leaf("str")
NUMBER = Leaf("float")
INTEGER = Leaf("int")
BOOLEAN = Leaf("bool")
OBJECT = MapOf(ANYTHING)
MEDIA = Leaf("Media")
MESSAGES = Leaf("Messages")

MAX_LITERAL = 400
"""Larger option sets are plain text for the checkers and are checked at run time (docs/generated-code.md has the costs)."""


def python_value(value: JSON, type_: TypeExpr) -> JSON:
    """A default or option as Python sees it: numbers and booleans that travel as text become what they are."""
    if isinstance(value, str) and isinstance(type_, Leaf):
        return _READ.get(type_.name, _as_is)(value)
    if isinstance(type_, ListOf) and isinstance(value, list):
        return [python_value(item, type_.item) for item in value]
    return value


def with_options(type_: TypeExpr, options: Sequence[JSON]) -> TypeExpr:
    """`type_` narrowed to its options; a float cannot be a literal, so floats leave the type as it is."""
    if isinstance(type_, ListOf):
        return ListOf(with_options(type_.item, options))
    if not options or type_ in (MEDIA, OBJECT):
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
        return LiteralOf(literal)
    texts = tuple(value for value in literal if isinstance(value, str))
    return UnionOf((NUMBER, LiteralOf(texts))) if texts else NUMBER


_NONE: Mapping[str, ClassSpec] = MappingProxyType({})


def fits(value: JSON, type_: TypeExpr, objects: Mapping[str, ClassSpec] = _NONE) -> bool:
    """Whether a default can be shown in a signature of this type.

    Args:
        value: the default.
        type_: the type.
        objects: the classes that it may mention, by key; an object of another fits as it is.
    """
    match type_:
        case UnionOf(members):
            return any(fits(value, member, objects) for member in members)
        case LiteralOf(values):
            return any(value == each and type(value) is type(each) for each in values)
        case ListOf(item):
            return isinstance(value, list) and all(fits(each, item, objects) for each in value)
        case MapOf(inner):
            return isinstance(value, dict) and all(fits(each, inner, objects) for each in value.values())
        case Ref(key):
            return isinstance(value, dict) and (key not in objects or _is_object(value, objects[key], objects))
        case Leaf(name):
            return _FITS.get(name, _is_text)(value)


def _is_object(value: Mapping[str, JSON], class_: ClassSpec, objects: Mapping[str, ClassSpec]) -> bool:
    fields = {each.wire: each for each in class_.fields}
    return all(each.wire in value for each in class_.fields if each.required) and all(
        name in fields and fits(each, fields[name].type, objects) for name, each in value.items()
    )


def _as_is(text: str) -> JSON:
    return text


def _read_number(text: str) -> JSON:
    number = read_number(text)
    return text if number is None else number


def _read_boolean(text: str) -> JSON:
    boolean = read_boolean(text)
    return text if boolean is None else boolean


_READ = {"float": _read_number, "int": _read_number, "bool": _read_boolean}


def _is_text(value: JSON) -> bool:
    return isinstance(value, str)


_FITS: dict[str, Callable[[JSON], bool]] = {
    "float": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "int": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "bool": lambda value: isinstance(value, bool),
    "None": lambda value: value is None,
    **dict.fromkeys(("Any", "JSON"), lambda _: True),
    "Messages": lambda value: isinstance(value, list),
}
"""Leaves that are no texts on the wire."""
