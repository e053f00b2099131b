"""What an API document said, with its locations: named types and operations. Words of the document, no Python names."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from enum import Enum
from typing import Final, Literal, TypeAlias

from attrs import field, frozen

from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Location, Problem


class Absent(Enum):
    """Marks a default that the document does not give; `None` is a default like any other."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


# --- types


LeafName: TypeAlias = Literal[
    "str", "int", "float", "bool", "None", "Any", "datetime", "date", "UUID", "bytes", "Binary",
    "JSON", "Media", "Messages", "RemoteFile",
]  # fmt: skip


@frozen
class Leaf:
    """A type without parts."""

    name: LeafName
    """`bytes` is base64 text on the wire (`format: byte`), `Binary` raw content (`format: binary`); `Media` is a file that is given,
    `RemoteFile` one that an answer points at, `Messages` a list of chat messages, and `JSON` any value, said to be one."""


@frozen
class Ref:
    """A named type, by its key (`NamedSpec.key`)."""

    key: str


@frozen
class ListOf:
    """A JSON array."""

    item: TypeExpr


@frozen
class MapOf:
    """A JSON object whose property names are data."""

    value: TypeExpr


@frozen
class UnionOf:
    """One of several types."""

    members: tuple[TypeExpr, ...]


@frozen
class LiteralOf:
    """One of several values, each a string, an integer or a boolean."""

    values: tuple[str | int | bool, ...] = field(eq=repr)  # 1 and true are two values


TypeExpr: TypeAlias = "Leaf | Ref | ListOf | MapOf | UnionOf | LiteralOf"

ANY: Final = Leaf("Any")
ANYTHING: Final = Leaf("JSON")
NONE: Final = Leaf("None")


def refs_of(type_: TypeExpr) -> Iterator[str]:
    """The keys of the named types that a type mentions, in order, repeats included."""
    match type_:
        case Ref(key):
            yield key
        case ListOf(part) | MapOf(part):
            yield from refs_of(part)
        case UnionOf(members):
            for member in members:
                yield from refs_of(member)
        case _:
            return


def union_of(types: Iterable[TypeExpr]) -> TypeExpr:
    """One of several types: flat, without repeats, null last; anything when one of them is anything or there are none."""
    flat: dict[TypeExpr, None] = {}
    for type_ in types:
        flat |= dict.fromkeys(type_.members if isinstance(type_, UnionOf) else (type_,))
    if not flat or ANY in flat:
        return ANY
    members = sorted(flat, key=lambda one: one == NONE)
    return members[0] if len(members) == 1 else UnionOf(tuple(members))


def is_nullable(type_: TypeExpr) -> bool:
    """Whether `null` is written into the type itself."""
    return type_ == NONE or (isinstance(type_, UnionOf) and NONE in type_.members)


def without_null(type_: TypeExpr) -> TypeExpr:
    """A type without the `null` that is written into it; null itself stays."""
    if not isinstance(type_, UnionOf) or NONE not in type_.members:
        return type_
    return union_of(member for member in type_.members if member != NONE)


# --- named types


@frozen(kw_only=True)
class Notes:
    """What a schema says beside its type; becomes a docstring."""

    description: str = ""
    constraints: tuple[str, ...] = ()
    """Short sentences: `At least 1.`, `Matches ^a.`"""
    deprecated: bool = False
    read_only: bool = False
    write_only: bool = False


@frozen(kw_only=True)
class FieldSpec:
    """A property of an object."""

    wire: str
    type: TypeExpr
    required: bool
    default: JSON | Absent = ABSENT
    notes: Notes = field(factory=Notes)
    location: Location


@frozen(kw_only=True)
class NamedSpec:
    """Common part: a schema that has a place of its own."""

    key: str
    """Identity: file and JSON pointer, `#/components/schemas/Model`; the key under which names are locked."""
    words: tuple[str, ...]
    """What a name is made of, outermost first: `("Model", "pricing")`."""
    owner: str
    """Key of the outermost named schema around this one (itself, for a component): they share a module."""
    notes: Notes
    location: Location


@frozen(kw_only=True)
class ClassSpec(NamedSpec):
    """An object with properties; `allOf` is flattened."""

    fields: tuple[FieldSpec, ...]
    rest: TypeExpr | None = None
    """Type of further properties where the document declares them (`additionalProperties`)."""
    is_closed: bool = False
    """The document says that there are no further properties; clients take them all the same."""


@frozen(kw_only=True)
class EnumSpec(NamedSpec):
    """A closed list of strings or of integers; clients treat it as open."""

    values: tuple[str, ...] | tuple[int, ...]
    labels: tuple[str, ...] = ()
    """Names that the document proposes for the values (`x-enum-varnames`), or nothing."""


@frozen(kw_only=True)
class AliasSpec(NamedSpec):
    """A named type that is no class: a list, a map, a union, a constrained string."""

    type: TypeExpr
    tag: str = ""
    """Wire name of the discriminator, where `tags` cannot be read off the members."""
    tags: tuple[tuple[str, str], ...] = ()
    """Discriminator value → key of the member."""


AnyNamed: TypeAlias = ClassSpec | EnumSpec | AliasSpec


# --- operations

Security: TypeAlias = "tuple[tuple[str, ...], ...]"
"""Alternatives, each the names of the security schemes that it needs together."""

Place: TypeAlias = Literal["path", "query", "header", "cookie"]


@frozen(kw_only=True)
class ApiParameter:
    """A parameter of an operation."""

    wire: str
    place: Place
    type: TypeExpr
    required: bool
    style: str
    explode: bool
    allow_reserved: bool = False
    is_json: bool = False
    """The document describes it by a JSON media type instead of a style."""
    default: JSON | Absent = ABSENT
    notes: Notes
    location: Location


@frozen(kw_only=True)
class PartSpec:
    """How one property of a form or multipart body is written (`encoding`)."""

    wire: str
    media_type: str = ""
    style: str = ""
    explode: bool | None = None


@frozen(kw_only=True)
class BodySpec:
    """One media type of a request body."""

    media_type: str
    type: TypeExpr
    parts: tuple[PartSpec, ...] = ()


@frozen(kw_only=True)
class ReplySpec:
    """One documented answer: a status (`200`, `4XX`, `default`) and a media type (empty: no content)."""

    status: str
    media_type: str
    type: TypeExpr | None
    description: str = ""

    @property
    def is_success(self) -> bool:
        """Whether this is what the operation returns, rather than an error."""
        return self.status[:1] == "2"


def placeholders(path: str, declared: Container[str] = ()) -> list[str]:
    """Names that a path leaves open, in its order: `{id}`, and `{path*}`, `{proxy+}`, `{+path}` for the rest of an address.

    Args:
        path: a key of `paths`.
        declared: parameters that are described; one of them may be spelt with its mark.
    """
    found = re.findall(r"\{([^{}]+)\}", path)
    return [name if name in declared else name.removeprefix("+").rstrip("*+") for name in found]


@frozen(kw_only=True)
class OperationSpec:
    """One method of one path."""

    id: str
    """`operationId`, or one derived from method and path."""
    method: str
    path: str
    group: str
    """The first tag, or empty."""
    summary: str
    description: str
    deprecated: bool
    parameters: tuple[ApiParameter, ...]
    bodies: tuple[BodySpec, ...]
    body_required: bool
    body_description: str
    replies: tuple[ReplySpec, ...]
    server: str
    """A server of the operation's own, or empty."""
    is_open: bool
    """The document says that no credentials are needed."""
    security: Security | None = None
    """What it says of its own about credentials."""
    location: Location


@frozen(kw_only=True)
class CredentialSpec:
    """Where the key of a security scheme goes."""

    place: Literal["header", "query", "cookie"]
    name: str
    prefix: str = ""
    """`Bearer ` or `Basic `."""
    scheme: str = ""
    """Name of the security scheme."""


@frozen(kw_only=True)
class ApiSpec:
    """A whole document."""

    title: str
    version: str
    description: str
    file: str
    """How generated headers name the document."""
    server: str
    credentials: tuple[CredentialSpec, ...]
    security: Security | None
    """What operations need that say nothing; None where nothing in the document says anything."""
    types: tuple[AnyNamed, ...]
    operations: tuple[OperationSpec, ...]
    problems: tuple[Problem, ...]
    is_openapi: bool
