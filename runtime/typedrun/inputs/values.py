"""Values of a model's inputs, read and assigned one by one or together."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypedDict

from typedrun.checks.misfits import is_secret, python_value, value_problem
from typedrun.checks.validation import find_problems, is_the_servers, wire_value
from typedrun.errors import ParameterError
from typedrun.parameters import Parameter

if TYPE_CHECKING:
    from typedrun.jsontypes import JSON


class ParameterInfo(TypedDict):
    """What `InputsProxy.get_parameter_info` tells about one parameter."""

    name: str
    required: bool
    is_fixed: bool
    multiple_values: bool
    data_type: str | None
    data_sub_type: str | None
    values: list[JSON]
    default_values: list[JSON]
    available_options: list[JSON]
    description: str
    schema: Mapping[str, JSON] | None
    value: Any
    """The current value."""
    default: Any
    """What a reset goes back to."""


class Described(Protocol):
    """What inputs read of a model."""

    wire_names: ClassVar[Mapping[str, str]]
    """Python name -> wire name, where they differ."""

    @property
    def label(self) -> str:
        """What messages call it."""
        ...

    @property
    def is_spelt(self) -> bool:
        """Whether `wire_names` has every Python name that differs."""
        ...

    @property
    def run_controls(self) -> frozenset[str]:
        """The names of the run controls that its runs take."""
        ...

    @property
    def params(self) -> tuple[Parameter, ...] | None:
        """Its parameters; None where the catalog tells none."""
        ...


class Values:
    """What `TypedInputs` can do."""

    _model: str
    _parameters: dict[str, Parameter]
    _names: dict[str, str]
    _values: dict[str, Any]
    _media: tuple[Parameter, ...]
    _unasked: set[str]

    # --- one parameter

    def __getitem__(self, key: str) -> Any:
        wire = self._wire(key)
        return python_value(self._parameters[wire], self._values[wire])

    if TYPE_CHECKING:
        # Not a method to the checkers: a generated class declares which type each of its parameters takes.
        __setitem__: Any
    else:

        def __setitem__(self, key: str, value: Any) -> None:
            self._assign(key, value)

    def _assign(self, key: str, value: Any) -> None:
        wire = self._wire(key)
        problem = value_problem(self._parameters[wire], value, accepts_messages=True)
        if problem is not None:
            raise ParameterError(
                f"Invalid value type for input '{wire}'. {problem}",
                model=self._model,
                parameter=wire,
                problems=[problem],
            )
        self._values[wire] = wire_value(self._parameters[wire], value)
        self._unasked.discard(wire)

    if not TYPE_CHECKING:  # declared for checkers in InputsProxy alone

        def __getattr__(self, name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            try:
                return self[name]
            except KeyError as missing:
                raise AttributeError(missing.args[0], name=name, obj=self) from None

        def __setattr__(self, name: str, value: Any) -> None:
            try:
                self[name] = value
            except KeyError as missing:
                raise AttributeError(missing.args[0], name=name, obj=self) from None

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._find(key) is not None

    def get(self, key: str, default: Any = None) -> Any:
        """Get the current value of a parameter, or `default` when the model has no such parameter."""
        wire = self._find(key)
        return default if wire is None else self[wire]

    # --- all of them

    def __len__(self) -> int:
        return len(self._parameters)

    def __iter__(self) -> Iterator[str]:
        return iter(self._parameters)

    def keys(self) -> KeysView[str]:
        """Parameter names, as the backend spells them."""
        return self.copy().keys()

    def values(self) -> ValuesView[Any]:
        """Current values, in the order of the names."""
        return self.copy().values()

    def items(self) -> ItemsView[str, Any]:
        """Name and current value of each parameter."""
        return self.copy().items()

    def copy(self) -> dict[str, Any]:
        """Make a dictionary of the current values."""
        return {name: self[name] for name in self._parameters}

    def update(self, values: Mapping[str, Any] | None = None, /, **kwargs: Any) -> None:
        """Set several parameters at once: all of them, or none if one does not fit.

        Raises:
            KeyError: the model has no such parameter.
            ParameterError: a value is of the wrong type or not an option.
        """
        before, unasked = dict(self._values), set(self._unasked)
        try:
            for name, value in {**(values or {}), **kwargs}.items():
                self._assign(name, value)
        except (KeyError, ParameterError):
            self._values.update(before)
            self._unasked.update(unasked)
            raise

    def clear(self) -> None:
        """Go back to the catalog's defaults, all parameters."""
        self.reset_all_parameters()

    def reset(self, key: str | None = None) -> None:
        """Go back to the catalog's default, of one parameter or of all."""
        for wire in [self._wire(key)] if key is not None else list(self._parameters):
            self._values[wire] = self._parameters[wire].default
            if is_the_servers(self._parameters[wire]):
                self._unasked.add(wire)

    @property
    def required(self) -> list[str]:
        """Names of the parameters that a call cannot do without."""
        return [name for name, parameter in self._parameters.items() if parameter.required]

    def validate(self, data: Mapping[str, Any] | None = None) -> list[str]:
        """Find what would be wrong with a call that sends the current values and `data` over them; empty when nothing is."""
        values = self._values | {self._find(name) or name: value for name, value in (data or {}).items()}
        return [problem for _, problem in find_problems(self._parameters.values(), values, accepts_messages=True)]

    # --- the longer names

    def has_parameter(self, param_name: str) -> bool:
        """Whether the model has such a parameter."""
        return param_name in self

    def get_parameter_names(self) -> list[str]:
        """Get the names of all parameters."""
        return list(self._parameters)

    def get_required_parameters(self) -> list[str]:
        """Get the names of the required parameters."""
        return self.required

    def get_parameter_info(self, param_name: str) -> ParameterInfo | None:
        """Get everything the catalog says about a parameter, and its current value; None when there is no such parameter."""
        wire = self._find(param_name)
        if wire is None:
            return None
        parameter = self._parameters[wire]
        return {
            "name": parameter.name,
            "required": parameter.required,
            "is_fixed": parameter.is_fixed,
            "multiple_values": parameter.multiple_values,
            "data_type": parameter.data_type,
            "data_sub_type": parameter.data_sub_type,
            "values": list(parameter.values),
            "default_values": list(parameter.default_values),
            "available_options": list(parameter.available_options),
            "description": parameter.description,
            "schema": parameter.schema,
            "value": self[wire],
            "default": python_value(parameter, parameter.default),
        }

    def get_all_parameters(self) -> dict[str, Any]:
        """Make a dictionary of the current values."""
        return self.copy()

    def reset_parameter(self, param_name: str) -> None:
        """Go back to the catalog's default of one parameter."""
        self.reset(param_name)

    def reset_all_parameters(self) -> None:
        """Go back to the catalog's defaults, all parameters."""
        self.reset()

    def __repr__(self) -> str:
        shown = {
            name: "***" if value is not None and is_secret(self._parameters[name]) else value
            for name, value in self.copy().items()
        }
        return f"InputsProxy({shown!r})"

    # --- names

    def _find(self, key: str) -> str | None:
        return self._names.get(key)

    def _wire(self, key: str) -> str:
        wire = self._find(key)
        if wire is None:
            from typedrun.wording import closest  # with the first mistake

            close = closest(key, self._parameters)
            hint = f"did you mean '{close}'?" if close else f"it has {', '.join(self._parameters) or 'none'}"
            raise KeyError(f"Model {self._model} has no parameter '{key}': {hint}")
        return wire
