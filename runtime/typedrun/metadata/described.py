"""A model of the catalog without the ways to run it: its metadata, its inputs, whose it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar, overload

from typedrun.core.routes import quote_id
from typedrun.inputs import TypedInputs
from typedrun.jsontypes import JSON
from typedrun.marketplaces import FIRST, find_marketplace
from typedrun.openenums import AssetStatus, OpenStrEnum
from typedrun.parameters import Parameter, Pricing, VendorInfo, Version

if TYPE_CHECKING:
    from typing import Self

    from typedrun.answers.started import Bearer
    from typedrun.session import HasSession, Session

ValueT = TypeVar("ValueT")
ValuesT_co = TypeVar("ValuesT_co", covariant=True, bound=TypedInputs)


class StaleModelWarning(UserWarning):
    """The backend's parameters of a generated model are no longer those that its class was generated from."""


class InputsOf(Generic[ValuesT_co]):
    """The attribute `inputs`: reading gives the model's parameters, assigning a mapping updates them."""

    def __init__(self, values: type[ValuesT_co]) -> None:
        self._values = values

    @overload
    def __get__(self, model: None, owner: type[DescribedModel]) -> Self: ...
    @overload
    def __get__(self, model: DescribedModel, owner: type[DescribedModel]) -> ValuesT_co: ...
    def __get__(self, model: DescribedModel | None, owner: type[DescribedModel]) -> Any:
        if model is None:
            return self
        state = vars(model)
        if "_inputs" not in state:
            state.setdefault("_inputs", self._values(model))  # one object, also when two threads are first at once
        return state["_inputs"]

    def __set__(self, model: DescribedModel, values: Mapping[str, Any] | TypedInputs) -> None:
        from typedrun.metadata.assigning import assign

        assign(self.__get__(model, type(model)), values)


class LaterParameters:
    """The attribute `params` of models that were fetched: read from the document when it is first asked for.

    A generated class has its own in its place, and an instance that was told its parameters has them by itself.
    """

    def __get__(self, model: DescribedModel | None, owner: type[DescribedModel]) -> tuple[Parameter, ...] | None:
        state = {} if model is None else vars(model)
        read = state.get("_read_params")
        return None if read is None else state.setdefault("params", read())  # one tuple, also for two threads at once


class Alias(Generic[ValueT]):
    """A second name of an attribute, on the class as on its instances."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, model: DescribedModel | None, owner: type[DescribedModel]) -> ValueT:
        value: ValueT = getattr(owner if model is None else model, self._name)
        return value


class DescribedModel:
    """A model of the catalog, but for the ways to run it."""

    id: str = ""
    """The catalog's id, 24 hexadecimal digits."""
    name: str = ""
    description: str | None = None
    path: str | None = None
    """Readable id, e.g. `openai/gpt-4o-mini/openai`."""
    service_name: str | None = None
    status: AssetStatus | None = None
    host: str | None = None
    developer: str | None = None
    vendor: VendorInfo | None = None
    """The supplier."""
    function: OpenStrEnum | None = None
    """What the model does, as the backend's function id."""
    function_type: str | None = None
    type: str | None = None
    pricing: Pricing | None = None
    version: Version | str | None = None
    """Which one it is; a text is what runs ask for, and "" leaves the choice to the marketplace."""
    created_at: str | None = None
    updated_at: str | None = None
    supports_streaming: bool | None = None
    """None: the backend does not say, and streaming may be tried."""
    supports_byoc: bool | None = None
    """Whether the model takes the caller's own credentials."""
    connection_type: tuple[str, ...] | None = None
    params: tuple[Parameter, ...] | None = None
    """None: the backend does not say, and any argument is taken."""
    attributes: Mapping[str, Any] | None = None
    output_type: ClassVar[Any] = None
    """What `result.data` is made: a type of `typedrun.structure`, or its name in the class's module; None leaves it as it came."""
    marketplace: ClassVar[str] = FIRST
    """The name of the marketplace that it is of."""
    _output_home: ClassVar[str] = ""
    """The module of the names in `output_type`, where it is not the class's own."""
    wire_names: ClassVar[Mapping[str, str]] = {}
    """Python name -> wire name, where they differ."""

    supplier: Alias[VendorInfo | None] = Alias("vendor")
    """Another name of `vendor`."""
    parameters: Alias[tuple[Parameter, ...] | None] = Alias("params")
    """Another name of `params`."""

    inputs: InputsOf[TypedInputs] = InputsOf(TypedInputs)
    """Current values of the parameters; assigning a mapping updates them."""

    raw: Mapping[str, JSON] = dict[str, JSON]()
    """The document as received, unknown members included; empty on a model that was not fetched."""

    _default_session: ClassVar[Session[Bearer] | None] = None

    def __init__(self, client: HasSession | None = None, **fields: Any) -> None:
        """Make a model without asking the backend.

        Args:
            client: The client to run it with; `aix.Model(…)` brings its own.
            fields: Values of the fields above, by name.

        Raises:
            TypeError: a field does not exist.
        """
        unknown = [name for name in fields if name not in _FIELDS]
        if unknown:
            raise TypeError(
                f"{type(self).__name__} has no field {unknown[0]!r}; fields are {', '.join(sorted(_FIELDS))}"
            )
        self._session: Session[Bearer] | None = type(self)._default_session if client is None else client.session
        vars(self).update(fields)

    if not TYPE_CHECKING:
        params = LaterParameters()

        # Checkers flag names that are none by themselves.
        def __setattr__(self, name: str, value: Any) -> None:
            if not name.startswith("_") and not hasattr(type(self), name) and name not in vars(self):
                from typedrun.metadata.assigning import refuse_parameter

                refuse_parameter(self, name, self.params or ())
            object.__setattr__(self, name, value)

    # --- what it is

    @property
    def session(self) -> Session[Bearer]:
        """What it needs of the client that runs it.

        Raises:
            ConfigurationError: the model has no client.
        """
        if self._session is None:
            from typedrun.errors import ConfigurationError

            raise ConfigurationError(
                f"Model {self.label} belongs to no client. Next: take it from one (`aix.Model.get(…)`, `aix.models…`) "
                f"or pass one: {type(self).__name__}(aix)",
                model=self.label,
            )
        return self._session

    @property
    def label(self) -> str:
        """What messages call this model: its path, else its id, else its name."""
        return self.path or self.id or self.name or type(self).__name__

    @property
    def is_generated(self) -> bool:
        """Whether this model's class was generated, with an exact signature."""
        return bool(type(self).id)

    @property
    def is_fetched(self) -> bool:
        """Whether this instance carries what the backend said of it (`get`, `search`)."""
        return "raw" in vars(self)

    @property
    def is_spelt(self) -> bool:
        """Whether `wire_names` has every Python name that differs: a generated class has, for the parameters that it was made from."""
        return self.is_generated and vars(self).keys().isdisjoint(("params", "_read_params"))

    @property
    def run_controls(self) -> frozenset[str]:
        """The names of the run controls that its runs take, its marketplace's own among them."""
        if self._session is not None:
            return self._session.driver.wire.run_controls
        return find_marketplace(self.marketplace).run_controls

    @property
    def pinned_version(self) -> str:
        """The version that its runs ask for; empty where the marketplace chooses."""
        return self.version if isinstance(self.version, str) else ""

    @property
    def encoded_id(self) -> str:
        """The id as one segment of a URL."""
        return quote_id(self.id)

    @property
    def is_sync_only(self) -> bool:
        """Whether the model can only be run synchronously. False when the backend does not say."""
        return (
            self.connection_type is not None
            and "synchronous" in self.connection_type
            and "asynchronous" not in self.connection_type
        )

    def mark_as_deleted(self) -> None:
        """Say that the model is gone: its status is `deleted`, and it cannot be run any more."""
        self.status = AssetStatus.DELETED

    @property
    def is_deleted(self) -> bool:
        """Whether the model was marked as deleted."""
        return self.status == AssetStatus.DELETED


_FIELDS: Final = frozenset(
    name
    for name, kind in DescribedModel.__annotations__.items()
    if not str(kind).startswith("ClassVar") and name != "raw"
)
