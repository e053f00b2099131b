"""Fields and answers of an API document as Python text: what may be absent, default values, and what must be there for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Final
from uuid import UUID

from attrs import define, field, frozen

from typedrun_codegen.ir.api import (
    AliasSpec,
    AnyNamed,
    ClassSpec,
    EnumSpec,
    Leaf,
    ListOf,
    LiteralOf,
    MapOf,
    Ref,
    TypeExpr,
    UnionOf,
    refs_of,
    without_null,
)
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.text.annotations import Annotations, merged
from typedrun_codegen.text.literals import py_literal, py_string
from typedrun_codegen.text.names import Identifier

RESERVED_CLASSES: Final = frozenset(
    {
        "Annotated",
        "Any",
        "ApiObject",
        "Binary",
        "ClassVar",
        "EventStream",
        "Final",
        "JSON",
        "Literal",
        "MODULES",
        "OpenIntEnum",
        "OpenStrEnum",
        "RemoteFile",
        "TAGS",
        "TYPE_CHECKING",
        "Tagged",
        "TypeAlias",
        "UNSET",
        "UTC",
        "UUID",
        "Unset",
    }
)
"""Names that a generated module uses for something else."""

RESERVED_FIELDS: Final = frozenset(
    # self: __init__ has it. The names of types: an annotation below the field would mean the field. define … UNSET: the
    # class body uses them. cl … typevar_map: arguments of the cattrs functions that take a field's name as a keyword.
    {
        "self",
        "list",
        "dict",
        "str",
        "int",
        "float",
        "bool",
        "bytes",
        "date",
        "datetime",
        "field",
        "define",
        "cl",
        "converter",
        "attrs",
        "typevar_map",
        "unknown_fields",
    }
)
"""Names that a field of a class cannot have."""


@define
class Text(Annotations):
    """Collects what a piece of source text needs."""

    types: Mapping[str, AnyNamed]
    needs: set[str] = field(factory=set[str])
    """Keys that default values need when the module runs."""

    def optional(self, type_: TypeExpr) -> str:
        """The annotation of what may be absent; null stays last."""
        bare = without_null(type_)
        annotation = self.annotation(bare)
        if annotation == "Any":
            return annotation
        return f"{annotation} | Unset" if bare == type_ else f"{annotation} | Unset | None"

    def reply(self, type_: TypeExpr) -> str:
        """The annotation of what an operation returns: raw content is bytes there, never a `File`."""
        if isinstance(type_, UnionOf):
            return " | ".join(dict.fromkeys(self.reply(one) for one in merged(type_.members)))
        return "bytes" if type_ == Leaf("Binary") else self.annotation(type_)

    # --- defaults

    def default(self, type_: TypeExpr, value: JSON) -> Default | None:
        """The default value of a field, or None when it does not fit the type."""
        match type_:
            case Leaf(name):
                return self._plain(name, value)
            case LiteralOf(values):
                fits = isinstance(value, str | int) and any(value == one and type(value) is type(one) for one in values)
                return Default(py_literal(value)) if fits else None
            case Ref(key):
                return self._named(self.types.get(key), value)
            case ListOf(item):
                return self._list(type_, item, value)
            case MapOf(inner):
                return self._map(type_, inner, value)
            case UnionOf(members):
                return next((found for one in members if (found := self.default(one, value)) is not None), None)

    def _plain(self, name: str, value: JSON) -> Default | None:
        if name == "Any":
            return Default(_free(value), is_made=isinstance(value, list | dict))
        if name in _PARSED and isinstance(value, str):
            return self._parsed(name, value)
        kinds = _KINDS.get(name)
        if kinds is None or not isinstance(value, kinds) or (isinstance(value, bool) and name != "bool"):
            return None
        return Default(
            py_literal(float(value) if name == "float" and isinstance(value, int) and abs(value) < 2**53 else value)
        )

    def _parsed(self, name: str, value: str) -> Default | None:
        try:
            text = _PARSED[name](value)
        except ValueError:
            return None
        if text is not None:
            self.uses.update({name, "UTC"} if "tzinfo=UTC" in text else {name})
        return None if text is None else Default(text, is_made=name == "UUID")

    def _named(self, named: AnyNamed | None, value: JSON) -> Default | None:
        match named:
            case EnumSpec():
                return self._member(named, value)
            case AliasSpec():
                return self.default(named.type, value)
            case ClassSpec():
                return self._object(named, value)
            case None:
                return None

    def _member(self, named: EnumSpec, value: JSON) -> Default | None:
        if not any(value == one and type(value) is type(one) for one in named.values):
            return None
        self.needs.add(named.key)
        assert isinstance(value, str | int)  # noqa: S101  # it is one of the values
        return Default(f"{self.names[named.key]}({py_literal(value)})", member=(named.key, value))

    def _object(self, named: ClassSpec, value: JSON) -> Default | None:
        if not isinstance(value, dict):
            return None
        known = {one.wire: one for one in named.fields}
        arguments: list[tuple[str, str, Default]] = []
        for wire, one in value.items():
            made = self.default(known[wire].type, one) if wire in known else None
            if made is None:
                return None
            arguments.append((named.key, wire, made))
        if any(one.required and one.wire not in value for one in named.fields):
            return None
        self.needs.add(named.key)
        return Default(self.names[named.key], is_made=True, arguments=tuple(arguments))

    def _list(self, type_: ListOf, item: TypeExpr, value: JSON) -> Default | None:
        if not isinstance(value, list):
            return None
        items = [self.default(item, one) for one in value]
        if any(one is None for one in items):
            return None
        return Default(
            "" if items else self.empty(type_), is_made=True, items=tuple(one for one in items if one is not None)
        )

    def empty(self, type_: ListOf | MapOf) -> str:
        """What makes an empty list or map: its type (`list` alone would be a list of unknowns), classes quoted."""
        inner = self.annotation(type_.item if isinstance(type_, ListOf) else type_.value)
        text = py_string(inner) if any(refs_of(type_)) else inner
        return f"list[{text}]" if isinstance(type_, ListOf) else f"dict[str, {text}]"

    def _map(self, type_: MapOf, inner: TypeExpr, value: JSON) -> Default | None:
        if not isinstance(value, dict):
            return None
        if not value:
            return Default(self.empty(type_), is_made=True)
        entries = {key: self.default(inner, one) for key, one in value.items()}
        if any(one is None for one in entries.values()):
            return None
        return Default("", is_made=True, entries=tuple((key, one) for key, one in entries.items() if one is not None))


@frozen
class Default:
    """A default value; its text is final only when fields and members have their names (`default_text`)."""

    text: str
    is_made: bool = False
    """Must be made anew for each object."""
    member: tuple[str, str | int] | None = None
    """An enumeration's member: key and value."""
    arguments: tuple[tuple[str, str, Default], ...] = ()
    """Of an object: key of its class, wire name, value."""
    items: tuple[Default, ...] = ()
    entries: tuple[tuple[str, Default], ...] = ()


NameOf = Callable[[str, str], Identifier]
"""Key of a class or enumeration, wire name or value → Python name."""


def default_text(default: Default, name_of: NameOf, classes: Mapping[str, Identifier]) -> str:
    """The expression of a default value."""
    if default.member:
        key, value = default.member
        return f"{classes[key]}.{name_of(key, str(value))}"
    if default.items:
        return f"[{', '.join(default_text(one, name_of, classes) for one in default.items)}]"
    if default.entries:
        return (
            "{"
            + ", ".join(f"{py_string(k)}: {default_text(one, name_of, classes)}" for k, one in default.entries)
            + "}"
        )
    if default.arguments:
        given = (f"{name_of(key, wire)}={default_text(one, name_of, classes)}" for key, wire, one in default.arguments)
        return f"{default.text}({', '.join(given)})"
    return f"{default.text}()" if default.is_made and _NAME.fullmatch(default.text.partition("[")[0]) else default.text


def default_factory(default: Default, name_of: NameOf, classes: Mapping[str, Identifier]) -> str:
    """What `factory=` takes to make a default value."""
    is_call = default.is_made and not (default.items or default.entries or default.arguments)
    if is_call and _NAME.fullmatch(default.text.partition("[")[0]):
        return default.text
    return f"lambda: {default_text(default, name_of, classes)}"


_NAME = re.compile(r"[A-Za-z_]\w*")
_KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    "str": (str,),
    "int": (int,),
    "float": (float, int),
    "bool": (bool,),
    "None": (type(None),),
}


def _date(value: str) -> str:
    found = date.fromisoformat(value)
    return f"date({found.year}, {found.month}, {found.day})"


def _date_time(value: str) -> str | None:
    found = datetime.fromisoformat(value)
    if found.utcoffset() is None or found.utcoffset():
        return None  # a moment without a zone, or in one that needs timedelta: rare, and the docstring still tells it
    parts = [found.year, found.month, found.day, found.hour, found.minute, found.second, found.microsecond]
    while len(parts) > 3 and parts[-1] == 0:
        parts.pop()
    return f"datetime({', '.join(map(str, parts))}, tzinfo=UTC)"


def _uuid(value: str) -> str:
    return f"UUID({py_string(str(UUID(value)))})"


_PARSED: Final[Mapping[str, Callable[[str], str | None]]] = {"date": _date, "datetime": _date_time, "UUID": _uuid}


def _free(value: JSON) -> str:
    """A literal with lists, for a field that takes anything."""
    if isinstance(value, list):
        return f"[{', '.join(map(_free, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{py_string(key)}: {_free(one)}" for key, one in value.items()) + "}"
    return py_literal(value)
