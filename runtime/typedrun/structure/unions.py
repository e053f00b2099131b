"""Which member of a union a value is.

Objects are decided by constants first (the table of a discriminator, then the members' own), then by required keys; other
values by how close a member comes to them. `hook_of_union` finds out what can be known before a value arrives.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final, get_args, get_origin
from uuid import UUID

import attrs

from typedrun.remotefile import RemoteFile
from typedrun.structure.base import ApiObject, Tagged, UnknownObject
from typedrun.structure.hints import (
    PLAIN,
    alias,
    fields_of,
    is_alias,
    is_annotated_union,
    is_enum,
    is_literal,
    is_object,
    is_union,
)
from typedrun.structure.reasons import shown, union_spelling
from typedrun.structure.scalars import Hook

if TYPE_CHECKING:
    from cattrs import Converter


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
        if is_annotated_union(type_):
            self.tags += [one for one in get_args(type_)[1:] if isinstance(one, Tagged)]
            self.add(get_args(type_)[0])
        elif is_union(type_):
            for member in get_args(type_):
                self.add(member)
        elif is_alias(type_):
            self.add(alias(type_.name, type_.package))
        else:
            for members in self._lists_for(type_):
                members.append(type_)

    def _lists_for(self, type_: Any) -> Iterator[list[Any]]:
        origin = get_origin(type_)
        self.is_anything = self.is_anything or type_ is Any
        if is_object(type_):
            yield self.objects
        elif origin in (dict, list):
            yield self.maps if origin is dict else self.lists
        else:
            yield self.scalars
            if type_ is RemoteFile:  # an address, or an object with one
                yield self.maps


def hook_of_union(kind: type, type_: Any, made: Converter) -> tuple[Hook, Any]:
    """What to call for JSON of one kind (dict, list, str …), and with which type."""
    members = _Union(union_spelling(type_))
    members.add(type_)
    if issubclass(kind, Mapping):
        return _object_of_union(members, made)
    if issubclass(kind, list):
        return _list_of_union(members, made)
    return _text_of_union(members, made) if kind is str else _scalar_of_union(members, made)


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
    if not all(one in PLAIN or is_enum(one) or is_literal(one) for one in members.scalars):
        return other, None
    words: dict[str, Any] = {one: one for type_ in filter(is_literal, members.scalars) for one in get_args(type_)}
    for type_ in filter(is_enum, members.scalars):
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


def _first_that_fits(candidates: Iterable[Any], value: Any, members: _Union, made: Converter) -> Any:
    tried = list(candidates)
    for one in tried:
        try:
            return made.structure(value, one)
        except Exception:
            if len(tried) == 1 and isinstance(value, Mapping | list):
                raise
    if members.is_anything:
        return value
    raise ValueError(f"expected {members.spelling}, got {shown(value)}")


def _by_closeness(scalars: Sequence[Any], value: Any) -> list[Any]:
    """Exact values first, then texts of a form (dates), then the plain types, then whatever may grow."""
    return list(scalars) if len(scalars) < 2 else sorted(scalars, key=lambda one: _closeness(one, value))


_ADDRESS: Final = re.compile(r"https?://|data:[a-zA-Z]", re.IGNORECASE)


def _closeness(type_: Any, value: Any) -> int:
    if is_literal(type_):
        return 0 if any(value == one and type(value) is type(one) for one in get_args(type_)) else 5
    if is_enum(type_):
        return 1 if value in _enum_values(type_) else 4
    if type_ is RemoteFile:
        return 2 if isinstance(value, str) and _ADDRESS.match(value) else 6
    if type_ in (datetime, date, UUID) and isinstance(value, str):
        return 2
    return 3


@cache
def _enum_values(type_: type[Enum]) -> frozenset[Any]:
    return frozenset(one.value for one in type_)


# --- objects of a union


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
            known={one: frozenset(f.wire for f in fields_of(one)) for one in classes},
            tables=[(tag.wire, _classes_of(tag, classes)) for tag in members.tags],
            has_constants=any(any(True for _ in _constants_of(one)) for one in classes),
        )

    def pick(self, value: Mapping[str, Any]) -> Sequence[type[ApiObject]]:
        """Pick the classes that an object can be, the likeliest first: one of them, where a constant or a table decides.

        `UnknownObject` alone for a tag that no member has; nothing when no member can be meant.
        """
        if len(self.classes) == 1:
            return self.classes
        for wire, table in self.tables:
            tag = value.get(wire)
            if (found := table.get(str(tag))) is not None:
                return [found]
            if isinstance(tag, str) and not any(self._may_have(tag, wire, one, table) for one in self.classes):
                return [UnknownObject]
        allowed = self.classes
        if self.has_constants:
            allowed = tuple(one for one in self.classes if not self._is_excluded(one, value))
        if allowed:
            return self.ranked(allowed, tuple(value))
        return [UnknownObject] if self.classes and self._is_tagged(value) else []

    def _may_have(self, tag: str, wire: str, cls: type[ApiObject], table: Mapping[str, type[ApiObject]]) -> bool:
        """Whether a class can have a tag that the table does not list: by its own constants, or because neither knows the class."""
        own = self.constants[cls].get(wire)
        return cls not in table.values() if own is None else tag in own

    def _rank(self, allowed: tuple[type[ApiObject], ...], keys: tuple[str, ...]) -> list[type[ApiObject]]:
        complete = [one for one in allowed if self.required[one].issubset(keys)]
        return sorted(complete or allowed, key=lambda one: self._likeness(one, keys), reverse=True)

    def _is_excluded(self, cls: type[ApiObject], value: Mapping[str, Any]) -> bool:
        return any(
            wire in value and value[wire] not in allowed
            for wire, allowed in self.constants[cls].items()
            if _is_hashable(value.get(wire))
        )

    def _likeness(self, cls: type[ApiObject], keys: Iterable[str]) -> tuple[int, int, int, int]:
        """What an object and a class have in common; of classes alike in that, the one that says least beyond it."""
        found, known = frozenset(keys), self.known[cls]
        return len(found & self.constants[cls].keys()), len(found & self.required[cls]), len(found & known), -len(known)

    def _is_tagged(self, value: Mapping[str, Any]) -> bool:
        return any(isinstance(value.get(wire), str) for one in self.classes for wire in self.constants[one])


def _is_hashable(value: Any) -> bool:
    return isinstance(value, str | int | float | None)


def _constants_of(cls: type[ApiObject]) -> Iterable[tuple[str, frozenset[Any]]]:
    for one in fields_of(cls):
        values = _values_of(one.type)
        if values:
            yield one.wire, values


def _values_of(type_: Any) -> frozenset[Any]:
    """The values that a type allows, when they are few and known; nothing otherwise."""
    if is_literal(type_):
        return frozenset(get_args(type_))
    if is_enum(type_):
        return frozenset(member.value for member in type_)
    if is_union(type_):
        parts = [_values_of(one) if one is not type(None) else frozenset({None}) for one in get_args(type_)]
        return frozenset[Any]().union(*parts) if all(parts) else frozenset()
    return frozenset()


def _required_of(cls: type[ApiObject]) -> Iterable[str]:
    for one in fields_of(cls):
        if one.is_required or one.is_constant:
            yield one.wire


def _classes_of(tag: Tagged, classes: Sequence[type[ApiObject]]) -> dict[str, type[ApiObject]]:
    by_name = {one.__name__: one for one in classes}
    return {value: by_name[name] for value, name in tag.names.items() if name in by_name}
