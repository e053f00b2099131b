"""Discriminators: the table from a property's value to a class, for unions and for classes that others are made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from attrs import define, field, frozen

from typedrun_codegen.ir.api import Ref
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Problem, excerpt
from typedrun_codegen.readers import forms
from typedrun_codegen.readers.forms import Node
from typedrun_codegen.readers.labels import descriptions
from typedrun_codegen.readers.lift import Lifter
from typedrun_codegen.readers.pieces import BadSchema, Piece
from typedrun_codegen.readers.references import BadReference, Place, words_of
from typedrun_codegen.readers.shapes import Lifted, Member

Table: TypeAlias = "dict[str, str]"
"""Value of the discriminator → key of the class."""


@frozen
class Tags:
    """A discriminator: the wire name of its property, and its table."""

    name: str = ""
    table: tuple[tuple[str, str], ...] = ()


@frozen(kw_only=True)
class Family:
    """A class with a discriminator and the classes that are made of it: wherever it is asked for, one of them may stand."""

    parent: Lifted
    members: tuple[str, ...]
    """Keys of the classes, the parent last."""
    tags: Tags

    @property
    def key(self) -> str:
        """The identity of the union of them all."""
        return f"{self.parent.key}/discriminator"

    @property
    def words(self) -> tuple[str, ...]:
        """What its name is made of."""
        return ("Any", *self.parent.words)


@define
class Discriminators:
    """Reads the discriminators of a document whose schemas are all lifted."""

    lifter: Lifter
    _children: dict[str, list[Lifted]] = field(init=False)
    """Key of a class → the named classes that are made of it."""

    def __attrs_post_init__(self) -> None:
        self._children = {}
        for one in list(self.lifter.lifted.values()):
            if one.is_component and one.shape.kind == "class":
                for key in dict.fromkeys(self._bases(one)):
                    self._children.setdefault(key, []).append(one)

    def _bases(self, one: Lifted) -> Iterator[str]:
        for piece in self.lifter.pieces.of(one.place, forms.split_null(one.schema)[0], one.words, one.owner):
            if piece.owner != one.key:
                yield piece.owner

    # --- classes that others are made of

    def families(self) -> list[Family]:
        """Classes with a discriminator and without a union, with all that is made of them."""
        return [found for one in list(self.lifter.lifted.values()) if (found := self._family(one)) is not None]

    def _family(self, one: Lifted) -> Family | None:
        discriminator = one.schema.get("discriminator")
        if one.shape.kind != "class" or not one.is_component or not isinstance(discriminator, dict):
            return None
        name = discriminator.get("propertyName")
        if not isinstance(name, str) or any(forms.options(one.schema, word) for word in forms.UNIONS):
            return None
        table = self._mapping(discriminator, one.place)
        mapped = {key: None for key in table.values() if self._is_class(key)}
        children = [
            key for key in dict.fromkeys([*mapped, *(c.key for c in self._children.get(one.key, ()))]) if key != one.key
        ]
        if not children:
            return None
        for key in (*children, one.key):
            if key not in table.values():
                table.setdefault(words_of(self.lifter.lifted[key].place)[-1], key)
        table = {value: key for value, key in table.items() if self._is_class(key)}
        return Family(parent=one, members=(*children, one.key), tags=Tags(name, tuple(sorted(table.items()))))

    def _is_class(self, key: str) -> bool:
        return key in self.lifter.lifted and self.lifter.lifted[key].shape.kind == "class"

    # --- unions

    def tags_of(self, union: Lifted) -> Tags:
        """The discriminator's table of a union, where it says more than the members' own constants."""
        if union.shape.discriminator is None:
            return Tags()
        at, discriminator = union.shape.discriminator
        if not isinstance(name := discriminator.get("propertyName"), str):
            return Tags()
        members = list(self._members(union))
        table = self._mapping(discriminator, at)
        keys = {piece.place.key: key for piece, key in members}
        table = {value: keys.get(target, target) for value, target in table.items()}
        constant = {(str(value), key) for piece, key in members for value in self._values_of(piece, name)}
        for piece, key in members:
            is_named = piece.place.key in self.lifter.lifted and self.lifter.lifted[piece.place.key].is_component
            if is_named and key not in table.values() and not self._values_of(piece, name):
                table[words_of(piece.place)[-1]] = key  # OpenAPI: without a mapping the value is the schema's name
        return Tags() if constant.issuperset(table.items()) else Tags(name, tuple(sorted(table.items())))

    def _members(self, union: Lifted) -> Iterator[tuple[Piece, str]]:
        """The classes of a union, those of unions inside it included: where the document has each, and its key."""
        todo, seen = list(reversed(union.shape.members)), {union.key}
        while todo:
            one = todo.pop()
            key = one.type.key if isinstance(one.type, Ref) else ""
            found = self.lifter.lifted.get(key)
            if found is None or key in seen:
                continue
            seen.add(key)
            if found.shape.kind == "class":
                place, schema = self._behind(one)
                yield Piece(place, schema, found.words, found.owner), key
            todo += reversed(found.shape.members)

    def _behind(self, member: Member) -> tuple[Place, Node]:
        ref = member.schema.get("$ref")
        try:
            place, found = (
                self.lifter.refs.follow(ref, member.place) if isinstance(ref, str) else (member.place, member.schema)
            )
        except BadReference:
            return member.place, member.schema  # reported where its type is read
        return place, forms.as_schema(found)

    def _values_of(self, member: Piece, name: str) -> tuple[str | int | bool, ...]:
        """The constants that a member's discriminator can have."""
        for piece, property_ in descriptions(self.lifter.pieces, member, name):
            try:
                found = self.lifter.pieces.of(piece.place.at("properties", name), forms.split_null(property_)[0])
            except BadSchema:
                return ()
            values: tuple[str | int | bool, ...] = ()
            for one in found:
                values += forms.constants(one.schema)
                for word in forms.UNIONS:
                    for _, option in forms.options(one.schema, word):
                        values += forms.constants(option)
            return values
        return ()

    def _mapping(self, discriminator: Node, at: Place) -> Table:
        mapping: JSON = discriminator.get("mapping")
        table: Table = {}
        for value, target in (mapping if isinstance(mapping, dict) else {}).items():
            try:
                table[value] = self._target(target, at)
            except BadReference as bad:
                where = self.lifter.refs.location(at).at("discriminator", "mapping", value)
                next_step = "correct the mapping; until then an object with this value is an UnknownObject"
                self.lifter.report(
                    Problem("a discriminator names a schema that is not there", where, bad.found, next_step)
                )
        return table

    def _target(self, target: JSON, at: Place) -> str:
        if not isinstance(target, str):
            where = self.lifter.refs.location(at)
            raise BadReference("a discriminator's mapping is not text", where, excerpt(target), "correct it")
        is_path = "#" in target or target.endswith((".json", ".yaml", ".yml"))
        place, _ = self.lifter.refs.follow(target if is_path else f"#/components/schemas/{target}", at)
        found = self.lifter.component(place)
        self.lifter.finish()
        return found.key
