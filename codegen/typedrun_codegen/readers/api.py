"""An API document → `ApiSpec`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Literal

from typedrun_codegen.ir.api import ApiSpec, CredentialSpec
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Problem
from typedrun_codegen.readers import dcg
from typedrun_codegen.readers.documents import Document, check_kind, read_document
from typedrun_codegen.readers.lift import Lifter
from typedrun_codegen.readers.named import NamedTypes
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
    lifter = Lifter(References(document))
    drafts, problems = lift_document(document, lifter)
    reader = NamedTypes(lifter)
    types = tuple(reader.all())
    info = document.root.get("info")
    info = info if isinstance(info, dict) else {}
    return ApiSpec(
        title=_text(info.get("title")) or _text(document.root.get("title")),
        version=_text(info.get("version")),
        description=_text(info.get("description")) or _text(document.root.get("description")),
        file=label,
        server=server_of(document.root.get("servers")),
        credentials=tuple(_credentials(document)),
        types=types,
        operations=tuple(d.finish({k: reader.used(t) for k, t in d.slots.items()}) for d in drafts),
        problems=(*lifter.problems, *problems),
        is_openapi=document.is_openapi,
        tool_versions=((dcg.PACKAGE, dcg.tool_version()),),
    )


def lift_document(document: Document, lifter: Lifter) -> tuple[list[OperationDraft], list[Problem]]:
    """Lifts every schema of a document; gives its operations and what is wrong with them."""
    for place, words in _components(document):
        lifter.component(place, words)
    operations = Operations(lifter.refs, lifter)
    drafts = operations.read(document.root.get("paths")) if document.is_openapi else []
    lifter.finish()
    return drafts, operations.problems


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
