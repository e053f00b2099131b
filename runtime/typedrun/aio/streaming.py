"""The streamer, awaited: chunks of an answer while it is being written."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from typedrun.core.bills import FREE
from typedrun.core.streams import LINGER, READ, AnswerReader, Outcome, StreamedAnswer, Then
from typedrun.errors import LedgerError, TypedrunError
from typedrun.results import DataT, ModelResult, StreamChunk

if TYPE_CHECKING:
    from typedrun.aio.driver import AsyncLiveReply
    from typedrun.aio.job import AsyncJob


ItemT = TypeVar("ItemT")


class AsyncStream(StreamedAnswer, AsyncIterator[StreamChunk]):
    """Iterates the chunks of an answer while it is being written; use it in `async with`.

    The run is sent when the stream is entered, or first read. Iteration ends normally only when the answer is whole. Otherwise it
    raises, after the chunks that came, and goes on raising. `partial` has what came in any case.

    Example:
        >>> async with model.run_stream(text="Hello") as stream:  # doctest: +SKIP
        ...     async for chunk in stream:
        ...         print(chunk.data, end="", flush=True)
        ... result = await stream.final()
    """

    job: AsyncJob[Any] | None = None
    """The run behind the stream, once that is open: its token, logs and `cancel()`. None where the stream is the run itself."""

    def __init__(
        self, begin: Callable[[], Awaitable[AsyncLiveReply]], reader: AnswerReader, *, model: str | None
    ) -> None:
        """Send nothing.

        Args:
            begin: Sends the run, and returns when the head of its reply is there.
            reader: What reads its events.
            model: Id or path of the model, for messages.
        """
        super().__init__(200, {}, reader, model=model, url=None, request_id=None, bill=FREE)
        self._begin: Callable[[], Awaitable[AsyncLiveReply]] | None = begin
        self._not_begun: BaseException | None = None
        self._live: AsyncLiveReply | None = None
        self.find_job: Callable[[AsyncLiveReply], AsyncJob[Any] | None] | None = None
        """Makes the job of the run behind a reply."""

    async def open(self) -> Self:
        """Send the run, unless that was done; the head of its reply is there when this returns.

        A run is sent once: what raised here raises the same when it is asked again.

        Raises:
            APIError: The backend refused it.
            OutcomeUnknown: It was sent, and no answer says what became of it.
        """
        if self._live is None and self._outcome is None:
            if self._not_begun is not None:
                raise self._not_begun
            if self._begin is None:
                raise RuntimeError("This stream is just being opened by another task. Next: read it in one task")
            begin, self._begin = self._begin, None
            try:
                live = await begin()
            except asyncio.CancelledError:
                self._settle(Outcome.CANCELLED)
                raise
            except BaseException as error:
                self._not_begun = error
                raise
            self._http_status, self._headers = live.status, live.headers
            self._url, self._request_id, self._bill = live.url, live.request_id, live.bill
            self._live = live
            self.job = None if self.find_job is None else self.find_job(live)
            self._again = live.again
        return self

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> StreamChunk:
        """The next chunk, as soon as its bytes are there.

        Raises:
            StreamInterrupted: The stream ended early (`outcome` is `truncated`), or this program closed it before its end
                (`cancelled`).
            OperationFailedError: The backend reported a failure.
            DecodingError: The reply is no stream, e.g. an HTML page.
            APIError: The reply has an HTTP error status.
        """
        ready = self._ready
        while not ready:
            if self._outcome is not None:
                self._raise_unless_completed()
                raise StopAsyncIteration
            await self._read_block()
        return ready.popleft()

    async def _read_block(self) -> None:
        live = self._live or (await self.open())._live
        if live is None:  # closed before it was begun
            return
        cause: TypedrunError | None = None
        try:
            block: bytes | None = await live.read() or None
        except TypedrunError as error:
            block, cause = None, error
        except asyncio.CancelledError:
            self._settle(Outcome.CANCELLED)
            live.close()
            raise
        then = self._take(block, cause)
        if then is READ:
            return
        if then is Then.AGAIN:
            live.close()
            then = await self._read_on()
            live = self._live or live
        if then is Then.HURRY:
            live.hurry(LINGER)
        elif then is Then.DRAIN:
            await live.drain()
        elif then is Then.CLOSE:
            live.close()

    async def _read_on(self) -> Then:
        """Read the stream on in another reply."""
        try:
            live: AsyncLiveReply = await self._anew()
        except TypedrunError as error:
            return self._take(None, error)
        except asyncio.CancelledError:
            self._settle(Outcome.CANCELLED)
            raise
        if self._outcome is not None:  # closed meanwhile
            live.close()
            return Then.NOTHING
        self._live = live
        self._take_anew(live.status, live.headers)
        return Then.READ

    async def final(self) -> ModelResult[Any]:
        """Read the stream to its end and give the whole answer, as `run` would have returned it.

        Raises:
            StreamInterrupted: As in iteration; so do the other errors.
            DecodingError: The answer has more than 16 Mi characters; only iteration can deliver it.
        """
        async for _ in self:
            pass
        return self._whole()

    async def close(self) -> None:
        """End the stream and free its connection at once; again is harmless.

        A stream that was not at its end is then `cancelled`: further iteration raises `StreamInterrupted`.

        Raises:
            LedgerError: Its cost could not be written down.
        """
        self._settle(Outcome.CANCELLED)
        if self._live is not None:
            self._live.close()
        if self._outcome is Outcome.CANCELLED:
            self._raise_unwritten()

    aclose = close
    """Another name of `close`, for `contextlib.aclosing`."""

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self.close()
        except LedgerError as unwritten:
            if error is None:
                raise
            error.add_note(str(unwritten))


class AsyncItemStream(AsyncStream, Generic[DataT]):
    """A stream of an answer that is a list: each chunk is one item of it, and `items` gives them in the type that the model declares."""

    async def items(self: AsyncItemStream[list[ItemT]]) -> AsyncIterator[ItemT]:
        """The items, each as soon as it is there. Raises as iteration does."""
        async for chunk in self:
            yield self.read_item(chunk.data)

    if TYPE_CHECKING:

        async def final(self) -> ModelResult[DataT]:
            """Read the stream to its end and give the whole list, as `run` would have returned it."""
            ...
