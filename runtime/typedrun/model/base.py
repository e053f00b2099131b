"""What a model is beside its runs: its document, its JSON Schema, a tool of an agent, what a run would be and cost."""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, TypedDict, cast

from typedrun.call import IGNORED, named
from typedrun.errors import ConfigurationError
from typedrun.inputs import TypedInputs, wire_names, wire_values
from typedrun.jsontypes import JSON
from typedrun.metadata.assigning import take_over
from typedrun.metadata.described import DescribedModel
from typedrun.openenums import Function, OpenStrEnum, find_member
from typedrun.parameters import Version
from typedrun.session import HasSession

if TYPE_CHECKING:
    from decimal import Decimal
    from typing import Self

    from typedrun.marketplaces.protocol import Marketplace
    from typedrun.money.budget import Budget, Tags
    from typedrun.prices import Cost
    from typedrun.settings import Secret


class ToolDict(TypedDict):
    """A model as a tool of an agent."""

    id: str
    name: str
    description: str
    supplier: str
    parameters: list[dict[str, Any]]
    function: str | None
    type: Literal["model"]
    version: str | None
    asset_id: str
    assetId: str
    """Another name of `asset_id`, which the reference documents."""


class Owner(HasSession, Protocol):
    """A client of either kind, as far as a model knows the one that runs it."""

    backend_url: str
    """Catalog, search and uploads."""
    model_url: str
    """Where models run."""
    pipeline_url: str
    """Kept for compatibility."""
    marketplace: ClassVar[str]
    """The name of what is talked to."""

    @property
    def api_key(self) -> Secret:
        """The key, which prints as `***`; `reveal()` gives it."""
        ...

    def budget(self, limit: float | Decimal, *, unpriced: Literal["allow", "refuse"] = "allow") -> Budget:
        """A limit for what the runs of a block may cost."""
        ...

    def tags(self, **tags: str | float | bool | None) -> Tags:
        """Words that the ledger's lines carry for the runs of a block."""
        ...


class Action:
    """One thing that a model can do."""

    def __init__(self, name: str, model: DescribedModel) -> None:
        self.name = name
        self.description: str = model.description or ""
        self._model = model

    @property
    def inputs(self) -> TypedInputs:
        """The model's `inputs`: one object, whichever way it is reached."""
        return self._model.inputs

    def __repr__(self) -> str:
        return f"Action({self.name!r})"


class ModelBase(DescribedModel):
    """A model of the catalog, but for what its runs are sent by."""

    @property
    def client(self) -> Owner:
        """The client that runs this model. Raises as `session` does."""
        found = self.session.client
        if found is None:
            raise ConfigurationError(f"Model {self.label} has connections, but no client of its own", model=self.label)
        return cast("Owner", found)  # who has a session is a client

    @property
    def is_async_capable(self) -> bool:
        """Whether the model can be run asynchronously. True when the backend does not say."""
        return self.connection_type is None or "asynchronous" in self.connection_type

    @property
    def supports_tool_calling(self) -> bool | None:
        """Whether this language model takes tools. None when the backend does not say."""
        return self._takes({"tools", "toolchoice"})

    @property
    def supports_structured_output(self) -> bool | None:
        """Whether this language model takes a response format. None when the backend does not say."""
        return self._takes({"responseformat"})

    def _takes(self, names: set[str]) -> bool | None:
        if self.function is None:
            return None
        if self.function != Function.TEXT_GENERATION:
            return False
        if self.params is None:
            return None
        return any(_plain(parameter.name) in names for parameter in self.params)

    def get_attribute(self, key: str, default: Any = None) -> Any:
        """Get one of the model's `attributes`, `default` when there is none of that name."""
        return (self.attributes or {}).get(key, default)

    @property
    def actions(self) -> Mapping[str, Action]:
        """What the model can do: `run`."""
        return {"run": Action("run", self)}

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name in ("id", "name", "path") if (value := getattr(self, name)))
        return f"{type(self).__name__}({shown})"

    def to_dict(self) -> dict[str, JSON]:
        """The model's document: as the backend sent it, or what its class knows, in the same spelling."""
        if self.is_fetched:
            return dict(self.raw)
        return self._market.write_document(functools.partial(getattr, self))

    @property
    def _market(self) -> Marketplace:
        from typedrun.marketplaces import find_marketplace

        return find_marketplace(self.marketplace if self._session is None else self._session.driver.wire.marketplace)

    def to_json(self) -> str:
        """The model's document, as `to_dict` gives it, as JSON text."""
        return json.dumps(self.to_dict())

    def _repr_html_(self) -> str:
        from typedrun.display import model_html

        return model_html(self)

    def with_inputs(self, **values: Any) -> Self:
        """This model with `inputs` of its own: a copy of the present values, changed as given.

        `aix.models` has one object for each model, and its `inputs` are everybody's; a copy is for one thread or one purpose.

        Args:
            values: Parameters by name.

        Raises:
            KeyError: the model has no such parameter; the message names near ones.
        """
        made = copy.copy(self)
        vars(made).pop("_inputs", None)
        take_over(made.inputs, self.inputs)
        made.inputs.update(values)
        return made

    # --- what a run would be

    def build_run_url(self, **_arguments: Any) -> str:
        """The address that runs of this model are sent to."""
        url: str = self.session.driver.wire.run_url(self.id)
        return url

    def build_run_payload(self, /, **kwargs: Any) -> dict[str, Any]:
        """The body for exactly these arguments: run controls and None are left out, defaults are not added."""
        names = wire_names(self.inputs)
        never = self.run_controls | (IGNORED - names.keys())
        return {
            names.get(name, name): value for name, value in kwargs.items() if value is not None and name not in never
        }

    def estimate(self, *args: Any, **kwargs: Any) -> Cost:
        """What a run with these arguments would cost, as far as the catalog tells; nothing is sent.

        Args:
            args: None: every argument is given by name.
            kwargs: The arguments of `run`.

        Returns:
            The cost. `is_complete` says whether it is all; if not, `note` says what is not known before the run.

        Raises:
            ParameterError: the call is not what the catalog asks for.
        """
        from typedrun.call import prepare
        from typedrun.prices import estimate
        from typedrun.runs.running import weigh

        return estimate(*weigh(self, prepare(self, named(args, kwargs, "estimate"))))

    # --- as part of something else

    def get_parameters(self) -> list[dict[str, Any]]:
        """Get the parameters that have a value, defaults included, in the form that agents take."""
        values = wire_values(self.inputs)
        return [
            {
                "name": parameter.name,
                "value": values[parameter.name],
                "required": parameter.required,
                "datatype": parameter.data_type,
                "allow_multi": parameter.multiple_values,
                "supports_variables": False,
                "fixed": parameter.is_fixed,
                "description": parameter.description,
            }
            for parameter in self.params or ()
            if values.get(parameter.name) is not None
        ]

    def json_schema(self) -> dict[str, Any]:
        """The arguments of `run` as JSON Schema (2020-12): what it accepts, `run` accepts, and the other way round (docs/tools.md).

        A parameter that has a value in `inputs` (a default of the catalog, or one that was assigned) need not be given.
        """
        faces = import_module("typedrun.exports.jsonschema")  # by name: the faces are above the models
        return {"$schema": faces.DRAFT, "title": self.name or self.label, **(faces.model_schema(self) or {})}

    def as_tool(self) -> ToolDict:
        """This model as a tool of an agent."""
        return {
            "id": self.id,
            "name": self.name,
            "description": self.description or "",
            "supplier": (self.vendor and self.vendor.code) or self._market.default_supplier,
            "parameters": self.get_parameters(),
            "function": None if self.function is None else str(self.function),
            "type": "model",
            "version": self.version.id if isinstance(self.version, Version) else self.version,
            "asset_id": self.id,
            "assetId": self.id,
        }


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


def find_function_by_id(function_id: str) -> OpenStrEnum | None:
    """Find the member of the runtime's `Function` with this id; a generated package has the function of that name for all of them."""
    return find_member(Function, function_id)


def find_supplier_by_id(supplier_id: str | int) -> OpenStrEnum | None:
    """Find the member of the runtime's `Supplier` with this code; a generated package has the function of that name for all."""
    from typedrun.enums import Supplier

    return find_member(Supplier, str(supplier_id))
