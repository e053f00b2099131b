"""An API document → `ApiSpec`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Literal

from typedrun_codegen.ir.api import (
    ANY,
    NONE,
    AliasSpec,
    AnyNamed,
    ApiSpec,
    ClassSpec,
    CredentialSpec,
    EnumSpec,
    FieldSpec,
    ListOf,
    MapOf,
    Ref,
    TypeExpr,
    UnionOf,
    union_of,
)
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Problem
from typedrun_codegen.readers import dcg
from typedrun_codegen.readers.documents import Document, check_kind, read_document
from typedrun_codegen.readers.lift import REST, Lifted, Lifter, Node, split_null
from typedrun_codegen.readers.notes import read_notes
from typedrun_codegen.readers.operations import OperationDraft, Operations, server_of
from typedrun_codegen.readers.references import Place, References
from typedrun_codegen.text.names import pascal_name

_HOLDERS: Final = (("components", "schemas"), ("$defs",), ("definitions",))


def read_api(path: Path, label: str) -> ApiSpec:
    """Reads a document and the files that it refers to.

    Args:
        path: the document.
        label: how messages and generated headers name it; never absolute.

    Raises:
        UsageProblem: the document cannot be used at all.
    """
    document = read_document(path, label)
    check_kind(document)
    refs = References(document)
    lifter = Lifter(refs)
    for place, words in _components(document):
        lifter.component(place, words)
    operations = Operations(refs, lifter)
    drafts = operations.read(document.root.get("paths")) if document.is_openapi else []
    lifter.finish()
    slots = [_slots(draft, len(lifter.lifted) + index) for index, draft in enumerate(drafts)]
    lifted = list(lifter.lifted.values())
    types, broken = dcg.read_types([*lifted, *slots])
    reader = _Types(refs, lifter, types)
    info = document.root.get("info")
    info = info if isinstance(info, dict) else {}
    return ApiSpec(
        title=_text(info.get("title")) or _text(document.root.get("title")),
        version=_text(info.get("version")),
        description=_text(info.get("description")) or _text(document.root.get("description")),
        file=label,
        server=server_of(document.root.get("servers")),
        credentials=tuple(_credentials(document)),
        types=tuple(reader.named(one) for one in lifted),
        operations=tuple(d.finish({k: reader.used(t) for k, t in types[d.key].fields.items()}) for d in drafts),
        problems=(*lifter.problems, *operations.problems, *_broken(broken, lifter)),
        is_openapi=document.is_openapi,
        tool_versions=((dcg.PACKAGE, dcg.tool_version()),),
    )


def _components(document: Document) -> Iterator[tuple[Place, tuple[str, ...] | None]]:
    for path in _HOLDERS:
        holder: JSON = document.root
        for part in path:
            holder = holder.get(part) if isinstance(holder, dict) else None
        for name in holder if isinstance(holder, dict) else ():
            yield Place("", "".join(f"/{part}" for part in path)).at(name), None
    if not document.is_openapi and document.root.keys() & {
        "type",
        "properties",
        "allOf",
        "anyOf",
        "oneOf",
        "enum",
        "items",
        "$ref",
    }:
        title = _text(document.root.get("title")) or document.path.name.split(".")[0]
        yield Place("", ""), (pascal_name(title),)


def _slots(draft: OperationDraft, number: int) -> Lifted:
    """The class that holds an operation's schemas while the parser runs."""
    normal: Node = {"type": "object", "properties": dict(draft.slots)}
    place = Place("", draft.key.partition("#")[2])
    return Lifted(draft.key, place, (), draft.key, number, {}, "class", normal)


class _Types:
    """Puts together what the parser says of types and what the document says beside them."""

    def __init__(self, refs: References, lifter: Lifter, types: Mapping[str, dcg.Typed]) -> None:
        self.refs, self.lifter, self.types = refs, lifter, types

    def named(self, one: Lifted) -> AnyNamed:
        notes, _ = read_notes({k: v for k, v in one.schema.items() if k != "$ref"}, self.refs, one.place)
        location = self.refs.location(one.place)
        if one.kind == "enum":
            return EnumSpec(
                key=one.key,
                words=one.words,
                owner=one.owner,
                notes=notes,
                location=location,
                values=one.values,
                labels=_labels(one),
            )
        if one.kind == "class":
            return ClassSpec(
                key=one.key,
                words=one.words,
                owner=one.owner,
                notes=notes,
                location=location,
                fields=tuple(self._fields(one)),
                rest=self._rest(one),
            )
        return AliasSpec(
            key=one.key,
            words=one.words,
            owner=one.owner,
            notes=notes,
            location=location,
            type=self.used(self.types[one.key].type),
            tag=one.tag,
            tags=one.tags,
        )

    def used(self, type_: TypeExpr) -> TypeExpr:
        """The type at a place of use: a reference to a class or enumeration that may be null says so there."""
        match type_:
            case Ref(key):
                target = self.lifter.lifted.get(key)
                is_null = target is not None and target.is_nullable and target.kind != "alias"
                return (
                    union_of((type_, NONE))
                    if is_null and target is not None and target.place.key == target.owner
                    else type_
                )
            case ListOf(part):
                return ListOf(self.used(part))
            case MapOf(part):
                return MapOf(self.used(part))
            case UnionOf(members):
                return union_of(self.used(one) for one in members)
            case _:
                return type_

    def _fields(self, one: Lifted) -> Iterator[FieldSpec]:
        schema = split_null(one.schema)[0]
        properties = self.lifter.properties_of(one.place, schema)
        required = self.lifter.required_of(one.place, schema)
        types = self.types[one.key].fields
        for wire, property_ in properties.items():
            notes, default = read_notes(property_.schema, self.refs, property_.place)
            yield FieldSpec(
                wire=wire,
                type=self.used(types.get(wire, ANY)),
                required=wire in required,
                default=default,
                notes=notes,
                location=self.refs.location(property_.place),
            )

    def _rest(self, one: Lifted) -> TypeExpr | None:
        found = self.types[one.key].fields.get(REST)
        return None if found is None else self.used(found)


def _labels(one: Lifted) -> tuple[str, ...]:
    for key in ("x-enum-varnames", "x-enumNames", "x-enum-names"):
        names = one.schema.get(key)
        if isinstance(names, list) and len(names) == len(one.values):
            return tuple(map(str, names))
    return ()


def _broken(broken: Mapping[str, str], lifter: Lifter) -> Iterator[Problem]:
    for key, reason in broken.items():
        if key in lifter.lifted:
            yield Problem(
                "the schema could not be read",
                lifter.refs.location(lifter.lifted[key].place),
                reason,
                "simplify the schema there; until then any value is accepted",
            )


_CREDENTIAL_PLACES: Final[Mapping[str, Literal["header", "query", "cookie"]]] = {
    "header": "header",
    "query": "query",
    "cookie": "cookie",
}


def _credentials(document: Document) -> Iterator[CredentialSpec]:
    """Security schemes that are a key in one place; flows that need a browser are left to the caller's headers."""
    components = document.root.get("components")
    schemes = components.get("securitySchemes") if isinstance(components, dict) else None
    for scheme in (schemes if isinstance(schemes, dict) else {}).values():
        if not isinstance(scheme, dict):
            continue
        if scheme.get("type") == "apiKey" and (place := _CREDENTIAL_PLACES.get(_text(scheme.get("in")))):
            yield CredentialSpec(place=place, name=_text(scheme.get("name")))
        elif scheme.get("type") == "http":
            prefix = "Basic " if _text(scheme.get("scheme")).lower() == "basic" else "Bearer "
            yield CredentialSpec(place="header", name="Authorization", prefix=prefix)
        elif scheme.get("type") in ("oauth2", "openIdConnect"):
            yield CredentialSpec(place="header", name="Authorization", prefix="Bearer ")


def _text(value: JSON) -> str:
    return value if isinstance(value, str) else ""
