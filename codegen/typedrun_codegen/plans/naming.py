"""Which name each thing gets: the locked one, else one made from the thing itself; collisions never move a locked name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import eq

from attrs import frozen

from typedrun_codegen.ir.catalog import Member, ModelSpec, ParameterSpec, SupplierSpec
from typedrun_codegen.text.names import (
    FoldedNames,
    Identifier,
    claim,
    const_name,
    is_readable,
    parameter_name,
    pascal_name,
    portable,
    snake_name,
)
from typedrun_codegen.text.reserved import RESERVED

RESERVED_SUPPLIERS = (
    *("by_function", "registry", "suppliers", "models"),
    *("bool", "dict", "float", "int", "list", "overload", "str", "tuple"),
)
"""What the class of the catalog defines, and names that mean something else in its body: a supplier is an attribute there."""
RESERVED_MODELS = ("package", "classes", "models", "str")
"""What the class of a supplier defines, and names that mean something else in its body: a model is an attribute there."""
RESERVED_MEMBERS = ("mro", "name", "value", "is_known")


@frozen
class ModelName:
    """Where a model's class is: `models/<supplier>/<module>.py`, and what it is called."""

    supplier: Identifier
    module: Identifier
    name: Identifier

    @property
    def place(self) -> str:
        """As the manifest and the index spell it."""
        return f"{self.supplier}.{self.module}.{self.name}"

    @property
    def path(self) -> str:
        """The module's file, below the package."""
        return f"models/{self.supplier}/{self.module}.py"


def name_suppliers(suppliers: Iterable[SupplierSpec], locked: Mapping[str, str]) -> dict[str, Identifier]:
    """Supplier code → module and attribute name. Codes that differ only in case are one supplier."""
    taken = FoldedNames((*RESERVED_SUPPLIERS, *locked.values()))
    names = {code: Identifier(name) for code, name in locked.items()}
    for code in sorted({supplier.code.lower() for supplier in suppliers} - set(names)):
        names[code] = claim(portable(snake_name(code, "supplier")), taken, seed=code)
        taken.add(names[code])
    return names


def name_models(
    models: Sequence[ModelSpec],
    suppliers: Mapping[str, Identifier],
    locked: Mapping[str, str],
    reserved: frozenset[str] = RESERVED,
) -> dict[str, ModelName]:
    """Model id → where its class is. New models are named in the order of their ids, after all locked ones.

    Args:
        models: what is named.
        suppliers: code → the package of its models.
        locked: model id → the place that it had before.
        reserved: names that modules of models need for themselves.
    """
    names: dict[str, ModelName] = {}
    modules: dict[str, FoldedNames] = {}
    classes: dict[str, FoldedNames] = {}
    for identity, place in locked.items():
        supplier, module, name = (Identifier(part) for part in place.split("."))
        names[identity] = ModelName(supplier, module, name)
        modules.setdefault(supplier, FoldedNames(RESERVED_MODELS)).add(module)
        classes.setdefault(supplier, FoldedNames((), reserved)).add(name)
    for model in sorted((model for model in models if model.id not in names), key=lambda model: model.id):
        supplier = suppliers[model.supplier.code.lower()]
        in_use = modules.setdefault(supplier, FoldedNames(RESERVED_MODELS))
        class_names = classes.setdefault(supplier, FoldedNames((), reserved))
        class_names.add(supplier_class(supplier))
        readable = readable_name(model)
        longer = _longer_names(model, readable)
        module, name = portable(snake_name(readable, "model")), pascal_name(readable, "Model")
        if module in in_use:
            module = claim(module, in_use, *(portable(snake_name(each, "model")) for each in longer), seed=model.id)
        own = f"{supplier} {readable}"  # `AcmeModel`, where `Model` is the base of all
        if f"{name}Inputs" in reserved:
            name = pascal_name(own)
        if name in class_names:
            others = (own, *longer) if name in reserved else (*longer, own)
            name = claim(name, class_names, *(pascal_name(each, "Model") for each in others), seed=model.id)
        in_use.add(module)
        class_names.add(name)
        names[model.id] = ModelName(supplier, module, name)
    return names


def supplier_class(module: str) -> Identifier:
    """The class that lists a supplier's models: `OpenaiModels`."""
    return Identifier("".join(part.capitalize() for part in module.split("_")) + "Models")


def readable_name(model: ModelSpec) -> str:
    """The model's name; one that Python text cannot show gives way to the path, or to what the model does and its id's end."""
    name = model.title or model.name
    if is_readable(name):
        return name
    path = next((path for path in model.paths if is_readable(path)), None)
    return path or f"{model.function or 'model'} {model.id[-6:]}"


def _longer_names(model: ModelSpec, readable: str) -> tuple[str, ...]:
    """What tells models of one name apart, the most telling first: host, last part of the path, version."""
    tail = (model.path or "").rpartition("/")[2]
    return tuple(
        f"{readable} {more}"
        for more in (model.host, tail, model.version or model.version_name)
        if more and len(more) < 40
    )


def name_parameters(
    parameters: Sequence[ParameterSpec], locked: Mapping[str, str], controls: frozenset[str]
) -> dict[str, Identifier]:
    """Wire name → Python name. After the locked ones, a parameter whose wire name is a Python name keeps it.

    Args:
        parameters: what the catalog says.
        locked: wire name → Python name that was published.
        controls: the run controls, which every signature of the package has.
    """
    own = {parameter.name: parameter_name(parameter.name, controls) for parameter in parameters}
    if not locked and all(map(eq, own, own.values())):
        return own
    wires = sorted(own)
    names = {wire: Identifier(locked[wire]) for wire in wires if wire in locked}
    taken = set(locked.values())
    for wire in sorted((wire for wire in wires if wire not in names), key=lambda wire: (own[wire] != wire, wire)):
        names[wire] = claim(own[wire], taken, seed=wire)
        taken.add(names[wire])
    return names


def name_members(members: Iterable[Member], locked: Mapping[str, str]) -> dict[str, Identifier]:
    """Wire value → member of an enumeration, named after its label."""
    taken = FoldedNames((*RESERVED_MEMBERS, *locked.values()))
    names = {value: Identifier(name) for value, name in locked.items()}
    for member in sorted(members, key=lambda member: member.value):
        if member.value not in names:
            wanted = const_name(member.label or member.value)
            names[member.value] = claim(wanted, taken, const_name(member.value), seed=member.value)
            taken.add(names[member.value])
    return names
