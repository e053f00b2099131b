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
which knows where. They share every hook but the one that makes an object of its fields, and a test holds them together.
"""

from __future__ import annotations

import builtins
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from functools import cache, lru_cache, partial
from importlib import import_module
from itertools import islice
from threading import RLock
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Final,
    Literal,
    TypeAlias,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    overload,
)
from uuid import UUID

import attrs

from typedrun.enums import OpenStrEnum
from typedrun.errors import DecodingError
from typedrun.unset import UNSET, Unset

if TYPE_CHECKING:
    from cattrs import Converter

T = TypeVar("T")
Hook: TypeAlias = Callable[[Any, Any], Any]
"""Value and wanted type -> the value in Python, as cattrs calls it."""


# --- what generated classes are made of


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
        shown += [f"{name!r}: {value!r}" for name, value in _unknown_of(self).items()]
        return f"{type(self).__name__}({', '.join(shown)})"

    def __reduce__(self) -> tuple[Any, ...]:
        """attrs knows its own fields only; copies and pickles keep the unknown ones too."""
        fields = {a.name: getattr(self, a.name) for a in attrs.fields(cast("Any", type(self)))}
        return _rebuild, (type(self), fields, dict(_unknown_of(self)), _omitted_of(self))


_UNKNOWN: Final = "_unknown"
_OMITTED: Final = "_omitted"
_NO_NAMES: Final[frozenset[str]] = frozenset()


def _unknown_of(value: ApiObject) -> Mapping[str, Any]:
    found: Mapping[str, Any] = getattr(value, _UNKNOWN, {})
    return found


def _omitted_of(value: ApiObject) -> frozenset[str]:
    found: frozenset[str] = getattr(value, _OMITTED, _NO_NAMES)
    return found


def _rebuild(
    cls: type[ApiObject], fields: dict[str, Any], unknown: dict[str, Any], omitted: frozenset[str]
) -> ApiObject:
    value = object.__new__(cls)
    for name, one in fields.items():
        object.__setattr__(value, name, one)
    if unknown:
        object.__setattr__(value, _UNKNOWN, unknown)
    if omitted:
        object.__setattr__(value, _OMITTED, omitted)
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
    name, make = attribute.name, _maker(attribute.default)

    def omitted(self: ApiObject) -> Any:
        object.__setattr__(self, _OMITTED, _omitted_of(self) | {name})
        return make()

    metadata = {**attribute.metadata, "make_default": make}
    return attribute.evolve(default=attrs.Factory(omitted, takes_self=True), metadata=types.MappingProxyType(metadata))


def _maker(default: Any) -> Callable[[], Any]:
    return default.factory if isinstance(default, attrs.Factory) else lambda: default  # type: ignore[arg-type]  # a class at run time


# --- values in, values out


@overload
def decode(value: object, type_: type[T], *, strict: bool = True) -> T: ...
@overload
def decode(value: object, type_: Any, *, strict: bool = True) -> Any: ...
def decode(value: object, type_: Any, *, strict: bool = True) -> Any:
    """JSON as `type_`.

    Args:
        value: what `json.loads` gave.
        type_: a generated class, or a type made of them (`resolve` makes one of an annotation).
        strict: False lets a server break two promises, as many do: a required field that is missing is `UNSET`, a null
            that the schema does not allow is None. Default: True.

    Raises:
        DecodingError: the value does not fit; says where (`$.items[3].status`) and in which class.
    """
    try:
        return converter(strict=strict).structure(value, type_)
    except Exception:  # noqa: BLE001  # raised again below, with its place
        return _decode_with_places(value, type_, strict=strict)


def _decode_with_places(value: object, type_: Any, *, strict: bool) -> Any:
    """The same again, now for the error: to know the places takes longer, and is of no use where all is well."""
    try:
        return converter(strict=strict, has_places=True).structure(value, type_)
    except Exception as error:
        if isinstance(error, RecursionError | MemoryError):
            raise
        name = getattr(type_, "__name__", None) or str(type_)
        raise DecodingError(f"{name}: {'; '.join(islice(_reasons(error), 5))}") from error


def encode(value: object) -> Any:
    """What `json.dumps` takes: wire names, no `UNSET`, no default that nobody asked for, unknown fields as they came."""
    return converter(strict=True).unstructure(value)


def unknown_fields(value: ApiObject) -> dict[str, Any]:
    """What the server sent and the class has no field for, by wire name."""
    try:
        found: dict[str, Any] = getattr(value, _UNKNOWN)
    except AttributeError:
        found = {}
        object.__setattr__(value, _UNKNOWN, found)
    return found


def raw_fields(value: object) -> dict[str, Any]:
    """The fields of a generated object that have a value, by wire name, each as it is in Python."""
    if not isinstance(value, ApiObject):
        raise TypeError(f"expected a generated object or a mapping, got {type(value).__name__}")
    omitted = _omitted_of(value)
    found = {one.wire: getattr(value, one.name) for one in _fields_of(type(value)) if one.name not in omitted}
    return {**_unknown_of(value), **{wire: one for wire, one in found.items() if one is not UNSET}}


def _reasons(error: BaseException, path: str = "$") -> Iterator[str]:
    """What is wrong and where, in wire names (cattrs' own report has the Python names of fields)."""
    from cattrs.errors import ClassValidationError, IterableValidationError

    if isinstance(error, ClassValidationError):
        located, others = error.group_exceptions()
        wires = _wires_of(error.cl)
        for inner, note in located:
            yield from _reasons(inner, f"{path}{_step(wires.get(note.name, note.name))}")
    elif isinstance(error, IterableValidationError):
        located_items, others = error.group_exceptions()
        for inner, item in located_items:
            yield from _reasons(inner, f"{path}{_step(item.index)}")
    else:
        yield f"{_reason(error)} @ {path}"
        return
    for inner in others:
        yield from _reasons(inner, path)


def _wires_of(cls: Any) -> dict[str, str]:
    return {one.name: one.wire for one in _fields_of(cls)} if _is_object(cls) else {}


def _step(key: int | str) -> str:
    return f".{key}" if isinstance(key, str) and key.isidentifier() else f"[{key!r}]"


def _reason(error: BaseException) -> str:
    if isinstance(error, KeyError):
        return "a required field is missing"
    return str(error) or type(error).__name__


@cache
def converter(*, strict: bool, has_places: bool = False) -> Converter:
    """The converters behind `decode` and `encode`, one each for the process; with places, errors say where they are."""
    from cattrs import Converter

    made = Converter(detailed_validation=has_places)
    for type_, hook in _SCALARS.items():
        made.register_structure_hook(type_, _for_subclasses_too(type_, hook))
    for type_, dump in _DUMPS.items():
        made.register_unstructure_hook(type_, dump)
    factories: tuple[tuple[Callable[[Any], bool], Callable[[Any, Converter], Hook]], ...] = (
        (_is_enum, _enum_hook),
        (_is_literal, _literal_hook),
        (_is_union, _union_hook),
        (_is_annotated_union, _union_hook),
        (_is_alias, _alias_hook),
        (_is_list, _list_hook),
        (_is_map, _map_hook),
        (_is_object, partial(_object_hook, strict=strict)),
    )
    for is_meant, factory in factories:
        made.register_structure_hook_factory(is_meant, partial(_call_with, factory, made))
    made.register_structure_hook_func(_same_as(UnknownObject), _unknown_object)
    made.register_unstructure_hook_factory(_is_object, partial(_call_with, _dump_hook, made))
    return made


def _call_with(factory: Callable[[Any, Converter], T], made: Converter, type_: Any) -> T:
    """A hook factory as cattrs calls it."""
    return factory(type_, made)


def _same_as(type_: type) -> Callable[[Any], bool]:
    return lambda other: other is type_


def _for_subclasses_too(type_: type, hook: Hook) -> Hook:
    """cattrs takes a hook for `str` to mean its subclasses; ours are enumerations."""

    def structure(value: Any, wanted: Any) -> Any:
        return hook(value, wanted) if wanted is type_ else _enum_hook(wanted)(value, wanted)

    return structure


# --- scalars: strict, because a silent conversion hides a wrong schema


def _fits(*accepted: type) -> Hook:
    def hook(value: Any, type_: Any) -> Any:
        if isinstance(value, accepted) and (bool in accepted or not isinstance(value, bool)):
            return value
        raise ValueError(f"expected {_spelling(type_)}, got {_shown(value)}")

    return hook


def _integer(value: Any, type_: Any) -> int:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    found: int = _fits(int)(value, type_)
    return found


def _parsed(parse: Callable[[str], Any], what: str, kept: type) -> Hook:
    def hook(value: Any, _: Any) -> Any:
        if isinstance(value, kept):
            return value
        if not isinstance(value, str):
            raise ValueError(f"expected {what}, got {_shown(value)}")
        try:
            return parse(value)
        except ValueError:
            raise ValueError(f"expected {what}, got {_shown(value)}") from None

    return hook


def _from_base64(text: str) -> bytes:
    import base64

    return base64.b64decode(text, validate=True)


def _to_base64(content: bytes) -> str:
    import base64

    return base64.b64encode(content).decode("ascii")


def _date_time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _dump_date_time(value: datetime) -> str:
    text = value.isoformat()
    return f"{text[:-6]}Z" if text.endswith("+00:00") else text


_SCALARS: Final[Mapping[type, Hook]] = {
    str: _fits(str),
    int: _integer,
    float: _fits(float, int),
    bool: _fits(bool),
    bytes: _parsed(_from_base64, "base64 text", bytes),
    datetime: _parsed(_date_time, "a date and time (RFC 3339)", datetime),
    date: _parsed(date.fromisoformat, "a date (YYYY-MM-DD)", date),
    UUID: _parsed(UUID, "a UUID", UUID),
    type(None): _fits(type(None)),
}
_DUMPS: Final[Mapping[type, Callable[[Any], Any]]] = {
    bytes: _to_base64,
    datetime: _dump_date_time,
    date: date.isoformat,
    UUID: str,
    File: lambda file: file.content,
    OpenStrEnum: lambda member: member.value,
    OpenIntEnum: lambda member: member.value,
}


def _spelling(type_: Any) -> str:
    return "null" if type_ is type(None) else str(getattr(type_, "__name__", type_))


def _shown(value: object) -> str:
    """What was found, short: values of a reply may be long or private."""
    if isinstance(value, Mapping):
        return f"an object with {', '.join(sorted(map(str, cast('Mapping[str, object]', value)))[:6]) or 'no fields'}"
    if isinstance(value, list):
        return f"a list of {len(cast('list[object]', value))}"
    text = repr(value)
    return "null" if value is None else text if len(text) <= 60 else f"{text[:57]}…"


# --- enumerations and constants


def _is_enum(type_: Any) -> bool:
    return isinstance(type_, type) and issubclass(type_, Enum) and type_ is not Unset


def _enum_hook(type_: Any, _: Converter | None = None) -> Hook:
    accepted = str if issubclass(type_, OpenStrEnum) else int

    def hook(value: Any, _: Any) -> Any:
        if isinstance(value, accepted) and not isinstance(value, bool):
            return type_(value)
        raise ValueError(f"expected {type_.__name__}, got {_shown(value)}")

    return hook


def _is_literal(type_: Any) -> bool:
    return get_origin(type_) is Literal


def _literal_hook(type_: Any, _: Converter) -> Hook:
    kinds: set[type] = {type(value) for value in get_args(type_)}

    def hook(value: Any, _: Any) -> Any:
        if type(value) in kinds:
            return value  # a newer server may know more values than this package
        raise ValueError(f"expected {' or '.join(map(repr, get_args(type_)))}, got {_shown(value)}")

    return hook


# --- names


_STANDARD: Final[Mapping[str, Any]] = {
    "Any": Any,
    "Binary": Union[bytes, File],  # noqa: UP007  # the alias as cattrs sees it
    "Literal": Literal,
    "UUID": UUID,
    "Unset": Unset,
    "date": date,
    "datetime": datetime,
}


class RecursiveAlias:
    """Stands for an alias inside its own definition; the alias itself is looked up when a value arrives."""

    name: ClassVar[str]
    package: ClassVar[str]


_lock: Final = RLock()
_aliases: Final[dict[tuple[str, str], Any]] = {}
_stand_ins: Final[dict[tuple[str, str], type[RecursiveAlias]]] = {}
_open: Final[set[tuple[str, str]]] = set()
"""Aliases whose definition is being read."""


def resolve(annotation: str, package: str) -> Any:
    """The type that an annotation of a generated module means.

    Args:
        annotation: its text.
        package: the package whose `__init__` exports every class and alias (`aixplain_models.api.types`).
    """
    with _lock:
        return _evaluate(annotation, package)


def _evaluate(text: str, package: str) -> Any:
    code = compile(text, "<annotation>", "eval")
    names = {name: _named(name, package) for name in code.co_names}
    return eval(code, {"__builtins__": {}}, names)  # noqa: S307  # the text is an annotation of an installed package


def _named(name: str, package: str) -> Any:
    if name in _STANDARD:
        return _STANDARD[name]
    exports: Any = import_module(package) if package else None
    if exports is None or name not in exports.MODULES:
        return getattr(builtins, name)
    found = getattr(exports, name)
    return _alias(name, package) if isinstance(found, str) else found


def _alias(name: str, package: str) -> Any:
    """What an alias means; inside its own definition, a class that stands for it."""
    key = (name, package)
    with _lock:
        if key in _open:
            return _stand_ins.setdefault(key, type(name, (RecursiveAlias,), {"name": name, "package": package}))
        if key not in _aliases:
            _open.add(key)
            try:
                _aliases[key] = _defined(name, import_module(package))
            finally:
                _open.discard(key)
        return _aliases[key]


def _defined(name: str, exports: Any) -> Any:
    found = _evaluate(getattr(exports, name), exports.__name__)
    module = import_module(f".{exports.MODULES[name]}", exports.__name__)
    tags: Mapping[str, Tagged] = getattr(module, "TAGS", {})
    return Annotated[found, tags[name]] if name in tags else found


def _is_alias(type_: Any) -> bool:
    return isinstance(type_, type) and issubclass(type_, RecursiveAlias)


def _alias_hook(type_: type[RecursiveAlias], made: Converter) -> Hook:
    return _later(made, _alias(type_.name, type_.package))


class _Kinds(dict[type, tuple[Hook, Any]]):
    """Type of a value → the hook that takes it, and the type to call it with.

    It is found out when the first such value arrives, so that types which contain themselves end.
    """

    def __init__(self, made: Converter, type_: Any) -> None:
        self._made, self._type = made, type_

    def __missing__(self, kind: type) -> tuple[Hook, Any]:
        found = self[kind] = _hook_for(kind, self._type, self._made)
        return found


def _later(made: Converter, type_: Any, *, passed: frozenset[type] = frozenset()) -> Hook:
    """A hook that is looked up when first needed; values that stay what they are, and those of the types in `passed`, need none."""
    if type_ is Any:
        return _same
    as_is, kinds = _as_is(type_) | passed, _Kinds(made, type_)

    def structure(value: Any, _: Any) -> Any:
        if type(value) in as_is:
            return value
        hook, wanted = kinds[type(value)]
        return hook(value, wanted)

    return structure


def _hook_for(kind: type, type_: Any, made: Converter) -> tuple[Hook, Any]:
    """What to call for values of one kind, and with which type."""
    if not _is_union(type_) and not _is_annotated_union(type_):
        return made.get_structure_hook(type_), type_
    if issubclass(kind, ApiObject):
        return _same, type_
    members = _Union(_union_spelling(type_))
    members.add(type_)
    if issubclass(kind, Mapping):
        return _object_of_union(members, made)
    if issubclass(kind, list):
        return _list_of_union(members, made)
    return _text_of_union(members, made) if kind is str else _scalar_of_union(members, made)


def _same(value: Any, _: Any) -> Any:
    return value


_PLAIN: Final[frozenset[type]] = frozenset((str, int, float, bool, type(None)))


def _as_is(type_: Any) -> frozenset[type]:
    """JSON's own types, where a value of them can only be what it is: an enumeration, say, may take a text."""
    members = get_args(type_) if _is_union(type_) else (type_,)
    scalars = [one for one in members if not _is_object(one) and get_origin(one) not in (dict, list)]
    found = frozenset(one for one in scalars if one is type(None) or _PLAIN.issuperset(scalars))
    return found | {int} if float in found else found


# --- objects


# A server may break two promises where it is allowed to: see `decode`.
_BROKEN_PROMISES: Final[frozenset[type]] = frozenset((type(None), Unset))


def _is_object(type_: Any) -> bool:
    return isinstance(type_, type) and issubclass(type_, ApiObject) and type_ is not ApiObject


@attrs.frozen
class _Field:
    """A field as the converter sees it."""

    name: str
    wire: str
    type: Any
    """Without `Unset`."""
    is_rest: bool
    """Holds the further properties of the object."""
    is_required: bool
    make_default: Callable[[], Any] | None
    is_constant: bool
    """Has one value, which is sent unless the object came without it."""
    is_made: bool
    """Has a default that is made anew for each object."""


_known_fields: Final[dict[Any, tuple[_Field, ...]]] = {}


def _fields_of(cls: type[ApiObject]) -> tuple[_Field, ...]:
    key: Any = cls
    if key not in _known_fields:
        package = cls.__module__.rpartition(".")[0]
        _known_fields[key] = tuple(_field_of(attribute, package) for attribute in attrs.fields(key))
    return _known_fields[key]


def _field_of(attribute: attrs.Attribute[Any], package: str) -> _Field:
    written: Any = attribute.type  # text, as in every generated module
    type_ = resolve(written, package) if isinstance(written, str) else written
    return _Field(
        name=attribute.name,
        wire=attribute.metadata.get("wire", attribute.name),
        type=_without_unset(type_),
        is_rest=bool(attribute.metadata.get("rest")),
        is_required=attribute.default is attrs.NOTHING,
        make_default=attribute.metadata.get("make_default", _maker(attribute.default)),
        is_constant=_is_literal(type_) and attribute.default is not attrs.NOTHING,
        is_made=isinstance(attribute.default, attrs.Factory),  # type: ignore[arg-type]  # as in _maker
    )


def _without_unset(type_: Any) -> Any:
    if not _is_union(type_):
        return type_
    kept = tuple(one for one in get_args(type_) if one is not Unset)
    return Union[kept] if len(kept) < len(get_args(type_)) else type_  # noqa: UP007  # built from a tuple


def _is_list(type_: Any) -> bool:
    return get_origin(type_) is list


def _is_map(type_: Any) -> bool:
    return get_origin(type_) is dict


def _list_hook(type_: Any, made: Converter) -> Callable[[Any, Any], list[Any]]:
    """Written out, because cattrs takes any iterable for a list: a text would become its letters."""
    item, has_places = get_args(type_)[0], made.detailed_validation
    as_is, kinds = _as_is(item), _Kinds(made, item)

    def structure(value: Any, _: Any) -> list[Any]:
        items: list[Any] = value
        if not isinstance(value, list):
            raise ValueError(f"expected a list, got {_shown(value)}")
        if has_places:
            return [one for _, one in _each(enumerate(items), _later(made, item), item)]
        taken: list[Any] = []
        for one in items:  # what `_later` does, without a call for each item
            if type(one) in as_is:
                taken.append(one)
            else:
                hook, wanted = kinds[type(one)]
                taken.append(hook(one, wanted))
        return taken

    return structure


def _map_hook(type_: Any, made: Converter) -> Callable[[Any, Any], dict[str, Any]]:
    item, has_places = get_args(type_)[1], made.detailed_validation
    hook = _later(made, item)

    def structure(value: Any, _: Any) -> dict[str, Any]:
        found: Mapping[str, Any] = value
        if not isinstance(value, Mapping):
            raise ValueError(f"expected an object, got {_shown(value)}")
        if has_places:
            return dict(_each(found.items(), hook, item))
        return {name: hook(one, item) for name, one in found.items()}

    return structure


def _each(items: Iterable[tuple[Any, Any]], hook: Hook, type_: Any) -> list[tuple[Any, Any]]:
    """Every item structured; all that is wrong in one error, each with its place."""
    made: list[tuple[Any, Any]] = []
    wrong: list[Exception] = []
    for place, one in items:
        try:
            made.append((place, hook(one, type_)))
        except Exception as error:  # noqa: BLE001  # raised again below, with its place
            _note_place(error, place, type_)
            wrong.append(error)
    if wrong:
        from cattrs.errors import IterableValidationError

        raise cast("Any", IterableValidationError)("some items do not fit", wrong, list)
    return made


def _note_place(error: Exception, place: int | str, type_: Any) -> None:
    from cattrs.errors import IterableValidationNote

    make_note = cast("Any", IterableValidationNote)  # a str whose constructor the checkers do not follow
    # The list itself, because add_note takes plain text only; this is how cattrs marks a place, too.
    error.__notes__ = [*getattr(error, "__notes__", ()), make_note(f"@ {place!r}", place, type_)]


def _object_hook(cls: type[ApiObject], made: Converter, *, strict: bool) -> Hook:
    fields = _fields_of(cls)
    build = _builder_of(cls, made, strict=strict)
    known = frozenset(one.wire for one in fields if not one.is_rest)
    constants = tuple(one for one in fields if one.is_constant)
    rest = next((one for one in fields if one.is_rest), None)
    rest_hook = _later(made, rest.type) if rest else None

    def structure(value: Any, _: Any) -> ApiObject:
        found: Mapping[str, Any] = value
        if type(value) is not dict and not isinstance(value, Mapping):  # the first alone takes a tenth of the time
            if isinstance(value, cls):
                return value
            raise ValueError(f"expected {cls.__name__} (an object), got {_shown(value)}")
        made_object = build(found)
        if constants and (unsent := frozenset(one.name for one in constants if one.wire not in found)):
            object.__setattr__(made_object, _OMITTED, _omitted_of(made_object) | unsent)
        if not known.issuperset(found):
            _keep(made_object, {k: v for k, v in found.items() if k not in known}, rest, rest_hook)
        return made_object

    return structure


Builder: TypeAlias = Callable[[Mapping[str, Any]], ApiObject]
"""The fields that were sent, by wire name -> the object; what its class does not know is left to others."""


def _builder_of(cls: type[ApiObject], made: Converter, *, strict: bool) -> Builder:
    has_values = not any(one.is_made for one in _fields_of(cls))
    build = _quick_builder if has_values and not made.detailed_validation else _careful_builder
    return build(cls, made, strict=strict)


def _careful_builder(cls: type[ApiObject], made: Converter, *, strict: bool) -> Builder:
    """By cattrs: knows where an error is, and leaves defaults to the class."""
    from cattrs import gen

    fields = {one.name: one for one in _fields_of(cls)}
    passed = frozenset[type]() if strict else _BROKEN_PROMISES
    overrides: dict[str, Any] = {
        name: gen.override(rename=one.wire, struct_hook=_later(made, one.type, passed=passed), omit=one.is_rest)
        for name, one in fields.items()
    }
    # The types are resolved here: cattrs would look the names up in the module, which imports none of its neighbours.
    attributes = [a.evolve(type=fields[a.name].type) for a in attrs.fields(cast("Any", cls))]
    # cattrs types this function for callers that know the class.
    build = cast("Any", gen).make_dict_structure_fn_from_attrs(attributes, cls, made, **overrides)
    promised = {one.wire: UNSET for one in fields.values() if one.is_required and not strict}
    return lambda found: build(found if promised.keys() <= found.keys() else {**promised, **found})


def _quick_builder(cls: type[ApiObject], made: Converter, *, strict: bool) -> Builder:
    """The same for a class whose defaults are all values: a function with a few lines for each field, as one would write it.

    A page has thousands of objects, and most of their values stay what they are: those cost no call here.
    """
    names: dict[str, Any] = {"new": object.__new__, "cls": cls}
    lines = ["def build(found):", " get, made = found.get, new(cls)"]
    passed = frozenset({Unset}) if strict else _BROKEN_PROMISES
    for n, (one, attribute) in enumerate(zip(_fields_of(cls), attrs.fields(cast("Any", cls)), strict=True)):
        names[f"as_is_{n}"], names[f"kinds_{n}"] = _as_is(one.type) | passed, _Kinds(made, one.type)
        names[f"default_{n}"] = UNSET if one.is_required else attribute.default
        is_kept = strict and one.is_required
        lines.append(f" value = found[{one.wire!r}]" if is_kept else f" value = get({one.wire!r}, default_{n})")
        if one.type is not Any:
            lines.append(f" if type(value) not in as_is_{n}:")
            lines.append(f"  hook, type_ = kinds_{n}[type(value)]; value = hook(value, type_)")
        lines.append(f" made.{one.name} = value")
    lines += [" return made"]
    exec(compile("\n".join(lines), f"<typedrun builder of {cls.__name__}>", "exec"), names)  # noqa: S102  # identifiers and literals only
    built: Builder = names["build"]
    return built


def _keep(target: ApiObject, more: dict[str, Any], rest: _Field | None, hook: Hook | None) -> None:
    if rest is not None and hook is not None:
        object.__setattr__(target, rest.name, hook(more, rest.type))
    elif more:
        object.__setattr__(target, _UNKNOWN, more)


def _unknown_object(value: Any, _: Any) -> UnknownObject:
    made = UnknownObject()
    _keep(made, dict(value), None, None)
    return made


def _dump_hook(cls: type[ApiObject], made: Converter) -> Callable[[ApiObject], dict[str, Any]]:
    fields = _fields_of(cls)

    def dump(value: ApiObject) -> dict[str, Any]:
        omitted = _omitted_of(value)
        written: dict[str, Any] = {}
        for one in fields:
            found = getattr(value, one.name)
            if found is UNSET or (one.name in omitted and one.make_default is not None and found == one.make_default()):
                continue
            if one.is_rest:
                written = {**made.unstructure(found), **written}
            else:
                written[one.wire] = made.unstructure(found)
        return {**_unknown_of(value), **written} if _unknown_of(value) else written

    return dump


# --- unions


def _is_union(type_: Any) -> bool:
    return get_origin(type_) in (Union, types.UnionType)


def _is_annotated_union(type_: Any) -> bool:
    return get_origin(type_) is Annotated and any(isinstance(one, Tagged) for one in get_args(type_)[1:])


@attrs.define
class _Union:
    """The members of a union, sorted by the JSON that they take."""

    spelling: str
    objects: list[type[ApiObject]] = attrs.field(factory=list[type[ApiObject]])
    tags: list[Tagged] = attrs.field(factory=list[Tagged])
    maps: list[Any] = attrs.field(factory=list[Any])
    lists: list[Any] = attrs.field(factory=list[Any])
    scalars: list[Any] = attrs.field(factory=list[Any])
    is_anything: bool = False

    def add(self, type_: Any) -> None:
        if _is_annotated_union(type_):
            self.tags += [one for one in get_args(type_)[1:] if isinstance(one, Tagged)]
            self.add(get_args(type_)[0])
        elif _is_union(type_):
            for member in get_args(type_):
                self.add(member)
        elif _is_alias(type_):
            self.add(_alias(type_.name, type_.package))
        else:
            self._list_for(type_).append(type_)

    def _list_for(self, type_: Any) -> list[Any]:
        if _is_object(type_):
            return self.objects
        if type_ is Any:
            self.is_anything = True
        origin = get_origin(type_)
        return self.maps if origin is dict else self.lists if origin is list else self.scalars


def _union_hook(type_: Any, made: Converter) -> Hook:
    return _later(made, type_)


def _object_of_union(members: _Union, made: Converter) -> tuple[Hook, Any]:
    choice = _Choice.of(members)
    if len(choice.classes) == 1:
        return made.get_structure_hook(choice.classes[0]), choice.classes[0]

    def structure(value: Any, _: Any) -> Any:
        picked = choice.pick(value)
        return _first_class(picked, value, made) if picked else _first_that_fits(members.maps, value, members, made)

    return structure, None


def _list_of_union(members: _Union, made: Converter) -> tuple[Hook, Any]:
    if len(members.lists) == 1:
        return made.get_structure_hook(members.lists[0]), members.lists[0]
    return lambda value, _: _first_that_fits(members.lists, value, members, made), None


def _text_of_union(members: _Union, made: Converter) -> tuple[Hook, Any]:
    """Known words by a table, as `_by_closeness` would have them; any other text is text where the union takes that."""
    other, _ = _scalar_of_union(members, made)
    if not all(one in _PLAIN or _is_enum(one) or _is_literal(one) for one in members.scalars):
        return other, None
    words: dict[str, Any] = {one: one for type_ in filter(_is_literal, members.scalars) for one in get_args(type_)}
    for type_ in filter(_is_enum, members.scalars):
        words = {**{member.value: member for member in type_}, **words}
    if str in members.scalars:
        return lambda value, _: words.get(value, value), None
    return lambda value, _: words[value] if value in words else other(value, None), None


def _scalar_of_union(members: _Union, made: Converter) -> tuple[Hook, Any]:
    return lambda value, _: _first_that_fits(_by_closeness(members.scalars, value), value, members, made), None


def _first_class(classes: Sequence[type[ApiObject]], value: Any, made: Converter) -> Any:
    """The first class that takes an object; when none does, the error of the likeliest tells most."""
    first: Exception | None = None
    for cls in classes:
        try:
            return made.structure(value, cls)
        except Exception as error:  # noqa: BLE001  # raised below when no class takes the object
            first = first or error
    assert first is not None  # noqa: S101  # there is at least one class
    raise first


def _union_spelling(type_: Any) -> str:
    if get_origin(type_) is Annotated:
        return _union_spelling(get_args(type_)[0])
    if not _is_union(type_):
        return _spelling(type_)
    names = [_union_spelling(one) for one in get_args(type_)]
    return " | ".join(names[:6]) + (" | …" if len(names) > 6 else "")


def _first_that_fits(candidates: Iterable[Any], value: Any, members: _Union, made: Converter) -> Any:
    reasons: list[Exception] = []
    tried = list(candidates)
    for one in tried:
        try:
            return made.structure(value, one)
        except Exception as error:
            if len(tried) == 1 and isinstance(value, Mapping | list):
                raise
            reasons.append(error)
    if members.is_anything:
        return value
    raise ValueError(f"expected {members.spelling}, got {_shown(value)}")


def _by_closeness(scalars: Sequence[Any], value: Any) -> list[Any]:
    """Exact values first, then texts of a form (dates), then the plain types, then whatever may grow."""
    return list(scalars) if len(scalars) < 2 else sorted(scalars, key=lambda one: _closeness(one, value))


def _closeness(type_: Any, value: Any) -> int:
    if _is_literal(type_):
        return 0 if any(value == one and type(value) is type(one) for one in get_args(type_)) else 5
    if _is_enum(type_):
        return 1 if value in _enum_values(type_) else 4
    if type_ in (datetime, date, UUID) and isinstance(value, str):
        return 2
    return 3 if type_ is not float or not isinstance(value, int) else 4


@cache
def _enum_values(type_: type[Enum]) -> frozenset[Any]:
    return frozenset(one.value for one in type_)


@attrs.define
class _Choice:
    """Which class of a union an object is."""

    classes: tuple[type[ApiObject], ...]
    constants: dict[type[ApiObject], dict[str, frozenset[Any]]]
    """Class → wire name → the values that its schema allows."""
    required: dict[type[ApiObject], frozenset[str]]
    known: dict[type[ApiObject], frozenset[str]]
    tables: list[tuple[str, dict[str, type[ApiObject]]]]
    has_constants: bool
    ranked: Callable[[tuple[type[ApiObject], ...], tuple[str, ...]], list[type[ApiObject]]] = attrs.field(init=False)
    """`_rank`, remembering: a page has one kind of object many times."""

    def __attrs_post_init__(self) -> None:
        self.ranked = lru_cache(maxsize=64)(self._rank)

    @classmethod
    def of(cls, members: _Union) -> _Choice:
        classes = tuple(dict.fromkeys(members.objects))
        return cls(
            classes=classes,
            constants={one: dict(_constants_of(one)) for one in classes},
            required={one: frozenset(_required_of(one)) for one in classes},
            known={one: frozenset(f.wire for f in _fields_of(one)) for one in classes},
            tables=[(tag.wire, _classes_of(tag, classes)) for tag in members.tags],
            has_constants=any(any(True for _ in _constants_of(one)) for one in classes),
        )

    def pick(self, value: Mapping[str, Any]) -> Sequence[type[ApiObject]]:
        """The classes that an object can be, the likeliest first: one of them, where a constant or a table decides.

        `UnknownObject` alone for a tag that no member has; nothing when no member can be meant.
        """
        if len(self.classes) == 1:
            return self.classes
        for wire, table in self.tables:
            if (found := table.get(str(value.get(wire)))) is not None:
                return [found]
        allowed = self.classes
        if self.has_constants:
            allowed = tuple(one for one in self.classes if not self._is_excluded(one, value))
        if allowed:
            return self.ranked(allowed, tuple(value))
        return [UnknownObject] if self.classes and self._is_tagged(value) else []

    def _rank(self, allowed: tuple[type[ApiObject], ...], keys: tuple[str, ...]) -> list[type[ApiObject]]:
        complete = [one for one in allowed if self.required[one].issubset(keys)]
        return sorted(complete or allowed, key=lambda one: self._likeness(one, keys), reverse=True)

    def _is_excluded(self, cls: type[ApiObject], value: Mapping[str, Any]) -> bool:
        return any(
            wire in value and value[wire] not in allowed
            for wire, allowed in self.constants[cls].items()
            if _is_hashable(value.get(wire))
        )

    def _likeness(self, cls: type[ApiObject], keys: Iterable[str]) -> tuple[int, int, int]:
        found = frozenset(keys)
        return len(found & self.constants[cls].keys()), len(found & self.required[cls]), len(found & self.known[cls])

    def _is_tagged(self, value: Mapping[str, Any]) -> bool:
        return any(isinstance(value.get(wire), str) for one in self.classes for wire in self.constants[one])


def _is_hashable(value: Any) -> bool:
    return isinstance(value, str | int | float | None)


def _constants_of(cls: type[ApiObject]) -> Iterable[tuple[str, frozenset[Any]]]:
    for one in _fields_of(cls):
        values = _values_of(one.type)
        if values:
            yield one.wire, values


def _values_of(type_: Any) -> frozenset[Any]:
    """The values that a type allows, when they are few and known; nothing otherwise."""
    if _is_literal(type_):
        return frozenset(get_args(type_))
    if _is_enum(type_):
        return frozenset(member.value for member in type_)
    if _is_union(type_):
        parts = [_values_of(one) if one is not type(None) else frozenset({None}) for one in get_args(type_)]
        return frozenset[Any]().union(*parts) if all(parts) else frozenset()
    return frozenset()


def _required_of(cls: type[ApiObject]) -> Iterable[str]:
    for one in _fields_of(cls):
        if one.is_required or one.is_constant:
            yield one.wire


def _classes_of(tag: Tagged, classes: Sequence[type[ApiObject]]) -> dict[str, type[ApiObject]]:
    by_name = {one.__name__: one for one in classes}
    return {value: by_name[name] for value, name in tag.names.items() if name in by_name}
