"""What a catalog says about a model, as values: parameters, price, version, supplier, attributes.

The decoders take every dialect that the backend has been seen to speak and refuse none: what does not fit is left out,
and the model keeps the document itself in `raw`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from typedrun.core.jsontypes import JSON, is_array, is_object
from typedrun.kinds import Row, row_for
from typedrun.records import frozen


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

    @cached_property
    def default(self) -> JSON:
        """The value that is sent when the caller gives none, in its wire form; None when there is none.

        Wire source: the first of `defaultValues`; for a fixed parameter without default, its only value.
        """
        if self.default_values:
            return _bare(self.default_values[0])
        return _bare(self.values[0]) if self.is_fixed and len(self.values) == 1 else None

    @cached_property
    def row(self) -> Row:
        """What the table of kinds says of `data_type` and `data_sub_type`."""
        return row_for(self.data_type, self.data_sub_type)

    @cached_property
    def options(self) -> tuple[JSON, ...]:
        """The allowed values in their wire form; empty when anything goes.

        A fixed parameter with several presets leaves the choice among them.
        """
        presets = self.values if self.is_fixed and len(self.values) > 1 else ()
        return tuple(_bare(option) for option in self.available_options or presets if not _is_valueless(option))

    @cached_property
    def spellings(self) -> Mapping[str, JSON]:
        """Spelling -> option, for options that are not objects; see `spelling`."""
        return {spelling(option): option for option in reversed(self.options) if _is_scalar(option)}

    def __repr__(self) -> str:
        from typedrun.display import fields_line

        return fields_line(self)

    def _repr_html_(self) -> str:
        from typedrun.display import parameters_html

        return parameters_html((self,))

    @property
    def kind(self) -> str | None:
        """The type word that decides: the data sub type of a text, else the data type."""
        if self.data_type == "text" and self.data_sub_type:
            return self.data_sub_type
        return self.data_type


if TYPE_CHECKING:
    _Draft = Parameter
else:

    class _Draft(Parameter):
        """A parameter while it is made. Plain assignments take a third of the time of a frozen class's own `__init__`."""

        __slots__ = ()
        __setattr__ = object.__setattr__
        __delattr__ = object.__delattr__  # CPython assigns directly only where both are `object`'s

        def __init__(
            self, name, required, multiple_values, is_fixed, data_type, data_sub_type, values, default_values,
            available_options, description,
        ):  # fmt: skip
            self.name = name
            self.required = required
            self.multiple_values = multiple_values
            self.is_fixed = is_fixed
            self.data_type = data_type
            self.data_sub_type = data_sub_type
            self.values = values
            self.default_values = default_values
            self.available_options = available_options
            self.description = description


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


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | int | float | bool)


def decode_parameters(value: object) -> tuple[Parameter, ...] | None:
    """Read `params`: a list, `{}` (read as empty) or nothing (None: the catalog does not say)."""
    if value is None:
        return None
    entries = value if is_array(value) else ()
    return tuple([parameter for entry in entries if (parameter := _decode_parameter(entry)) is not None])


# In the order of the fields.
_PARAMETER_KEYS: Final = (
    "name",
    "required",
    "multipleValues",
    "isFixed",
    "dataType",
    "dataSubType",
    "values",
    "defaultValues",
    "availableOptions",
    "description",
)


def _decode_parameter(value: object) -> Parameter | None:
    """A catalog page has thousands of these: one step takes all fields out, and they are passed on by position.

    (`itemgetter` is faster only where no key is missing, and descriptions often are.)
    """
    if not is_object(value):
        return None
    name, required, multiple, fixed, data_type, sub_type, values, defaults, options, description = map(
        value.get, _PARAMETER_KEYS
    )
    name = name or value.get("code")
    if not isinstance(name, str):
        return None
    made = _Draft(
        name,
        required is True,
        multiple is True,
        fixed is True,
        data_type if isinstance(data_type, str) else None,
        sub_type if isinstance(sub_type, str) else None,
        _tuple(values) if values else (),
        _tuple(defaults) if defaults else (),
        _tuple(options) if options else (),
        description if isinstance(description, str) else "",
    )
    made.__class__ = Parameter
    return made


def decode_pricing(value: object) -> Pricing | None:
    """Read `pricing`: `{price, unitType, unitTypeScale}`, `{price, currency}`, `{currency, value}` or `{id}`."""
    if not is_object(value):
        return None
    get = value.get
    price = get("price", get("value"))
    return Pricing(
        price if type(price) is float else _number(price),
        _text(get("unitType")),
        _text(get("unitTypeScale")),
        _text(get("currency")),
        _text(get("id")),
    )


def decode_version(value: object) -> Version | None:
    """Read `version`: an object, or the bare id."""
    if isinstance(value, str):
        return Version(id=value)
    if not is_object(value):
        return None
    return Version(name=_text(value.get("name")), id=_text(value.get("id")))


def decode_vendor(value: object) -> VendorInfo | None:
    """Read `vendor` or `supplier`: an object, a bare code or a bare id."""
    if isinstance(value, str):
        return VendorInfo(name=value, code=value)
    if isinstance(value, int) and not isinstance(value, bool):
        return VendorInfo(id=value)
    if not is_object(value):
        return None
    identity = value.get("id")
    return VendorInfo(
        identity if isinstance(identity, (str, int)) else None, _text(value.get("name")), _text(value.get("code"))
    )


Attributes: TypeAlias = MappingProxyType[str, Any]
"""The attributes of a generated class: all its instances share them, so none may change them (lists are tuples)."""


def decode_attributes(value: object) -> dict[str, Any] | None:
    """Read `attributes`: a map, or a list of `{name, code}` and `{name, value}`, as one map."""
    if is_object(value):
        return dict(value)
    if not is_array(value):
        return None
    named = [entry for entry in value if is_object(entry) and isinstance(entry.get("name"), str)]
    listed = [Attribute(name=str(entry["name"]), code=entry.get("code"), value=entry.get("value")) for entry in named]
    return {attribute.name: attribute.datum for attribute in listed}


def decode_words(value: object) -> tuple[str, ...] | None:
    """Read a list of words that may also come as one word."""
    if isinstance(value, str):
        return (value,)
    return tuple(word for word in value if isinstance(word, str)) if is_array(value) else None


def decode_path(value: Mapping[str, JSON]) -> str | None:
    """Read the model's path: `assetInfo.instanceId`, else `assetInfo.assetPath`, else a top-level `path`."""
    info = value.get("assetInfo")
    if is_object(info):
        for place in (info.get("instanceId"), info.get("assetPath")):
            if isinstance(place, str) and place:
                return place
    place = value.get("path")
    return place if isinstance(place, str) and place else None


def _bare(value: JSON) -> JSON:
    return value.get("value") if isinstance(value, Mapping) and ("value" in value or "label" in value) else value


def _is_valueless(option: JSON) -> bool:
    """Whether this is an object of an option list that names no value, and so no option."""
    return isinstance(option, Mapping) and option.get("value") is None


def _tuple(value: object) -> tuple[JSON, ...]:
    return tuple(value) if is_array(value) else ()


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except ValueError:
        return None
