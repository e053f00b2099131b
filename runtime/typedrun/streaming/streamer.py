"""The streamer: blocks of a live reply -> chunks that a person iterates, with one of four outcomes."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

import typedrun.errors as errors
from typedrun.core.bills import FREE, Bill
from typedrun.core.streams import LINGER, READ, AnswerReader, Outcome, StreamedAnswer, Then
from typedrun.marketplaces import FIRST, find_marketplace
from typedrun.results import ModelResult, StreamChunk

if TYPE_CHECKING:
    from typedrun.job import Job


class StreamedReply(Protocol):
    """A reply whose body is still arriving; what the driver opens."""

    @property
    def status(self) -> int:
        """HTTP status code."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Header fields."""
        ...

    def blocks(self) -> Iterator[bytes]:
        """The body, as it arrives."""
        ...

    def drain(self) -> object:
        """Free the connection after the last event: for further use if the end of the body is near, else closed."""
        ...

    def close(self) -> None:
        """Free the connection; callable from any thread."""
        ...


class BlockingStream(StreamedAnswer, Iterator[StreamChunk]):
    """What a `ModelResponseStreamer` can do."""

    job: Job[Any] | None = None
    """The run behind the stream: its token, logs and `cancel()`. None where the stream is the run itself."""

    def __init__(
        self,
        response: StreamedReply | Any,  # any response of an HTTP library, recognised by what it can do
        *,
        model: str | None = None,
        url: str | None = None,
        request_id: str | None = None,
        reader: AnswerReader | None = None,
    ) -> None:
        """Take over a reply; its connection is freed at the end of the stream or by `close`.

        Args:
            response: The driver's live reply, or a response of requests or urllib3 opened for streaming.
            model: Id or path of the model, for messages. Default: what the reply knows; so for the next two.
            url: Where the reply comes from, for messages.
            request_id: The backend's name for the exchange.
            reader: What reads its events. Default: that of the marketplace that this class was first made for.
        """
        is_foreign = not _is_live(response)
        self._live: StreamedReply = _foreign_reply(response) if is_foreign else response
        StreamedAnswer.__init__(  # by name, see `typedrun.lazymembers`
            self,
            self._live.status,
            self._live.headers,
            reader or find_marketplace(FIRST).answer_reader(),
            model=model or _text_of(response, "model"),
            url=url or _text_of(response, "url"),
            request_id=request_id or _text_of(response, "request_id"),
            bill=_bill_of(response),
            is_text=is_foreign,
        )
        self._blocks: Iterator[bytes] | None = None
        self._again = getattr(self._live, "again", None)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.outcome or 'open'}>"

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> StreamChunk:
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
                raise StopIteration
            self._read_block()
        return ready.popleft()

    def _read_block(self) -> None:
        cause: BaseException | None = None
        try:
            if self._blocks is None:
                self._blocks = iter(self._live.blocks())
            block = next(self._blocks, None)
        except Exception as error:
            if not self._is_the_replys(error):
                raise
            block, cause = None, error
        then = self._take(block, cause)
        if then is not READ:
            self._do(then)

    def _do(self, then: Then) -> None:
        if then is Then.AGAIN:
            self._read_on()
            return
        if then is Then.HURRY:
            hurry = getattr(self._live, "hurry", None)  # of the driver's replies; other libraries have no such word
            if callable(hurry):
                hurry(LINGER)
            return
        frees = {Then.DRAIN: (self._live.drain, self._live.close), Then.CLOSE: (self._live.close,)}
        for free in frees.get(then, ()):
            try:
                free()
            except Exception as error:  # what becomes of the connection cannot harm the answer
                if not self._is_the_replys(error):
                    raise

    def _read_on(self) -> None:
        """Read the stream on in another reply."""
        self._live.close()
        try:
            live = self._anew()
        except errors.TypedrunError as error:
            self._do(self._take(None, error))
            return
        if self._outcome is not None:  # closed meanwhile
            live.close()
            return
        self._live, self._blocks = live, None
        self._take_anew(live.status, live.headers)

    def _is_the_replys(self, error: Exception) -> bool:
        """Whether the reply broke off with this, and not code of the caller's (a signal handler) that ran meanwhile."""
        if isinstance(error, errors.TypedrunError):
            return True
        from typedrun.drivers.frames import is_of_a_signal_handler  # with the first broken reply of another library

        return not is_of_a_signal_handler(error)

    def final(self) -> ModelResult[Any]:
        """Read the stream to its end and give the whole answer, as `run` would have returned it.

        Raises:
            StreamInterrupted: As in iteration; so do the other errors.
            DecodingError: The answer has more than 16 Mi characters; only iteration can deliver it.
        """
        for _ in self:
            pass
        return self._whole()

    def close(self) -> None:
        """End the stream and free its connection at once; callable from any thread, and again.

        A stream that was not at its end is then `cancelled`: further iteration raises `StreamInterrupted`.

        Raises:
            LedgerError: Its cost could not be written down.
        """
        self._do(self._settle(Outcome.CANCELLED))
        if self._outcome is Outcome.CANCELLED:
            self._raise_unwritten()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.close()
        except errors.LedgerError as unwritten:
            if error is None:
                raise
            error.add_note(str(unwritten))

    def __del__(self) -> None:
        # A loop left early drops its streamer: the connection must not wait for the server to finish talking.
        if getattr(self, "_outcome", Outcome.COMPLETED) is None:
            self._do(self._settle(Outcome.CANCELLED))
            if self._unwritten is not None:
                logging.getLogger("typedrun").error("%s", self._unwritten)


def _is_live(response: object) -> bool:
    """Whether it has this. Asked of the class, since some objects pretend to have every attribute."""
    return callable(getattr(type(response), "blocks", None))


def _foreign_reply(response: object) -> StreamedReply:
    from typedrun.streaming.foreign import ForeignReply

    return ForeignReply(response)


def _text_of(response: object, name: str) -> str | None:
    value = getattr(response, name, None)
    return value if isinstance(value, str) else None


def _bill_of(response: object) -> Bill:
    bill = getattr(response, "bill", None)
    return bill if isinstance(bill, Bill) else FREE
