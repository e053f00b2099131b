"""An API document → `ApiSpec`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Final, Literal, TypeGuard

from typedrun_codegen.ir.api import ApiSpec, CredentialSpec, Security
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Problem
from typedrun_codegen.readers.documents import Document, check_kind, read_document
from typedrun_codegen.readers.lift import Lifter
from typedrun_codegen.readers.misplaced import COMPONENTS, DOCUMENT, misplaced
from typedrun_codegen.readers.named import NamedTypes
from typedrun_codegen.readers.operations import OperationDraft, Operations, read_security
from typedrun_codegen.readers.references import BadReference, Place, References
from typedrun_codegen.readers.servers import address_of, is_open, server_problems
from typedrun_codegen.text.names import pascal_name

_NO_SERVER: Final = "until then clients need base_url="
_HOLDERS: Final = (("components", "schemas"), ("$defs",), ("definitions",))


def read_api(path: Path, label: str) -> ApiSpec:
    """Read a document and the files that it refers to.

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
    credentials = tuple(_credentials(document, lifter.refs))
    server = address_of(document.root)
    info = document.root.get("info")
    info = info if isinstance(info, dict) else {}
    return ApiSpec(
        title=_text(info.get("title")) or _text(document.root.get("title")),
        version=_text(info.get("version")),
        description=_text(info.get("description")) or _text(document.root.get("description")),
        file=label,
        server="" if is_open(server) else server,
        credentials=tuple(one for one in credentials if isinstance(one, CredentialSpec)),
        security=_security(document, drafts),
        types=types,
        operations=tuple(d.finish({k: reader.used(t) for k, t in d.slots.items()}) for d in drafts),
        problems=(
            *lifter.problems,
            *problems,
            *server_problems(document.root, Place("", ""), lifter.refs, _NO_SERVER),
            *(one for one in credentials if isinstance(one, Problem)),
            *_missing_schemes(document, lifter.refs, drafts),
            *misplaced(document.root, Place("", ""), DOCUMENT, lifter.refs),
            *misplaced(document.root.get("components"), Place("", "/components"), COMPONENTS, lifter.refs),
        ),
        is_openapi=document.is_openapi,
    )


def lift_document(document: Document, lifter: Lifter) -> tuple[list[OperationDraft], list[Problem]]:
    """Lift every schema of a document; give its operations and what is wrong with them."""
    for place, words in _components(document):
        lifter.component(place, words)
    operations = Operations(lifter.refs, lifter)
    drafts = operations.read(document.root) if document.is_openapi else []
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


_COMPUTED: Final = frozenset(
    {
        *("digest", "hoba", "mutual", "negotiate", "ntlm", "oauth", "dpop", "gnap", "concealed", "vapid"),
        *("scram-sha-1", "scram-sha-256", "aws4-hmac-sha256"),
    }
)
"""HTTP schemes (IANA's registry) whose credentials are worked out for each request; the others are a word and a key."""


def _credentials(document: Document, refs: References) -> Iterator[CredentialSpec | Problem]:
    """Security schemes that are a key in one place; a flow that needs a browser gives such a key in the end."""
    for name, scheme in _schemes(document).items():
        at = Place("", "/components/securitySchemes").at(name)
        try:
            place, found = refs.follow(scheme["$ref"], at) if _is_ref(scheme) else (at, scheme)
        except BadReference as bad:
            yield bad.problem
            continue
        yield _credential(name, found) or Problem(
            "a security scheme is none that typedrun speaks",
            refs.location(place),
            _spoken(found),
            "sign these requests yourself: pass headers= to the call or to the client",
        )


def _schemes(document: Document) -> dict[str, JSON]:
    components = document.root.get("components")
    schemes = components.get("securitySchemes") if isinstance(components, dict) else None
    return schemes if isinstance(schemes, dict) else {}


def _missing_schemes(document: Document, refs: References, drafts: list[OperationDraft]) -> Iterator[Problem]:
    """Each scheme that `security` asks for and that the document does not describe, where it is asked for first."""
    if not document.is_openapi:
        return
    known = set(_schemes(document))
    asked = [(refs.location(Place("", "/security")), read_security(document.root))]
    asked += [(one.spec.location.at("security"), one.spec.security) for one in drafts]
    for where, security in asked:
        for name in chain.from_iterable(security or ()):
            if name not in known:
                known.add(name)
                yield Problem(
                    "security names a scheme that is not there",
                    where,
                    repr(name)[:80],
                    "add it to components/securitySchemes or correct the name; until then no key is sent for it",
                )


def _is_ref(value: JSON) -> TypeGuard[dict[str, str]]:
    return isinstance(value, dict) and isinstance(value.get("$ref"), str)


def _spoken(scheme: JSON) -> str:
    words = ("type", "scheme", "in") if isinstance(scheme, dict) else ()
    return ", ".join(f"{word}: {scheme[word]}" for word in words if isinstance(scheme, dict) and word in scheme)[:80]


def _credential(name: str, scheme: JSON) -> CredentialSpec | None:
    if not isinstance(scheme, dict):
        return None
    kind, word = scheme.get("type"), _text(scheme.get("scheme")).lower()
    if kind == "apiKey" and (place := _CREDENTIAL_PLACES.get(_text(scheme.get("in")))):
        wire = _text(scheme.get("name"))
        return CredentialSpec(place=place, name=wire, scheme=name) if wire else None
    if kind in ("oauth2", "openIdConnect") or (kind == "http" and word and word not in _COMPUTED):
        usual = {"basic": "Basic", "bearer": "Bearer", "": "Bearer"}
        prefix = f"{usual.get(word, _text(scheme.get('scheme')))} "
        return CredentialSpec(place="header", name="Authorization", prefix=prefix, scheme=name)
    return None


def _security(document: Document, drafts: list[OperationDraft]) -> Security | None:
    """What an operation needs that says nothing itself: nothing, if others ask for something."""
    said = read_security(document.root)
    return () if said is None and any(one.spec.security and not one.spec.is_open for one in drafts) else said


def _text(value: JSON) -> str:
    return value if isinstance(value, str) else ""
