"""A streamed answer, block by block: chunks that a person iterates, and one of four outcomes. Reads nothing itself.

The clients' streamers derive from this: they read blocks, hand them over, and do with the reply what they are told.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, cast

import typedrun.errors as errors
from typedrun.core.bills import FREE, Bill
from typedrun.core.oddreplies import charset_of, is_html
from typedrun.core.reply import Reply, decode_json, decode_text
from typedrun.openenums import ResponseStatus
from typedrun.results import JSON, ModelResult, StreamChunk

if TYPE_CHECKING:
    from codecs import IncrementalDecoder

    from typedrun.core.effects import Flow
    from typedrun.core.opening import Again, Opened
    from typedrun.core.resuming import Place
    from typedrun.core.sse import Event

MAX_BODY_SIZE: Final = 64 * 1024 * 1024
"""Largest reply, in bytes, that is accepted instead of a stream."""

MAX_GATHERED: Final = 16 * 1024 * 1024
"""Characters of one answer that are gathered; a stream may be longer, its memory may not."""

LINGER: Final = 2.0
"""Seconds after the answer's last event in which its usage and the end of the reply may still come."""

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


class Then(Enum):
    """What is to be done with the reply."""

    READ = "read on"
    HURRY = "read on, but for no longer than `LINGER`"
    DRAIN = "free it for further use: all that matters has come"
    CLOSE = "break it off"
    AGAIN = "break it off, and open it again behind the last event"
    NOTHING = "somebody else has freed it"


READ: Final = Then.READ
"""The commonest, by name: Python 3.11 looks a member of an enumeration up by two calls, and this one is asked for with each block."""


class AnswerReader(Protocol):
    """What reads the events of one stream in its marketplace's dialects, and gathers what they amount to."""

    has_terminator: bool
    """Whether the last event has come; nothing after it counts."""
    is_complete: bool
    """Whether the stream said that the answer is whole."""
    failure: Mapping[str, JSON] | None
    """The frame that reported a failure."""
    pending_url: str | None
    """Where to poll, if the model answered with a job instead of a stream."""

    @property
    def gathers_items(self) -> bool:
        """Whether each chunk is an item of the answer, which is a list."""
        ...

    @property
    def has_overflowed(self) -> bool:
        """Whether the answer is longer than what is gathered."""
        ...

    def refusal(self, reply: Reply, *, model: str | None) -> errors.APIError | None:
        """The error for a reply with an error status in the place of a stream; None for any other."""
        ...

    def read(self, event: Event, chunks: deque[StreamChunk]) -> bool:
        """Read one event; its chunks are appended. True when the stream is over."""
        ...

    def read_body(self, body: JSON, text: str, chunks: deque[StreamChunk]) -> None:
        """Read a reply that is one JSON document instead of a stream."""
        ...

    def end(self, pending: tuple[str, ...], chunks: deque[StreamChunk]) -> None:
        """Look at what stands after the last blank line."""
        ...

    def ended_well(self, chunks: deque[StreamChunk]) -> None:
        """Take the end of the reply for that of the answer, where the stream has no other."""
        ...

    def error(
        self, *, model: str | None, url: str | None, request_id: str | None
    ) -> errors.OperationFailedError | None:
        """The error for the failure; None without one."""
        ...

    def result(self, status: str, completed: bool, request_id: str | None = None) -> ModelResult[Any]:
        """The answer so far, in the shape that a run without streaming gives."""
        ...

    def forget_text(self) -> None:
        """Drop the text gathered so far and gather no more."""
        ...


class StreamedAnswer:
    """What has come of a streamed answer."""

    job: Any = None
    """The run behind the stream, where it goes on by itself; the clients' streamers say of which kind."""

    def __init__(
        self,
        status: int,
        headers: Mapping[str, str],
        reader: AnswerReader,
        *,
        model: str | None,
        url: str | None,
        request_id: str | None,
        bill: Bill,
        is_text: bool = False,
    ) -> None:
        """Args: the head of the reply, what reads its events, what messages say of it, the run's bill, and whether its pieces may be text
        that somebody has decoded.
        """
        from typedrun.core.sse import Decoder  # with the first stream: every model's class names the streamer

        self._http_status = status
        self._headers = headers
        self._model = model
        self._url = url
        self._request_id = request_id
        self._bill = bill
        self._unwritten: errors.LedgerError | None = None
        self._decoder = Decoder()
        self._is_text = is_text
        self._charset: IncrementalDecoder | None = None  # of events that are not in UTF-8
        self._reader = reader
        self._ready: deque[StreamChunk] = deque()
        # Kept as a word, not as a bound method: a cycle would keep the connection of a dropped streamer until the next collection.
        self._reading: Literal["head", "events", "body"] = "head"
        self._body: list[bytes] = []  # what came before it was clear what comes, and then a body that is no stream
        self._body_size = 0
        self._is_hurried = False
        self._place: Place | None = None  # of a stream that can be read on after it broke
        self._again: Again | None = None
        self.drives: Callable[[Flow[Opened]], Any] | None = None
        """Opens the stream anew where it broke off; what the reply says of that is in vain without it."""
        self.finish: Callable[[ModelResult[Any]], ModelResult[Any]] | None = None
        """Makes of the whole answer what a run without streaming would have given."""
        self.read_item: Callable[[str], Any] = str
        """Makes an item of the answer of a chunk's text, where the answer is a list."""
        self._settled = dict[str, object]()  # whose first entry decides: a lock could be held where a fork copies it
        self._outcome: Outcome | None = None
        self._error: errors.TypedrunError | None = None
        self._cause: BaseException | None = None

    # --- for streamers

    def _take(self, block: bytes | None, cause: BaseException | None = None) -> Then:
        """Take the next block over; None is the end of the reply.

        Args:
            block: What was read.
            cause: Why it ended, if it broke off.
        """
        self._cause = cause
        if self._outcome is not None:  # closed meanwhile, by another thread
            return Then.NOTHING
        if self._place is None and self._again is not None and self.drives is not None:
            from typedrun.core.resuming import Place

            self._place = Place()
        try:
            if block is None:
                return Then.AGAIN if self._may_go_on() else self._end()
            if self._read_events(block) if self._reading == "events" else self._take_other(block):
                return self._settle_by_reader()
        except errors.TypedrunError as error:
            return self._fail(error)
        if self._reader.is_complete and not self._is_hurried:
            self._is_hurried = True
            return Then.HURRY
        return READ

    def _may_go_on(self) -> bool:
        """Whether the stream broke off in a way that reading it again may mend."""
        is_stream = self._reading != "body" and 200 <= self._http_status < 300
        is_over = self._reader.failure is not None or self._reader.is_complete
        return self._place is not None and is_stream and not is_over and self._place.may_go_on(self._cause)

    def _anew(self) -> Any:
        """What `drives` makes of the stream behind its last event; what was read of an unfinished one is dropped."""
        place, again, drives = self._place, self._again, self.drives
        assert place is not None and again is not None and drives is not None  # noqa: PT018, S101  # there is a place only with these
        return drives(again(place.last, place.wait(self._decoder.retry)))

    def _take_anew(self, status: int, headers: Mapping[str, str]) -> None:
        """Read another reply on from here."""
        self._http_status, self._headers = status, headers
        self._decoder, self._reading, self._charset = type(self._decoder)(), "head", None
        self._body.clear()
        self._body_size = 0
        if self._place is not None:
            self._place.asked_again()

    def _settle(self, outcome: Outcome, then: Then = Then.CLOSE) -> Then:
        """Decide how the stream ended, unless that is decided."""
        mine = object()
        if self._settled.setdefault("by", mine) is not mine:
            return Then.NOTHING
        self._outcome = outcome
        try:
            self._close_bill()
        except errors.LedgerError as unwritten:
            self._unwritten = unwritten
        return then

    def _close_bill(self) -> None:
        if self._bill is FREE:  # nobody asks; at the end of a process there may be no module left to read what came
            return
        if isinstance(self._error, errors.OperationFailedError):
            self._bill.failed(self._error)
            return
        is_whole = self._outcome is Outcome.COMPLETED
        status = ResponseStatus.SUCCESS if is_whole else ResponseStatus.FAILED
        result = self._reader.result(str(status), is_whole, self._request_id)
        if is_whole:
            self._bill.finished(result)
        else:
            self._bill.broke_off(result)

    def _raise_unwritten(self) -> None:
        """Raise, once, that the cost could not be written down."""
        unwritten, self._unwritten = self._unwritten, None
        if unwritten is not None:
            raise unwritten

    def _raise_unless_completed(self) -> None:
        self._raise_unwritten()
        if self._outcome is Outcome.COMPLETED:
            return
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
        further = (
            "a new run starts, and is billed, anew"
            if self.job is None
            else "the run goes on. Next: wait for it with stream.job"
        )
        return f"The stream ended before the answer did{why}. `partial` has what came; {further}"

    def _whole(self) -> ModelResult[Any]:
        """The answer, when all chunks were taken."""
        if self._reader.has_overflowed:
            raise errors.DecodingError(
                f"The answer has more than {MAX_GATHERED} characters, too many to gather. Next: use the chunks as they come",
                model=self._model,
                url=self._url,
                request_id=self._request_id,
            )
        return self.partial if self.finish is None else self.finish(self.partial)

    # --- blocks

    def _take_other(self, block: bytes) -> bool:
        """Decide from its first bytes what the reply is; keep what is one JSON document, a page, or an error."""
        self._body.append(block)
        self._body_size += len(block)
        if self._body_size > MAX_BODY_SIZE:
            raise errors.DecodingError(
                f"The reply is larger than {MAX_BODY_SIZE} bytes and no event stream", url=self._url, model=self._model
            )
        if self._reading == "head":
            start = b"".join(self._body)
            self._charset = None if self._is_text else _charset_decoder(_header(self._headers, "content-type"))
            if self._charset is not None:
                start = self._charset.decode(start).encode()
            head = start.removeprefix(b"\xef\xbb\xbf").lstrip()
            if head and self._is_stream(head):
                self._reading = "events"
                self._body.clear()
                return self._read_text(start)
            self._reading = "body" if head else "head"
        return False

    def _is_stream(self, head: bytes) -> bool:
        if not 200 <= self._http_status < 300:
            return False
        content_type = _header(self._headers, "content-type").lower()
        if "json" in content_type:
            return head.startswith(_EVENT_STARTS)
        return not head.startswith(b"{") and not is_html(content_type, decode_text(head[:64]))

    def _read_events(self, block: bytes) -> bool:
        return self._read_text(block if self._charset is None else self._charset.decode(block).encode())

    def _read_text(self, block: bytes) -> bool:
        read, ready = self._reader.read, self._ready
        is_over, place = False, self._place
        for event in self._decoder.feed(block):
            if place is not None and not place.is_new(event):
                continue
            is_over = read(event, ready)
            if is_over:
                break
        return is_over

    # --- the end

    def _end(self) -> Then:
        """No more bytes."""
        if self._reading == "events":
            self._reader.end(self._decoder.pending, self._ready)
            if self._cause is None:
                self._reader.ended_well(self._ready)
        elif self._cause is None and (self._body or not 200 <= self._http_status < 300):
            self._read_body()
        return self._settle_by_reader()

    def _read_body(self) -> None:
        body = b"".join(self._body)
        reply = Reply(self._http_status, self._headers, body, self._url or "")
        refused = self._reader.refusal(reply, model=self._model)
        if refused is not None:
            raise refused
        self._reader.read_body(decode_json(reply), decode_text(body), self._ready)

    def _settle_by_reader(self) -> Then:
        reader = self._reader
        failed = reader.error(model=self._model, url=self._url, request_id=self._request_id)
        if failed is not None:
            return self._fail(failed)
        if reader.is_complete:
            return self._settle(Outcome.COMPLETED, Then.DRAIN if reader.has_terminator else Then.CLOSE)
        return self._settle(Outcome.TRUNCATED)

    def _fail(self, error: errors.TypedrunError) -> Then:
        self._error = error
        return self._settle(Outcome.FAILED)

    # --- what people ask

    @property
    def outcome(self) -> Outcome | None:
        """How the stream ended; None while there is something to iterate."""
        if self._ready and self._outcome is not Outcome.CANCELLED:
            return None
        return self._outcome

    @property
    def status(self) -> ResponseStatus:
        """`IN_PROGRESS` while it runs, `SUCCESS` after a whole answer, `FAILED` after any other outcome."""
        outcome = self.outcome
        if outcome is None:
            return ResponseStatus.IN_PROGRESS
        return ResponseStatus.SUCCESS if outcome is Outcome.COMPLETED else ResponseStatus.FAILED

    @property
    def partial(self) -> ModelResult[Any]:
        """What arrived until now, in the shape of a result; `completed` says whether it is all.

        Of an answer beyond 16 Mi characters it has the beginning: the memory of a stream is bounded.
        """
        status = self.status
        is_over = status is ResponseStatus.SUCCESS or self._reader.failure is not None
        result = self._reader.result(str(status), is_over, self._request_id)
        result.url = result.url or self._reader.pending_url
        return result

    def forget_text(self) -> None:
        """Keep memory flat on very long streams: text is not gathered, so that `partial` and `final` have none."""
        self._reader.forget_text()


def _charset_decoder(content_type: str) -> IncrementalDecoder | None:
    """A decoder for events that are declared in another charset than UTF-8."""
    name = charset_of(content_type)
    if not name:
        return None
    import codecs

    try:
        b" ".decode(name, "replace")  # codecs of no text (rot13, zip) are refused here
    except (LookupError, ValueError):
        return None
    return codecs.getincrementaldecoder(name)("replace")


def _header(headers: object, name: str) -> str:
    if not isinstance(headers, Mapping):
        return ""
    found = cast("Mapping[str, object]", headers)
    return next((value for key, value in found.items() if key.lower() == name and isinstance(value, str)), "")
