"""A model of the catalog: its metadata, its inputs and the ways to run it.

Generated classes derive from `Model` (or `NonStreamingModel`) and declare exact signatures with `@declared`; a model that
was only met at run time is a plain `Model` whose `run` checks its arguments against the catalog's parameters.
"""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, Never, TypedDict, TypeVar, Unpack, overload

from typedrun.controls import ModelRunParams as ModelRunParams
from typedrun.controls import RunControls as RunControls
from typedrun.described import Alias as Alias
from typedrun.described import DescribedModel
from typedrun.described import InputsOf as InputsOf
from typedrun.described import StaleModelWarning as StaleModelWarning
from typedrun.errors import ConfigurationError
from typedrun.inputs import take_over, wire_values
from typedrun.jsontypes import JSON
from typedrun.openenums import Function, OpenStrEnum
from typedrun.parameters import Version
from typedrun.results import DataT

if TYPE_CHECKING:
    from typing import Self

    from typedrun.call import Call
    from typedrun.driver import Driver
    from typedrun.inputs import InputsProxy
    from typedrun.job import Job
    from typedrun.marketplaces.protocol import Marketplace
    from typedrun.prices import Cost
    from typedrun.results import ModelResult
    from typedrun.search import ModelSearchParams, Page
    from typedrun.session import HasSession, Session
    from typedrun.streaming import ModelResponseStreamer

MethodT = TypeVar("MethodT", bound=Callable[..., Any])


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


class ModelBase(DescribedModel):
    """A model of the catalog, but for what its runs are sent by."""

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
        """The same as JSON text."""
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

    # --- what a run would be ---

    def build_run_url(self, **_arguments: Any) -> str:
        """The address that runs of this model are sent to."""
        url: str = self.session.driver.wire.run_url(self.id)
        return url

    def build_run_payload(self, **kwargs: Any) -> dict[str, Any]:
        """The body for exactly these arguments: run controls and None are left out, defaults are not added."""
        from typedrun.call import run_payload

        return run_payload(kwargs, [parameter.name for parameter in self.params or ()])

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
        from typedrun.running import weigh

        return estimate(*weigh(self, prepare(self, named(args, kwargs, "estimate"))))

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


class Model(ModelBase, Generic[DataT]):
    """A model of the catalog.

    Generated classes carry their metadata as class attributes; an instance that was fetched (`Model.get`) carries the
    backend's present ones, and the whole document in `raw`.
    """

    if TYPE_CHECKING:

        @property
        def session(self) -> Session[Driver]:
            """What it needs of the client that runs it."""
            ...

    # --- where it comes from ---

    @classmethod
    def get(cls, id: str, *, host: str | None = None, **compatibility: Any) -> AnyModel:
        """Fetch a model by id or path.

        Args:
            id: The catalog's id, or the path (case-sensitive); `owner/name:version` where models have versions that can be named.
            host: Take the instance of this host.
            compatibility: `api_key` and `resource_path` are taken and have no effect: the client has both.

        Raises:
            NotFoundError: there is no such model.
            ResourceError: what the backend answered is not a model.
            APIError: the backend refused.
        """
        from typedrun.lookups import find

        session = cls._bound_session()
        unknown = sorted(compatibility.keys() - {"api_key", "resource_path"})
        if unknown:
            raise TypeError(f"Model.get() got an unexpected keyword argument {unknown[0]!r}")
        found = session.driver.drive(find(session, id, host))
        return _as_any(from_document(found.document, session, is_chosen=found.is_chosen))

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

        session = cls._bound_session()
        given = check_filters({"query": query, **filters})
        return fetch_page(session, given, lambda document: _as_any(from_document(document, session)))

    @classmethod
    def iter_search(cls, query: str | None = None, **filters: Unpack[ModelSearchParams]) -> Iterator[AnyModel]:
        """Every model that a search finds, page by page as they are reached."""
        return cls.search(query, **filters).all()

    @classmethod
    def _bound_session(cls) -> Session[Driver]:
        if cls._default_session is None:
            raise ConfigurationError(
                f"{cls.__name__} is not bound to a client. Next: use the client's own: aix.Model.get(…), aix.Model.search(…)"
            )
        return cls._default_session

    # --- running it ---

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
        from typedrun.call import prepare
        from typedrun.running import run

        call = prepare(self, named(args, kwargs, "run"))
        if call.stream:
            return self._streamed(call)  # type: ignore[return-value]  # AnyModel and generated classes declare it
        return self.session.driver.drive(run(self, call))

    def run_async(self, *args: Any, **kwargs: Any) -> Job[DataT]:
        """Start a run and return at once; the arguments are those of `run`.

        A model that only runs synchronously is started through the older endpoint, which answers with a job for it too.

        Returns:
            The job, to be polled or waited for, here or in another process.
        """
        from typedrun.call import prepare
        from typedrun.running import submit

        call = prepare(self, named(args, kwargs, "run_async"))
        job: Job[DataT] = self.session.driver.drive(submit(self, call))
        return job

    def run_stream(self, *args: Any, **kwargs: Any) -> ModelResponseStreamer:
        """Run the model and read its answer as it is written; the arguments are those of `run`.

        Raises:
            ValidationError: the backend says that this model cannot stream; nothing was sent.
        """
        from typedrun.call import prepare

        return self._streamed(prepare(self, named(args, kwargs, "run_stream"), is_stream=True))

    def _streamed(self, call: Call) -> ModelResponseStreamer:
        from typedrun.running import stream, typed
        from typedrun.streaming import ModelResponseStreamer

        driver = self.session.driver
        live = driver.live(driver.drive(stream(self, call)))
        streamer = ModelResponseStreamer(
            live, model=self.label, url=live.url, request_id=live.request_id, reader=driver.wire.answer_reader()
        )
        if self.output_type is not None:
            streamer.finish = functools.partial(typed, self)
        return streamer

    def poll(self, poll_url: str, timeout: float | None = None) -> ModelResult[DataT]:  # noqa: ARG002  # the reference's
        """Ask once what became of a run.

        Args:
            poll_url: The `url` of its job.
            timeout: Taken for compatibility; the client's own limits hold.
        """
        from typedrun.job import resume_job

        return resume_job(self.session.driver, poll_url, label=self.label).typed_by(type(self)).poll()

    def sync_poll(
        self, poll_url: str, name: str | None = None, *, timeout: float = 300, wait_time: float = 0.5
    ) -> ModelResult[DataT]:
        """Wait until a run is finished.

        Args:
            poll_url: The `url` of its job.
            name: What to call the run in messages. Default: the model's path.
            timeout: Seconds to wait at most.
            wait_time: Seconds before the second question.
        """
        from typedrun.job import resume_job

        job = resume_job(self.session.driver, poll_url, label=name or self.label).typed_by(type(self))
        return job.wait(timeout=timeout, wait_time=wait_time)


class NonStreamingModel(Model[DataT]):
    """A model that cannot stream: checkers flag `run(stream=True)` and `run_stream`, and both raise before a byte is sent."""

    if TYPE_CHECKING:

        def run_stream(self, *, cannot_stream: Never) -> ModelResponseStreamer:
            """Not possible: this model cannot stream."""
            ...


MYPY: Final = False  # mypy takes it for True
if TYPE_CHECKING:

    class AnyModel(Model[Any]):
        """A model that was met at run time: any argument for the checkers, checked against the catalog when called."""

        if (
            MYPY
        ):  # it would find `isinstance(model, Gpt54)` impossible: the class that is both would have two kinds of inputs
            inputs: Any
        else:
            inputs = InputsOf(InputsProxy)

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


def named(args: tuple[Any, ...], kwargs: dict[str, Any], method: str) -> dict[str, Any]:
    """The arguments of a method that takes them by name alone."""
    if args:
        raise TypeError(f"{method}() takes every argument by name, but {len(args)} came without one")
    return kwargs


def find_function_by_id(function_id: str) -> OpenStrEnum | None:
    """The member of the runtime's `Function` with this id; a generated package has the function of that name for all of them."""
    from typedrun.openenums import find_member

    return find_member(Function, function_id)


def find_supplier_by_id(supplier_id: str | int) -> OpenStrEnum | None:
    """The member of the runtime's `Supplier` with this code; a generated package has the function of that name for all."""
    from typedrun.enums import Supplier, find_member

    return find_member(Supplier, str(supplier_id))


def from_document(document: Mapping[str, JSON], client: HasSession, *, is_chosen: bool = False) -> Model[Any]:
    """The model that a document of the catalog describes: an instance of its generated class if there is one.

    Args:
        document: As received.
        client: Whose model it is.
        is_chosen: Whether somebody named the version. A class that was generated from another one is not its class then.
    """
    from typedrun.fetched import described

    return described(document, client, Model[Any], is_chosen=is_chosen)
