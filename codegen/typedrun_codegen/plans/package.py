"""The Plan of everything in a package that is not one model: enumerations, options, protocols, index, front door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from attrs import frozen

from typedrun_codegen.ir.catalog import CatalogSpec, Choices, ModelSpec
from typedrun_codegen.ir.vocabulary import Vocabulary
from typedrun_codegen.plans import prose
from typedrun_codegen.plans.enumerations import EnumPlan, exports_of_enums, plan_enums
from typedrun_codegen.plans.exports import FIXED_ENUMS, front_door
from typedrun_codegen.plans.functions import Common, common_signature
from typedrun_codegen.plans.index import IndexPlan, plan_index
from typedrun_codegen.plans.lock import Names
from typedrun_codegen.plans.models import (
    alias_text,
    free_name,
    import_text,
    result_type,
    shared_aliases,
)
from typedrun_codegen.plans.naming import ModelName, supplier_class
from typedrun_codegen.plans.parameters import LONG_LITERAL
from typedrun_codegen.plans.pins import PinPlan, paths_of, plan_pins
from typedrun_codegen.plans.scope import Scope
from typedrun_codegen.text.annotations import SYMBOLS, by_kind, imports_of, literal_text, natural, type_text
from typedrun_codegen.text.docstrings import WIDTH, DocText, doc_line, doc_text, docstring, wrap
from typedrun_codegen.text.layout import bracketed, signature, value_text
from typedrun_codegen.text.names import Identifier, pascal_name
from typedrun_codegen.text.reserved import RESERVED
from typedrun_codegen.text.words import count

MODULES: Mapping[str, str] = {
    "__init__.py": "package.py.jinja",
    "client.py": "client.py.jinja",
    "enums.py": "enums.py.jinja",
    "options.py": "options.py.jinja",
    "functions.py": "functions.py.jinja",
    "catalog.py": "models/catalog.py.jinja",
    "models/__init__.py": "models/package.py.jinja",
}
"""Modules that every package has → their templates."""

OPEN_ARGUMENTS = "        *args: Any,\n        **parameters: Any,\n"
CONTROL_ARGUMENTS = ("timeout: float = ...", "wait_time: float = ...", "extra: Mapping[str, JSON] | None = ...")
"""The run controls that every protocol has."""


@frozen
class OptionsPlan:
    """An alias in options.py."""

    name: Identifier
    text: str


@frozen
class ProtocolPlan:
    """A protocol in functions.py."""

    name: str
    aliases: tuple[str, ...]
    """Assignments of its long option sets."""
    alias_names: tuple[str, ...]
    argument: str
    """That of `by_function`: the function by id or member."""
    doc: str
    signature: str
    """All arguments of its methods, one a line, indented."""
    result: str
    getter: str
    """The overload of `by_function`: the protocol if every model of the function follows it."""
    item: str


@frozen
class ModelLine:
    """A model in its supplier's module."""

    module: Identifier
    name: Identifier
    doc: DocText
    place: str


@frozen
class SupplierPlan:
    """A supplier's module."""

    module: Identifier
    name: Identifier
    title: DocText
    models: tuple[ModelLine, ...]
    counted: str
    """`1 model`, `2 models`."""
    is_large: bool
    """Whether its models are too many for mypy."""
    base: str
    imports: tuple[str, ...]
    exports: tuple[str, ...]


@frozen(kw_only=True)
class PackagePlan:
    """Everything that the package's own modules print."""

    package: str
    client: str
    """The client's class."""
    vocabulary: Vocabulary
    source: str
    doc: str
    """Docstring of the package."""
    registry: str
    """The call that opens its index."""
    is_sample: bool
    has_api: bool
    counts: str
    enums: tuple[EnumPlan, ...]
    fixed_enums: tuple[str, ...]
    enum_exports: tuple[tuple[str, str], ...]
    """Name that enums.py imports when it is first asked for → module that defines it."""
    enum_imports: tuple[str, ...]
    enum_names: tuple[str, ...]
    """Everything that enums.py exports."""
    options: tuple[OptionsPlan, ...]
    protocols: tuple[ProtocolPlan, ...]
    protocol_symbols: Mapping[str, str]
    """What the arguments and results of protocols need → the module that defines it."""
    protocol_imports: tuple[str, ...]
    catalog_symbols: Mapping[str, str]
    """What the overloads of `by_function` need → the module that defines it."""
    catalog_imports: tuple[str, ...]
    tree_imports: tuple[str, ...]
    """The suppliers' classes, apart when mypy is not to read them."""
    is_large: bool
    """Whether the tree is too large for mypy."""
    catalog_base: str
    has_overloads: bool
    """Whether the checkers are told more of it than its tree."""
    typing: str
    """What the catalog's modules import from there."""
    pins: tuple[PinPlan, ...]
    suppliers: tuple[SupplierPlan, ...]
    index: tuple[IndexPlan, ...]
    exports: tuple[tuple[str, str], ...]
    """Name that the front door exports → module that defines it."""
    export_imports: tuple[str, ...]


def plan_package(
    catalog: CatalogSpec,
    models: Mapping[str, ModelName],
    names: Names,
    scope: Scope,
    pinned: Sequence[ModelSpec] = (),
) -> PackagePlan:
    """Plan every module of the package that is not one model; the pinned ones are typed by id, too."""
    by_function = _by_function(catalog)
    shared = {function: common_signature(members, scope.parameters) for function, members in by_function.items()}
    imported = shared_aliases(_choices(shared), scope, tuple(names.protocols.values()))
    own = _own_aliases(shared, names, scope, imported)
    protocols = tuple(
        _protocol(function, members, shared[function], own[function], imported, names, scope)
        for function, members in by_function.items()
    )
    suppliers = _suppliers(catalog, models, names, scope)
    exports = front_door(scope.package, scope.client, has_asyncio=scope.has_asyncio)
    fixed_enums = tuple(sorted((*FIXED_ENUMS, "OpenStrEnum")))
    generated_enums = exports_of_enums(scope.package)
    is_large = len(catalog.models) > scope.mypy_tree
    tree: dict[str, str] = {supplier.name: f"{scope.package}.models.{supplier.module}" for supplier in suppliers}
    paths = paths_of(catalog)
    pins = plan_pins(pinned, paths, models, (*RESERVED, *tree, *names.protocols.values()), scope)
    protocol_symbols = _protocol_symbols(shared, imported, own, scope)
    catalog_symbols = _catalog_symbols(protocols, pins, by_function, scope)
    return PackagePlan(
        package=scope.package,
        client=scope.client,
        vocabulary=scope.vocabulary,
        source=scope.source,
        doc=_doc(scope),
        registry=f'Registry("{scope.package}"{", is_sample=True" if scope.is_sample else ""})',
        is_sample=scope.is_sample,
        has_api=scope.has_api,
        counts=f"{count(len(catalog.models), 'model')} of {count(len(suppliers), 'supplier')}",
        enums=plan_enums(catalog, scope.members),
        fixed_enums=fixed_enums,
        enum_exports=tuple(sorted(generated_enums.items(), key=lambda item: by_kind(item[0]))),
        enum_imports=imports_of(generated_enums, indent=4),
        enum_names=tuple(sorted((*fixed_enums, *generated_enums), key=by_kind)),
        options=_options(scope),
        protocols=protocols,
        protocol_symbols=protocol_symbols,
        protocol_imports=_protocol_imports(protocol_symbols, protocols),
        catalog_symbols=catalog_symbols,
        catalog_imports=_catalog_imports(catalog_symbols, protocols, {} if is_large else tree, pins, scope),
        tree_imports=imports_of(tree, indent=4) if is_large else (),
        is_large=is_large,
        catalog_base="LargeCatalog" if is_large else "ModelCatalog",
        has_overloads=bool(protocols or pins),
        typing="TYPE_CHECKING, Any, ClassVar, Literal, overload" if protocols or pins else "TYPE_CHECKING, ClassVar",
        pins=pins,
        suppliers=suppliers,
        index=plan_index(
            models={model.id: models[model.id].place for model in catalog.models},
            paths=paths,
            functions=((model.function, model.id) for model in catalog.models if model.function),
        ),
        exports=tuple(sorted(exports.items(), key=lambda item: by_kind(item[0]))),
        export_imports=imports_of(exports, indent=4),
    )


def _doc(scope: Scope) -> str:
    first = doc_line(f"The models of a catalog, typed: `from {scope.package} import {scope.client}`.")
    more = (doc_line(), *wrap(doc_line(prose.SAMPLE))) if scope.is_sample else ()
    return docstring((first, *more), 0)


def _by_function(catalog: CatalogSpec) -> dict[str, list[ModelSpec]]:
    found: dict[str, list[ModelSpec]] = {}
    for model in sorted(catalog.models, key=lambda model: model.id):
        if model.function:
            found.setdefault(model.function, []).append(model)
    return dict(sorted(found.items()))


def _options(scope: Scope) -> tuple[OptionsPlan, ...]:
    return tuple(
        OptionsPlan(name, alias_text(name, values))
        for values, name in sorted(scope.aliases.items(), key=lambda item: item[1])
    )


def _protocol(
    function: str,
    models: list[ModelSpec],
    common: Common,
    own: _Aliases,
    imported: _Aliases,
    names: Names,
    scope: Scope,
) -> ProtocolPlan:
    known = {**imported, **own}
    lines = "".join(
        f"        {p.name}: {type_text(p.type, known.get(p.choices)).text}{'' if p.required else ' | None = ...'},\n"
        for p in common.parameters
    )
    controls = "".join(f"        {each},\n" for each in (*CONTROL_ARGUMENTS, *scope.vocabulary.protocol_arguments))
    item = names.protocols[function] if common.covers_all else f"Model[{result_type(function, scope).text}]"
    keys = (value_text(function, indent=16), f"Function.{scope.members['Function'][function]}")
    argument = bracketed("function: Literal", keys, "[]", indent=12)
    return ProtocolPlan(
        getter=signature("def by_function", ("self", argument), f"tuple[{item}, ...]", indent=8),
        name=names.protocols[function],
        aliases=tuple(alias_text(alias, values) for values, alias in sorted(own.items(), key=lambda item: item[1])),
        alias_names=tuple(sorted(own.values())),
        argument=argument,
        doc=docstring(_protocol_doc(function, models, common), 4),
        signature=OPEN_ARGUMENTS if common.is_open else f"        *,\n{lines}{controls}",
        result=result_type(function, scope).text,
        item=item,
    )


_Aliases: TypeAlias = "Mapping[Choices, Identifier]"


def _choices(shared: Mapping[str, Common]) -> list[Choices]:
    return [parameter.choices for common in shared.values() for parameter in common.parameters]


def _own_aliases(
    shared: Mapping[str, Common], names: Names, scope: Scope, imported: _Aliases
) -> dict[str, dict[Choices, Identifier]]:
    """Function → names for the long option sets that its protocol alone has: `TextGenerationVoiceOption`."""
    taken = {*names.protocols.values(), *imported.values()}
    found: dict[str, dict[Choices, Identifier]] = {}
    for function, common in shared.items():
        found[function] = {}
        for parameter in common.parameters:
            options = parameter.choices
            is_named = options in scope.aliases or options in found[function]
            if options and not is_named and len(literal_text(options)) > LONG_LITERAL:
                wanted = Identifier(f"{names.protocols[function]}{pascal_name(parameter.name, 'Option')}Option")
                found[function][options] = free_name(wanted, taken)
                taken.add(found[function][options])
    return found


def _protocol_doc(function: str, models: list[ModelSpec], common: Common) -> tuple[DocText, ...]:
    words = prose.function_words(models[0])
    who = f"the {len(models)} models" if len(models) > 1 else "the one model"
    lines = wrap(
        doc_line(f"What {who} of {doc_text(function, 80)} can be called with: {words}."), "", "    ", width=WIDTH - 7
    )
    if common.outliers:
        others = ", ".join(doc_text(model.name, 60) for model in common.outliers[:8])
        more = len(common.outliers) - 8
        text = doc_line(
            f"Not these, which are called in another way: {others}{f' and {more} more' if more > 0 else ''}."
        )
        lines += [doc_line(), *wrap(text, "    ")]
    return tuple(lines)


def _protocol_symbols(
    shared: Mapping[str, Common], imported: _Aliases, own: Mapping[str, _Aliases], scope: Scope
) -> Mapping[str, str]:
    symbols: set[str] = {"Protocol"} if shared else set()
    aliases = {import_text(scope.aliases[options], alias) for options, alias in imported.items()}
    for function, common in shared.items():
        symbols |= result_type(function, scope).symbols
        symbols |= {"Job", "ModelResult"}
        symbols |= {"Any"} if common.is_open else {"JSON", "Mapping"}
        for parameter in common.parameters:
            alias = {**imported, **own[function]}.get(parameter.choices)
            symbols |= type_text(parameter.type, alias).symbols
    return {symbol: SYMBOLS[symbol] for symbol in symbols} | dict.fromkeys(aliases, f"{scope.package}.options")


def _protocol_imports(symbols: Mapping[str, str], protocols: tuple[ProtocolPlan, ...]) -> tuple[str, ...]:
    needed = ("TypeAlias", "Literal") if any(protocol.aliases for protocol in protocols) else ()
    return imports_of({**symbols, **{symbol: SYMBOLS[symbol] for symbol in needed}})


def _catalog_symbols(
    protocols: tuple[ProtocolPlan, ...],
    pins: Sequence[PinPlan],
    by_function: Mapping[str, list[ModelSpec]],
    scope: Scope,
) -> Mapping[str, str]:
    is_shared = any(protocol.item != protocol.name for protocol in protocols) or bool(pins)
    symbols = {"Model"} if is_shared else set[str]()
    for protocol, function in zip(protocols, by_function, strict=True):
        symbols |= result_type(function, scope).symbols if protocol.item != protocol.name else set()
    table = {symbol: SYMBOLS[symbol] for symbol in symbols}
    return table | ({"Function": f"{scope.package}.enums"} if protocols else {})


def _catalog_imports(
    symbols: Mapping[str, str],
    protocols: tuple[ProtocolPlan, ...],
    tree: Mapping[str, str],
    pins: Sequence[PinPlan],
    scope: Scope,
) -> tuple[str, ...]:
    table = {**symbols, **{p.name: f"{scope.package}.functions" for p in protocols if p.item == p.name}}
    return imports_of({**table, **tree, **{pin.symbol: pin.module for pin in pins}}, indent=4)


def _suppliers(
    catalog: CatalogSpec, models: Mapping[str, ModelName], names: Names, scope: Scope
) -> tuple[SupplierPlan, ...]:
    """The suppliers by where the classes are: a model that has changed hands stays where it was."""
    by_module: dict[Identifier, list[ModelSpec]] = {}
    for model in catalog.models:
        by_module.setdefault(models[model.id].supplier, []).append(model)
    codes = {module: code for code, module in names.suppliers.items()}
    return tuple(
        _supplier(module, codes.get(module, module), by_module[module], models, scope) for module in sorted(by_module)
    )


def _supplier(
    module: Identifier, code: str, members: list[ModelSpec], models: Mapping[str, ModelName], scope: Scope
) -> SupplierPlan:
    lines = tuple(
        sorted((_model_line(model, models[model.id]) for model in members), key=lambda line: natural(line.module))
    )
    class_names = {line.name.lower() for line in lines}
    name = supplier_class(module)
    while name.lower() in class_names:
        name = Identifier(f"{name}_")
    is_large = len(lines) > scope.mypy_tree
    return SupplierPlan(
        module=module,
        name=name,
        title=doc_text(next((m.supplier.name for m in members if m.supplier.code.lower() == code), code), 80),
        models=lines,
        counted=count(len(lines), "model"),
        is_large=is_large,
        base="LargeSupplier" if is_large else "SupplierModels",
        imports=imports_of({line.name: f"{scope.package}.models.{module}.{line.module}" for line in lines}, indent=4),
        exports=tuple(sorted((*(line.name for line in lines), name), key=by_kind)),
    )


def _model_line(model: ModelSpec, name: ModelName) -> ModelLine:
    price = prose.price_text(model.pricing)
    said = ", ".join(filter(None, (prose.kind_words(model), price)))
    doc = doc_line(f"{doc_text(model.name, 100)}{f': {said}' if said else ''}.")
    return ModelLine(name.module, name.name, doc, name.place)
