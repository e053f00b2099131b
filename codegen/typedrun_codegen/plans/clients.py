"""A document → the class that has all its operations, with the addresses and credentials that it names."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from typedrun_codegen.plans.aio import FOLDER, in_asyncio
from typedrun_codegen.plans.credentials import attribute_lines, credential_lines, security_text
from typedrun_codegen.plans.operations import GroupPlan, own_server
from typedrun_codegen.plans.types import ApiScope, Doc, plan_doc
from typedrun_codegen.text.annotations import imports_of
from typedrun_codegen.text.docstrings import DocText, doc_text
from typedrun_codegen.text.literals import py_string
from typedrun_codegen.text.names import Identifier


@frozen(kw_only=True)
class ClientPlan:
    """The class that has every operation."""

    name: Identifier
    source: DocText
    title: DocText
    doc: Doc
    imports: tuple[str, ...]
    bases: tuple[str, ...]
    settings: tuple[str, ...]
    """Lines of class attributes."""


def plan_client(scope: ApiScope, groups: Iterable[GroupPlan], *, is_package: bool) -> ClientPlan:
    """Plan the client class.

    Args:
        scope: the document.
        groups: its operations.
        is_package: whether the package is nothing else: the client then has an address and keys of its own.
    """
    groups = list(groups)
    base = "ApiClient" if is_package else "Operations"
    symbols: dict[str, str] = {group.name: f"{scope.package}.operations.{group.module}" for group in groups}
    bases = (*sorted(symbols), *([base] if is_package or not groups else []))
    if base in bases:
        symbols[base] = "typedrun.operations"
    return _plan(scope, "Client" if is_package else "Api", bases, symbols, is_package=is_package)


def plan_async_client(scope: ApiScope, groups: Iterable[GroupPlan], *, is_package: bool) -> ClientPlan:
    """Plan the same for asyncio."""
    home = f"{scope.package}.{FOLDER}" if is_package else f"{scope.package.rpartition('.')[0]}.{FOLDER}.api"
    symbols: dict[str, str] = {in_asyncio(group.name): f"{home}.operations.{group.module}" for group in groups}
    bases = (*sorted(symbols), *(["AsyncApiClient"] if is_package else []))
    if is_package:
        symbols["AsyncApiClient"] = "typedrun.aio.operations"
    name = in_asyncio("Client" if is_package else "Api")
    return _plan(scope, name, bases, symbols, is_package=is_package, manner=", to be awaited")


def _plan(
    scope: ApiScope, name: str, bases: tuple[str, ...], symbols: dict[str, str], *, is_package: bool, manner: str = ""
) -> ClientPlan:
    settings = _settings(scope, symbols) if is_package else []
    title = doc_text(scope.api.title or scope.api.file, 90)
    return ClientPlan(
        name=Identifier(name),
        source=doc_text(scope.api.file, 200),
        title=title,
        doc=plan_doc(f"{title}: its {len(scope.api.operations)} operations, one method each{manner}.", 4),
        imports=imports_of(symbols),
        bases=bases,
        settings=tuple(settings),
    )


def _settings(scope: ApiScope, symbols: dict[str, str]) -> list[str]:
    """Lines for addresses and credentials; what they name is added to the symbols."""
    lines = list(credential_lines(scope.api.credentials, symbols))
    if scope.api.credentials and scope.api.security is not None:
        lines.append(f"security = {security_text(scope.api.security)}")
    lines.append(f"default_url = {py_string(scope.api.server)}")
    servers = {server for one in scope.api.operations if (server := own_server(one, scope))}
    return [*lines, *attribute_lines("servers_of_operations", [py_string(one) for one in sorted(servers)])]
