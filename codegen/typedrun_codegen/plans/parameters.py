"""The parameters of one model: arguments of its `run`, members of its inputs, values of its class."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType

from attrs import frozen

from typedrun_codegen.ir.api import refs_of, without_null
from typedrun_codegen.ir.catalog import Choices, ParameterSpec
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.values import fits
from typedrun_codegen.plans import prose
from typedrun_codegen.plans.attributes import lists_options, parameter_value
from typedrun_codegen.text.annotations import OF_MODELS, type_text
from typedrun_codegen.text.docstrings import WIDTH, doc_line, wrap
from typedrun_codegen.text.layout import assignment, bracketed, columns, value_text
from typedrun_codegen.text.literals import PyLiteral, py_literal
from typedrun_codegen.text.names import Identifier, claim, const_name

NOTHING: Mapping[str, str] = MappingProxyType({})

LONG_LITERAL = 60
"""A closed set whose literal is longer than this gets a name of its own, so that a signature stays readable."""


INPUTS_METHODS = frozenset(
    {
        "clear", "copy", "get", "get_all_parameters", "get_parameter_info", "get_parameter_names",
        "get_required_parameters", "has_parameter", "items", "keys", "required", "reset", "reset_all_parameters",
        "reset_parameter", "update", "validate", "values",
    }
)  # fmt: skip
"""Members of the inputs: a parameter of that name is reached by item only."""


ANNOTATION_NAMES = frozenset({"str", "int", "float", "bool", "list", "dict", *OF_MODELS})
"""Names that annotations use: as a class attribute, a parameter of that name would hide the type."""


@frozen
class ParameterPlan:
    """One parameter: an argument of `run`, or fixed by the catalog."""

    key: str
    """The literal of the wire name, as the inputs' items are called."""
    signature: str
    """`temperature: float | None = 0.7`"""
    plain: str
    """Type of a value that is given."""
    annotation: str
    """Type of the input of that name: it can also be without a value."""
    input: str
    """Its line among the inputs; empty when it is reached by item only."""
    doc: str
    """Its lines in the docstring of `run`."""
    value: str
    """The runtime's `Parameter`."""
    is_argument: bool
    required: bool
    symbols: frozenset[str]
    """What an argument needs to be imported."""
    long_default: PyLiteral | None
    """The default, when it would make the signature unreadable."""


def plan_parameters(
    parameters: Iterable[ParameterSpec],
    names: Mapping[str, Identifier],
    aliases: Mapping[Choices, Identifier],
    objects: Mapping[str, Identifier],
    known: Mapping[str, str] = NOTHING,
) -> tuple[list[ParameterPlan], dict[str, str]]:
    """Make the Plans of all parameters, and the constants (name → text) of defaults that are too long for a signature.

    Args:
        parameters: what the catalog says.
        names: wire name → Python name.
        aliases: option set → its name.
        objects: key of an object → its name.
        known: constants that there are already.
    """
    plans: list[ParameterPlan] = []
    constants = dict(known)
    for parameter in parameters:
        name = names[parameter.name]
        alias = aliases.get(parameter.choices)
        held = tuple((key, objects[key]) for key in dict.fromkeys(refs_of(parameter.type)) if key in objects)
        plan = plan_parameter(parameter, name, alias, objects=held)
        if plan.long_default is not None:
            constant = Identifier(f"DEFAULT_{const_name(name)}")
            text = _constant(f"{constant}: {plan.plain}", parameter.default)
            if constants.get(constant, text) != text:
                constant = claim(constant, constants, seed=f"{parameter.name} {text}")
                text = _constant(f"{constant}: {plan.plain}", parameter.default)
            constants[constant] = text
            plan = plan_parameter(parameter, name, alias, constant, held)
        plans.append(plan)
    return plans, constants


@lru_cache(maxsize=4096)
def plan_parameter(
    parameter: ParameterSpec,
    name: Identifier,
    alias: Identifier | None,
    constant: Identifier | None = None,
    objects: tuple[tuple[str, Identifier], ...] = (),
) -> ParameterPlan:
    """Make the Plan of one argument.

    Args:
        parameter: what the catalog says.
        name: its Python name.
        alias: the name of its option set, if that has one.
        constant: the name of its default, if that is too long for a signature.
        objects: keys and names of the objects that it may hold.
    """
    text = type_text(parameter.type, alias, dict(objects))
    plain = type_text(without_null(parameter.type), alias, dict(objects)).text
    annotation = f"{plain} | None"
    default = None if parameter.must_be_given else _default(parameter)
    signature = f"{name}: {text.text}" if default is None else f"{name}: {annotation} = {constant or default}"
    is_long = default is not None and (len(default) > LONG_LITERAL or columns(signature) + 9 > WIDTH)
    shows_default = parameter.is_argument and parameter.default is not None and constant is None
    listed = alias if lists_options(parameter) else None
    doc = wrap(doc_line(f"{name}: ", prose.parameter_text(parameter)), " " * 12, " " * 16)
    return ParameterPlan(
        key=value_text(parameter.name, indent=16),
        signature=signature,
        plain=plain,
        annotation=annotation,
        input=f"{name}: {annotation}" if is_attribute(name) else "",
        doc="".join(f"{line}\n" for line in doc),
        value=parameter_value(parameter, listed),
        is_argument=parameter.is_argument,
        required=parameter.must_be_given,
        symbols=text.symbols | {"get_args"} if listed else text.symbols,
        long_default=default if shows_default and is_long else None,
    )


def _constant(target: str, default: JSON) -> str:
    """An assignment at the top of a module; a list stands on several lines where it does not fit."""
    if isinstance(default, list):
        return bracketed(f"{target} = ", [value_text(item, indent=4) for item in default])
    return assignment(target, default, indent=0)


def _default(parameter: ParameterSpec) -> PyLiteral:
    shown = parameter.default is not None and fits(parameter.default, parameter.type)
    return py_literal(parameter.default if shown else None)


def is_attribute(name: str) -> bool:
    """Whether the inputs have the parameter of a name as an attribute, too."""
    return name not in INPUTS_METHODS and name not in ANNOTATION_NAMES and not name.startswith("_")
