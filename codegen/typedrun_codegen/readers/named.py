"""Lifted schemas → named types of the Spec, with what the document says beside each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import isfinite
from typing import Final

from attrs import define, evolve, field

from typedrun_codegen.ir.api import (
    ABSENT,
    NONE,
    Absent,
    AliasSpec,
    AnyNamed,
    ClassSpec,
    EnumSpec,
    FieldSpec,
    ListOf,
    MapOf,
    Notes,
    Ref,
    TypeExpr,
    UnionOf,
    union_of,
)
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Problem, excerpt
from typedrun_codegen.readers.circles import open_circles
from typedrun_codegen.readers.discriminators import Discriminators, Family
from typedrun_codegen.readers.lift import Lifter
from typedrun_codegen.readers.notes import read_notes
from typedrun_codegen.readers.pieces import Piece
from typedrun_codegen.readers.shapes import Lifted, Property

_NO_DEFAULT: Final = "write a value that JSON has, or leave the default out; until then there is none"


@define
class NamedTypes:
    """Makes the named types of a document whose schemas are all lifted."""

    lifter: Lifter
    discriminators: Discriminators = field(init=False)
    families: dict[str, Family] = field(init=False)
    """Key of a class → what may stand for it."""
    _known: dict[Property, FieldSpec] = field(factory=dict[Property, FieldSpec])
    """Fields: classes that are made of one base share them, and a chain of such classes has each many times."""

    def __attrs_post_init__(self) -> None:
        self.discriminators = Discriminators(self.lifter)
        self.families = {one.parent.key: one for one in self.discriminators.families()}

    def all(self) -> Iterator[AnyNamed]:
        """Every named type of the document."""
        opened = open_circles(self.lifter)
        for one in list(self.lifter.lifted.values()):
            yield self._named(one, opened.get(one.key, one.shape.type))
            if (family := self.families.get(one.key)) is not None:
                yield self._union_of(family)

    def _named(self, one: Lifted, type_: TypeExpr) -> AnyNamed:
        notes, _ = read_notes({k: v for k, v in one.schema.items() if k != "$ref"}, self.lifter.refs, one.place)
        location = self.lifter.refs.location(one.place)
        if one.shape.kind == "enum":
            return EnumSpec(
                key=one.key,
                words=one.words,
                owner=one.owner,
                notes=notes,
                location=location,
                values=one.shape.values,
                labels=one.shape.labels or _labels(one),
            )
        if one.shape.kind == "class":
            return ClassSpec(
                key=one.key,
                words=one.words,
                owner=one.owner,
                notes=notes,
                location=location,
                fields=tuple(self._fields(one)),
                rest=None if one.shape.rest is None else self.used(one.shape.rest),
                is_closed=one.shape.is_closed,
            )
        tags = self.discriminators.tags_of(one)
        return AliasSpec(
            key=one.key,
            words=one.words,
            owner=one.owner,
            notes=notes,
            location=location,
            type=self.used(type_),
            tag=tags.name,
            tags=tags.table,
        )

    def _union_of(self, family: Family) -> AliasSpec:
        """Whatever may stand where a class with a discriminator is asked for."""
        parent = family.parent
        return AliasSpec(
            key=family.key,
            words=family.words,
            owner=parent.key,
            notes=Notes(description=f"Any {parent.words[-1]}; its `{family.tags.name}` tells which."),
            location=self.lifter.refs.location(parent.place).at("discriminator"),
            type=union_of(map(Ref, family.members)),
            tag=family.tags.name,
            tags=family.tags.table,
        )

    def used(self, type_: TypeExpr) -> TypeExpr:
        """The type at a place of use: what may stand for a class, and null where the class's own schema allows that."""
        match type_:
            case Ref(key):
                target = self.lifter.lifted.get(key)
                found = Ref(self.families[key].key) if key in self.families else type_
                is_null = target is not None and target.is_nullable and target.shape.kind != "alias"
                return union_of((found, NONE)) if is_null and target is not None and target.is_component else found
            case ListOf(part):
                return ListOf(self.used(part))
            case MapOf(part):
                return MapOf(self.used(part))
            case UnionOf(members):
                return union_of(self.used(one) for one in members)
            case _:
                return type_

    def _fields(self, one: Lifted) -> Iterator[FieldSpec]:
        for wire, property_ in one.shape.properties.items():
            if property_ not in self._known:
                self._known[property_] = self._field(wire, property_)
            yield self._known[property_]

    def _field(self, wire: str, property_: Property) -> FieldSpec:
        notes, default = self._notes(property_.descriptions)
        location = self.lifter.refs.location(property_.descriptions[-1].place)
        if default is not ABSENT and not _is_json(default):
            where, found = location.at("default"), f"default: {excerpt(default)}"
            self.lifter.report(Problem("a default is no JSON value", where, found, _NO_DEFAULT))
            default = ABSENT
        return FieldSpec(
            wire=wire,
            type=self.used(property_.type),
            required=property_.is_required,
            default=default,
            notes=notes,
            location=location,
        )

    def _notes(self, descriptions: Sequence[Piece]) -> tuple[Notes, JSON | Absent]:
        """What the outermost description says; where it is silent, the text and the default of the others."""
        found = [read_notes(one.schema, self.lifter.refs, one.place) for one in reversed(descriptions)]
        notes, default = found[0]
        for other, value in found[1:]:
            notes = evolve(notes, description=notes.description or other.description)
            default = value if default is ABSENT else default
        return notes, default


MAX_DEFAULT: Final = 50
"""Levels of a default; Python takes no more than some hundred brackets inside each other."""


def _is_json(value: JSON) -> bool:
    """Whether a value can be written as JSON, and in Python: YAML has numbers that are none."""
    level = [value]
    for _ in range(MAX_DEFAULT):
        if any(isinstance(one, float) and not isfinite(one) for one in level):
            return False
        level = [part for one in level for part in _parts_of(one)]
        if not level:
            return True
    return False


def _parts_of(value: JSON) -> Iterable[JSON]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _labels(one: Lifted) -> tuple[str, ...]:
    for key in ("x-enum-varnames", "x-enumNames", "x-enum-names"):
        names = one.schema.get(key)
        if isinstance(names, list) and len(names) == len(one.shape.values):
            return tuple(map(str, names))
    return ()
