"""The current values of a model's parameters: what a call sends for every parameter that it does not mention."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from typedrun.checks.validation import holds_files, is_the_servers
from typedrun.lazymembers import later
from typedrun.parameters import Parameter

if TYPE_CHECKING:
    from typedrun.inputs.values import Described, Values
    from typedrun.inputs.values import ParameterInfo as ParameterInfo
else:
    Values = later(
        "typedrun.inputs.values:Values",
        "__contains__ __getattr__ __getitem__ __iter__ __len__ __repr__ __setattr__ __setitem__ clear copy get get_all_parameters "
        "get_parameter_info get_parameter_names get_required_parameters has_parameter items keys required reset reset_all_parameters "
        "reset_parameter update validate values",
    )


class TypedInputs(Values):
    """The parameters of one model, by item (`inputs["temperature"]`) and by dot (`inputs.temperature`).

    Reading gives the value as Python wants it (a default that the catalog writes as "0.7" reads as 0.7); what is sent keeps
    the wire's spelling. Assigning checks type and options at once; None means "send nothing". A parameter whose name is not
    a Python name, or is a method here, is reached by item or with a trailing underscore.

    Generated classes derive from this one and declare each parameter with its type, so checkers flag a misspelt name; the
    inputs of a model that was met at run time are an `InputsProxy`, which takes any name for the checkers. For a running
    program the two are one class. A name that is only known at run time is assigned with `update({name: value})`: to the
    checkers, an item of a generated class is one of its parameters, with a value of that parameter's type.
    """

    def __init__(self, model: Described) -> None:
        parameters = {parameter.name: parameter for parameter in model.params or ()}
        spellings = dict(model.wire_names)
        if not model.is_spelt:
            from typedrun.names import python_name

            controls = model.run_controls
            spellings = {python_name(wire, controls): wire for wire in parameters} | spellings
        fields = {
            "_model": model.label,
            "_parameters": parameters,
            "_names": spellings | {wire: wire for wire in parameters},
            "_values": {wire: parameter.default for wire, parameter in parameters.items()},
            # What does not change from call to call.
            "_media": tuple(parameter for parameter in parameters.values() if holds_files(parameter)),
            "_unasked": {wire for wire, parameter in parameters.items() if is_the_servers(parameter)},
        }
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, TypedInputs):
            return self.copy() == other.copy()
        return self.copy() == other if isinstance(other, Mapping) else NotImplemented

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # mutable, as a dictionary

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(name for name in self._names if name.isidentifier())]


if TYPE_CHECKING:

    class InputsProxy(TypedInputs):
        """The inputs of a model that was met at run time."""

        def __init__(self, model: Described) -> None: ...
        def __getattr__(self, name: str) -> Any: ...
        def __setattr__(self, name: str, value: Any) -> None: ...
        def __setitem__(self, key: str, value: Any) -> None: ...
else:
    InputsProxy = TypedInputs


# Functions, because a method's name could be a parameter's.


def sent_values(inputs: TypedInputs) -> dict[str, Any]:
    """The current values as a call sends them.

    The default of a schema is the server's own: it is sent only when it was asked for, as official clients do. A catalog's default (that
    of a parameter without a schema) is sent as the catalog writes it.
    """
    sent = wire_values(inputs)
    for wire in inputs._unasked:  # pyright: ignore[reportPrivateUsage]  # its module
        del sent[wire]
    return sent


def media_parameters(inputs: TypedInputs) -> tuple[Parameter, ...]:
    """The parameters that take files."""
    return inputs._media  # pyright: ignore[reportPrivateUsage]  # its module


def wire_values(inputs: TypedInputs) -> dict[str, Any]:
    """The current values: defaults as the catalog writes them, others in their wire form."""
    return dict(inputs._values)  # pyright: ignore[reportPrivateUsage]  # its module


def wire_parameters(inputs: TypedInputs) -> Mapping[str, Parameter]:
    """The parameters by their wire names."""
    return inputs._parameters  # pyright: ignore[reportPrivateUsage]  # its module


def wire_names(inputs: TypedInputs) -> Mapping[str, str]:
    """Every accepted spelling of a parameter, and its wire name."""
    return inputs._names  # pyright: ignore[reportPrivateUsage]  # its module
