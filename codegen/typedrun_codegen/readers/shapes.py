"""What schemas turn out to be, as values: `Shape` of any schema, `Lifted` for one with a name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypeAlias

from attrs import define, field, frozen

from typedrun_codegen.ir.api import ANY, Ref, TypeExpr, UnionOf
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.readers import forms
from typedrun_codegen.readers.forms import Node
from typedrun_codegen.readers.pieces import Piece
from typedrun_codegen.readers.references import Place

Kind: TypeAlias = Literal["class", "enum", "alias"]


@frozen
class Member:
    """One member of a union: where the document has it, and what it became."""

    place: Place
    schema: Node
    type: TypeExpr


@frozen
class Own:
    """What one piece of an object says itself."""

    described: Mapping[str, Piece]
    """Its properties."""
    required: tuple[str, ...]
    rest: TypeExpr | None
    """Of properties that are not listed."""
    is_closed: bool


@frozen(eq=False)
class Property:
    """A property of a class. Where several schemas describe it, the outermost comes last."""

    descriptions: tuple[Piece, ...]
    type: TypeExpr
    is_required: bool


@frozen(kw_only=True)
class Shape:
    """What a schema turned out to be."""

    kind: Kind = "alias"
    type: TypeExpr = ANY
    """Of an alias."""
    properties: Mapping[str, Property] = field(factory=dict[str, Property])
    rest: TypeExpr | None = None
    """Of a class: the type of properties that are not listed."""
    is_closed: bool = False
    """Of a class: the document says that there are none."""
    values: tuple[str, ...] | tuple[int, ...] = ()
    labels: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()
    """Of a union."""
    discriminator: tuple[Place, Node] | None = None

    @property
    def needs_name(self) -> bool:
        """Whether it is given a name where the document gives none."""
        # A union of classes has one too: it recurs in signatures, and no line holds five names.
        members = self.type.members if isinstance(self.type, UnionOf) else (self.type,)
        classes = sum(isinstance(one, Ref) for one in members)
        return self.kind != "alias" or classes > 1


@define
class Lifted:
    """A schema with a place of its own."""

    key: str
    place: Place
    words: tuple[str, ...]
    owner: str
    number: int
    schema: Node
    shape: Shape = field(factory=Shape)
    is_nullable: bool = False

    @property
    def is_component(self) -> bool:
        """Whether the document itself names it."""
        return self.key == self.owner


def enum_of(values: Sequence[JSON], labels: tuple[str, ...] = ()) -> Shape | None:
    """An enumeration, where all values are strings or all are integers."""
    strings = tuple(one for one in values if isinstance(one, str))
    if len(strings) == len(values):
        return Shape(kind="enum", values=strings, labels=labels)
    numbers = tuple(one for one in values if isinstance(one, int) and not isinstance(one, bool))
    return Shape(kind="enum", values=numbers, labels=labels) if len(numbers) == len(values) else None


def named_constants(members: Iterable[Piece], schema: Node) -> Shape | None:
    """A union whose members are all constants with titles is how OpenAPI 3.1 writes an enumeration with names."""
    found = [(one.schema.get("title"), one.schema.get("const")) for one in members]
    labels = tuple(title for title, _ in found if isinstance(title, str) and title.strip())
    if len(found) < 2 or len(labels) < len(found) or any(value is None for _, value in found):
        return None
    values = [forms.as_text(value) if schema.get("type") == "string" else forms.spelt(value) for _, value in found]
    return enum_of(values, labels) if len({repr(one) for one in values}) == len(values) else None
