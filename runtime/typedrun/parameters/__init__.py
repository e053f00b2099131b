"""What a catalog says about a model, as values: parameters, price, version, supplier, attributes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

from typedrun.jsontypes import JSON
from typedrun.kinds import Row, row_for
from typedrun.parameters.presets import option_values, preset_values
from typedrun.records import frozen

if TYPE_CHECKING:
    from typedrun.schemas.shapes import Shape


@frozen()
class Parameter:
    """One input of a model."""

    name: str
    """The wire name."""
    required: bool = False
    multiple_values: bool = False
    is_fixed: bool = False
    """Set by the catalog: the preset stands in `values`."""
    data_type: str | None = None
    """The backend's type word, verbatim; None when the catalog gives none, and then any value is taken."""
    data_sub_type: str | None = None
    values: tuple[JSON, ...] = ()
    default_values: tuple[JSON, ...] = ()
    available_options: tuple[JSON, ...] = ()
    description: str = ""
    schema: Mapping[str, JSON] | None = None
    """A JSON Schema of the value, references put in; what it says is then checked in place of the backend's type words."""

    @cached_property
    def shape(self) -> Shape:
        """The schema in its standard form (`typedrun.schemas`): the words that are checked, and no others."""
        standard: Callable[..., Shape] = import_module("typedrun.schemas.shapes").standard
        return standard(self.schema)

    @cached_property
    def default(self) -> JSON:
        """The value that is sent when the caller gives none, in its wire form; None when there is none.

        The first of `default_values`; for a fixed parameter without default, its only value.
        """
        if self.schema is not None:
            return _as_lists(self.default_values[0]) if self.default_values else None
        if given := preset_values(self.default_values):
            return given[0]
        only = preset_values(self.values) if self.is_fixed else ()
        return only[0] if len(only) == 1 else None

    @cached_property
    def row(self) -> Row:
        """What the table of kinds says of `data_type` and `data_sub_type`."""
        return row_for(self.data_type, self.data_sub_type)

    @cached_property
    def options(self) -> tuple[JSON, ...]:
        """The allowed values in their wire form; empty when anything goes.

        A fixed parameter with several presets leaves the choice among them.
        """
        if self.schema is not None:
            options: Callable[..., tuple[JSON, ...]] = import_module("typedrun.schemas.shapes").options_of
            return options(self.shape)
        if options_given := option_values(self.available_options):
            return options_given
        presets = preset_values(self.values) if self.is_fixed else ()
        return presets if len(presets) > 1 else ()

    @cached_property
    def spellings(self) -> Mapping[str, JSON]:
        """Spelling -> option, for options that are not objects; see `spelling`."""
        return {spelling(option): option for option in reversed(self.options) if _is_scalar(option)}

    def __repr__(self) -> str:
        show: Callable[..., str] = import_module("typedrun.display").fields_line
        return show(self)

    def _repr_html_(self) -> str:
        show: Callable[..., str] = import_module("typedrun.display").parameters_html
        return show((self,))

    @property
    def kind(self) -> str | None:
        """The type word that decides: the data sub type of a text, else the data type; of a schema, its types and ranges."""
        if self.schema is not None:
            words: Callable[..., str] = import_module("typedrun.schemas.shapes").type_words
            return words(self.shape) or None
        if self.data_type == "text" and self.data_sub_type:
            return self.data_sub_type
        return self.data_type


@frozen()
class Pricing:
    """What a run costs."""

    price: float | None = None
    """Per unit, in the marketplace's credits (1 credit is 1 US dollar)."""
    unit_type: str | None = None
    """What is counted: CHAR, REQUEST, TOKEN …"""
    unit_type_scale: str | None = None
    currency: str | None = None
    id: str | None = None
    """A named tariff, e.g. `free`."""


@frozen()
class Version:
    """Which version of a model this is."""

    name: str | None = None
    id: str | None = None


@frozen()
class VendorInfo:
    """Who made a model."""

    id: str | int | None = None
    name: str | None = None
    code: str | None = None


@frozen()
class Attribute:
    """One attribute of a model in the catalog's list form."""

    name: str
    code: Any = None
    value: Any = None

    @property
    def datum(self) -> Any:
        """What the attribute says, whichever of the two fields carries it."""
        return self.code if self.code is not None else self.value


def spelling(value: object) -> str:
    """Two values with one spelling mean the same option: "1", 1 and 1.0; "true" and True."""
    if isinstance(value, bool):
        return str(value).lower()
    text = str.__str__(value) if isinstance(value, str) else str(value)
    if text.lower() in {"true", "false"}:
        return text.lower()
    try:
        return repr(float(text))
    except ValueError:
        return text


def find_option(parameter: Parameter, value: object) -> JSON:
    """Find the option that a value means, in its wire form; None when it is not one (or there are none)."""
    if not parameter.options or not isinstance(value, str | int | float | bool):
        return None
    if isinstance(value, str) and value in parameter.options:
        return str.__str__(value)  # of an enumeration's member, too
    found = parameter.spellings.get(spelling(value))
    # Some catalogs write the options of a boolean as "1" and "0".
    return parameter.spellings.get(spelling(int(value))) if found is None and isinstance(value, bool) else found


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | int | float | bool)


Attributes: TypeAlias = MappingProxyType[str, Any]
"""The attributes of a generated class: all its instances share them, so none may change them (lists are tuples)."""


def _as_lists(value: JSON) -> JSON:
    """A value of generated code, whose lists are tuples, as JSON has it."""
    if isinstance(value, Mapping):
        return {name: _as_lists(one) for name, one in value.items()}
    return [_as_lists(one) for one in value] if isinstance(value, list | tuple) else value
