"""A model of the catalog whose runs are awaited.

Generated classes derive from `AsyncModel` (or `AsyncNonStreamingModel`), take what describes the model from the blocking class and
declare exact signatures with `@declared_async`.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic, Literal, Never, TypeVar, Unpack, cast, overload

from typedrun.aio.arguments import holds_source
from typedrun.call import named
from typedrun.errors import ConfigurationError
from typedrun.jsontypes import JSON
from typedrun.metadata.described import DescribedModel, InputsOf
from typedrun.metadata.fetched import described
from typedrun.model.base import ModelBase
from typedrun.results import DataT
from typedrun.settings import WAIT_TIME, WAITING

if TYPE_CHECKING:
    from typedrun.aio.driver import AsyncDriver, AsyncLiveReply
    from typedrun.aio.job import AsyncJob
    from typedrun.aio.search import AsyncPage
    from typedrun.aio.streaming import AsyncStream
    from typedrun.aio.uploading import Pending
    from typedrun.call import Call
    from typedrun.core.effects import Flow
    from typedrun.core.opening import Opened
    from typedrun.inputs import InputsProxy
    from typedrun.prices import Cost
    from typedrun.results import ModelResult
    from typedrun.search import ModelSearchParams
    from typedrun.session import Session

T = TypeVar("T")
AwaitedT = TypeVar("AwaitedT", bound=Callable[..., Awaitable[Any]])


def declared_async(method: AwaitedT) -> AwaitedT:
    """Make a signature without a body callable: the call goes to the method of the same name in `AsyncModel`. As for blocking models."""
    name = method.__name__

    @functools.wraps(method)
    async def call(self: AsyncModel[Any], /, **given: Any) -> Any:
        return await getattr(AsyncModel, name)(self, **given)

    return cast("AwaitedT", call)


StreamedT = TypeVar("StreamedT", bound="Callable[..., AsyncStream]")


def declared_stream(method: StreamedT) -> StreamedT:
    """Make the signature of a `run_stream`, which is not awaited, callable: the call goes to the method of that name in `AsyncModel`."""

    @functools.wraps(method)
    def call(self: AsyncModel[Any], /, **given: Any) -> AsyncStream:
        return AsyncModel.run_stream(self, **given)

    return cast("StreamedT", call)


class AsyncModel(ModelBase, Generic[DataT]):
    """A model of the catalog, its runs awaited."""

    if TYPE_CHECKING:

        @property
        def session(self) -> Session[AsyncDriver]:
            """What it needs of the client that runs it."""
            ...

    def __init_subclass__(cls, of: type[DescribedModel] | None = None) -> None:
        """Take over what a generated class says of the model.

        Args:
            of: The blocking class of the same model.
        """
        super().__init_subclass__()
        if of is not None:
            cls._output_home = of._output_home or of.__module__
            for name, value in vars(of).items():
                if name in _SAID and name not in vars(cls):
                    setattr(cls, name, value)

    # --- where it comes from

    @classmethod
    async def get(cls, id: str, *, host: str | None = None, **compatibility: Any) -> AsyncAnyModel:
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
        session = cls._bound_session()
        unknown = sorted(compatibility.keys() - {"api_key", "resource_path"})
        if unknown:
            raise TypeError(f"Model.get() got an unexpected keyword argument {unknown[0]!r}")
        return await fetch_model(session, id, host)

    @classmethod
    async def search(cls, query: str | None = None, **filters: Unpack[ModelSearchParams]) -> AsyncPage[AsyncAnyModel]:
        """Search the catalog.

        Args:
            query: Words to look for.
            filters: See `ModelSearchParams`.

        Returns:
            One page; `page.all()` goes on to the end.

        Raises:
            ParameterError: a filter does not exist.
        """
        from typedrun.aio.search import fetch_page
        from typedrun.search import check_filters

        session = cls._bound_session()
        given = check_filters({"query": query, **filters})
        return await fetch_page(session, given, lambda document: _from_document(document, session))

    @classmethod
    async def iter_search(
        cls, query: str | None = None, **filters: Unpack[ModelSearchParams]
    ) -> AsyncIterator[AsyncAnyModel]:
        """Every model that a search finds, page by page as they are reached."""
        page = await cls.search(query, **filters)
        async for model in page.all():
            yield model

    @classmethod
    def _bound_session(cls) -> Session[AsyncDriver]:
        if cls._default_session is None:
            raise ConfigurationError(
                f"{cls.__name__} is not bound to a client. Next: use the client's own: aix.Model.get(…), aix.Model.search(…)"
            )
        return cast("Session[AsyncDriver]", cls._default_session)

    # --- running it

    async def run(self, *args: Any, **kwargs: Any) -> ModelResult[DataT]:
        """Run the model and wait for its result.

        Args:
            args: None: every argument is given by name.
            kwargs: The model's parameters, and the run controls of `ModelRunParams`. A parameter that is left out takes its
                value from `inputs`; None sends nothing.

        Returns:
            The finished result; with `stream=True` an `AsyncStream`, whose head is there.

        Raises:
            ParameterError: the call is not what the catalog asks for; nothing was sent.
            OperationFailedError: the model failed.
            TimeoutError: `timeout` passed; the error carries the job, which goes on.
            OutcomeUnknown: the run was sent, and no answer says what became of it.
            CancelledError: the task was cancelled; a note says whether the run may have been billed.
        """
        from typedrun.runs.running import run

        call, pending = self._prepare(named(args, kwargs, "run"))
        if call.stream:
            return await self._streamed(call, pending).open()  # type: ignore[return-value]  # AsyncAnyModel and generated classes declare it
        try:
            return await self._drive(run(self, call), call, pending)
        except asyncio.CancelledError as error:
            token: str | None = getattr(error, "job_token", None)
            if token is not None and call.cancels_on_timeout:
                from typedrun.aio.job import give_up

                await give_up(self.session.driver, token, error)
            raise

    async def run_async(self, *args: Any, **kwargs: Any) -> AsyncJob[DataT]:
        """Start a run and return at once; the arguments are those of `run`.

        A model that only runs synchronously is started through the older endpoint, which answers with a job for it too.

        Returns:
            The job, to be polled or waited for, here or in another process.
        """
        from typedrun.runs.starting import submit

        call, pending = self._prepare(named(args, kwargs, "run_async"))
        job: AsyncJob[DataT] = await self._drive(submit(self, call), call, pending)
        return job

    def run_stream(self, *args: Any, **kwargs: Any) -> AsyncStream:
        """Run the model and read its answer as it is written; the arguments are those of `run`.

        Nothing is awaited here: the run is sent when the stream is entered (`async with`), or first read.

        Raises:
            ParameterError: the call is not what the catalog asks for.
            ValidationError: the backend says that this model cannot stream; nothing was sent.
        """
        return self._streamed(*self._prepare(named(args, kwargs, "run_stream"), is_stream=True))

    def _prepare(self, given: Mapping[str, Any], *, is_stream: bool = False) -> tuple[Call, Pending | None]:
        """A checked call, and what of it has still to be read with await."""
        from typedrun.call import prepare

        if not any(map(holds_source, given.values())):
            return prepare(self, given, is_stream=is_stream), None
        from typedrun.aio.uploading import Pending

        given, pending = Pending.among(given)
        return prepare(self, given, is_stream=is_stream), pending

    async def _drive(self, flow: Flow[T], call: Call, pending: Pending | None) -> T:
        driver = self.session.driver
        if pending is None:
            return await driver.drive(flow)
        async with pending.read(driver, call.timeout, model=self.label):
            return await driver.drive(flow)

    def _streamed(self, call: Call, pending: Pending | None) -> AsyncStream:
        from typedrun.aio.streaming import AsyncItemStream, AsyncStream
        from typedrun.runs.starting import stream
        from typedrun.runs.streamed import ends_of, is_list, job_behind

        driver = self.session.driver

        async def begin() -> AsyncLiveReply:
            return driver.live(await self._drive(stream(self, call), call, pending))

        async def open_anew(flow: Flow[Opened]) -> AsyncLiveReply:
            return driver.live(await driver.drive(flow))

        reader = driver.wire.answer_reader(is_list(self))
        kind = AsyncItemStream[Any] if reader.gathers_items else AsyncStream
        streamed = kind(begin, reader, model=self.label)
        streamed.finish, streamed.read_item = ends_of(self, is_list=reader.gathers_items)
        streamed.find_job = lambda live: job_behind(self, live.run, live.bill)
        streamed.drives = open_anew
        return streamed

    async def quote(self, *, calls: int | None = None, units: float | None = None) -> Cost:
        """Ask what the marketplace itself estimates for runs of this model, in US dollars; nothing runs.

        Args:
            calls: For so many runs, by what such runs have cost. Default 1, where `units` is not given.
            units: For so many units of its price (pictures, seconds) in their place.

        Raises:
            ValidationError: the marketplace gives no quotes; nothing was sent.
        """
        from typedrun.money.quotes import quote

        return await self.session.driver.drive(quote(self, calls, units))

    async def poll(self, poll_url: str, timeout: float | None = None) -> ModelResult[DataT]:  # noqa: ARG002  # the reference's
        """Ask once what became of a run.

        Args:
            poll_url: The `url` of its job.
            timeout: Taken for compatibility; the client's own limits hold.
        """
        from typedrun.aio.job import resume_job

        return await resume_job(self.session.driver, poll_url, label=self.label).typed_by(type(self)).poll()

    async def sync_poll(
        self, poll_url: str, name: str | None = None, *, timeout: float = WAITING, wait_time: float = WAIT_TIME
    ) -> ModelResult[DataT]:
        """Wait until a run is finished.

        Args:
            poll_url: The `url` of its job.
            name: What to call the run in messages. Default: the model's path.
            timeout: Seconds to wait at most.
            wait_time: Seconds before the second question.
        """
        from typedrun.aio.job import resume_job

        job = resume_job(self.session.driver, poll_url, label=name or self.label).typed_by(type(self))
        return await job.wait(timeout=timeout, wait_time=wait_time)


_SAID = frozenset(DescribedModel.__annotations__) | {"inputs", "__doc__"}


class AsyncNonStreamingModel(AsyncModel[DataT]):
    """A model that cannot stream: checkers flag `run(stream=True)` and `run_stream`, and both raise before a byte is sent."""

    if TYPE_CHECKING:

        def run_stream(self, *, cannot_stream: Never) -> AsyncStream:
            """Not possible: this model cannot stream."""
            ...


if TYPE_CHECKING:

    class AsyncAnyModel(AsyncModel[Any]):
        """A model that was met at run time: any argument for the checkers, checked against the catalog when called."""

        inputs = InputsOf(InputsProxy)

        @overload
        async def run(self, *, stream: Literal[False] = False, **kwargs: Any) -> ModelResult[Any]: ...
        @overload
        async def run(self, *, stream: Literal[True], **kwargs: Any) -> AsyncStream: ...
        @overload
        async def run(self, *, stream: bool, **kwargs: Any) -> ModelResult[Any] | AsyncStream: ...
        async def run(self, *, stream: bool = False, **kwargs: Any) -> Any:
            """Run the model and wait for its result, or stream it."""
            ...
else:
    AsyncAnyModel = AsyncModel


def _from_document(document: Mapping[str, JSON], session: Session[AsyncDriver]) -> AsyncAnyModel:
    return cast("AsyncAnyModel", described(document, session, AsyncModel))


async def fetch_model(session: Session[AsyncDriver], id: str, host: str | None = None) -> AsyncAnyModel:
    """Fetch a model of the catalog by id or path. Raises as `AsyncModel.get` does."""
    from typedrun.metadata.lookups import find

    found = await session.driver.drive(find(session, id, host))
    return cast("AsyncAnyModel", described(found.document, session, AsyncModel, is_chosen=found.is_chosen))
