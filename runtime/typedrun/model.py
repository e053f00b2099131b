"""A model of the catalog: its metadata, its inputs and the ways to run it.

Generated classes derive from `Model` (or `NonStreamingModel`) and declare exact signatures with `@declared`; a model that
was only met at run time is a plain `Model` whose `run` checks its arguments against the catalog's parameters.
"""

from __future__ import annotations

import builtins
import copy
import functools
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, Never, TypedDict, TypeVar, Unpack, cast, overload

from typedrun.core.calls import run_payload
from typedrun.core.jsontypes import JSON, is_array, is_object
from typedrun.core.routes import fill, quote_id
from typedrun.enums import AssetStatus, Function, OpenStrEnum, Supplier, find_member
from typedrun.errors import ConfigurationError, InvalidRequestError, ResourceError
from typedrun.inputs import TypedInputs, wire_values
from typedrun.parameters import (
    Parameter,
    Pricing,
    VendorInfo,
    Version,
    decode_attributes,
    decode_parameters,
    decode_path,
    decode_pricing,
    decode_vendor,
    decode_version,
    decode_words,
)
from typedrun.results import DataT
from typedrun.validation import find_option

if TYPE_CHECKING:
    from typing import Self

    from typedrun.client import Client
    from typedrun.core.effects import Flow
    from typedrun.inputs import InputsProxy
    from typedrun.job import Job
    from typedrun.prices import Cost
    from typedrun.results import ModelResult
    from typedrun.running import Call
    from typedrun.search import ModelSearchParams, Page
    from typedrun.streaming import ModelResponseStreamer

MethodT = TypeVar("MethodT", bound=Callable[..., Any])
ValueT = TypeVar("ValueT")
ValuesT_co = TypeVar("ValuesT_co", covariant=True, bound=TypedInputs)


class RunControls(TypedDict, total=False):
    """Run controls that every model takes beside `timeout`, `wait_time`, `stream` and `extra`."""

    identifier: str | None
    """End user on whose behalf the model runs (header `x-user-id`, ASCII)."""
    session_id: str | None
    """Conversation that the run belongs to (header `x-session-id`, ASCII)."""
    agent_name: str | None
    """Calling agent (header `x-agent`, ASCII)."""
    run_retries: int
    """How often a run whose outcome is unknown may be sent, and billed, again. Default 0."""
    run_retry_wait: float
    """Seconds before each of these. Default 1.0."""
    validate: bool
    """False sends the values without checking them. Default True."""
    show_progress: bool
    """True shows uploads and waiting on stderr: a moving line on a terminal and in notebooks (extra `progress`), else plain ones."""
    extra_headers: Mapping[str, str] | None
    """Further headers of this call."""
    on_upload: Callable[[str, int, int], object] | None
    """Called while a local file is uploaded, with the parameter's name, the bytes sent so far and the bytes in all."""
    on_poll: Callable[[Job[Any]], object] | None
    """Called by `run` with the job, each time the backend was asked how far it is. A run that is answered at once is never asked about."""


class ModelRunParams(RunControls, total=False):
    """Every run control, for code that passes them on as a dictionary."""

    timeout: float
    """Seconds for the whole run, waiting included. Default 300."""
    wait_time: float
    """Seconds before the second poll. Default 0.5, at least 0.2."""
    stream: bool
    """True gives a streamer instead of a result."""
    extra: Mapping[str, Any] | None
    """Body members that the catalog does not list."""


def declared(method: MethodT) -> MethodT:
    """Make a signature without a body callable: the call goes to the method of the same name in `Model`.

    Exactly the keywords that the caller wrote are passed on, so an omitted parameter and one given its default stay two
    different things although the default is visible. `inspect.signature`, `help()` and editors see the declaration.
    """
    name = method.__name__

    @functools.wraps(method)
    def call(self: Model[Any], /, **given: Any) -> Any:
        return getattr(Model, name)(self, **given)

    return call  # type: ignore[return-value]  # the wrapper has the declared signature by construction


class InputsOf(Generic[ValuesT_co]):
    """The attribute `inputs`: reading gives the model's parameters, assigning a mapping updates them."""

    def __init__(self, values: type[ValuesT_co]) -> None:
        self._values = values

    @overload
    def __get__(self, model: None, owner: type[Model[Any]]) -> Self: ...
    @overload
    def __get__(self, model: AnyModel, owner: type[Model[Any]]) -> InputsProxy: ...
    @overload
    def __get__(self, model: Model[Any], owner: type[Model[Any]]) -> ValuesT_co: ...
    def __get__(self, model: Model[Any] | None, owner: type[Model[Any]]) -> Any:
        if model is None:
            return self
        state = vars(model)
        if "_inputs" not in state:
            state.setdefault("_inputs", self._values(model))  # one object, also when two threads are first at once
        return state["_inputs"]

    def __set__(self, model: Model[Any], values: Mapping[str, Any] | TypedInputs) -> None:
        given = wire_values(values) if isinstance(values, TypedInputs) else values
        self.__get__(model, type(model)).update(given)


class Alias(Generic[ValueT]):
    """A second name of an attribute, on the class as on its instances."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, model: Model[Any] | None, owner: type[Model[Any]]) -> ValueT:
        value: ValueT = getattr(owner if model is None else model, self._name)
        return value


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
    """The same as `asset_id`, under the name that the reference documents."""


class Action:
    """One thing that a model can do."""

    def __init__(self, name: str, model: Model[Any]) -> None:
        self.name = name
        self.description = model.description or ""
        self._model = model

    @property
    def inputs(self) -> TypedInputs:
        """The same object as the model's `inputs`."""
        return self._model.inputs

    def __repr__(self) -> str:
        return f"Action({self.name!r})"


class StaleModelWarning(UserWarning):
    """The backend's parameters of a generated model are no longer those that its class was generated from."""


_SECRET_KEYS = {"apikey", "api_key", "accesskey", "access_key", "secret", "token", "password", "authorization"}


class Document(dict[str, JSON]):
    """A model document as received; secrets in it are not shown."""

    def __repr__(self) -> str:
        return repr(_mask(self))

    __str__ = __repr__


_DEEPEST_SHOWN = 50
"""Levels of a document that are shown; the parser takes more than Python's own recursion limit would."""


def _mask(value: JSON, depth: int = 0) -> JSON:
    if depth > _DEEPEST_SHOWN:
        return "…"
    if is_object(value):
        return {name: "***" if name.lower() in _SECRET_KEYS else _mask(item, depth + 1) for name, item in value.items()}
    return [_mask(item, depth + 1) for item in value] if is_array(value) else value


class Model(Generic[DataT]):
    """A model of the catalog.

    Generated classes carry their metadata as class attributes; an instance that was fetched (`Model.get`) carries the
    backend's present ones, and the whole document in `raw`.
    """

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
    version: Version | None = None
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
    wire_names: ClassVar[Mapping[str, str]] = {}
    """Python name -> wire name, where they differ."""

    supplier = Alias[VendorInfo | None]("vendor")
    """Another name of `vendor`."""
    parameters = Alias[tuple[Parameter, ...] | None]("params")
    """Another name of `params`."""

    inputs = InputsOf(TypedInputs)
    """Current values of the parameters; assigning a mapping updates them."""

    raw: Mapping[str, JSON] = Document()
    """The document as received, unknown members included; empty on a model that was not fetched."""

    _default_client: ClassVar[Client | None] = None

    def __init__(self, client: Client | None = None, **fields: Any) -> None:
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
        self._client: Client | None = client or type(self)._default_client
        vars(self).update(fields)

    # --- what it is ---

    @property
    def client(self) -> Client:
        """The client that runs this model.

        Raises:
            ConfigurationError: the model has none.
        """
        if self._client is None:
            raise ConfigurationError(
                f"Model {self.label} belongs to no client. Next: take it from one (`aix.Model.get(…)`, `aix.models…`) "
                f"or pass one: {type(self).__name__}(aix)",
                model=self.label,
            )
        return self._client

    @property
    def label(self) -> str:
        """What messages call this model: its path, else its id, else its name."""
        return self.path or self.id or self.name or type(self).__name__

    @property
    def is_generated(self) -> bool:
        """Was this model's class generated, with an exact signature?"""
        return bool(type(self).id)

    @property
    def is_fetched(self) -> bool:
        """Does this instance carry what the backend said of it (`get`, `search`)?"""
        return "raw" in vars(self)

    @property
    def encoded_id(self) -> str:
        """The id as one segment of a URL."""
        return quote_id(self.id)

    @property
    def is_sync_only(self) -> bool:
        """Can the model only be run synchronously? (False when the backend does not say.)"""
        return self.connection_type is not None and _ways(self.connection_type) == {"synchronous"}

    @property
    def is_async_capable(self) -> bool:
        """Can the model be run asynchronously? (True when the backend does not say.)"""
        return self.connection_type is None or "asynchronous" in _ways(self.connection_type)

    @property
    def supports_tool_calling(self) -> bool | None:
        """Does this language model take tools? None: the backend does not say."""
        return self._takes({"tools", "toolchoice"})

    @property
    def supports_structured_output(self) -> bool | None:
        """Does this language model take a response format? None: the backend does not say."""
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
        """One of the model's `attributes`, `default` when there is none of that name."""
        return (self.attributes or {}).get(key, default)

    @property
    def actions(self) -> Mapping[str, Action]:
        """What the model can do: `run`."""
        return {"run": Action("run", self)}

    def mark_as_deleted(self) -> None:
        """Say that the model is gone: its status is `deleted`, and it cannot be run any more."""
        self.status = AssetStatus.DELETED

    @property
    def is_deleted(self) -> bool:
        """Was the model marked as deleted?"""
        return self.status == AssetStatus.DELETED

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name in ("id", "name", "path") if (value := getattr(self, name)))
        return f"{type(self).__name__}({shown})"

    def _repr_html_(self) -> str:
        from typedrun.display import model_html

        return model_html(self)

    # --- where it comes from ---

    @classmethod
    def get(cls, id: str, *, host: str | None = None, **compatibility: Any) -> AnyModel:
        """Fetch a model by id or path.

        Args:
            id: The catalog's id, or the path (case-sensitive).
            host: Take the instance of this host.
            compatibility: `api_key` and `resource_path` are taken and have no effect: the client has both.

        Raises:
            NotFoundError: there is no such model.
            ResourceError: what the backend answered is not a model.
            APIError: the backend refused.
        """
        client = cls._bound_client()
        unknown = sorted(compatibility.keys() - {"api_key", "resource_path"})
        if unknown:
            raise TypeError(f"Model.get() got an unexpected keyword argument {unknown[0]!r}")
        return _as_any(client.driver.drive(get_flow(client, id, host)))

    @classmethod
    def search(cls, query: str | None = None, **filters: Unpack[ModelSearchParams]) -> Page[AnyModel]:
        """Search the catalog.

        Args:
            query: Words to look for.
            filters: See `ModelSearchParams`.

        Returns:
            One page; `page.all()` goes on to the end.

        Raises:
            ParameterError: a filter does not exist.
        """
        from typedrun.search import check_filters, fetch_page

        client = cls._bound_client()
        given = check_filters({"query": query, **filters})
        return fetch_page(client, given, lambda document: _as_any(from_document(document, client)))

    @classmethod
    def iter_search(cls, query: str | None = None, **filters: Unpack[ModelSearchParams]) -> Iterator[AnyModel]:
        """Every model that a search finds, page by page as they are reached."""
        return cls.search(query, **filters).all()

    @classmethod
    def _bound_client(cls) -> Client:
        if cls._default_client is None:
            raise ConfigurationError(
                f"{cls.__name__} is not bound to a client. Next: use the client's own: aix.Model.get(…), aix.Model.search(…)"
            )
        return cls._default_client

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
        made.inputs.update(wire_values(self.inputs))
        made.inputs.update(values)
        return made

    # --- running it ---

    def build_run_url(self, **_arguments: Any) -> str:
        """The address that runs of this model are sent to."""
        return f"{self.client.model_url}/{self.encoded_id}"

    def build_run_payload(self, **kwargs: Any) -> dict[str, Any]:
        """The body for exactly these arguments: run controls and None are left out, defaults are not added."""
        return run_payload(kwargs, [parameter.name for parameter in self.params or ()])

    def run(self, *args: Any, **kwargs: Any) -> ModelResult[DataT]:
        """Run the model and wait for its result.

        Args:
            args: None: every argument is given by name.
            kwargs: The model's parameters, and the run controls of `ModelRunParams`. A parameter that is left out takes its
                value from `inputs`; None sends nothing.

        Returns:
            The finished result; with `stream=True` a `ModelResponseStreamer`.

        Raises:
            ParameterError: the call is not what the catalog asks for; nothing was sent.
            OperationFailedError: the model failed.
            TimeoutError: `timeout` passed; the error carries the job, which goes on.
            OutcomeUnknown: the run was sent, and no answer says what became of it.
        """
        from typedrun import running

        call = running.prepare(self, _named(args, kwargs, "run"))
        if call.stream:
            return self._streamed(call)  # type: ignore[return-value]  # AnyModel and generated classes declare it
        return self.client.driver.drive(running.run(self, call))

    def run_async(self, *args: Any, **kwargs: Any) -> Job[DataT]:
        """Start a run and return at once; the arguments are those of `run`.

        A model that only runs synchronously is started through the older endpoint, which answers with a job for it too.

        Returns:
            The job, to be polled or waited for, here or in another process.
        """
        from typedrun import running

        job: Job[DataT] = self.client.driver.drive(
            running.submit(self, running.prepare(self, _named(args, kwargs, "run_async")))
        )
        return job

    def run_stream(self, *args: Any, **kwargs: Any) -> ModelResponseStreamer:
        """Run the model and read its answer as it is written; the arguments are those of `run`.

        Raises:
            ValidationError: the backend says that this model cannot stream; nothing was sent.
        """
        from typedrun import running

        return self._streamed(running.prepare(self, _named(args, kwargs, "run_stream"), is_stream=True))

    def _streamed(self, call: Call) -> ModelResponseStreamer:
        from typedrun import running
        from typedrun.streaming import ModelResponseStreamer

        driver = self.client.driver
        live = driver.live(driver.drive(running.stream(self, call)))
        return ModelResponseStreamer(live, model=self.label, url=live.url, request_id=live.request_id)

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
        from typedrun import running
        from typedrun.prices import estimate

        call = running.prepare(self, _named(args, kwargs, "estimate"))
        return estimate(*running.weigh(self, call))

    def poll(self, poll_url: str, timeout: float | None = None) -> ModelResult[DataT]:  # noqa: ARG002  # the reference's
        """Ask once what became of a run.

        Args:
            poll_url: The `url` of its job.
            timeout: Taken for compatibility; the client's own limits hold.
        """
        return self.client.job(poll_url, model=self.label).poll()

    def sync_poll(self, poll_url: str, *, timeout: float = 300, wait_time: float = 0.5) -> ModelResult[DataT]:
        """Wait until a run is finished.

        Args:
            poll_url: The `url` of its job.
            timeout: Seconds to wait at most.
            wait_time: Seconds before the second question.
        """
        return self.client.job(poll_url, model=self.label).wait(timeout=timeout, wait_time=wait_time)

    def notice_refusal(self, refused: InvalidRequestError, values: Mapping[str, Any]) -> None:
        """Say once that the class is out of date, if a refusal shows that: it names a parameter that the class does not have, one that
        the call left out as the class allows, or an option that the class lists. A wrong value shows nothing.

        Args:
            refused: The backend's refusal.
            values: What was sent, by wire name.
        """
        if not self.is_generated or self.is_fetched:
            return
        problems = (refused.response_data or {}).get("errors")
        names = [entry.get("field") for entry in problems if is_object(entry)] if is_array(problems) else []
        known = {parameter.name: parameter for parameter in self.params or ()}
        stale = {name for name in names if isinstance(name, str) and _shows_drift(known.get(name), values.get(name))}
        if not stale:
            return
        try:
            _warn_of_drift(self, type(self), self.client, f"refused: {', '.join(sorted(stale))}")
        except StaleModelWarning as warning:  # warnings are errors here; the refusal is what the caller must see
            refused.add_note(str(warning))

    # --- as part of something else ---

    def get_parameters(self) -> list[dict[str, Any]]:
        """The parameters that have a value, defaults included, in the form that agents take."""
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
        from typedrun.exports.jsonschema import DRAFT, model_schema

        return {"$schema": DRAFT, "title": self.name or self.label, **(model_schema(self) or {})}

    def as_tool(self) -> ToolDict:
        """This model as a tool of an agent."""
        return {
            "id": self.id,
            "name": self.name,
            "description": self.description or "",
            "supplier": (self.vendor and self.vendor.code) or Supplier.AIXPLAIN.value,
            "parameters": self.get_parameters(),
            "function": None if self.function is None else str(self.function),
            "type": "model",
            "version": self.version.id if self.version else None,
            "asset_id": self.id,
            "assetId": self.id,
        }


class Door(builtins.type):
    """The class of `aix.Model` and `aix.LLM`: a class bound to a client that makes plain, picklable instances."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """Make an instance of the class behind the door, bound to the client."""
        if "_default_client" not in vars(cls):  # a user's own subclass
            return super().__call__(*args, **kwargs)
        made = cls.__mro__[1](*args, **kwargs)
        vars(made)["_client"] = vars(cls)["_default_client"]
        return made

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls.__mro__[1])


ClassT = TypeVar("ClassT", bound="builtins.type[Model[Any]]")


def bind(cls: ClassT, client: Client) -> ClassT:
    """The class, bound to a client."""
    made = Door(cls.__name__, (cls,), {"_default_client": client, "__doc__": cls.__doc__, "__module__": cls.__module__})
    return cast("ClassT", made)


class NonStreamingModel(Model[DataT]):
    """A model that cannot stream: checkers flag `run(stream=True)` and `run_stream`, and both raise before a byte is sent."""

    if TYPE_CHECKING:

        def run_stream(self, *, cannot_stream: Never) -> ModelResponseStreamer:
            """Not possible: this model cannot stream."""
            ...


if TYPE_CHECKING:

    class AnyModel(Model[Any]):
        """A model that was met at run time: any argument for the checkers, checked against the catalog when called."""

        @overload
        def run(self, *, stream: Literal[False] = False, **kwargs: Any) -> ModelResult[Any]: ...
        @overload
        def run(self, *, stream: Literal[True], **kwargs: Any) -> ModelResponseStreamer: ...
        @overload
        def run(self, *, stream: bool, **kwargs: Any) -> ModelResult[Any] | ModelResponseStreamer: ...
        def run(self, *, stream: bool = False, **kwargs: Any) -> Any:
            """Run the model and wait for its result, or stream it."""
            ...
else:
    AnyModel = Model


def _as_any(model: Model[Any]) -> AnyModel:
    return model  # type: ignore[return-value]  # for a running program the two are one class


def _named(args: tuple[Any, ...], kwargs: dict[str, Any], method: str) -> dict[str, Any]:
    if args:
        raise TypeError(f"{method}() takes every argument by name, but {len(args)} came without one")
    return kwargs


def _ways(connection_type: tuple[str, ...]) -> set[str]:
    return {way for way in connection_type if way in {"synchronous", "asynchronous"}}


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


def find_function_by_id(function_id: str) -> OpenStrEnum | None:
    """The member of the runtime's `Function` with this id; a generated package has the function of that name for all of them."""
    return find_member(Function, function_id)


def find_supplier_by_id(supplier_id: str | int) -> OpenStrEnum | None:
    """The member of the runtime's `Supplier` with this code; a generated package has the function of that name for all."""
    return find_member(Supplier, str(supplier_id))


# --- documents -------------------------------------------------------------------------------------------------------


def _text(value: JSON) -> str | None:
    return value if isinstance(value, str) else None


def _flag(value: JSON) -> bool | None:
    return value if isinstance(value, bool) else None


def _status(value: JSON) -> AssetStatus | None:
    return AssetStatus(value) if isinstance(value, str) else None


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
    "params": ("params", decode_parameters),
    "attributes": ("attributes", decode_attributes),
}
"""Wire name -> field, and how to read it; None is not said."""

_OLDER_NAMES = {"hostedBy": "host", "developedBy": "developer", "supplier": "vendor"}
"""Older wire name -> the present one, which counts where it says something."""

_FIELDS = frozenset({field for field, _ in _READERS.values()} | {"path", "function"})


def get_flow(client: Client, id: str, host: str | None) -> Flow[Model[Any]]:
    """Fetch a model by id or path. Arguments and errors as for `Model.get`."""
    if not id:
        raise ResourceError("Model.get needs an id or a path; got an empty one. Nothing was sent")
    document = yield from client.get_flow(fill(client.routes.get_model, id), {"host": host} if host else None, model=id)
    if not is_object(document) or not isinstance(document.get("id"), str):
        raise ResourceError(
            f"The backend answered the request for model {id} with something that is no model", model=id
        )
    return from_document(document, client)


def from_document(document: Mapping[str, JSON], client: Client) -> Model[Any]:
    """The model that a document of the catalog describes: an instance of its generated class if there is one."""
    identity = document.get("id")
    generated = client.registry.find(identity) if client.registry is not None and isinstance(identity, str) else None
    model: Model[Any] = (generated or Model)(client)
    # What the document leaves out is told by the class: a generated one knows, the plain one has the defaults.
    vars(model).update(_read_fields(document, client), raw=Document(document))
    if generated is not None:
        _notice_drift(model, generated, client)
    return model


def _read_fields(document: Mapping[str, JSON], client: Client) -> dict[str, Any]:
    """What the document says, by the name of its field."""
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
    if (function := _read_function(document.get("function"), client)) is not None:
        found["function"] = function
    return found


def _read_function(value: JSON, client: Client) -> OpenStrEnum | None:
    identity = value.get("id") if is_object(value) else value
    return client.enumeration("Function", Function)(identity) if isinstance(identity, str) else None


def _notice_drift(model: Model[Any], generated: type[Model[Any]], client: Client) -> None:
    """Say once for each model that its generated signature is out of date."""
    if "params" not in vars(model) or generated.params is None:
        return
    before = {parameter.name: _signature_of(parameter) for parameter in generated.params}
    now = {parameter.name: _signature_of(parameter) for parameter in model.params or ()}
    if before == now:
        return
    new = sorted(now.keys() - before.keys())
    gone = sorted(before.keys() - now.keys())
    other = sorted(name for name in now.keys() & before.keys() if now[name] != before[name])
    changes = [
        f"{what} {', '.join(names)}" for what, names in (("new:", new), ("gone:", gone), ("changed:", other)) if names
    ]
    _warn_of_drift(model, generated, client, "; ".join(changes))


def _shows_drift(parameter: Parameter | None, value: object) -> bool:
    return parameter is None or value is None or find_option(parameter, value) is not None


def _warn_of_drift(model: Model[Any], generated: type[Model[Any]], client: Client, changes: str) -> None:
    if model.id in client.warned_models:
        return
    from typedrun.warned import frames_of_ours

    client.warned_models.add(model.id)
    warnings.warn(
        f"The parameters of model {model.label} are no longer those that {generated.__name__} was generated from "
        f"({changes}). Next: typedrun pull && typedrun generate",
        StaleModelWarning,
        stacklevel=frames_of_ours(),
    )


def _signature_of(parameter: Parameter) -> tuple[Any, ...]:
    """What of a parameter its generated signature depends on."""
    options = frozenset(map(str, parameter.options))
    default = None if parameter.default is None else str(parameter.default)
    kind = (parameter.data_type, parameter.data_sub_type)
    return (parameter.required, parameter.is_fixed, parameter.multiple_values, kind, options, default)
