"""Assigns to a model: its inputs as a whole, or an attribute that was meant to be one of them. Imported with the first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from typedrun.checks.validation import is_default
from typedrun.inputs import TypedInputs, wire_parameters, wire_values
from typedrun.wording import closest

if TYPE_CHECKING:
    from typedrun.parameters import Parameter


def assign(inputs: TypedInputs, values: Mapping[str, Any] | TypedInputs) -> None:
    """Set inputs to those of another model, or some of them to given values. Raises as `TypedInputs.update` does."""
    if isinstance(values, TypedInputs):
        take_over(inputs, values)
    else:
        inputs.update(values)


def take_over(inputs: TypedInputs, others: TypedInputs) -> None:
    """Set inputs to what others are, defaults that nobody asked for included. Raises as `TypedInputs.update` does."""
    unasked = others._unasked  # pyright: ignore[reportPrivateUsage]  # no member: a parameter may have its name
    own = wire_parameters(inputs)
    values = wire_values(others)
    # The catalog's own value is kept as the catalog writes it, whatever it says of types and options.
    kept = {
        wire
        for wire, value in values.items()
        if wire in unasked or (wire in own and own[wire].schema is None and is_default(own[wire], value))
    }
    inputs.update({wire: value for wire, value in values.items() if wire not in kept})
    for wire in kept:
        inputs.reset(wire)


def refuse_parameter(owner: object, name: str, parameters: Iterable[Parameter]) -> None:
    """Refuse to set an attribute of a model that was meant to be an input: it would change nothing, silently.

    Raises:
        AttributeError: the name is a parameter's, or nearly so.
    """
    meant = closest(name, [parameter.name for parameter in parameters])
    if meant is not None:
        raise AttributeError(
            f"{type(owner).__name__} has no attribute {name!r}. Next: values of parameters are set on its inputs: "
            f"model.inputs.{meant} = …",
            name=name,
            obj=owner,
        )
