"""JSON ⇄ the attrs classes of an API schema: wire names, absent fields, unions, unknown fields. On cattrs.

    decode(value, Model)   JSON → Model, a list of them, a union: any type of the generated package
    encode(model)          back to JSON; what was absent stays absent, what was unknown is written back

Rules:
- Absent and null are two things: an absent field is `UNSET` (or the default that the schema gives) and is not written.
- A default that nobody asked for is not sent: the server applies its own. Given explicitly, it is.
- Nothing that a newer server adds is an error: unknown fields stay in `unknown_fields`, unknown enumeration members and
  constants keep their value, an unknown member of a tagged union becomes an `UnknownObject`.
- A union is decided by constants first (its discriminator's table, then the members' own), then by required keys.

Hooks are compiled on first use, and names are looked up when a type is first needed: importing one class of a large
document imports that class alone. cattrs is imported with the first value.

Two converters decode: a quick one, which only knows that something is wrong, and after it, if something is, a careful one,
which knows where and, for replies, keeps what does not fit. They share every hook but the one that makes an object of its fields, and a test holds them together.

This is the door: what generated code and callers need has its name here. The rooms behind it, each importing only those
before it: base, hints, reasons, scalars, unions, nested, texts, tolerance, objects.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload
from warnings import warn

from typedrun.errors import DecodingError, OddReplyWarning
from typedrun.structure.base import (
    ApiObject,
    Binary,
    File,
    OpenIntEnum,
    Tagged,
    UnknownObject,
    track_defaults,
    unknown_fields,
)
from typedrun.structure.hints import (
    RecursiveAlias,
    is_alias,
    is_annotated_union,
    is_enum,
    is_list,
    is_literal,
    is_map,
    is_object,
    is_union,
    resolve,
)
from typedrun.structure.nested import alias_hook, later, list_hook, map_hook
from typedrun.structure.objects import dump_hook, object_hook, raw_fields, unknown_object
from typedrun.structure.reasons import reasons_of
from typedrun.structure.scalars import DUMPS, SCALARS, Hook, enum_hook, for_subclasses_too, literal_hook
from typedrun.structure.texts import from_texts
from typedrun.structure.tolerance import Tolerance, keeping

if TYPE_CHECKING:
    from cattrs import Converter

__all__ = [
    "ApiObject",
    "Binary",
    "File",
    "Hook",
    "OpenIntEnum",
    "RecursiveAlias",
    "Tagged",
    "UnknownObject",
    "converter",
    "decode",
    "decode_reply",
    "encode",
    "from_texts",
    "raw_fields",
    "resolve",
    "track_defaults",
    "unknown_fields",
]

T = TypeVar("T")


@overload
def decode(value: object, type_: type[T], *, strict: bool = True) -> T: ...
@overload
def decode(value: object, type_: Any, *, strict: bool = True) -> Any: ...
def decode(value: object, type_: Any, *, strict: bool = True) -> Any:
    """JSON as `type_`.

    Args:
        value: what `json.loads` gave.
        type_: a generated class, or a type made of them (`resolve` makes one of an annotation).
        strict: False lets a server break promises, as many do: a required field that is missing is `UNSET`, a null that the
            schema does not allow is None, and a value inside that does not fit stays as it came (`OddReplyWarning` tells of it).
            Default: True.

    Raises:
        DecodingError: the value does not fit; says where (`$.items[3].status`) and in which class. The value is in
            `details["body"]`.
    """
    return _decode(value, type_, "", strict=strict)


def decode_reply(value: object, type_: Any, call: str, *, strict: bool) -> Any:
    """`decode` for what answers a call (`GET /pots`): errors and warnings name it."""
    return _decode(value, type_, f"{call}: ", strict=strict)


def _decode(value: object, type_: Any, subject: str, *, strict: bool) -> Any:
    try:
        return converter(strict=strict).structure(value, type_)
    except Exception:  # noqa: BLE001  # raised again below, with its place
        return _decode_with_places(value, type_, subject, strict=strict)


def _decode_with_places(value: object, type_: Any, subject: str, *, strict: bool) -> Any:
    """Decode again a value that did not fit, to find what is wrong and where: that takes longer, and is of no use where all is well."""
    name = getattr(type_, "__name__", None) or str(type_)
    with keeping() as kept:
        try:
            found = converter(strict=strict, has_places=True).structure(value, type_)
        except Exception as error:
            if isinstance(error, RecursionError | MemoryError):
                raise
            raise DecodingError(
                f"{name}: {'; '.join(islice(reasons_of(error), 5))}",
                {"body": value},
                response_data=cast("dict[str, Any]", value) if isinstance(value, dict) else None,
            ) from error
    if kept:
        more = f"; and {len(kept) - 5} more" if len(kept) > 5 else ""
        warn(f"{subject}{name}: kept as it came: {'; '.join(kept[:5])}{more}", OddReplyWarning, stacklevel=4)
    return found


def encode(value: object) -> Any:
    """Encode a value as what `json.dumps` takes: wire names, no `UNSET`, no default that nobody asked for, unknown fields as they came."""
    return converter(strict=True).unstructure(value)


@cache
def converter(*, strict: bool, has_places: bool = False) -> Converter:
    """The converters behind `decode` and `encode`, one each for the process; with places, errors say where they are."""
    from cattrs import Converter

    made = Converter(detailed_validation=has_places)
    tolerance = Tolerance(converter(strict=False)) if has_places and not strict else None
    for type_, hook in SCALARS.items():
        made.register_structure_hook(type_, for_subclasses_too(type_, hook))
    for type_, dump in DUMPS.items():
        made.register_unstructure_hook(type_, dump)
    factories: tuple[tuple[Callable[[Any], bool], Callable[[Any, Converter], Hook]], ...] = (
        (is_enum, enum_hook),
        (is_literal, literal_hook),
        (is_union, later),
        (is_annotated_union, later),
        (is_alias, alias_hook),
        (is_list, partial(list_hook, tolerance=tolerance)),
        (is_map, partial(map_hook, tolerance=tolerance)),
        (is_object, partial(object_hook, strict=strict, tolerance=tolerance)),
    )
    for is_meant, factory in factories:
        made.register_structure_hook_factory(is_meant, partial(_call_with, factory, made))
    made.register_structure_hook_func(_same_as(UnknownObject), unknown_object)
    made.register_unstructure_hook_factory(is_object, partial(_call_with, dump_hook, made))
    return made


def _call_with(factory: Callable[[Any, Converter], T], made: Converter, type_: Any) -> T:
    """A hook factory as cattrs calls it."""
    return factory(type_, made)


def _same_as(type_: type) -> Callable[[Any], bool]:
    return lambda other: other is type_
