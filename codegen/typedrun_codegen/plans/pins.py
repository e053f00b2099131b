"""The models that the checkers are told by id and path, although the tree of a large catalog is not shown to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attrs import frozen

from typedrun_codegen.ir.catalog import CatalogSpec, ModelSpec
from typedrun_codegen.plans.naming import ModelName
from typedrun_codegen.plans.scope import Scope
from typedrun_codegen.text.layout import bracketed, signature, value_text
from typedrun_codegen.text.names import FoldedNames, Identifier, claim, pascal_name


@frozen
class PinPlan:
    """A model whose class the checkers are told for its id and its paths."""

    name: Identifier
    """What its class is called in the catalog's module."""
    defined: Identifier
    """What it is called where it is defined."""
    symbol: str
    """What is imported for it: its class, under another name where that is taken."""
    argument: str
    """Its keys."""
    place: str
    """Of its module, below the package's models."""
    module: str
    getter: str
    """Its overload of `__getitem__`."""


def paths_of(catalog: CatalogSpec) -> dict[str, str]:
    """Path → model id; a path that two models claim belongs to neither."""
    owners: dict[str, set[str]] = {}
    for model in catalog.models:
        for path in model.paths:
            owners.setdefault(path, set()).add(model.id)
    return {path: next(iter(ids)) for path, ids in owners.items() if len(ids) == 1}


def find_pinned(catalog: CatalogSpec, pinned: Sequence[str]) -> tuple[list[ModelSpec], list[str]]:
    """Find the models of these ids and paths, each once, and the ids and paths that no model has."""
    by_id = {model.id: model for model in catalog.models}
    paths = paths_of(catalog)
    found = {key: by_id.get(paths.get(key, key)) for key in pinned}
    models = {model.id: model for model in found.values() if model is not None}
    return list(models.values()), [key for key, model in found.items() if model is None]


def plan_pins(
    pinned: Sequence[ModelSpec],
    paths: Mapping[str, str],
    models: Mapping[str, ModelName],
    taken: Iterable[str],
    scope: Scope,
) -> tuple[PinPlan, ...]:
    """Make the Plan of each pinned model.

    Args:
        pinned: The models.
        paths: Path → id of the model that it belongs to.
        models: The name of each model, by its id.
        taken: Names that the catalog's module has already.
        scope: The package.
    """
    names = FoldedNames(taken)
    found: list[PinPlan] = []
    for model in pinned:
        place = models[model.id]
        name = claim(place.name, names, pascal_name(f"{place.supplier} {place.name}"), seed=model.id)
        names.add(name)
        keys = (model.id, *(path for path in model.paths if paths.get(path) == model.id))
        argument = bracketed("id_or_path: Literal", [value_text(key, indent=16) for key in keys], "[]", indent=12)
        getter = signature("def __getitem__", ("self", argument), name, indent=8)
        symbol = name if name == place.name else f"{place.name} as {name}"
        module = f"{place.supplier}.{place.module}"
        found.append(PinPlan(name, place.name, symbol, argument, module, f"{scope.package}.models.{module}", getter))
    return tuple(found)
