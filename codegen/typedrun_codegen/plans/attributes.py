"""Class attributes of a model: the catalog's values as Python text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from typedrun_codegen.ir.catalog import ModelSpec, ParameterSpec, PricingSpec, SupplierSpec
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.plans.prose import description
from typedrun_codegen.text.docstrings import WIDTH
from typedrun_codegen.text.layout import assignment, bracketed, call, columns, item, value_text
from typedrun_codegen.text.literals import Value, py_float, py_literal, py_string
from typedrun_codegen.text.names import Identifier

_ORDER = (
    *(
        "id",
        "path",
        "name",
        "description",
        "function",
        "function_type",
        "vendor",
        "host",
        "developer",
        "pricing",
        "version",
    ),
    *("created_at", "updated_at", "supports_streaming", "supports_byoc", "connection_type"),
)
"""Attributes as a class lists them."""

_TYPES: dict[str, str] = {
    **dict.fromkeys(("path", "description", "function_type", "host", "developer", "created_at", "updated_at"), "str"),
    **dict.fromkeys(("supports_streaming", "supports_byoc"), "bool"),
    "function": "Function",
    "vendor": "VendorInfo",
    "pricing": "Pricing",
    "version": "Version",
    "connection_type": "tuple[str, ...]",
    "attributes": "Mapping[str, Any]",
    "params": "tuple[Parameter, ...]",
}
"""Annotations, where the runtime's class says `… | None`: without one, each checker decides for itself what an override is."""


def class_attributes(
    model: ModelSpec,
    parameters: Sequence[str] | str,
    names: Mapping[str, Identifier],
    inputs: Identifier | None,
    function: Identifier | None,
    output: str = "",
    marketplace: str = "",
) -> str:
    """Values of the catalog that differ from the runtime's defaults, as the body of a class.

    Args:
        model: what the catalog says.
        parameters: the parameters as text; or where they are, as another model's.
        names: wire name → Python name.
        inputs: the class of its inputs, if there is one.
        function: the member of `Function`, if there is one.
        output: the type of a result's data, where it is made by it.
        marketplace: whose model it is, where classes say so.
    """
    renamed = {names[p.name]: p.name for p in model.parameters if names[p.name] != p.name}
    said: tuple[tuple[str, Value], ...] = (
        ("path", model.path or None),
        ("name", model.name),
        ("description", model.description or None),
        ("function_type", model.function_type or None),
        ("host", model.host or None),
        ("developer", model.developer or None),
        ("created_at", model.created_at or None),
        ("updated_at", model.updated_at or None),
        ("supports_streaming", model.supports_streaming),
        ("supports_byoc", model.supports_byoc),
        ("connection_type", model.connection_type),
    )
    texts = {name: assignment(_declared(name), value, indent=4) for name, value in said if value is not None}
    texts |= {"id": assignment("id", model.id, indent=4), "vendor": f"{_VENDOR}{_vendor(model.supplier)}"}
    texts |= {"function": f"{_declared('function')} = Function.{function}"} if function else {}
    texts |= {} if model.pricing is None else {"pricing": f"{_PRICING}{_pricing(model.pricing)}"}
    if marketplace:  # there, a version is what runs ask for, and no more
        texts |= {} if model.version is None else {"version": assignment("version: str", model.version, indent=4)}
    else:
        texts |= {"version": f"{_VERSION}{version}"} if (version := _version(model)) else {}
    lines = [assignment("marketplace", marketplace, indent=4)] if marketplace else []
    lines += [texts[name] for name in _ORDER if name in texts]
    if model.attributes:
        lines.append(_mapping(_declared("attributes"), model.attributes))
    if model.has_parameters:
        head = f"{_declared('params')} = "
        if isinstance(parameters, str):
            lines.append(f"{head}{parameters}")
        else:
            lines.append(bracketed(head, parameters, indent=4) if parameters else f"{head}()")
    if output:
        lines.append(assignment("output_type", output, indent=4))
    if renamed:
        pairs = [item(name, wire, indent=8) for name, wire in sorted(renamed.items())]
        lines.append(bracketed("wire_names: ClassVar[Mapping[str, str]] = ", pairs, "{}", indent=4))
    if inputs:
        lines.append(inputs_text(inputs))
    return "".join(f"    {line}\n" for line in lines)


def inputs_text(inputs: Identifier) -> str:
    """The declaration of a model's inputs, of either client."""
    return bracketed(f"inputs: InputsOf[{inputs}] = InputsOf", [inputs], indent=4)


def _declared(name: str) -> str:
    return f"{name}: {_TYPES[name]}" if name in _TYPES else name


_VENDOR, _PRICING, _VERSION = (f"{_declared(name)} = " for name in ("vendor", "pricing", "version"))


def _mapping(name: str, pairs: Iterable[tuple[str, JSON]]) -> str:
    """A mapping that all instances share, so that none of them may change it."""
    values = dict(pairs)
    inline = f"{name} = Attributes({py_literal(values)})"
    if columns(inline) + 4 <= WIDTH:
        return inline
    return f"{name} = Attributes(\n        {value_text(values, indent=8)}\n    )"


@lru_cache(maxsize=4096)
def _vendor(supplier: SupplierSpec) -> str:
    identity = [] if supplier.id is None else [("id", str(py_literal(supplier.id)))]
    words = [
        (key, value_text(value, indent=8, before=5))
        for key, value in (("name", supplier.name), ("code", supplier.code))
    ]
    return call("VendorInfo", [*identity, *words], indent=4, before=len(_VENDOR))


def _version(model: ModelSpec) -> str | None:
    words = (("name", model.version_name), ("id", model.version))
    known = [(key, value_text(value, indent=8, before=5)) for key, value in words if value is not None]
    return call("Version", known, indent=4, before=len(_VERSION)) if known else None


def _pricing(pricing: PricingSpec) -> str:
    price = [] if pricing.price is None else [("price", str(py_float(pricing.price)))]
    words = (("unit_type", pricing.unit_type), ("unit_type_scale", pricing.unit_type_scale))
    more = (("currency", pricing.currency), ("id", pricing.id))
    known = [(key, py_string(value)) for key, value in (*words, *more) if value is not None]
    return call("Pricing", [*price, *known], indent=4, before=len(_PRICING))


def lists_options(parameter: ParameterSpec) -> bool:
    """Whether the options that travel are exactly those of the type: then its alias need not be spelt out again."""
    is_same = (
        parameter.schema is None
        and parameter.is_argument
        and bool(parameter.options)
        and parameter.options == parameter.choices
    )
    return is_same and all(isinstance(option, str) for option in parameter.options)


def parameter_value(parameter: ParameterSpec, alias: Identifier | None) -> str:
    """The runtime's `Parameter`: what differs from its defaults."""
    arguments: list[tuple[str, str | Sequence[str]]] = [("name", value_text(parameter.name, indent=12, before=5))]
    arguments += [("required", "True")] if parameter.required else []
    arguments += [("multiple_values", "True")] if parameter.multiple else []
    arguments += [("is_fixed", "True")] if parameter.fixed else []
    if isinstance(parameter.schema, dict):
        arguments.append(("schema", value_text(parameter.schema, indent=12, before=7)))
    words = (("data_type", parameter.data_type), ("data_sub_type", parameter.data_sub_type))
    arguments += [(key, value_text(value, indent=12, before=len(key) + 1)) for key, value in words if value is not None]
    lists = (("values", parameter.values), ("default_values", parameter.defaults))
    arguments += [(key, [value_text(item, indent=16) for item in items]) for key, items in lists if items]
    if parameter.options and parameter.schema is None:
        options = f"get_args({alias})" if alias else [value_text(item, indent=16) for item in parameter.options]
        arguments.append(("available_options", options))
    if told := description(parameter):
        arguments.append(("description", value_text(told, indent=12, before=12)))
    return call("Parameter", arguments, indent=8)
