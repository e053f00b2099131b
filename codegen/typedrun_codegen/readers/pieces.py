"""A schema as one flat list of pieces: everything that `allOf` and `$ref` gather, in order, each schema once.

All that is asked of a composed schema (its properties, what it demands, whether it is a class or a union) is asked of that
list. It is made without recursion: a chain of a thousand `allOf` is an input like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from attrs import define, evolve, field, frozen

from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Problem, excerpt
from typedrun_codegen.readers import forms
from typedrun_codegen.readers.forms import Node
from typedrun_codegen.readers.references import BadReference, Place, References


class BadSchema(Exception):  # becomes a problem, never reaches a user as an exception
    """A schema that means nothing."""

    def __init__(self, place: Place, title: str, found: str) -> None:
        super().__init__(title)
        self.place: Place = place
        self.title: str = title
        self.found: str = found


@frozen
class Piece:
    """A schema without `$ref` and `allOf`, and what a name for a schema inside it is made of."""

    place: Place
    schema: Node
    words: tuple[str, ...]
    owner: str
    is_referred: bool = False
    """It stands behind a reference."""

    @property
    def unions(self) -> tuple[str, ...]:
        """The words of its unions."""
        if self.schema.keys().isdisjoint(forms.UNIONS) or "enum" in self.schema or "const" in self.schema:
            return ()  # as of most pieces
        return tuple(word for word in forms.UNIONS if forms.options(self.schema, word))


Named: TypeAlias = "Callable[[Place], tuple[tuple[str, ...], str]]"
"""Place of a schema that has a name of its own → words and owner."""


@define
class Pieces:
    """Takes composed schemas apart."""

    refs: References
    named: Named
    report: Callable[[Problem], None]
    _known: dict[str, tuple[Piece, ...]] = field(factory=dict[str, tuple[Piece, ...]])
    _classes: dict[str, bool] = field(factory=dict[str, bool])
    _choices: dict[str, bool] = field(factory=dict[str, bool])

    def of(
        self, place: Place, schema: Node, words: tuple[str, ...] = (), owner: str = "", *, is_referred: bool = False
    ) -> tuple[Piece, ...]:
        """The pieces of a schema, those of bases first, its own last.

        Raises:
            BadSchema: a part is no schema, or the schema is a part of itself.
        """
        start = Piece(place, schema, words, owner, is_referred)
        if not _is_composed(schema):
            return (start,)
        if place.key not in self._known:
            self._gather(start)
        return _referred(self._known[place.key]) if is_referred else self._known[place.key]

    def behind(self, piece: Piece) -> tuple[Piece, ...]:
        """The pieces of a schema that may be a reference."""
        return self.of(piece.place, forms.split_null(piece.schema)[0], piece.words, piece.owner)

    def _gather(self, start: Piece) -> None:
        """Fill `_known` for a schema and, first, for every composed schema that it is made of."""
        path: dict[str, tuple[Piece, list[Piece]]] = {}
        todo = [start]
        while todo:
            one = todo[-1]
            if one.place.key not in path:
                path[one.place.key] = (one, [*self.parts(one), *self._own(one)])
            _, parts = path[one.place.key]
            missing = next((part for part in parts if self._is_missing(part)), None)
            if missing is None:
                self._known[one.place.key] = self._joined(parts)
                path.popitem()
                todo.pop()
            elif missing.place.key in path:
                raise self._circle(start, [*path, missing.place.key])
            else:
                todo.append(missing)

    def _is_missing(self, part: Piece) -> bool:
        return _is_composed(part.schema) and part.place.key not in self._known

    def _joined(self, parts: list[Piece]) -> tuple[Piece, ...]:
        found: dict[str, Piece] = {}
        for part in parts:
            pieces = self._known[part.place.key] if _is_composed(part.schema) else (part,)
            for one in _referred(pieces) if part.is_referred else pieces:
                found.setdefault(one.place.key, one)
        return tuple(found.values())

    def _own(self, one: Piece) -> Iterator[Piece]:
        own = {key: value for key, value in one.schema.items() if key != "allOf" and key not in forms.REFERENCES}
        if forms.says_type(own) or "required" in own:
            yield evolve(one, schema=own)

    def parts(self, one: Piece) -> Iterator[Piece]:
        """What a reference and `allOf` bring together, in order; references that lead nowhere are reported."""
        if (target := self._target(one)) is not None:
            yield target
        for index, part in enumerate(forms.as_list(one.schema.get("allOf"))):
            place = one.place.at("allOf", index)
            if isinstance(part, bool):
                continue
            if not isinstance(part, dict):
                raise BadSchema(place, "a part of allOf is not a schema", excerpt(part))
            yield Piece(place, forms.split_null(part)[0], one.words, one.owner, one.is_referred)

    def _target(self, one: Piece) -> Piece | None:
        ref = reference_of(one.schema)
        if ref is None:
            return None
        try:
            place, target = self.refs.follow(ref, one.place)
        except BadReference as bad:
            self.report(bad.problem)
            return None
        words, owner = self.named(place)
        return Piece(place, forms.split_null(forms.as_schema(target))[0], words, owner, is_referred=True)

    def referred(self, part: Piece) -> Iterator[Piece]:
        """The schema that a part of an `allOf` refers to, when it does nothing else."""
        if part.is_referred:
            yield part
        elif not forms.has_shape_beside_ref(part.schema) and (target := self._target(part)) is not None:
            yield target

    def _circle(self, start: Piece, keys: list[str]) -> BadSchema:
        shown = keys if len(keys) <= 8 else [*keys[:4], "…", *keys[-3:]]
        return BadSchema(start.place, "allOf leads back to itself", " → ".join(shown))

    # --- what a schema is

    def is_class(self, place: Place, schema: Node) -> bool:
        """Whether a schema is an object with properties of its own, and no union."""
        key = place.key
        if key not in self._classes:
            found = self._safely(place, schema)
            has_union = any(one.unions for one in found)
            self._classes[key] = not has_union and any(forms.properties(one.schema) for one in found)
        return self._classes[key]

    def is_choice(self, place: Place, schema: Node) -> bool:
        """Whether a schema is a union with classes among its members, those of unions inside it included."""
        if place.key not in self._choices:
            self._choices[place.key] = self._has_class(place, schema)
        return self._choices[place.key]

    def _has_class(self, place: Place, schema: Node) -> bool:
        todo, seen = [(place, schema)], set[str]()
        while todo:
            place, schema = todo.pop()
            if place.key in seen:
                continue
            seen.add(place.key)
            for piece in self._safely(place, schema):
                for option in options_of(piece):
                    bare = forms.split_null(option.schema)[0]
                    if self.is_class(option.place, bare):
                        return True
                    todo.append((option.place, bare))
        return False

    def _safely(self, place: Place, schema: Node) -> tuple[Piece, ...]:
        try:
            return self.of(place, schema)
        except BadSchema:
            return ()  # reported where its type is read


def _referred(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    return tuple(one if one.is_referred else evolve(one, is_referred=True) for one in pieces)


def options_of(piece: Piece, word: str = "") -> Iterator[Piece]:
    """The members of a piece's union, or of all its unions."""
    for each in [word] if word else piece.unions:
        for index, option in forms.options(piece.schema, each):
            yield Piece(piece.place.at(each, index), option, piece.words, piece.owner)


def reference_of(schema: Node) -> str | None:
    """The reference of a schema, when it is a text that leads anywhere else."""
    ref: JSON = next((schema[word] for word in forms.REFERENCES if word in schema), None)
    return ref if isinstance(ref, str) and not (ref == "#" and "$ref" not in schema) else None


def _is_composed(schema: Node) -> bool:
    return "allOf" in schema or any(word in schema for word in forms.REFERENCES)
