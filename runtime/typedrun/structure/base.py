"""What generated classes are made of: a base that keeps what they have no field for, and a few values.

An object remembers two things beside its fields: what the server sent and the schema does not know, and which defaults nobody
asked for. Both are slots that stay empty for most objects, which is why they are read by the functions below.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final, TypeAlias, cast

import attrs

from typedrun.unset import UNSET


@attrs.frozen
class File:
    """Content with a name, for multipart bodies."""

    content: bytes = attrs.field(repr=lambda content: f"<{len(content)} bytes>")
    name: str = "file"
    """File name that the server sees."""
    media_type: str = "application/octet-stream"


Binary: TypeAlias = bytes | File
"""Raw content (`format: binary`): bytes, or bytes with a file name."""


@attrs.frozen
class Tagged:
    """A discriminator's table: wire name of the property, and value → name of the class."""

    wire: str
    names: Mapping[str, str] = attrs.field(factory=dict[str, str], hash=False)


class OpenIntEnum(int, Enum):
    """An integer enumeration that keeps the values it does not know, as `OpenStrEnum` does for strings."""

    @classmethod
    def _missing_(cls, value: object) -> OpenIntEnum | None:
        if not isinstance(value, int) or isinstance(value, bool):
            return None
        unknown = int.__new__(cls, value)
        unknown._name_ = str(value)
        unknown._value_ = value
        return unknown

    @property
    def is_known(self) -> bool:
        """Whether this value was known when the enumeration was written."""
        return self._name_ in type(self).__members__

    def __reduce_ex__(self, protocol: object) -> tuple[type[OpenIntEnum], tuple[int]]:
        """By value: Python 3.11.0 to 3.11.3 would look an unknown value up as a member of that name."""
        return type(self), (self._value_,)

    def __str__(self) -> str:
        return str(self._value_)


class ApiObject:
    """Base of every generated class; keeps what the class has no field for."""

    __slots__ = ("_omitted", "_unknown")

    _unknown: dict[str, Any]
    _omitted: frozenset[str]

    @property
    def unknown_fields(self) -> dict[str, Any]:
        """Fields that the server sent and the schema does not know, by wire name. Written back by `encode`."""
        return unknown_fields(self)

    def __repr__(self) -> str:
        """The fields that have a value."""
        values = ((a.name, getattr(self, a.name)) for a in attrs.fields(cast("Any", type(self))))
        shown = [f"{name}={value!r}" for name, value in values if value is not UNSET]
        shown += [f"{name!r}: {value!r}" for name, value in unknown_of(self).items()]
        return f"{type(self).__name__}({', '.join(shown)})"

    def __reduce__(self) -> tuple[Any, ...]:
        """attrs knows its own fields only; copies and pickles keep the unknown ones too."""
        fields = {a.name: getattr(self, a.name) for a in attrs.fields(cast("Any", type(self)))}
        return _rebuild, (type(self), fields, dict(unknown_of(self)), omitted_of(self))


UNKNOWN: Final = "_unknown"
OMITTED: Final = "_omitted"
"""Slots of `ApiObject`."""
_NO_NAMES: Final[frozenset[str]] = frozenset()


def unknown_fields(value: ApiObject) -> dict[str, Any]:
    """What the server sent and the class has no field for, by wire name."""
    try:
        found: dict[str, Any] = getattr(value, UNKNOWN)
    except AttributeError:
        found = {}
        object.__setattr__(value, UNKNOWN, found)
    return found


def unknown_of(value: ApiObject) -> Mapping[str, Any]:
    """The unknown fields of an object, to read only: objects without any share nothing and store nothing."""
    found: Mapping[str, Any] = getattr(value, UNKNOWN, {})
    return found


def omitted_of(value: ApiObject) -> frozenset[str]:
    """The Python names of the fields whose default nobody asked for."""
    found: frozenset[str] = getattr(value, OMITTED, _NO_NAMES)
    return found


def _rebuild(
    cls: type[ApiObject], fields: dict[str, Any], unknown: dict[str, Any], omitted: frozenset[str]
) -> ApiObject:
    value = object.__new__(cls)
    for name, one in fields.items():
        object.__setattr__(value, name, one)
    if unknown:
        object.__setattr__(value, UNKNOWN, unknown)
    if omitted:
        object.__setattr__(value, OMITTED, omitted)
    return value


@attrs.define(repr=False)
class UnknownObject(ApiObject):
    """A member of a union that is newer than this package; everything it has is in `unknown_fields`."""


def track_defaults(_: type, fields: list[attrs.Attribute[Any]]) -> list[attrs.Attribute[Any]]:
    """A `field_transformer`: an object remembers which defaults nobody asked for, so that they are not sent.

    Without it, changing one field of a remote object would reset every other one to the schema's default.
    """
    return [_tracked(a) if _has_default(a) else a for a in fields]


def _has_default(attribute: attrs.Attribute[Any]) -> bool:
    if attribute.default is attrs.NOTHING or attribute.default is UNSET or attribute.metadata.get("rest"):
        return False
    # A constant is sent always: its annotation is `Literal[…]` of the default itself.
    return str(attribute.type) != f"Literal[{attribute.default!r}]"


def _tracked(attribute: attrs.Attribute[Any]) -> attrs.Attribute[Any]:
    name, make = attribute.name, maker(attribute.default)

    def omitted(self: ApiObject) -> Any:
        object.__setattr__(self, OMITTED, omitted_of(self) | {name})
        return make()

    metadata = {**attribute.metadata, "make_default": make}
    return attribute.evolve(default=attrs.Factory(omitted, takes_self=True), metadata=types.MappingProxyType(metadata))


def maker(default: Any) -> Callable[[], Any]:
    """What gives a default: a new one for each object where the class says so, else always the same."""
    return default.factory if isinstance(default, attrs.Factory) else lambda: default  # type: ignore[arg-type]  # a class at run time
