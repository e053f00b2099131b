"""The streamer: blocks of a live reply -> chunks that a person iterates, with one of four outcomes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, Self, cast

from typedrun import errors
from typedrun.core.dialects import MAX_GATHERED, ChunkReader
from typedrun.core.reply import Reply, charset_of, decode_json, decode_text, error_from_reply, is_html, operation_error
from typedrun.core.sse import Decoder
from typedrun.enums import ResponseStatus
from typedrun.results import ModelResult, StreamChunk

if TYPE_CHECKING:
    from codecs import IncrementalDecoder

MAX_BODY_SIZE: Final = 64 * 1024 * 1024
"""Largest reply, in bytes, that is accepted instead of a stream."""

LINGER: Final = 2.0
"""Seconds after the answer's last event in which its usage and the end of the reply may still come."""

_BLOCK = 64 * 1024
# A JSON document cannot begin with the first letter of an SSE field (data, event, id, retry) or comment.
_EVENT_STARTS = (b"d", b"e", b"i", b"r", b":")


class Outcome(StrEnum):
    """How a stream ended."""

    COMPLETED = "completed"
    """The backend said that the answer is whole."""
    TRUNCATED = "truncated"
    """The connection ended before the answer did."""
    FAILED = "failed"
    """The backend reported a failure, or sent something that is no answer."""
    CANCELLED = "cancelled"
    """This program closed it before its end."""


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
        """Frees the connection after the last event: for further use if the end of the body is near, else closed."""
        ...

    def close(self) -> None:
        """Frees the connection; callable from any thread."""
        ...


class ModelResponseStreamer(Iterator[StreamChunk]):
    """Iterates the chunks of an answer while it is being written; use it in ``with``, or in a ``for`` loop.

    Iteration ends normally only when the answer is whole. Otherwise it raises, after the chunks that came, and goes on raising: a
    broken stream never looks like a finished one. ``partial`` has what came in any case.

    Example:
        >>> with model.run_stream(text="Hello") as stream:  # doctest: +SKIP
        ...     for chunk in stream:
        ...         print(chunk.data, end="", flush=True)
        ... result = stream.final()
    """

    def __init__(
        self,
        response: StreamedReply | Any,  # any response of an HTTP library, recognised by what it can do
        *,
        model: str | None = None,
        url: str | None = None,
        request_id: str | None = None,
    ) -> None:
        """Takes over a reply; its connection is freed at the end of the stream or by `close`.

        Args:
            response: The driver's live reply, or a response of requests or urllib3 opened for streaming.
            model: Id or path of the model, for messages. Default: what the reply knows; so for the next two.
            url: Where the reply comes from, for messages.
            request_id: The backend's name for the exchange.
        """
        self._live: StreamedReply = response if _has_method(response, "blocks") else _ForeignReply(response)
        self._model = model or _text_of(response, "model")
        self._url = url or _text_of(response, "url")
        self._request_id = request_id or _text_of(response, "request_id")
        self._blocks: Iterator[bytes] | None = None
        self._decoder = Decoder()
        self._charset: IncrementalDecoder | None = None  # of events that are not in UTF-8
        self._reader = ChunkReader()
        self._ready: deque[StreamChunk] = deque()
        # Kept as a word, not as a bound method: a cycle would keep the connection of a dropped streamer until the next collection.
        self._reading: Literal["head", "events", "body"] = "head"
        self._body: list[bytes] = []  # what came before it was clear what comes, and then a body that is no stream
        self._body_size = 0
        self._is_hurried = False
        self._settled = dict[str, object]()  # whose first entry decides: a lock could be held where a fork copies it
        self._outcome: Outcome | None = None
        self._error: errors.TypedrunError | None = None
        self._cause: BaseException | None = None

    # --- iteration ------------------------------------------------------------------------------------------------

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> StreamChunk:
        """The next chunk, as soon as its bytes are there.

        Raises:
            StreamInterrupted: The stream ended early (``outcome`` is ``truncated``), or this program closed it before its end
                (``cancelled``).
            OperationFailedError: The backend reported a failure.
            DecodingError: The reply is no stream, e.g. an HTML page.
            APIError: The reply has an HTTP error status.
        """
        ready = self._ready
        while not ready:
            if self._outcome is not None:
                self._raise_outcome()
            self._read_block()
        return ready.popleft()

    def _read_block(self) -> None:
        try:
            if self._blocks is None:
                self._blocks = iter(self._live.blocks())
            block = next(self._blocks, None)
        except Exception as error:
            if not self._is_the_replys(error):
                raise
            self._cause = error
            block = None
        if self._outcome is not None:  # closed meanwhile, by another thread
            return
        try:
            if block is None:
                self._end()
            elif self._take_events(block) if self._reading == "events" else self._take_other(block):
                self._settle_by_reader()
            elif self._reader.is_complete and not self._is_hurried:
                self._is_hurried = True
                hurry = getattr(self._live, "hurry", None)  # of the driver's replies; other libraries have no such word
                if callable(hurry):
                    hurry(LINGER)
        except errors.TypedrunError as error:
            self._fail(error)

    def _take_other(self, block: bytes) -> bool:
        """Decides from its first bytes what the reply is; keeps what is one JSON document, a page, or an error."""
        self._body.append(block)
        self._body_size += len(block)
        if self._body_size > MAX_BODY_SIZE:
            raise errors.DecodingError(
                f"The reply is larger than {MAX_BODY_SIZE} bytes and no event stream", url=self._url, model=self._model
            )
        if self._reading == "head":
            start = b"".join(self._body)
            self._charset = _charset_decoder(self._live)
            if self._charset is not None:
                start = self._charset.decode(start).encode()
            head = start.removeprefix(b"\xef\xbb\xbf").lstrip()
            if head and self._is_stream(head):
                self._reading = "events"
                self._body.clear()
                return self._read_events(start)
            self._reading = "body" if head else "head"
        return False

    def _is_stream(self, head: bytes) -> bool:
        if not 200 <= _status_of(self._live) < 300:
            return False
        content_type = _header(self._live.headers, "content-type").lower()
        if "json" in content_type:
            return head.startswith(_EVENT_STARTS)
        return not head.startswith(b"{") and not is_html(content_type, decode_text(head[:64]))

    def _take_events(self, block: bytes) -> bool:
        return self._read_events(block if self._charset is None else self._charset.decode(block).encode())

    def _read_events(self, block: bytes) -> bool:
        read, ready = self._reader.read, self._ready
        is_over = False
        for event in self._decoder.feed(block):
            is_over = read(event, ready)
            if is_over:
                break
        return is_over

    # --- the end --------------------------------------------------------------------------------------------------

    def _end(self) -> None:
        """No more bytes."""
        if self._reading == "events":
            self._reader.end(self._decoder.pending, self._ready)
        elif self._cause is None and (self._body or not 200 <= _status_of(self._live) < 300):
            self._read_body()
        self._settle_by_reader()

    def _read_body(self) -> None:
        body = b"".join(self._body)
        reply = Reply(_status_of(self._live), self._live.headers, body, self._url or "")
        refused = error_from_reply(reply, model=self._model)
        if refused is not None:
            raise refused
        self._reader.read_body(decode_json(reply), decode_text(body), self._ready)

    def _settle_by_reader(self) -> None:
        reader = self._reader
        if reader.failure is not None:
            self._fail(operation_error(reader.failure, model=self._model, url=self._url, request_id=self._request_id))
        elif reader.is_complete:
            self._settle(Outcome.COMPLETED, drain=reader.has_terminator)
        else:
            self._settle(Outcome.TRUNCATED)

    def _fail(self, error: errors.TypedrunError) -> None:
        self._error = error
        self._settle(Outcome.FAILED)

    def _settle(self, outcome: Outcome, *, drain: bool = False) -> None:
        mine = object()
        if self._settled.setdefault("by", mine) is not mine:
            return
        self._outcome = outcome
        for free in (self._live.drain, self._live.close) if drain else (self._live.close,):
            try:
                free()
            except Exception as error:  # what becomes of the connection cannot harm the answer
                if not self._is_the_replys(error):
                    raise

    def _is_the_replys(self, error: Exception) -> bool:
        """Whether the reply broke off with this, and not code of the caller's (a signal handler) that ran meanwhile."""
        if isinstance(error, errors.TypedrunError):
            return True
        from typedrun.drivers.frames import is_of_a_signal_handler  # with the first broken reply of another library

        return not is_of_a_signal_handler(error)

    def _raise_outcome(self) -> None:
        if self._outcome is Outcome.COMPLETED:
            raise StopIteration
        if self._error is not None:
            raise self._error
        cancelled = self._outcome is Outcome.CANCELLED
        raise errors.StreamInterrupted(
            self._cancelled_sentence() if cancelled else self._truncated_sentence(),
            partial=self.partial,
            outcome=str(self._outcome),
            model=self._model,
            url=self._url,
            request_id=self._request_id,
        ) from (None if cancelled else self._cause)

    def _cancelled_sentence(self) -> str:
        return "The stream was closed by this program before its end. `partial` has what came until then"

    def _truncated_sentence(self) -> str:
        if self._reader.pending_url:
            return f"The model answered with a job instead of a stream; it can be polled at {errors.shown_url(self._reader.pending_url)}"
        why = f": {self._cause}" if self._cause is not None else " without a terminator or a finish reason"
        return f"The stream ended before the answer did{why}. `partial` has what came; a new run starts, and is billed, anew"

    # --- what people ask ------------------------------------------------------------------------------------------

    @property
    def outcome(self) -> Outcome | None:
        """How the stream ended; None while there is something to iterate."""
        if self._ready and self._outcome is not Outcome.CANCELLED:
            return None
        return self._outcome

    @property
    def status(self) -> ResponseStatus:
        """``IN_PROGRESS`` while it runs, ``SUCCESS`` after a whole answer, ``FAILED`` after any other outcome."""
        outcome = self.outcome
        if outcome is None:
            return ResponseStatus.IN_PROGRESS
        return ResponseStatus.SUCCESS if outcome is Outcome.COMPLETED else ResponseStatus.FAILED

    @property
    def partial(self) -> ModelResult[Any]:
        """What arrived until now, in the shape of a result; ``completed`` says whether it is all.

        Of an answer beyond 16 Mi characters it has the beginning: the memory of a stream is bounded.
        """
        status = self.status
        is_over = status is ResponseStatus.SUCCESS or self._reader.failure is not None
        result = self._reader.result(str(status), is_over, self._request_id)
        result.url = result.url or self._reader.pending_url
        return result

    def final(self) -> ModelResult[Any]:
        """Reads the stream to its end and gives the whole answer, as ``run`` would have returned it.

        Raises:
            StreamInterrupted: As in iteration; so do the other errors.
            DecodingError: The answer has more than 16 Mi characters; only iteration can deliver it.
        """
        for _ in self:
            pass
        if self._reader.has_overflowed:
            raise errors.DecodingError(
                f"The answer has more than {MAX_GATHERED} characters, too many to gather. Next: use the chunks as they come",
                model=self._model,
                url=self._url,
                request_id=self._request_id,
            )
        return self.partial

    def forget_text(self) -> None:
        """Keeps memory flat on very long streams: text is not gathered, so that `partial` and `final` have none."""
        self._reader.forget_text()

    def close(self) -> None:
        """Ends the stream and frees its connection at once; callable from any thread, and again.

        A stream that was not at its end is then ``cancelled``: further iteration raises `StreamInterrupted`.
        """
        self._settle(Outcome.CANCELLED)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        # A loop left early drops its streamer: the connection must not wait for the server to finish talking.
        if getattr(self, "_outcome", Outcome.COMPLETED) is None:
            self.close()


class _ForeignReply:
    """A response of another HTTP library as a live reply."""

    def __init__(self, response: Any) -> None:
        self._response = response

    @property
    def status(self) -> int:
        return _status_of(self._response)

    @property
    def headers(self) -> Mapping[str, str]:
        return cast("Mapping[str, str]", getattr(self._response, "headers", {}))

    def blocks(self) -> Iterator[bytes]:
        response = self._response
        raw = getattr(response, "raw", None)
        for source in (raw, response):
            if _has_method(source, "read1"):
                return _read1_blocks(source)
        if _has_method(response, "iter_content"):
            # One byte at a time is slow but prompt: a larger size waits until so much has come.
            return _as_bytes(response.iter_content(chunk_size=1))
        if callable(getattr(response, "iter_lines", None)):
            return (line + b"\n" for line in _as_bytes(response.iter_lines()))
        if callable(getattr(response, "iter_content", None)):
            return _as_bytes(response.iter_content())
        if callable(getattr(response, "stream", None)):
            return _as_bytes(response.stream())
        return _as_bytes(response)

    def drain(self) -> None:
        """Nothing: what is not read is dropped with the connection."""

    def close(self) -> None:
        close = getattr(self._response, "close", None)
        if callable(close):
            close()


def _read1_blocks(source: Any) -> Iterator[bytes]:
    # With a size, a body that ends before its declared length raises instead of ending quietly. requests asks urllib3 for
    # the body as it was sent and decompresses it elsewhere.
    options = {"decode_content": True} if hasattr(source, "decode_content") else {}
    while block := source.read1(_BLOCK, **options):
        yield block


def _as_bytes(pieces: Iterable[bytes | str]) -> Iterator[bytes]:
    for piece in pieces:
        yield piece.encode() if isinstance(piece, str) else piece


def _has_method(value: object, name: str) -> bool:
    """Asked of the class, since some objects pretend to have every attribute."""
    return callable(getattr(type(value), name, None))


def _text_of(response: object, name: str) -> str | None:
    value = getattr(response, name, None)
    return value if isinstance(value, str) else None


def _charset_decoder(live: StreamedReply) -> IncrementalDecoder | None:
    """For events that are declared in another charset than UTF-8. (Other libraries' pieces may be text already.)"""
    name = "" if isinstance(live, _ForeignReply) else charset_of(_header(live.headers, "content-type"))
    if not name:
        return None
    import codecs

    try:
        b" ".decode(name, "replace")  # codecs of no text (rot13, zip) are refused here
    except (LookupError, ValueError):
        return None
    return codecs.getincrementaldecoder(name)("replace")


def _status_of(response: object) -> int:
    for name in ("status", "status_code"):
        value = getattr(response, name, None)
        if isinstance(value, int):
            return value
    return 200


def _header(headers: object, name: str) -> str:
    if not isinstance(headers, Mapping):
        return ""
    found = cast("Mapping[str, object]", headers)
    return next((value for key, value in found.items() if key.lower() == name and isinstance(value, str)), "")
