"""Reads schemas as types, and gives every schema that needs a name a place of its own.

The documents in the wild write one thing in many ways: `nullable`, `type: [x, "null"]` and `anyOf` with null; one-value
enumerations and `const`; objects inside objects inside unions. Here each becomes a type (ir/api.py); classes, enumerations
and unions of classes are lifted: they get a name, and types refer to them by key.

A schema that means nothing is a problem with its pointer and stands for any value; the rest of the document is read.
What a schema says beside its type (descriptions, defaults, limits) stays in the document and is read from there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from attrs import define, evolve, field

from typedrun_codegen.ir.api import ANY, NONE, LeafName, ListOf, MapOf, Ref, TypeExpr, union_of
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Problem, excerpt
from typedrun_codegen.readers import forms
from typedrun_codegen.readers.forms import Node
from typedrun_codegen.readers.labels import labels_of
from typedrun_codegen.readers.misplaced import SCHEMA, misplaced
from typedrun_codegen.readers.narrow import narrower
from typedrun_codegen.readers.pieces import BadSchema, Piece, Pieces, options_of, reference_of
from typedrun_codegen.readers.references import BadReference, Place, References, words_of
from typedrun_codegen.readers.shapes import Lifted, Member, Own, Property, Shape, enum_of, named_constants
from typedrun_codegen.readers.variants import variants

DEEP: Final = 20
"""Levels of schemas inside each other after which a class is read later, from its own beginning."""
TOO_DEEP: Final = 50
"""Levels of lists, maps and unions without a class between them; Python takes some hundred brackets."""


@define
class Lifter:
    """Walks schemas; `lifted` fills as it goes."""

    refs: References
    formats: Mapping[str, LeafName] = forms.LEAVES
    """String formats that have a Python type of their own."""
    lifted: dict[str, Lifted] = field(factory=dict[str, Lifted])
    problems: list[Problem] = field(factory=list[Problem])
    pieces: Pieces = field(init=False)
    _queue: deque[Lifted] = field(factory=deque[Lifted])
    _merged: dict[tuple[str, ...], TypeExpr] = field(factory=dict[tuple[str, ...], TypeExpr])
    """Properties that several schemas describe, by the places of the descriptions."""
    _properties: dict[tuple[bool, tuple[str, ...]], Property] = field(
        factory=dict[tuple[bool, tuple[str, ...]], Property]
    )
    """Properties, by whether they are required and the places of their descriptions."""
    _owns: dict[str, Own] = field(factory=dict[str, Own])
    """What a piece says itself, by its place."""
    open: list[str] = field(factory=list[str])
    """Places whose variants are being made: a member that refers back to its union takes the union's other words only."""
    _depth: int = 0
    """Schemas that are being read inside each other."""

    def __attrs_post_init__(self) -> None:
        self.pieces = Pieces(self.refs, self._named, self.report)

    # --- entry points

    def component(self, place: Place, words: tuple[str, ...] | None = None) -> Lifted:
        """The lifted schema of a place, which has a name of its own whatever it turns out to be."""
        if place.key not in self.lifted:
            node = self.refs.node(place)
            if not isinstance(node, dict | bool):
                self._report_bad(BadSchema(place, "a schema is neither an object nor a boolean", excerpt(node)))
            schema = forms.as_schema(node)
            self._queue.append(self.add(place, schema, words or words_of(place), place.key))
        return self.lifted[place.key]

    def finish(self) -> None:
        """Work until nothing is left to lift."""
        while self._queue:
            lifted = self._queue.popleft()
            bare, lifted.is_nullable = forms.split_null(lifted.schema)
            lifted.shape = self._component_shape(bare, lifted)
            if lifted.shape.kind == "alias" and lifted.is_nullable:
                lifted.shape = evolve(lifted.shape, type=union_of((lifted.shape.type, NONE)))

    def type_of(self, schema: JSON, at: Place, words: tuple[str, ...], owner: str) -> TypeExpr:
        """The type of a schema inside another; a bad one is a problem and stands for anything."""
        self._depth += 1
        try:
            return self._type(schema, at, words, owner)
        except BadSchema as bad:
            self._report_bad(bad)
        except BadReference as bad:
            self.report(bad.problem)
        except RecursionError:
            self._report_bad(BadSchema(at, "a schema is nested too deeply", "unions inside unions without end"))
        finally:
            self._depth -= 1
        return ANY

    def report(self, problem: Problem) -> None:
        """Keep a problem, once."""
        if problem not in self.problems:
            self.problems.append(problem)

    # --- one schema

    def _type(self, schema: JSON, at: Place, words: tuple[str, ...], owner: str) -> TypeExpr:
        if isinstance(schema, bool):
            return ANY
        if not isinstance(schema, dict):
            raise BadSchema(at, "a schema is neither an object nor a boolean", excerpt(schema))
        bare, is_null = forms.split_null(schema)
        found = self._reference(bare, at, owner)
        if found is None and self._depth > DEEP:
            found = self._later(bare, at, words, owner)
        if found is None:
            shape = self._shape(bare, at, words, owner, is_inline=True)
            found = self._hoist(bare, shape, at, words, owner) if shape.needs_name else shape.type
        return union_of((found, NONE)) if is_null else found

    def _component_shape(self, schema: Node, lifted: Lifted) -> Shape:
        try:
            found = self._reference(schema, lifted.place, lifted.owner)
            if found is not None:
                return Shape(type=found)
            return self._shape(schema, lifted.place, lifted.words, lifted.owner, is_inline=False)
        except BadSchema as bad:
            self._report_bad(bad)
        except BadReference as bad:
            self.report(bad.problem)
        except RecursionError:
            self._report_bad(
                BadSchema(lifted.place, "a schema is nested too deeply", "unions inside unions without end")
            )
        return Shape()

    def _reference(self, schema: Node, at: Place, owner: str) -> TypeExpr | None:
        """The type of a schema that only refers to another."""
        if schema.get("$recursiveRef") == "#" or schema.get("$dynamicRef") == "#":
            return Ref(owner) if owner in self.lifted else ANY
        if "$ref" in schema and not isinstance(schema["$ref"], str):
            raise BadSchema(at, "a $ref is not text", excerpt(schema["$ref"]))
        ref = reference_of(schema)
        if ref is None or forms.has_shape_beside_ref(schema):
            return None
        place, target = self.refs.follow(ref, at)
        if isinstance(target, bool):
            return ANY
        if not isinstance(target, dict):
            raise BadSchema(at, "a reference does not lead to a schema", f"$ref: {ref!r}")
        return Ref(self.component(place).key)

    def _later(self, schema: Node, at: Place, words: tuple[str, ...], owner: str) -> TypeExpr | None:
        """The name of a class whose properties are read when this schema is done: depth costs no stack.

        Raises:
            BadSchema: it is no class, and nested too deeply.
        """
        if forms.is_plain_class(schema):
            if at.key not in self.lifted:
                self._queue.append(self.add(at, schema, words, owner))
            return Ref(at.key)
        if self._depth > TOO_DEEP:
            raise BadSchema(at, "a schema is nested too deeply", f"{TOO_DEEP} levels without a class between them")
        return None

    def _hoist(self, schema: Node, shape: Shape, at: Place, words: tuple[str, ...], owner: str) -> TypeExpr:
        if at.key not in self.lifted:
            self.add(at, schema, words, owner).shape = shape
        return Ref(at.key)

    def add(self, place: Place, schema: Node, words: tuple[str, ...], owner: str) -> Lifted:
        """Give a schema a name of its own; its shape is left to the caller."""
        lifted = Lifted(place.key, place, words, owner, len(self.lifted), schema)
        self.lifted[place.key] = lifted
        return lifted

    def _named(self, place: Place) -> tuple[tuple[str, ...], str]:
        found = self.component(place)
        return found.words, found.owner

    def _report_bad(self, bad: BadSchema) -> None:
        where = self.refs.location(bad.place)
        self.report(Problem(bad.title, where, bad.found, "correct the schema there; until then any value is accepted"))

    def _shape(self, schema: Node, at: Place, words: tuple[str, ...], owner: str, *, is_inline: bool) -> Shape:
        kind = schema.get("type")
        if "const" in schema:
            return Shape(type=forms.constant(schema["const"], kind))
        if "enum" in schema and (found := self._enumeration(schema, at, is_inline=is_inline)) is not None:
            return found
        if isinstance(kind, list) and kind:
            each = ({**schema, "type": one} for one in kind)
            types = [self.type_of(one, at.at(f"type={one['type']}"), (*words, str(one["type"])), owner) for one in each]
            return Shape(type=union_of(types))
        if kind is not None and str(kind) not in forms.TYPES:
            raise BadSchema(at, "a schema has a type that does not exist", f"type: {excerpt(kind)}")
        for word in ("allOf", *forms.UNIONS):
            if not isinstance(schema.get(word, []), list):
                raise BadSchema(at.at(word), f"{word} is not a list", excerpt(schema[word]))
        piece = Piece(at, schema, words, owner)
        if "allOf" in schema or reference_of(schema) is not None:
            return self._all_of(piece)
        unions = piece.unions
        if len(unions) > 1 or (unions and forms.properties(schema)):
            return self.combined((piece,), at, words, owner)
        if unions:
            return self._union(piece, unions[0])
        return self._plain(piece)

    def _plain(self, piece: Piece) -> Shape:
        """A schema without unions, references and `allOf`."""
        schema = piece.schema
        if forms.is_object(schema):
            if not isinstance(found := schema.get("properties", {}), dict):
                raise BadSchema(piece.place, "properties is not an object", excerpt(found))
            if forms.properties(schema):
                return self._class((piece,))
            return Shape(type=MapOf(self._rest(piece) or ANY))
        kind = schema.get("type")
        if kind == "array" or (kind is None and ("items" in schema or "prefixItems" in schema)):
            return Shape(type=ListOf(self._items(piece)))
        return Shape(type=forms.scalar(schema, self.formats))

    def _enumeration(self, schema: Node, at: Place, *, is_inline: bool) -> Shape | None:
        if not isinstance(listed := schema["enum"], list) or not listed:
            where, next_step = (
                self.refs.location(at),
                "list them, or take the word out; until then the type alone counts",
            )
            self.report(Problem("an enumeration lists no values", where, f"enum: {excerpt(listed)}", next_step))
            return None
        values = forms.listed_values(schema)
        if not values:
            return None  # of lists and objects: the type says more
        if len(values) == 1 and (is_inline or not isinstance(values[0], str | int)):
            return Shape(type=forms.constant(values[0]))
        return enum_of(values) or Shape(type=union_of(map(forms.constant, values)))

    # --- objects and lists

    def _class(self, pieces: Sequence[Piece]) -> Shape:
        """An object with the properties of all its pieces."""
        described: dict[str, dict[str, Piece]] = {}
        required = set[str]()
        rest: TypeExpr | None = None
        is_closed = False
        for own in map(self._own_of, pieces):
            for name, one in own.described.items():
                described.setdefault(name, {})[one.place.key] = one
            required.update(own.required)
            rest, is_closed = own.rest or rest, is_closed or own.is_closed
        properties = {name: self._property(found, is_required=name in required) for name, found in described.items()}
        return Shape(kind="class", properties=properties, rest=rest, is_closed=is_closed and rest is None)

    def _own_of(self, piece: Piece) -> Own:
        if piece.place.key not in self._owns:
            for problem in misplaced(piece.schema, piece.place, SCHEMA, self.refs):
                self.report(problem)
            described, required = dict(self._described(piece)), tuple(forms.required(piece.schema))
            self._owns[piece.place.key] = Own(described, required, self._rest(piece), forms.is_closed(piece.schema))
        return self._owns[piece.place.key]

    def _property(self, found: Mapping[str, Piece], *, is_required: bool) -> Property:
        """A property by its descriptions; classes that are made of one base share its properties."""
        key = (is_required, tuple(found))
        if key not in self._properties:
            descriptions = tuple(found.values())
            self._properties[key] = Property(descriptions, self._property_type(descriptions), is_required)
        return self._properties[key]

    def _described(self, piece: Piece) -> Iterator[tuple[str, Piece]]:
        for name, schema in forms.properties(piece.schema).items():
            place = piece.place.at("properties", name)
            if not isinstance(schema, dict | bool):
                title = "a schema is neither an object nor a boolean"
                self._report_bad(BadSchema(place, title, excerpt(schema)))
            yield name, Piece(place, forms.as_schema(schema), (*piece.words, name), piece.owner)

    def _property_type(self, descriptions: tuple[Piece, ...]) -> TypeExpr:
        telling = [one for one in descriptions if forms.says_type(one.schema)] or list(descriptions[-1:])
        keys = tuple(one.place.key for one in telling)
        if keys not in self._merged:
            self._merged[keys] = self._narrowest(telling)
        return self._merged[keys]

    def _narrowest(self, telling: Sequence[Piece]) -> TypeExpr:
        """What all descriptions of a property allow: one class where they describe one, else the narrowest type."""
        last = telling[-1]
        if len(telling) == 1:
            return self.type_of(last.schema, last.place, last.words, last.owner)
        classes = [one for one in telling if self.pieces.is_class(one.place, forms.split_null(one.schema)[0])]
        is_inline = last in classes and reference_of(last.schema) is None
        if len(classes) < 2 or not is_inline:
            types = [self.type_of(one.schema, one.place, one.words, one.owner) for one in telling]
            return narrower(types, self._is_enum)
        pieces = [piece for one in classes for piece in self.pieces.behind(one)]
        shape = self._class(pieces)
        is_null = all(forms.split_null(one.schema)[1] for one in telling)
        found = self._hoist(last.schema, shape, last.place, last.words, last.owner)
        return union_of((found, NONE)) if is_null else found

    def _is_enum(self, key: str) -> bool:
        return (one := self.lifted.get(key)) is not None and (one.shape.kind == "enum" or "enum" in one.schema)

    def _rest(self, piece: Piece) -> TypeExpr | None:
        """The type of properties that are not listed; None where the document does not speak of them."""
        if not forms.is_object(piece.schema):
            return None
        more, patterns = piece.schema.get("additionalProperties"), piece.schema.get("patternProperties")
        found: list[tuple[JSON, Place]] = []
        if isinstance(more, dict) or more is True:
            found.append((more, piece.place.at("additionalProperties")))
        for pattern, schema in (patterns if isinstance(patterns, dict) else {}).items():
            found.append((schema, piece.place.at("patternProperties", pattern)))
        types = [self.type_of(one, at, (*piece.words, "Value"), piece.owner) for one, at in found]
        return union_of(types) if types else None

    def _items(self, piece: Piece) -> TypeExpr:
        schema, at = piece.schema, piece.place
        items = schema.get("items", {})
        first = forms.as_list(schema.get("prefixItems", items if isinstance(items, list) else []))
        types = [
            self.type_of(one, at.at("prefixItems", index), (*piece.words, f"Item{index + 1}"), piece.owner)
            for index, one in enumerate(first)
        ]
        if not isinstance(items, list) and (not types or schema.get("items") not in (None, False)):
            types.append(self.type_of(items, at.at("items"), (*piece.words, "Item"), piece.owner))
        return union_of(types)

    # --- allOf

    def _all_of(self, piece: Piece) -> Shape:
        pieces = self.pieces.of(piece.place, piece.schema, piece.words, piece.owner)
        single = self._single_part(piece)
        if single is None:
            return self.combined(pieces, piece.place, piece.words, piece.owner)
        if single.is_referred:
            return Shape(type=Ref(self.component(single.place).key))
        if (reference := self._reference(single.schema, single.place, piece.owner)) is not None:
            return Shape(type=reference)
        return self._shape(single.schema, single.place, piece.words, piece.owner, is_inline=True)

    def _single_part(self, piece: Piece) -> Piece | None:
        """The one part that says what the schema is, when nothing beside it adds to that."""
        own = {key: value for key, value in piece.schema.items() if key not in ("allOf", *forms.REFERENCES)}
        parts = [one for one in self.pieces.parts(piece) if forms.says_type(one.schema) or "required" in one.schema]
        if len(parts) != 1 or any(key in own for key in (*forms.OBJECT_KEYS, *forms.UNIONS)):
            return None
        inner = {name for one in self.pieces.behind(parts[0]) for name in forms.required(one.schema)}
        is_more = not inner.issuperset(forms.required(own)) and self.pieces.is_class(parts[0].place, parts[0].schema)
        return None if is_more else parts[0]

    def combined(self, pieces: Sequence[Piece], at: Place, words: tuple[str, ...], owner: str) -> Shape:
        """One type of several pieces: variants where they hold unions of classes, else a class, else the narrowest."""
        choices = [(one, word) for one in pieces for word in one.unions if self._is_choice(one, word, at)]
        if choices:
            return variants(self, pieces, choices, at, words, owner)
        if any(forms.properties(one.schema) for one in pieces):
            return self._class(pieces)
        telling = [one for one in pieces if forms.says_type(one.schema) and one.place.key not in self.open]
        types: list[TypeExpr] = []
        for one in telling:
            if one.is_referred:
                types.append(self.type_of(one.schema, one.place, one.words, one.owner))
                continue
            for shape in self._shapes(one):
                if shape.kind == "enum" or len(telling) == 1:
                    return shape
                types.append(
                    self._hoist(one.schema, shape, one.place, words, owner) if shape.needs_name else shape.type
                )
        return Shape(type=narrower(types, self._is_enum))

    def _shapes(self, piece: Piece) -> Iterator[Shape]:
        """What a piece without classes says: by each of its unions, or by itself."""
        for word in piece.unions:
            yield self._union(piece, word)
        if not piece.unions:
            yield self._shape(piece.schema, piece.place, piece.words, piece.owner, is_inline=True)

    # --- unions

    def _is_choice(self, piece: Piece, word: str, at: Place) -> bool:
        """Whether a union has classes among its members, and is not that of a base whose member this schema is."""
        if piece.place.key in self.open:
            return False
        found = [(one.place, forms.split_null(one.schema)[0]) for one in options_of(piece, word)]
        if piece.place != at and any(at.key in self._behind(*one) for one in found):
            return False
        return bool(forms.properties(piece.schema)) or any(
            self.pieces.is_class(*one) or self.pieces.is_choice(*one) for one in found
        )

    def _behind(self, place: Place, schema: Node) -> tuple[str, ...]:
        ref = reference_of(schema)
        try:
            return (place.key,) if ref is None else (place.key, self.refs.follow(ref, place)[0].key)
        except BadReference:
            return (place.key,)  # reported where its type is read

    def _union(self, piece: Piece, word: str) -> Shape:
        members = list(options_of(piece, word))
        if (named := named_constants(members, piece.schema)) is not None:
            return named
        inherited: Node = {key: piece.schema[key] for key in ("type", "items") if key in piece.schema}
        labels = labels_of(self.pieces, members, piece.schema)
        found: list[Member] = []
        for one, label in zip(members, labels, strict=True):
            if (type_ := self.member_type(one, inherited, (*piece.words, label))) == Ref(piece.place.key):
                self._report_bad_member(one)
                continue
            found.append(Member(one.place, one.schema, type_))
        types = [one.type for one in found] + ([ANY] if forms.is_free_member(piece.schema, word) else [])
        discriminator = piece.schema.get("discriminator")
        return Shape(
            type=union_of(types),
            members=tuple(found),
            discriminator=(piece.place, discriminator) if isinstance(discriminator, dict) else None,
        )

    def member_type(self, one: Piece, inherited: Node, words: tuple[str, ...]) -> TypeExpr:
        """The type of a union's member; one that says none has the union's (`inherited`)."""
        if forms.is_only_nullable(one.schema):
            return NONE
        is_telling = forms.says_type(one.schema)
        return self.type_of(one.schema if is_telling else {**inherited, **one.schema}, one.place, words, one.owner)

    def _report_bad_member(self, one: Piece) -> None:
        where, next_step = self.refs.location(one.place), "take the member out; until then it is left out"
        self.report(Problem("a union contains itself", where, excerpt(one.schema), next_step))
