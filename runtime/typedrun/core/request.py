"""A request as a value, and how far one try of it got."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import TYPE_CHECKING, Final, NamedTuple

from typedrun.records import field, frozen

if TYPE_CHECKING:
    from typedrun.core.bodies import Body


class Kind(Enum):
    """What may happen if a request reaches the backend twice (rows of the retry table, core/retry.py)."""

    SAFE = auto()
    """Nothing: it only reads, or writes the same thing again."""
    KEYED = auto()
    """Nothing: the backend recognises the repetition by a key that the request carries."""
    UNSAFE = auto()
    """It is executed and billed twice."""
    UNSAFE_OPTED_IN = auto()
    """It is executed and billed twice, which the caller allowed (`run_retries=`)."""


class Auth(Enum):
    """How the key travels with a request, unless it has a field of its own (`KeyField`)."""

    KEY = auto()
    """In the client's key header."""
    NONE = auto()
    """Not at all: presigned URLs."""


class KeyField(NamedTuple):
    """The header field that a key travels in."""

    header: str
    prefix: str = ""
    """What stands before the key, its blank included."""


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
        """Whether server-sent events are expected."""
        return self.accept == "text/event-stream"


class Limits(NamedTuple):
    """What one try may take. A value: how far the try has come is known where it is made."""

    connect: float
    """Seconds for the connection, proxy and TLS included."""
    idle: float
    """Seconds of silence."""
    until: float | None
    """A moment on the clock when the head of the reply must be there, and everything else unless its reader says otherwise."""
    keep_alive: float
    """Seconds that a pooled connection may have been idle."""


LONGEST_CALL: Final = 2_000_000.0
"""Seconds that one system call may wait, 23 days: `poll` counts milliseconds in 32 bits. A limit may be longer, or infinite."""


def patience(idle: float, until: float | None, now: float) -> float:
    """Seconds that the next read or write may take; 0 when the time is over. Each read asks: `min` and `max` would take twice as long."""
    seconds = idle if until is None or until - now > idle else until - now
    return LONGEST_CALL if seconds > LONGEST_CALL else seconds if seconds > 0 else 0.0


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
