"""A model of the catalog: its metadata, its inputs and the ways to run it.

Generated classes derive from `Model` (or `NonStreamingModel`) and declare exact signatures with `@declared`; a model that
was only met at run time is a plain `Model` whose `run` checks its arguments against the catalog's parameters.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, Never, TypeVar, Unpack, cast, overload

from typedrun.jsontypes import JSON
from typedrun.lazymembers import exports, later
from typedrun.marketplaces import FIRST
from typedrun.metadata.described import Alias as Alias
from typedrun.metadata.described import DescribedModel
from typedrun.metadata.described import InputsOf as InputsOf
from typedrun.metadata.described import StaleModelWarning as StaleModelWarning
from typedrun.results import DataT

if TYPE_CHECKING:
    from typedrun.inputs import InputsProxy
    from typedrun.marketplaces.runparams import ModelRunParams as ModelRunParams
    from typedrun.marketplaces.runparams import RunControls as RunControls
    from typedrun.model.base import ModelBase as ModelBase
    from typedrun.model.base import ToolDict as ToolDict
    from typedrun.model.base import find_function_by_id as find_function_by_id
    from typedrun.model.base import find_supplier_by_id as find_supplier_by_id
    from typedrun.model.runs import ModelRuns
    from typedrun.results import ModelResult
    from typedrun.search import ModelSearchParams, Page
    from typedrun.sending.driver import Driver
    from typedrun.session import HasSession, Session
    from typedrun.streaming import ModelResponseStreamer
else:
    ModelBase = later(
        "typedrun.model.base:ModelBase",
        "__repr__ _repr_html_ actions as_tool build_run_payload build_run_url client estimate get_attribute get_parameters "
        "is_async_capable json_schema supports_structured_output supports_tool_calling to_dict to_json with_inputs",
        DescribedModel,
    )
    ModelRuns = later(
        "typedrun.model.runs:ModelRuns",
        "_streamed poll quote run_async run_stream sync_poll",
        DescribedModel,
        Generic[DataT],
    )
    __getattr__ = exports(
        __name__,
        "typedrun.model.base:ToolDict find_function_by_id find_supplier_by_id",
        f"typedrun.marketplaces.{FIRST}.controls:ModelRunParams RunControls",  # as runparams.py says, which a first run need not read
    )

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


class Model(ModelBase, ModelRuns[DataT]):
    """A model of the catalog.

    Generated classes carry their metadata as class attributes; an instance that was fetched (`Model.get`) carries the
    backend's present ones, and the whole document in `raw`.
    """

    # --- where it comes from

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
        from typedrun.metadata.lookups import find

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
            from typedrun.errors import ConfigurationError

            raise ConfigurationError(
                f"{cls.__name__} is not bound to a client. Next: use the client's own: aix.Model.get(…), aix.Model.search(…)"
            )
        return cast("Session[Driver]", cls._default_session)

    # --- running it

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
        from typedrun.call import named, prepare
        from typedrun.runs.running import run

        call = prepare(self, named(args, kwargs, "run"))
        if call.stream:
            return self._streamed(call)  # type: ignore[return-value]  # AnyModel and generated classes declare it
        return self.session.driver.drive(run(self, call))


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


def from_document(document: Mapping[str, JSON], client: HasSession, *, is_chosen: bool = False) -> Model[Any]:
    """The model that a document of the catalog describes: an instance of its generated class if there is one.

    Args:
        document: As received.
        client: Whose model it is.
        is_chosen: Whether somebody named the version. A class that was generated from another one is not its class then.
    """
    from typedrun.metadata.fetched import described

    return described(document, client, Model[Any], is_chosen=is_chosen)
