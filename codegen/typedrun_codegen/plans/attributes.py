"""Class attributes of a model: the catalog's values as Python text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from typedrun_codegen.ir.catalog import ModelSpec, ParameterSpec, PricingSpec, SupplierSpec
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.text.layout import assignment, bracketed, call
from typedrun_codegen.text.literals import py_float, py_literal, py_string
from typedrun_codegen.text.names import Identifier


def class_attributes(
    model: ModelSpec,
    parameters: Sequence[str],
    names: Mapping[str, Identifier],
    inputs: Identifier | None,
    function: Identifier | None,
) -> str:
    """Values of the catalog that differ from the runtime's defaults, as the body of a class.

    Args:
        model: what the catalog says.
        parameters: the parameters as text.
        names: wire name → Python name.
        inputs: the class of its inputs, if there is one.
        function: the member of `Function`, if there is one.
    """
    renamed = {names[p.name]: p.name for p in model.parameters if names[p.name] != p.name}
    texts: tuple[tuple[str, str | None], ...] = (
        ("id", py_string(model.id)),
        ("path", _string(model.path)),
        ("name", py_string(model.name)),
        ("description", _string(model.description)),
        ("function", f"Function.{function}" if function else None),
        ("function_type", _string(model.function_type)),
        ("vendor", _vendor(model.supplier)),
        ("host", _string(model.host)),
        ("developer", _string(model.developer)),
        ("pricing", None if model.pricing is None else _pricing(model.pricing)),
        ("version", _version(model)),
        ("created_at", _string(model.created_at)),
        ("updated_at", _string(model.updated_at)),
        ("supports_streaming", _bool(model.supports_streaming)),
        ("supports_byoc", _bool(model.supports_byoc)),
        ("connection_type", None if model.connection_type is None else py_literal(model.connection_type)),
    )
    lines = [assignment(name, text, indent=4) for name, text in texts if text is not None]
    if model.attributes:
        lines.append(_mapping("attributes", model.attributes))
    if model.has_parameters:
        lines.append(bracketed("params = ", parameters, indent=4) if parameters else "params = ()")
    if renamed:
        pairs = [f"{py_string(name)}: {py_string(wire)}" for name, wire in sorted(renamed.items())]
        lines.append(bracketed("wire_names: ClassVar[Mapping[str, str]] = ", pairs, "{}", indent=4))
    if inputs:
        lines.append(f"inputs = InputsOf({inputs})")
    return "".join(f"    {line}\n" for line in lines)


def _mapping(name: str, pairs: Iterable[tuple[str, JSON]]) -> str:
    """A mapping that all instances share, so that none of them may change it."""
    items = [f"{py_string(key)}: {py_literal(value)}" for key, value in pairs]
    inline = bracketed(f"{name} = Attributes(", items, "{}", indent=4, tail=")")
    if "\n" not in inline:
        return inline
    return f"{name} = Attributes(\n        {bracketed('', items, '{}', indent=8)}\n    )"


@lru_cache(maxsize=4096)
def _vendor(supplier: SupplierSpec) -> str:
    identity = [] if supplier.id is None else [("id", str(py_literal(supplier.id)))]
    words = [("name", py_string(supplier.name)), ("code", py_string(supplier.code))]
    return call("VendorInfo", [*identity, *words], indent=4, before=9)


def _version(model: ModelSpec) -> str | None:
    words = (("name", model.version_name), ("id", model.version))
    known = [(key, py_string(value)) for key, value in words if value is not None]
    return call("Version", known, indent=4, before=10) if known else None


def _pricing(pricing: PricingSpec) -> str:
    price = [] if pricing.price is None else [("price", str(py_float(pricing.price)))]
    words = (("unit_type", pricing.unit_type), ("unit_type_scale", pricing.unit_type_scale))
    more = (("currency", pricing.currency), ("id", pricing.id))
    known = [(key, py_string(value)) for key, value in (*words, *more) if value is not None]
    return call("Pricing", [*price, *known], indent=4, before=10)


def lists_options(parameter: ParameterSpec) -> bool:
    """Whether the options that travel are exactly those of the type: then its alias need not be spelt out again."""
    is_same = parameter.is_argument and bool(parameter.options) and parameter.options == parameter.choices
    return is_same and all(isinstance(option, str) for option in parameter.options)


def parameter_value(parameter: ParameterSpec, alias: Identifier | None) -> str:
    """The runtime's `Parameter`: what differs from its defaults."""
    arguments: list[tuple[str, str | Sequence[str]]] = [("name", py_string(parameter.name))]
    arguments += [("required", "True")] if parameter.required else []
    arguments += [("multiple_values", "True")] if parameter.multiple else []
    arguments += [("is_fixed", "True")] if parameter.fixed else []
    words = (("data_type", parameter.data_type), ("data_sub_type", parameter.data_sub_type))
    arguments += [(key, py_string(value)) for key, value in words if value is not None]
    lists = (("values", parameter.values), ("default_values", parameter.defaults))
    arguments += [(key, [py_literal(item) for item in items]) for key, items in lists if items]
    if parameter.options:
        options = f"get_args({alias})" if alias else [py_literal(item) for item in parameter.options]
        arguments.append(("available_options", options))
    return call("Parameter", arguments, indent=8)


def _string(text: str | None) -> str | None:
    return py_string(text) if text else None


def _bool(value: bool | None) -> str | None:
    return None if value is None else repr(value)
