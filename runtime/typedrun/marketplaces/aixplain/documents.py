"""Documents of the catalog -> values.

The decoders take every dialect that the backend has been seen to speak and refuse none: what does not fit is left out, and the model
keeps the document itself in `raw`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from typedrun.jsontypes import JSON, is_array, is_object
from typedrun.marketplaces.aixplain.numbers import read_number
from typedrun.marketplaces.aixplain.paths import paths_of
from typedrun.openenums import AssetStatus
from typedrun.parameters import Attribute, Parameter, Pricing, VendorInfo, Version

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
            self.schema = None


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
        price if type(price) is float and isfinite(price) else read_number(price),
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
    """Read the model's path, the fullest that there is."""
    return next(paths_of(value), None)


def _tuple(value: JSON) -> tuple[JSON, ...]:
    """A list, or the one entry that stands in its place."""
    if is_array(value):
        return tuple(value)
    return () if is_object(value) else (value,)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


# --- a model


def _flag(value: JSON) -> bool | None:
    return value if isinstance(value, bool) else None


def _status(value: JSON) -> AssetStatus | None:
    return AssetStatus(value) if isinstance(value, str) else None


def _parameters_later(value: JSON) -> Callable[[], tuple[Parameter, ...] | None] | None:
    return None if value is None else partial(decode_parameters, value)


_READERS: Mapping[str, tuple[str, Callable[[JSON], Any]]] = {
    "id": ("id", _text),
    "name": ("name", _text),
    "description": ("description", _text),
    "serviceName": ("service_name", _text),
    "status": ("status", _status),
    "host": ("host", _text),
    "developer": ("developer", _text),
    "vendor": ("vendor", decode_vendor),
    "functionType": ("function_type", _text),
    "type": ("type", _text),
    "pricing": ("pricing", decode_pricing),
    "version": ("version", decode_version),
    "createdAt": ("created_at", _text),
    "updatedAt": ("updated_at", _text),
    "supportsStreaming": ("supports_streaming", _flag),
    "supportsBYOC": ("supports_byoc", _flag),
    "connectionType": ("connection_type", decode_words),
    "params": ("params", _parameters_later),
    "attributes": ("attributes", decode_attributes),
}
"""Wire name -> field, and how to read it; None is not said."""

_OLDER_NAMES = {"hostedBy": "host", "developedBy": "developer", "supplier": "vendor"}
"""Older wire name -> the present one, which counts where it says something."""


def read_fields(document: Mapping[str, JSON], function: Callable[[str], Any]) -> dict[str, Any]:
    """Read what a document says of a model, by the name of the field of `Model`.

    Args:
        document: As received.
        function: The member of the client's enumeration for the id of a function.
    """
    found: dict[str, Any] = {}
    for wire, value in document.items():
        if wire in _READERS:
            field, read = _READERS[wire]
            if (said := read(value)) is not None:
                found[field] = said
    for older, wire in _OLDER_NAMES.items():
        field, read = _READERS[wire]
        if field not in found and (said := read(document.get(older))) is not None:
            found[field] = said
    if (path := decode_path(document)) is not None:
        found["path"] = path
    said = document.get("function")
    identity = said.get("id") if is_object(said) else said
    if isinstance(identity, str):
        found["function"] = function(identity)
    return found
