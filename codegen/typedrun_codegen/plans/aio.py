"""The Plan of the asyncio half of a package: the same models with await, in modules that a blocking user never imports.

Signatures, texts and option sets are those of the blocking half; here is what differs: names, bases and imports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen

from typedrun_codegen.plans.attributes import inputs_text
from typedrun_codegen.plans.models import ModelPlan, import_text
from typedrun_codegen.plans.naming import ModelName
from typedrun_codegen.plans.package import PackagePlan, ProtocolPlan, SupplierPlan
from typedrun_codegen.plans.pins import PinPlan
from typedrun_codegen.plans.scope import Scope
from typedrun_codegen.text.annotations import SYMBOLS, by_kind, imports_of
from typedrun_codegen.text.layout import bracketed, signature
from typedrun_codegen.text.names import Identifier

FOLDER = "aio"
PREFIX = "Async"
"""Before the names of the blocking half."""

MODULES: Mapping[str, str] = {
    f"{FOLDER}/__init__.py": "aio/package.py.jinja",
    f"{FOLDER}/client.py": "aio/client.py.jinja",
    f"{FOLDER}/functions.py": "aio/functions.py.jinja",
    f"{FOLDER}/catalog.py": "aio/catalog.py.jinja",
    f"{FOLDER}/models/__init__.py": "aio/models.py.jinja",
}
"""Modules that every asyncio half has → their templates."""


@frozen(kw_only=True)
class AsyncModelPlan:
    """One model module."""

    blocking: ModelPlan
    streamer: str
    """As of the blocking one."""
    head: str
    """`class Async…(…):`"""
    inputs: str | None
    imports: str


@frozen(kw_only=True)
class AsyncSupplierPlan:
    """A supplier's module."""

    blocking: SupplierPlan
    name: Identifier
    base: str
    imports: tuple[str, ...]
    exports: tuple[str, ...]


@frozen(kw_only=True)
class AsyncProtocolPlan:
    """A protocol in functions.py."""

    blocking: ProtocolPlan
    name: Identifier
    getter: str
    """The overload of `by_function`."""


@frozen(kw_only=True)
class AsyncPinPlan:
    """A model whose class the checkers are told for its id and its paths."""

    symbol: str
    """What is imported for it."""
    module: str
    """Below the package."""
    getter: str
    """Its overload of `__getitem__`."""


@frozen(kw_only=True)
class AsyncPackagePlan:
    """Everything that the modules of the asyncio half print beside its models."""

    blocking: PackagePlan
    client: str
    registry: str
    suppliers: tuple[AsyncSupplierPlan, ...]
    protocols: tuple[AsyncProtocolPlan, ...]
    protocol_imports: tuple[str, ...]
    pins: tuple[AsyncPinPlan, ...]
    catalog_base: str
    catalog_imports: tuple[str, ...]
    tree_imports: tuple[str, ...]


def in_asyncio(name: str) -> Identifier:
    """What a class is called in the asyncio half."""
    return Identifier(f"{PREFIX}{name}")


def paths_of(name: ModelName, scope: Scope) -> tuple[str, ...]:
    """The files of a model's modules, below the package: the blocking one, and the other if there is one."""
    return (name.path, f"{FOLDER}/{name.path}") if scope.has_asyncio else (name.path,)


def plan_async_model(plan: ModelPlan, place: ModelName, scope: Scope) -> AsyncModelPlan:
    """Make the Plan of one model's module.

    Args:
        plan: of the blocking one.
        place: where that is.
        scope: what the package shares.
    """
    streamer = in_asyncio(plan.streamer) if plan.streamer.startswith("ItemStream") else "AsyncStream"
    base = "AsyncModel" if plan.streams else "AsyncNonStreamingModel"
    needs = (
        (True, {"AsyncJob", "JSON", "Mapping", "ModelResult", "declared_async", base}),
        (plan.is_open, {"Any"}),
        (not plan.is_open, {"Unpack"}),
        (plan.streams, {streamer.partition("[")[0], "Literal", "declared_stream", "overload"}),
        (bool(plan.variants), {"overload"}),
        (plan.inputs is not None, {"InputsOf"}),
    )
    symbols = (plan.symbols - {"get_args"}).union(*(names for is_needed, names in needs if is_needed))
    table = {symbol: _WIDER.get(symbol, SYMBOLS[symbol]) for symbol in symbols}
    table |= {} if plan.is_open else {scope.vocabulary.controls: scope.vocabulary.controls_module}
    table |= {**plan.result_symbols, **plan.foreign}
    table |= dict.fromkeys(plan.shared, f"{scope.package}.options")
    of_blocking: list[str] = [plan.name, *plan.own, *([plan.inputs.name] if plan.inputs else [])]
    table |= dict.fromkeys(of_blocking, f"{scope.package}.models.{place.supplier}.{place.module}")
    return AsyncModelPlan(
        blocking=plan,
        streamer=streamer,
        head=bracketed(f"class {in_asyncio(plan.name)}", [f"{base}[{plan.result}]", f"of={plan.name}"], tail=":"),
        inputs=None if plan.inputs is None else inputs_text(plan.inputs.name),
        imports="".join(f"{line}\n" for line in imports_of(table)),
    )


def plan_async_package(plan: PackagePlan) -> AsyncPackagePlan:
    """Make the Plan of every module that is not one model."""
    suppliers = tuple(_supplier(supplier, plan.package) for supplier in plan.suppliers)
    tree: dict[str, str] = {s.name: f"{plan.package}.{FOLDER}.models.{s.blocking.module}" for s in suppliers}
    protocols = tuple(_protocol(protocol) for protocol in plan.protocols)
    pins = tuple(_pin(pin) for pin in plan.pins)
    arguments = [f'"{plan.package}"', f'room="{FOLDER}.models"', f'prefix="{PREFIX}"']
    return AsyncPackagePlan(
        blocking=plan,
        client=in_asyncio(plan.client),
        registry=f"Registry({', '.join([*arguments, *(['is_sample=True'] if plan.is_sample else [])])})",
        suppliers=suppliers,
        protocols=protocols,
        protocol_imports=_protocol_imports(plan),
        pins=pins,
        catalog_base=in_asyncio(plan.catalog_base),
        catalog_imports=_catalog_imports(plan, pins, {} if plan.is_large else tree),
        tree_imports=imports_of(tree, indent=4) if plan.is_large else (),
    )


def _supplier(plan: SupplierPlan, package: str) -> AsyncSupplierPlan:
    name = in_asyncio(plan.name)
    modules: dict[str, str] = {
        in_asyncio(line.name): f"{package}.{FOLDER}.models.{plan.module}.{line.module}" for line in plan.models
    }
    return AsyncSupplierPlan(
        blocking=plan,
        name=name,
        base=in_asyncio(plan.base),
        imports=imports_of(modules, indent=4),
        exports=tuple(sorted((*modules, name), key=by_kind)),
    )


def _protocol(plan: ProtocolPlan) -> AsyncProtocolPlan:
    result = f"tuple[{PREFIX}{plan.item}, ...]"  # the protocol, or the base of models with its result
    return AsyncProtocolPlan(
        blocking=plan,
        name=in_asyncio(plan.name),
        getter=signature("def by_function", ("self", plan.argument), result, indent=8),
    )


def _pin(plan: PinPlan) -> AsyncPinPlan:
    name, defined = in_asyncio(plan.name), in_asyncio(plan.defined)
    return AsyncPinPlan(
        symbol=import_text(defined, name),
        module=f"{FOLDER}.models.{plan.place}",
        getter=signature("def __getitem__", ("self", plan.argument), name, indent=8),
    )


def _protocol_imports(plan: PackagePlan) -> tuple[str, ...]:
    table = _for_asyncio(plan.protocol_symbols)
    own = [name for protocol in plan.protocols for name in protocol.alias_names]
    return imports_of({**table, **dict.fromkeys(own, f"{plan.package}.functions")})


def _catalog_imports(plan: PackagePlan, pins: Sequence[AsyncPinPlan], tree: Mapping[str, str]) -> tuple[str, ...]:
    table = _for_asyncio(plan.catalog_symbols)
    functions = f"{plan.package}.{FOLDER}.functions"
    table |= {in_asyncio(p.name): functions for p in plan.protocols if p.item == p.name}
    table |= {pin.symbol: f"{plan.package}.{pin.module}" for pin in pins}
    return imports_of({**table, **tree}, indent=4)


def _for_asyncio(symbols: Mapping[str, str]) -> dict[str, str]:
    """What is imported in the place of the blocking half's classes."""
    return {
        in_asyncio(symbol) if symbol in _REPLACED else symbol: SYMBOLS[in_asyncio(symbol)]
        if symbol in _REPLACED
        else _WIDER.get(symbol, module)
        for symbol, module in symbols.items()
    }


_REPLACED = frozenset({"Job", "Model"})
_WIDER: Mapping[str, str] = {"Media": "typedrun.aio.arguments"}
"""Types that take more in the asyncio half → where that is."""
