"""A request as a value, and how far one try of it got."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import Enum, auto
from typing import Protocol, runtime_checkable

from typedrun.records import field, frozen


class Kind(Enum):
    """What may happen if a request reaches the backend twice (rows of the retry table, core/retry.py)."""

    SAFE = auto()
    """Nothing: it only reads, or writes the same thing again."""
    KEYED = auto()
    """Nothing: the backend recognises the repetition by a key that the request carries."""
    UNSAFE = auto()
    """It is executed and billed twice."""
    UNSAFE_OPTED_IN = auto()
    """The same, and the caller allowed it (``run_retries=``)."""


class Auth(Enum):
    """How the key travels with a request, unless it has a field of its own (`KeyField`)."""

    KEY = auto()
    """In the client's key header."""
    NONE = auto()
    """Not at all: presigned URLs."""


@frozen()
class KeyField:
    """The header field that a key travels in."""

    header: str
    prefix: str = ""
    """What stands before the key, its blank included."""


class Body(Protocol):
    """A body too large to hold; it can be read from its start any number of times."""

    @property
    def size(self) -> int:
        """Length in bytes."""
        ...

    def blocks(self) -> Iterator[bytes]:
        """The bytes, from the start."""
        ...


@runtime_checkable
class ToldBody(Body, Protocol):
    """A body whose sending somebody is told of."""

    @property
    def progress(self) -> Callable[[int, int], object] | None:
        """Called with the bytes sent and the bytes in all."""
        ...

    def pieces(self) -> Iterator[bytes]:
        """The bytes as `blocks` gives them, for a driver that tells of the progress itself."""
        ...

    def broken_off(self, error: Exception) -> Exception:
        """What is raised for an error of whoever is told."""
        ...


_NO_HEADERS: Mapping[str, str] = {}
_NO_STATUSES: frozenset[int] = frozenset()


@frozen()
class Request:
    """What to send. The key is no part of it: the driver adds it, to configured origins only."""

    method: str
    url: str
    headers: Mapping[str, str] = _NO_HEADERS
    """Extra header fields; the driver adds its own (key, user agent, encoding) where they are not given."""
    body: bytes | Body | None = field(default=None, repr=False)
    kind: Kind = Kind.SAFE
    accept: str = "application/json"
    content_type: str | None = "application/json"
    """None sends no Content-Type."""
    auth: Auth | KeyField = Auth.KEY
    model: str | None = None
    """Id or path of the model, for messages."""
    keeps_redirects: bool = False
    """A redirect is the reply: it is not followed, and its address may be anybody's, because nothing is sent there."""

    kept: frozenset[int] = _NO_STATUSES
    """Statuses beside 2xx that are a reply and no error."""

    @property
    def streams(self) -> bool:
        """Are server-sent events expected?"""
        return self.accept == "text/event-stream"


@frozen()
class Limits:
    """What one try may take. A value: how far the try has come is known where it is made."""

    connect: float
    """Seconds for the connection, proxy and TLS included."""
    idle: float
    """Seconds of silence."""
    until: float | None
    """A moment on the clock when the head of the reply must be there, and everything else unless its reader says otherwise."""
    keep_alive: float
    """Seconds that a pooled connection may have been idle."""


def patience(idle: float, until: float | None, now: float) -> float:
    """Seconds that the next read or write may take; 0 when the time is over."""
    return idle if until is None else max(0.0, min(idle, until - now))


class Stage(Enum):
    """How far a try got before it failed (columns of the retry table)."""

    NEVER_SENT = "never sent: DNS, refused, connect timeout, TLS, proxy, send cut short"
    NO_REPLY = "sent, no reply: reset, timeout, cut"
    TIMEOUT_STATUS = "408, 425"
    RATE_LIMITED = "429, 497"
    ASKED_TO_WAIT = "503 with Retry-After"
    SERVER_ERROR = "5xx"
    STREAM_BEGAN = "stream began"


class Failure(Exception):
    """One try that brought no reply; raised by a network, read by the driver, never seen by users."""

    def __init__(self, stage: Stage, what: str, *, timed_out: bool = False, is_final: bool = False) -> None:
        """Args: how far it got, what happened in a few words, was it a timeout, would every further try end the same."""
        super().__init__(what)
        self.stage = stage
        self.what = what
        self.timed_out = timed_out
        self.is_final = is_final


_CUT_AT = "typedrun_stage"


def mark_cut(error: BaseException, stage: Stage) -> None:
    """Note on the error of a cancellation how far the try had come that it ended."""
    vars(error)[_CUT_AT] = stage  # no class of our own: `asyncio.timeout` knows a cancellation by its exact class


def cut_at(error: BaseException) -> Stage | None:
    """How far the try had come that a cancellation ended; None where it ended none."""
    stage: Stage | None = vars(error).get(_CUT_AT)
    return stage


class IncomingReply(Protocol):
    """A reply whose head has arrived, as a network gives it. It belongs to whoever reads it; only `close` is for everybody."""

    status: int
    headers: Mapping[str, str]

    def read(self, until: float | None) -> bytes:
        """The next bytes, ``b""`` at the end and after `close`; raises `Failure`, at the latest at that moment on the clock."""
        ...

    def read_all(self, most: int, until: float | None) -> tuple[bytes, bool]:
        """The body (cut after ``most``), and whether that is all of it; raises `Failure`."""
        ...

    def drain(self, seconds: float, most: int) -> bool:
        """Reads the rest if that is soon done, so that the connection is kept; else closes. True if kept."""
        ...

    def close(self) -> None:
        """Frees the connection; from any thread, and again."""
        ...


class Transport(Protocol):
    """Makes one try of a request: urllib3 (typedrun/drivers/urllib3_network.py), or a script (typedrun.testing)."""

    def exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | Body | None, limits: Limits
    ) -> IncomingReply:
        """Sends, and returns when the head of a reply is there; raises `Failure`."""
        ...

    def close(self) -> None:
        """Closes idle connections."""
        ...


class AsyncIncomingReply(Protocol):
    """An `IncomingReply` that is awaited."""

    status: int
    headers: Mapping[str, str]

    async def read(self, until: float | None) -> bytes:
        """The next bytes, ``b""`` at the end and after `close`; raises `Failure`, at the latest at that moment on the clock."""
        ...

    async def read_all(self, most: int, until: float | None) -> tuple[bytes, bool]:
        """The body (cut after ``most``), and whether that is all of it; raises `Failure`."""
        ...

    async def drain(self, seconds: float, most: int) -> bool:
        """Reads the rest if that is soon done, so that the connection is kept; else closes. True if kept."""
        ...

    def close(self) -> None:
        """Frees the connection at once, and again; nothing is awaited, so that a cancelled task can do it."""
        ...


class AsyncTransport(Protocol):
    """A `Transport` that is awaited: aiohttp (typedrun/drivers/aiohttp_network.py), or a script (typedrun.testing)."""

    async def exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | Body | None, limits: Limits
    ) -> AsyncIncomingReply:
        """Sends, and returns when the head of a reply is there; raises `Failure`.

        A cancellation ends it at once, and its error is marked (`mark_cut`) with how far the try had come.
        """
        ...

    async def close(self) -> None:
        """Closes idle connections."""
        ...
