"""Snapshot and API schema → every file of the package, as text. Nothing is written here."""

from __future__ import annotations

import marshal
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from attrs import evolve, field, frozen

from typedrun_codegen.ir.catalog import CatalogSpec, Choices, Member, ModelSpec, SupplierSpec, inputs_said
from typedrun_codegen.ir.problems import Location, Problem
from typedrun_codegen.ir.settings import Config
from typedrun_codegen.marketplaces import marketplace
from typedrun_codegen.package.manifest import NAME as MANIFEST
from typedrun_codegen.package.manifest import Manifest, read_manifest
from typedrun_codegen.package.packed import Packed, Packer, Text, pack
from typedrun_codegen.package.render import render, renderer
from typedrun_codegen.package.shelf import EMPTY, Shelf, keys_of
from typedrun_codegen.package.workers import MANY, spread, without_collector
from typedrun_codegen.package.writer import digest_file
from typedrun_codegen.plans import aio
from typedrun_codegen.plans import package as packageplan
from typedrun_codegen.plans.lock import Names
from typedrun_codegen.plans.models import plan_model
from typedrun_codegen.plans.naming import ModelName, name_members, name_models, name_parameters, name_suppliers
from typedrun_codegen.plans.pins import find_pinned
from typedrun_codegen.plans.scope import Leader, Scope
from typedrun_codegen.snapshots.store import count_models, hash_snapshot, read_lists, read_models
from typedrun_codegen.text.annotations import literal_text
from typedrun_codegen.text.names import FoldedNames, Identifier, claim, pascal_name
from typedrun_codegen.text.reserved import RESERVED

SHARED_OPTIONS = 3
"""An option set of fewer values stays where it is used, however often it recurs."""

ALWAYS_SHARED = 100
"""An option set of more values stands in options.py even if one model uses it: its module stays readable."""


OPTIONS_IMPORTS = ("Literal", "TypeAlias")
"""An option set that an earlier version named so never worked."""


@frozen(kw_only=True)
class Built:
    """A package as text."""

    files: Mapping[str, str]
    """Path below the package → text; manifest.json included."""
    problems: tuple[Problem, ...]
    counts: Mapping[str, int]
    """What was generated: models, suppliers, functions, parameters, options, schemas …"""
    manifest: Manifest
    keys: Mapping[str, str] = field(factory=dict[str, str])
    """Path of a model's module → key of everything that decides its text (shelf.py)."""


def build_package(config: Config, *, without: Container[str] = (), shelf: Shelf = EMPTY) -> Built:
    """Build the package as text, not yet proven to be importable (proof.py).

    Args:
        config: what is generated from what.
        without: ids of models to leave out.
        shelf: modules that need not be made again.

    Raises:
        UsageProblem: the snapshot, the schema or the package's manifest cannot be read at all.
    """
    with without_collector():
        return _build(config, without, shelf)


def _build(config: Config, without: Container[str], shelf: Shelf) -> Built:
    locked = read_manifest(config.output / config.package).names
    prefix = "api" if config.snapshot else ""
    is_large = config.snapshot is not None and count_models(config.snapshot) >= MANY
    with spread(lambda known: _build_api(config, known, prefix=prefix), [locked.schemas], is_worth=is_large) as parts:
        read = None if config.snapshot is None else _read_catalog(config, config.snapshot, without)
        api = next(parts)
    catalog = _Part() if read is None else _build_catalog(config, locked, read, shelf)
    texts = {**catalog.files, **api.files}
    if config.snapshot is None:
        texts.setdefault("__init__.py", pack(""))
    texts.setdefault("py.typed", pack(""))
    names = evolve(catalog.names, schemas={**locked.schemas, **api.names.schemas})
    manifest = Manifest(
        names=names,
        inputs={**catalog.inputs, **api.inputs},
        tools={**api.tools, "typedrun": _version("typedrun")},
        files={path: text.sha for path, text in texts.items()},
    )
    return Built(
        files=Packed({**texts, MANIFEST: pack(manifest.text())}),
        problems=(*catalog.problems, *api.problems),
        counts={**catalog.counts, **api.counts},
        manifest=manifest,
        keys=catalog.keys,
    )


@frozen(kw_only=True)
class _Part:
    """What one input contributes."""

    files: Mapping[str, Text] = field(factory=dict[str, Text])
    problems: tuple[Problem, ...] = ()
    counts: Mapping[str, int] = field(factory=dict[str, int])
    names: Names = field(factory=Names)
    inputs: Mapping[str, str] = field(factory=dict[str, str])
    tools: Mapping[str, str] = field(factory=dict[str, str])
    keys: Mapping[str, str] = field(factory=dict[str, str])


def _build_api(config: Config, locked: Mapping[str, str], *, prefix: str) -> _Part:
    if config.schema is None:
        return _Part()
    # Imported here: a catalog without an API schema needs none of it.
    from typedrun_codegen.package.api import build_api
    from typedrun_codegen.package.routes import render_routes

    source = relative_name(config.schema, config.root)
    built = build_api(
        config.schema,
        locked,
        package=config.package,
        prefix=prefix,
        source=source,
        has_asyncio="asyncio" in config.clients,
    )
    files, problems = built.files, built.problems
    if prefix:  # beside a catalog: its client calls some of the operations by itself
        text, missing = render_routes(built, source)
        files, problems = {**files, f"{prefix}/routes.py": text}, (*problems, *missing)
    return _Part(
        files={path: pack(text) for path, text in files.items()},
        problems=problems,
        counts=built.counts,
        names=Names(schemas=built.names),
        inputs={source: digest_file(config.schema)},
    )


@frozen
class _Input:
    """A snapshot as it was read."""

    source: str
    """Where it is, as committed text names it."""
    sha: str
    lists: bytes
    """Hash of the enumerations that models are read with."""
    catalog: CatalogSpec
    problems: tuple[Problem, ...]
    is_sample: bool


def _read_catalog(config: Config, snapshot: Path, without: Container[str]) -> _Input:
    sha = hash_snapshot(snapshot)  # before it is read: what changes meanwhile is generated again
    # The documents of a large catalog are several times its Specs: each goes before the next comes.
    lists = read_lists(snapshot)
    read = marketplace(config.backend).reader().read_catalog(lists, read_models(snapshot))
    models = tuple(model for model in read.catalog.models if model.id not in without)
    return _Input(
        source=relative_name(snapshot, config.root),
        sha=sha,
        lists=sha256(marshal.dumps((lists.functions, lists.suppliers), 2)).digest(),
        catalog=evolve(read.catalog, models=models),
        problems=read.problems,
        is_sample=lists.is_sample,
    )


def _build_catalog(config: Config, locked: Names, read: _Input, shelf: Shelf) -> _Part:
    catalog = read.catalog
    names, models, scope = name_catalog(catalog, locked, config, read.source, is_sample=read.is_sample)
    pinned, unknown = find_pinned(catalog, config.typing.pinned)
    keys = keys_of(catalog.models, models, scope, read.lists)
    return _Part(
        files=_render_catalog(catalog, models, names, scope, pinned, lambda path: shelf.text(path, keys.get(path, ""))),
        keys=keys,
        problems=(*read.problems, *_unknown_pins(config, unknown)),
        counts=_counts(catalog, names),
        names=names,
        inputs={read.source: read.sha},
    )


def _unknown_pins(config: Config, unknown: Sequence[str]) -> list[Problem]:
    location = Location(relative_name(config.file, config.root) if config.file else "options", "/typing/pinned")
    next_step = "correct the id or path, or take it out of the list; the others are typed"
    return [
        Problem("a pinned model is not in the snapshot", location, found=repr(key), next_step=next_step)
        for key in unknown
    ]


def name_catalog(
    catalog: CatalogSpec, locked: Names, config: Config, source: str, *, is_sample: bool = False
) -> tuple[Names, dict[str, ModelName], Scope]:
    """Every name of the package, and the scope that its plans share."""
    market = marketplace(config.backend)
    suppliers = _all_suppliers(catalog)
    supplier_names = name_suppliers(suppliers, locked.suppliers)
    reserved = RESERVED | {market.vocabulary.controls}
    models = name_models(catalog.models, supplier_names, locked.models, reserved)
    members = {
        kind: name_members(values, locked.members.get(kind, {}))
        for kind, values in enumerations(catalog, suppliers).items()
    }
    aliases = name_options(catalog, locked.options, reserved)
    parameters = {
        model.id: name_parameters(
            model.parameters, locked.parameters.get(model.id, {}), market.vocabulary.control_names
        )
        for model in catalog.models
    }
    scope = Scope(
        package=config.package,
        source=source,
        outputs={function.id: function.output for function in catalog.functions if function.output is not None},
        aliases=aliases,
        members=members,
        parameters=parameters,
        client=market.client,
        vocabulary=market.vocabulary,
        has_asyncio="asyncio" in config.clients,
        has_api=config.schema is not None,
        mypy_tree=config.typing.mypy_tree,
        leaders=find_leaders(catalog.models, models, parameters),
        is_sample=is_sample,
    )
    functions = {model.function for model in catalog.models if model.function}
    names = Names(
        suppliers={**locked.suppliers, **supplier_names},
        models={**locked.models, **{identity: name.place for identity, name in models.items()}},
        parameters=_renamed(parameters, locked.parameters),
        options={**locked.options, **{option_key(values): str(alias) for values, alias in aliases.items()}},
        members=members,
        protocols=name_protocols(functions, locked.protocols),
    )
    return names, models, scope


def find_leaders(
    models: Iterable[ModelSpec], names: Mapping[str, ModelName], parameters: Mapping[str, Mapping[str, Identifier]]
) -> dict[str, Leader]:
    """Id of a model → the one whose inputs are word for word the same, and whose id comes first, if that is another.

    Args:
        models: those of the catalog; of one whose parameters have no schemas, nobody shares anything.
        names: where their classes are.
        parameters: model id → wire name → Python name.
    """
    first: dict[str, ModelSpec] = {}
    found: dict[str, Leader] = {}
    described = (model for model in models if any(one.schema is not None for one in model.parameters))
    for model in sorted(described, key=lambda model: model.id):
        said = f"{inputs_said(model)} {sorted(parameters[model.id].items())}"
        leader = first.setdefault(said, model)
        if leader is not model:
            found[model.id] = Leader(leader, names[leader.id])
    return found


def _renamed(
    parameters: Mapping[str, Mapping[str, Identifier]], locked: Mapping[str, Mapping[str, str]]
) -> dict[str, Mapping[str, str]]:
    """What is worth locking: names that differ from the wire's, those of parameters that are gone included."""
    changed = dict(locked)
    for identity, names in parameters.items():
        differing = {wire: str(name) for wire, name in names.items() if wire != name}
        if differing:
            changed[identity] = {**locked.get(identity, {}), **differing}
    return changed


def _all_suppliers(catalog: CatalogSpec) -> list[SupplierSpec]:
    """Suppliers that have models; the enumeration endpoint lists more, which get no module."""
    return list({model.supplier.code.lower(): model.supplier for model in catalog.models}.values())


def enumerations(catalog: CatalogSpec, suppliers: Iterable[SupplierSpec]) -> dict[str, list[Member]]:
    """Members of the generated enumerations: what the endpoints list, and what models use beyond that."""
    functions = {function.id: Member(function.id, function.id) for function in catalog.functions}
    used = {model.function: Member(model.function, model.function) for model in catalog.models if model.function}
    codes = {supplier.code: Member(supplier.code, supplier.code) for supplier in (*catalog.suppliers, *suppliers)}
    return {
        "Function": list({**used, **functions}.values()),
        "Supplier": list(codes.values()),
        "Language": list(catalog.languages),
        "License": list(catalog.licenses),
    }


def name_options(
    catalog: CatalogSpec, locked: Mapping[str, str], reserved: frozenset[str]
) -> dict[Choices, Identifier]:
    """Option sets that recur between models (or are very long) → their alias in options.py."""
    users: dict[Choices, list[tuple[str, ModelSpec]]] = {}
    for model in catalog.models:
        for parameter in model.parameters:
            if len(parameter.choices) >= SHARED_OPTIONS and parameter.is_argument:
                users.setdefault(parameter.choices, []).append((parameter.name, model))
    taken = FoldedNames(locked.values(), reserved)
    aliases: dict[Choices, Identifier] = {}
    for key, options in sorted((option_key(options), options) for options in users):
        recurs = len({model.id for _, model in users[options]}) > 1
        if key in locked and locked[key] not in OPTIONS_IMPORTS:
            aliases[options] = Identifier(locked[key])
        elif recurs or len(options) > ALWAYS_SHARED:
            aliases[options] = _claim_option(catalog, options, users[options], taken)
            taken.add(aliases[options])
    return aliases


def _claim_option(
    catalog: CatalogSpec, options: Choices, users: Sequence[tuple[str, ModelSpec]], taken: FoldedNames
) -> Identifier:
    """`LanguageCode`, `AspectRatio`; a second set of that name is told apart by its supplier, its size, its ends."""
    languages = {member.value for member in catalog.languages}
    counts = Counter(name for name, _ in users)
    common = min(counts, key=lambda name: (-counts[name], name))
    word = "language code" if len(languages.intersection(options)) * 2 > len(options) else common
    suppliers = {model.supplier.code.lower() for _, model in users}
    longer = [f"{word} option"] if pascal_name(word) in RESERVED else []
    longer += [f"{next(iter(suppliers))} {word}"] if len(suppliers) == 1 else []
    longer += [f"{word} of {len(options)}", f"{word} {str(options[0])[:12]} to {str(options[-1])[:12]}"]
    names = [pascal_name(name, "Option") for name in (word, *longer)]
    return claim(names[0], taken, *names[1:], seed=option_key(options))


def option_key(options: Choices) -> str:
    """What an option set is, as the manifest records it."""
    return sha256(literal_text(options).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def name_protocols(functions: Iterable[str], locked: Mapping[str, str]) -> dict[str, str]:
    """Function id → protocol."""
    taken = FoldedNames(locked.values(), RESERVED)
    names = dict(locked)
    for function in sorted(set(functions) - set(names)):
        wanted = pascal_name(function, "Function")
        if wanted.endswith("Models"):  # as the classes of suppliers do, which stand beside the protocols
            wanted = pascal_name(f"{function} model")
        names[function] = claim(wanted, taken, pascal_name(f"{function} model"), seed=function)
        taken.add(names[function])
    return names


def _render_catalog(
    catalog: CatalogSpec,
    models: Mapping[str, ModelName],
    names: Names,
    scope: Scope,
    pinned: Sequence[ModelSpec],
    find_text: Callable[[str], Text | None],
) -> dict[str, Text]:
    """Path → text of every module that the catalog gives; `find_text` knows some of them by their path."""
    module = renderer("models/model.py.jinja")
    async_module = renderer("aio/model.py.jinja") if scope.has_asyncio else None

    packer, async_packer = Packer(), Packer()

    def render_model(model: ModelSpec) -> tuple[Text, ...]:
        place = models[model.id]
        plan = plan_model(model, place, scope)
        text = packer.pack(module(plan=plan))
        if async_module is None:
            return (text,)
        return text, async_packer.pack(async_module(plan=aio.plan_async_model(plan, place, scope)))

    found = {path: find_text(path) for model in catalog.models for path in aio.paths_of(models[model.id], scope)}
    todo = [
        model for model in catalog.models if None in [found[path] for path in aio.paths_of(models[model.id], scope)]
    ]
    with spread(render_model, todo, is_worth=len(todo) >= MANY) as texts:
        plan = packageplan.plan_package(catalog, models, names, scope, pinned)
        for model, both in zip(todo, texts, strict=True):
            found |= zip(aio.paths_of(models[model.id], scope), both, strict=True)
    files: dict[str, str] = {}
    for enum in plan.enums:
        files[f"{enum.module}.py"] = render(enum.template, plan=plan, enum=enum)
    for index in plan.index:
        files[f"models/{index.module}.py"] = render("models/index.py.jinja", plan=plan, index=index)
    for supplier in plan.suppliers:
        files[f"models/{supplier.module}/__init__.py"] = render(
            "models/supplier.py.jinja", plan=plan, supplier=supplier
        )
    files |= _render_asyncio(aio.plan_async_package(plan)) if scope.has_asyncio else {}
    files |= {path: render(name, plan=plan) for path, name in packageplan.MODULES.items()}
    modules = {path: text for path, text in found.items() if text is not None}
    return modules | {path: pack(text) for path, text in files.items()}


def _render_asyncio(plan: aio.AsyncPackagePlan) -> dict[str, str]:
    """Path → text of the asyncio half, but for its models."""
    files = {path: render(name, plan=plan) for path, name in aio.MODULES.items()}
    for supplier in plan.suppliers:
        path = f"{aio.FOLDER}/models/{supplier.blocking.module}/__init__.py"
        files[path] = render("aio/supplier.py.jinja", plan=plan, supplier=supplier)
    return files


def _counts(catalog: CatalogSpec, names: Names) -> dict[str, int]:
    parameters = [parameter for model in catalog.models for parameter in model.parameters]
    return {
        "models": len(catalog.models),
        "suppliers": len({model.supplier.code.lower() for model in catalog.models}),
        "functions": len({model.function for model in catalog.models if model.function}),
        "parameters": len(parameters),
        "options": sum(len(parameter.options) for parameter in parameters),
        "defaults": sum(parameter.default is not None for parameter in parameters),
        "aliases": len(names.options),
    }


def relative_name(path: Path, root: Path) -> str:
    """A path as committed text may name it: below the root, else its last part (no machine paths)."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "unknown"
