"""What the backend said, in its words, with its location. Adapters make these values; the plan reads them.

Types are those of `ir.api`, which have the strength of JSON Schema: a catalog with richer metadata needs another adapter, not
another Spec.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias, cast

from attrs import Factory, field, frozen

from typedrun_codegen.ir.api import ANYTHING, AnyNamed, ClassSpec, ListOf, LiteralOf, TypeExpr, UnionOf
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Location

Option: TypeAlias = bool | int | float | str
"""An allowed value as Python sees it; on the wire it may be spelt differently."""


class Choices(tuple[Option, ...]):
    """Options in their order. Unlike in Python, `True` is no 1 here: one set is not the other, and has neither its type nor its name."""

    __slots__ = ()

    def __hash__(self) -> int:
        return super().__hash__()

    def __eq__(self, other: object) -> bool:
        """Whether two sets have the same values of the same types."""
        return (
            super().__eq__(other)
            and isinstance(other, tuple)
            and _types(self) == _types(cast("tuple[object, ...]", other))
        )

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __contains__(self, value: object) -> bool:
        """Whether a value is one of the options."""
        return super().__contains__(value) and any(value == each and type(value) is type(each) for each in self)


def _types(values: Iterable[object]) -> list[type]:
    return [*map(type, values)]


def options_of(type_: TypeExpr) -> Choices:
    """The closed set inside a type; empty when it has none."""
    if isinstance(type_, LiteralOf):
        return Choices(type_.values)
    if isinstance(type_, ListOf):
        return options_of(type_.item)
    if isinstance(type_, UnionOf):
        return next((found for found in map(options_of, type_.members) if found), Choices())
    return Choices()


def inputs_said(model: ModelSpec) -> str:
    """Everything that the catalog says about the inputs of a model: two are called alike where they have the same."""
    objects = (
        (one.key, one.words, one.notes, [(f.wire, f.type, f.required, f.default, f.notes) for f in one.fields])
        for one in model.objects
    )
    sets = (model.parameters, *model.variants)
    return repr((model.has_parameters, [[each.fingerprint for each in one] for one in sets], list(objects)))


def all_that_is_said(spec: ParameterSpec) -> bytes:
    """What tells one parameter from another."""
    said = (spec.name, spec.required, spec.fixed, spec.type, spec.multiple, spec.options, spec.labels)
    more = (spec.minimum, spec.maximum, spec.limits, spec.schema)
    return repr((*said, *more, spec.defaults, spec.values, spec.default, spec.description)).encode("utf-8", "replace")


def _choices(spec: ParameterSpec) -> Choices:
    return options_of(spec.type)


@frozen(kw_only=True, eq=False)
class ParameterSpec:
    """One input of a model. Two are equal when the catalog says the same about them, wherever it says so.

    Models share those that are equal and at the same place of their documents: a catalog repeats itself.
    """

    name: str
    """The wire name."""
    required: bool = False
    fixed: bool = False
    """Set by the catalog, not an argument."""
    type: TypeExpr
    choices: Choices = field(init=False, repr=False, default=Factory(_choices, takes_self=True))
    """The closed set inside `type`, as Python sees its values; empty when it has none."""
    plain: TypeExpr = ANYTHING
    """The type of one value, before options and lists."""
    rule: str
    """Name of the row of the type table that gave `type`."""
    data_type: str | None = None
    data_sub_type: str | None = None
    multiple: bool = False
    options: tuple[JSON, ...] = ()
    """Allowed values in wire form."""
    labels: tuple[str, ...] = ()
    """What a person calls each option; as many as `options`."""
    defaults: tuple[JSON, ...] = ()
    """Default values in wire form; the first is the default."""
    values: tuple[JSON, ...] = ()
    """Preset values of a fixed parameter, in wire form."""
    default: JSON = None
    """The default as Python sees it; None when there is none."""
    minimum: float | None = None
    maximum: float | None = None
    format: str | None = None
    unit: str | None = None
    limits: tuple[str, ...] = ()
    """What the values must be beside their type and their range, as sentences."""
    schema: JSON = None
    """The JSON Schema of a value, references put in, where the catalog has one: a running program checks by it."""
    description: str = ""
    index: int = 0
    """Position among the model's parameters in the document; `ModelSpec.location_of` tells the whole place."""
    pointer: str = ""
    """Where the model's document has it, if that is not the `index` among its `params`."""
    fingerprint: bytes = field(repr=False, default=Factory(all_that_is_said, takes_self=True))
    """What the catalog says, as bytes; everything above follows from it."""

    def __eq__(self, other: object) -> bool:
        return self.fingerprint == other.fingerprint if isinstance(other, ParameterSpec) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    @property
    def has_default(self) -> bool:
        """Whether a call may leave the parameter out although it is required."""
        return self.default is not None

    @property
    def is_argument(self) -> bool:
        """Whether this is an argument: not if it is fixed, unless the catalog forgets the value."""
        return not self.fixed or (self.required and not self.has_default and len(self.values) != 1)

    @property
    def must_be_given(self) -> bool:
        """Whether a call without this argument cannot succeed."""
        return self.is_argument and self.required and not self.has_default


@frozen
class SupplierSpec:
    """Who made a model."""

    code: str
    name: str
    id: int | str | None = None


@frozen
class PricingSpec:
    """What a run costs: price in credits (1 credit = 1 USD) per unit."""

    price: float | None = None
    unit_type: str | None = None
    unit_type_scale: str | None = None
    currency: str | None = None
    id: str | None = None
    """A named tariff, for example `free`."""


@frozen(kw_only=True)
class ModelSpec:
    """One entry of the catalog."""

    id: str
    name: str
    title: str = ""
    """What names are made of, where that is not the model's name."""
    path: str | None = None
    """The fullest path that the catalog gives."""
    paths: tuple[str, ...] = ()
    """Every path that the backend may find the model by."""
    description: str = ""
    function: str | None = None
    is_sorted: bool = True
    """Whether the marketplace says what its models do, so that one without a function is an exception."""
    function_name: str | None = None
    function_type: str | None = None
    supplier: SupplierSpec
    host: str | None = None
    developer: str | None = None
    version: str | None = None
    """The version's id."""
    version_name: str | None = None
    status: str | None = None
    is_deprecated: bool = False
    """Whether the catalog says that it may go."""
    pricing: PricingSpec | None = None
    connection_type: tuple[str, ...] | None = None
    supports_streaming: bool | None = None
    streams_items: bool = False
    """Whether the answer is a list whose items a stream brings one by one."""
    supports_byoc: bool | None = None
    created_at: str | None = None
    updated_at: str | None = None
    attributes: tuple[tuple[str, JSON], ...] = ()
    parameters: tuple[ParameterSpec, ...] = ()
    has_parameters: bool = True
    """False when the catalog does not say what the parameters are: then any is taken."""
    variants: tuple[tuple[ParameterSpec, ...], ...] = ()
    """The sets of parameters of which a call has one, where it may not have all of `parameters`."""
    objects: tuple[ClassSpec, ...] = ()
    """The objects that parameters hold."""
    answers: tuple[AnyNamed, ...] = ()
    """The named types that `output` mentions."""
    output: TypeExpr | None = None
    """Type of a result's data, where the model itself tells it."""
    location: Location
    fingerprint: bytes = field(default=b"", repr=False, eq=False)
    """Hash of the whole document; empty when it is not known."""

    def location_of(self, parameter: ParameterSpec) -> Location:
        """Where the document has one of the parameters."""
        if parameter.pointer:
            return Location(self.location.file, self.location.pointer + parameter.pointer)
        return self.location.at("params", parameter.index)

    @property
    def can_stream(self) -> bool:
        """Whether the model can stream. Unknown counts as possible."""
        return self.supports_streaming is not False

    @property
    def label(self) -> str:
        """How messages name the model."""
        return self.id if self.path == self.id else f"{self.path or self.name} ({self.id})"


@frozen(kw_only=True)
class FunctionSpec:
    """One row of the functions' enumeration."""

    id: str
    name: str
    description: str = ""
    output: TypeExpr | None = None
    """Type of a result's data, where the metadata tells."""
    output_rule: str = "output-unknown"
    location: Location


@frozen
class Member:
    """A member of a generated enumeration: its wire value, what a person calls it, and a key that never changes."""

    value: str
    label: str = ""


@frozen(kw_only=True)
class CatalogSpec:
    """Everything that one snapshot says."""

    backend: str
    models: tuple[ModelSpec, ...]
    functions: tuple[FunctionSpec, ...] = ()
    suppliers: tuple[SupplierSpec, ...] = ()
    languages: tuple[Member, ...] = ()
    licenses: tuple[Member, ...] = ()
