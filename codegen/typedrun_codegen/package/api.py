"""An API document → the files of a package of attrs classes and typed operations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from attrs import frozen

from typedrun_codegen.ir.api import ClassSpec, EnumSpec
from typedrun_codegen.ir.problems import Problem
from typedrun_codegen.package.render import render
from typedrun_codegen.plans.aio import FOLDER, in_asyncio
from typedrun_codegen.plans.api_names import ApiNames
from typedrun_codegen.plans.clients import plan_async_client, plan_client
from typedrun_codegen.plans.operations import GroupPlan, plan_groups
from typedrun_codegen.plans.types import ApiScope, ModulePlan, plan_modules
from typedrun_codegen.readers.api import read_api
from typedrun_codegen.text.annotations import bracketed_import
from typedrun_codegen.text.docstrings import DocText, doc_text
from typedrun_codegen.text.layout import bracketed
from typedrun_codegen.text.names import Identifier


@frozen
class Address:
    """Where an operation is."""

    server: str
    """The operation's own server, else the document's."""
    path: str
    """Below the server, with placeholders."""


@frozen
class ApiBuilt:
    """The files of an API package, and what is to be recorded about them."""

    files: dict[str, str]
    """Path below the package → text."""
    names: dict[str, str]
    """Key of the lock → name (api_names.py)."""
    problems: tuple[Problem, ...]
    counts: dict[str, int]
    """`schemas`, `classes`, `enums`, `operations`."""
    server: str
    """The document's server, or empty."""
    addresses: dict[str, Address]
    """`operationId` → where the operation is."""


def build_api(
    schema: Path,
    locked: Mapping[str, str],
    *,
    package: str,
    prefix: str = "api",
    source: str | None = None,
    has_asyncio: bool = True,
) -> ApiBuilt:
    """Build everything that is generated from an API document. Nothing is written.

    Args:
        schema: the document, OpenAPI 3.x or JSON Schema.
        locked: names of earlier generations, by key.
        package: import name of the package.
        prefix: folder inside the package; empty when the package is nothing else.
        source: how generated headers name the document. Default its file name.
        has_asyncio: whether the operations are generated for asyncio, too.

    Raises:
        UsageProblem: the document cannot be used at all.
    """
    api = read_api(schema, source or schema.name)
    inner = f"{package}.{prefix}" if prefix else package
    names = ApiNames(locked)
    scope = ApiScope(api, inner, names)
    modules = list(plan_modules(scope))
    groups = list(plan_groups(scope, is_package=not prefix)) if scope.api.is_openapi else []
    has_asyncio = has_asyncio and bool(groups)
    files = _files(scope, modules, groups, is_package=not prefix, has_asyncio=has_asyncio)
    placed = {_under(prefix, path): text for path, text in files}
    if has_asyncio:
        files = _async_files(scope, groups, is_package=not prefix)
        placed |= {f"{FOLDER}/{_under(prefix, path)}": text for path, text in files}
    return ApiBuilt(
        files=placed,
        names=dict(sorted(names.recorded.items())),
        problems=api.problems,
        counts={
            "schemas": sum(one.key == one.owner for one in api.types),
            "classes": sum(isinstance(one, ClassSpec) for one in api.types),
            "enums": sum(isinstance(one, EnumSpec) for one in api.types),
            "operations": len(api.operations),
        },
        server=api.server,
        addresses={one.id: Address(one.server or api.server, one.path) for one in api.operations},
    )


def _under(prefix: str, path: str) -> str:
    return f"{prefix}/{path}" if prefix else path


def _async_files(scope: ApiScope, groups: Sequence[GroupPlan], *, is_package: bool) -> Iterator[tuple[str, str]]:
    client = plan_async_client(scope, groups, is_package=is_package)
    yield "__init__.py", render("aio/api.py.jinja", client=client)
    for group in groups:
        yield f"operations/{group.module}.py", render("aio/operations.py.jinja", group=group)
    yield "operations/__init__.py", render("aio/api.py.jinja", client=client)
    yield "client.py", render("aio/api_client.py.jinja", client=client)


def _files(
    scope: ApiScope, modules: list[ModulePlan], groups: Sequence[GroupPlan], *, is_package: bool, has_asyncio: bool
) -> Iterator[tuple[str, str]]:
    index = _index(scope, modules, is_package=is_package, has_asyncio=has_asyncio)
    for module in modules:
        yield f"types/{module.name}.py", render("api/types.py.jinja", module=module)
    yield "types/__init__.py", render("api/types_index.py.jinja", plan=index)
    yield "__init__.py", render("api/package.py.jinja", plan=index)
    if is_package:
        yield "py.typed", ""
    if scope.api.is_openapi:
        for group in groups:
            yield f"operations/{group.module}.py", render("api/operations.py.jinja", group=group)
        yield "operations/__init__.py", render("api/operations_index.py.jinja", plan=index)
        yield "client.py", render("api/client.py.jinja", client=plan_client(scope, groups, is_package=is_package))


@frozen
class _Export:
    name: Identifier
    module: Identifier


@frozen
class _Index:
    package: str
    clients: tuple[_Export, ...]
    """What the package itself exports."""
    lazy: str
    """What makes the same importable on first use."""
    source: DocText
    title: DocText
    count: int
    imports: tuple[str, ...]
    exports: tuple[_Export, ...]


def _clients(scope: ApiScope, *, is_package: bool, has_asyncio: bool) -> Iterator[_Export]:
    if not scope.api.is_openapi:
        return
    if is_package and has_asyncio:
        yield _Export(in_asyncio("Client"), Identifier(f"{FOLDER}.client"))
    yield _Export(Identifier("Client" if is_package else "Api"), Identifier("client"))


def _index(scope: ApiScope, modules: list[ModulePlan], *, is_package: bool, has_asyncio: bool) -> _Index:
    clients = tuple(_clients(scope, is_package=is_package, has_asyncio=has_asyncio))
    exports = [_Export(name, module.name) for module in modules for name in module.exports]
    lines = [
        "    " + bracketed_import(f"from {scope.package}.types.{one.module} import ", [f"{one.name} as {one.name}"], 4)
        for one in exports
    ]
    table = ", ".join(f'"{one.name}": f"{{__name__}}.{one.module}"' for one in clients)
    return _Index(
        package=scope.package,
        clients=clients,
        lazy=bracketed("__getattr__, __dir__ = lazy_exports", ("__name__", f"{{{table}}}"), indent=4),
        source=doc_text(scope.api.file, 200),
        title=doc_text(scope.api.title or scope.api.file, 90),
        count=len(exports),
        imports=tuple(lines),
        exports=tuple(sorted(exports, key=lambda one: one.name)),
    )
