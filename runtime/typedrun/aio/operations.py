"""Operations of an API schema, awaited: the descriptions, requests and answers are those of the blocking half."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Generic, Protocol, Self, TypeVar

from typedrun.aio.driver import AsyncDriver
from typedrun.operations.answers import read_answer
from typedrun.operations.client import ApiClientBase, OperationsBase
from typedrun.operations.records import EVENTS
from typedrun.operations.streams import KeepsTime, ValueReader
from typedrun.unset import UNSET

if TYPE_CHECKING:
    from typedrun.core.deadline import Deadline
    from typedrun.core.reply import Reply
    from typedrun.core.request import Request
    from typedrun.core.sse import Event
    from typedrun.operations.descriptions import Operation
    from typedrun.settings import Settings

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class AsyncLive(Protocol):
    """A reply that is still arriving, as a driver gives it."""

    def blocks(self) -> AsyncIterator[bytes]:
        """The body as it arrives."""
        ...

    def close(self) -> None:
        """Free the connection."""
        ...


class AsyncSender(KeepsTime, Protocol):
    """The part of a driver that operations need."""

    async def send(self, request: Request, *, deadline: Deadline | None = None) -> Reply:
        """Send, read the reply, raise for a status that is no success."""
        ...

    async def open_stream(self, request: Request, *, deadline: Deadline | None = None) -> AsyncLive:
        """Send, and return when the head of the reply is there."""
        ...


class AsyncEventStream(Generic[T_co]):
    """Server-sent events, JSON Lines or a JSON sequence as typed values: iterate it once, best inside `async with`.

    The request is sent when it is entered, or first read. Ends at the end of the stream or at the event `[DONE]`. What a server names
    with `event:` is in `last_event`.
    """

    def __init__(
        self, begin: Callable[[], Awaitable[AsyncLive]], read: Callable[[str], T_co], media_type: str = EVENTS
    ) -> None:
        """Args: what sends, what makes a value of an event's data or of a record, and what the body is."""
        self._begin: Callable[[], Awaitable[AsyncLive]] | None = begin
        self._live: AsyncLive | None = None
        self._reader = ValueReader(read, media_type)
        self._values = self._iterate()

    @property
    def last_event(self) -> Event | None:
        """The event behind the last value: its type, id and lines."""
        return self._reader.last_event

    def __aiter__(self) -> AsyncIterator[T_co]:
        return self._values

    async def __anext__(self) -> T_co:
        return await anext(self._values)

    async def __aenter__(self) -> Self:
        await self._open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Free the connection; what has not been read is lost."""
        if self._live is not None:
            self._live.close()

    aclose = close
    """Another name of `close`, for `contextlib.aclosing`."""

    async def _open(self) -> AsyncLive:
        if self._live is None:
            begin, self._begin = self._begin, None
            if begin is None:  # what it asks for may cost something
                raise RuntimeError(
                    "This stream was opened before, and a request is sent once. Next: call the operation again"
                )
            self._live = await begin()
        return self._live

    async def _iterate(self) -> AsyncIterator[T_co]:
        live = await self._open()
        try:
            async for block in live.blocks():
                for value in self._reader.feed(block):
                    yield value
                if self._reader.is_over:
                    return
            for value in self._reader.finish():
                yield value
        finally:
            live.close()


class AsyncOperations(OperationsBase[AsyncSender]):
    """Base of generated classes with one method per operation, to be awaited."""

    async def _call(
        self,
        operation: Operation[T],
        arguments: Mapping[str, object],
        *,
        body: object = UNSET,
        media_type: str = "",
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> T:
        request = self._request(operation, arguments, body, media_type, headers, streams=False)
        reply = await self._driver.send(request, deadline=self._deadline(timeout))
        return read_answer(operation, reply, self.types_package, strict=self._strict)

    def _stream(
        self,
        operation: Operation[T],
        arguments: Mapping[str, object],
        *,
        body: object = UNSET,
        media_type: str = "",
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncEventStream[T]:
        request = self._request(operation, arguments, body, media_type, headers, streams=True)

        async def begin() -> AsyncLive:
            return await self._driver.open_stream(request, deadline=self._deadline(timeout))

        return AsyncEventStream(begin, *self._reading(operation))


class AsyncApiClient(ApiClientBase[AsyncSender], AsyncOperations):
    """Operations with a driver and a key of their own; usable in `async with`, which closes idle connections.

    The key is sent where the document's security scheme wants it, to the client's own address only. Operations on other servers
    get the key that `server_keys` has for them, or none.
    """

    def _connect(self, settings: Settings) -> AsyncSender:
        return AsyncDriver(settings)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if isinstance(self._driver, AsyncDriver):
            await self._driver.close()
