"""A document → the class that has all its operations, with the addresses and credentials that it names."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from typedrun_codegen.plans.credentials import attribute_lines, credential_lines, security_text
from typedrun_codegen.plans.operations import GroupPlan, own_server
from typedrun_codegen.plans.types import ApiScope, Doc, import_lines, plan_doc
from typedrun_codegen.text.docstrings import DocText, doc_text
from typedrun_codegen.text.literals import py_string
from typedrun_codegen.text.names import Identifier


@frozen(kw_only=True)
class ClientPlan:
    """The class that has every operation."""

    name: Identifier
    base: str
    source: DocText
    title: DocText
    doc: Doc
    imports: tuple[str, ...]
    bases: tuple[str, ...]
    settings: tuple[str, ...]
    """Lines of class attributes."""


def plan_client(scope: ApiScope, groups: Iterable[GroupPlan], *, is_package: bool) -> ClientPlan:
    """The client class."""
    groups = list(groups)
    base = "ApiClient" if is_package else "Operations"
    symbols: dict[str, str] = {group.name: f"{scope.package}.operations.{group.module}" for group in groups}
    settings: list[str] = []
    if not groups or is_package:
        symbols[base] = "typedrun.operations"
    if is_package:
        settings += credential_lines(scope.api.credentials, symbols)
        if scope.api.credentials and scope.api.security is not None:
            settings.append(f"security = {security_text(scope.api.security)}")
        settings.append(f"default_url = {py_string(scope.api.server)}")
        servers = {server for one in scope.api.operations if (server := own_server(one, scope))}
        settings += attribute_lines("servers_of_operations", [py_string(one) for one in sorted(servers)])
    title = doc_text(scope.api.title or scope.api.file, 90)
    count = len(scope.api.operations)
    return ClientPlan(
        name=Identifier("Client" if is_package else "Api"),
        base=base,
        source=doc_text(scope.api.file, 200),
        title=title,
        doc=plan_doc(f"{title}: its {count} operations, one method each.", 4),
        imports=import_lines(symbols),
        bases=(*sorted(group.name for group in groups), *([base] if is_package or not groups else [])),
        settings=tuple(settings),
    )


def plan_async_client(scope: ApiScope, groups: Iterable[GroupPlan]) -> ClientPlan:
    """The class that has every operation for asyncio, over a larger client's connection and key."""
    named = {
        f"Async{group.name}": f"{scope.package.rpartition('.')[0]}.aio.api.operations.{group.module}"
        for group in groups
    }
    title = doc_text(scope.api.title or scope.api.file, 90)
    return ClientPlan(
        name=Identifier("AsyncApi"),
        base="AsyncOperations",
        source=doc_text(scope.api.file, 200),
        title=title,
        doc=plan_doc(f"{title}: its {len(scope.api.operations)} operations, one method each, to be awaited.", 4),
        imports=import_lines(named),
        bases=tuple(sorted(named)),
        settings=(),
    )
