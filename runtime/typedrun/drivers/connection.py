"""urllib3's connection under the limits of whoever owns it: one try, and then the reply that came of it."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, cast

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from typedrun.core.head import Closed, read_head
from typedrun.core.request import Body, Failure, Limits, Stage
from typedrun.drivers.frames import is_of_libraries
from typedrun.drivers.sockets import Reader, Wire, dial, failure

if TYPE_CHECKING:
    from typedrun.core.chunked import ChunkedBody
    from typedrun.drivers.socks import SocksProxy

_HELD_BYTES: Final = 16384
_HELD_PIECES: Final = 8
"""A larger piece, or one more of them, is sent on its own and ends the holding: joining costs a copy."""

LAST_LINE: Final = 1.0
"""Seconds in which the empty line after the last chunk may still come."""

_MOST_DIGITS: Final = 18
"""Of a length; Python reads numbers of a few thousand digits, and raises at more."""


class Unshown(bytes):
    """Bytes that hold the key; a traceback that prints local variables must not print them."""

    def __repr__(self) -> str:
        return f"<{len(self)} bytes>"


class Head(http.client.HTTPResponse):
    """A reply whose head is read by core/head.py, and its chunks by core/chunked.py."""

    is_whole: bool = True
    """Whether nothing came after its end, and its end as it should."""
    _body: ChunkedBody | None = None
    _has_begun = False
    wire: Wire
    version: int
    reason: str
    code: int
    status: int
    headers: http.client.HTTPMessage
    msg: http.client.HTTPMessage
    chunked: bool
    chunk_left: int | None
    length: int | None
    will_close: bool

    def __init__(self, sock: Any, debuglevel: int = 0, method: str | None = None, url: str | None = None) -> None:
        super().__init__(sock, debuglevel, method, url)
        self.wire = cast("Wire", sock)

    def begin(self) -> None:
        """Read the head, once."""
        if self._has_begun:
            return
        self._has_begun = True
        try:
            head = read_head(self.fp.readline)
        except Closed:
            # The peer closed before a byte of this request reached it: nobody can have executed it.
            stage = Stage.NO_REPLY if self.wire.was_reached() else Stage.NEVER_SENT
            raise Failure(stage, "connection closed without a reply") from None
        except ValueError as refused:
            if not is_of_libraries(refused):
                raise
            raise Failure(Stage.NO_REPLY, f"not an HTTP reply: {refused}") from None
        self.version, self.reason = 10 + head.minor, head.reason
        self.code = self.status = head.status
        self.headers = self.msg = http.client.HTTPMessage()
        for name, value in head.fields:
            self.msg.set_raw(name, value)
        self._begin_body(self.msg.get, _length(self.msg.get_all("content-length", [])))

    def _begin_body(self, get: Callable[[str, str], str], length: int | None) -> None:
        """Where the body ends (RFC 9112, 6.3), and whether the connection goes on after it (9.3)."""
        has_no_body = self.status in {101, 204, 304} or self._method == "HEAD"  # type: ignore[attr-defined]  # http.client sets it
        self.chunked = not has_no_body and get("transfer-encoding", "").lower() == "chunked"
        self.chunk_left = None
        self.length = 0 if has_no_body else None if self.chunked else length
        wishes = get("connection", "").lower()
        is_kept = "close" not in wishes if self.version == 11 else "keep-alive" in wishes
        self.will_close = not is_kept or (self.length is None and not self.chunked)

    def read1(self, n: int = -1, /) -> bytes:
        """What one read of the socket brings, with all of its chunks: http.client's own gives one chunk a call."""
        if not self.chunked or n <= 0 or self.is_over:
            return super().read1(n)
        if self._body is None:
            from typedrun.core.chunked import ChunkedBody

            self._body = ChunkedBody()
        found = b""
        try:
            while not found and not self._body.is_over:
                # What the buffer holds, else one read of the socket; no more than n, and the coding only makes it less.
                block = self._read_last_line(n) if self._body.is_whole else self.fp.read1(n)
                if not block:
                    self._end_early(self._body)
                    return b""
                found = self._body.feed(block)
        except ValueError as error:
            if not is_of_libraries(error):
                raise
            raise http.client.IncompleteRead(b"") from error
        if self._body.is_over:
            self.is_whole = not self._body.has_surplus
            self.finish()
        return found

    def _read_last_line(self, n: int) -> bytes:
        """What comes after the last chunk; b"" if nothing does within a moment, for the body is whole without it."""
        self.wire.until = min(inf if self.wire.until is None else self.wire.until, monotonic() + LAST_LINE)
        try:
            return self.fp.read1(n)
        except Failure:
            return b""

    def _end_early(self, body: ChunkedBody) -> None:
        if not body.is_whole:
            raise http.client.IncompleteRead(b"")
        self.is_whole = False
        self.finish()

    @property
    def is_over(self) -> bool:
        """Whether the body was read to its end."""
        return cast("Reader | None", self.fp) is None or (self.length == 0 and not self.chunked)

    def finish(self) -> None:
        """Take leave of the connection, which may go on."""
        reader = cast("Reader | None", self.fp)
        if reader is not None:
            self.is_whole = self.is_whole and not reader.has_surplus
        self.close()


def _length(declared: list[str]) -> int | None:
    """The length that a head declares; None where it declares none that can be read (RFC 9112, 6.3).

    Raises:
        Failure: It declares several.
    """
    lengths = {length.strip() for field in declared for length in field.split(",")}
    if len(lengths) > 1:
        raise Failure(Stage.NO_REPLY, "not an HTTP reply: it declares several lengths")
    length = next(iter(lengths), "")
    if not (length.isascii() and length.isdecimal()):
        return None
    if len(length) > _MOST_DIGITS:
        raise Failure(Stage.NO_REPLY, "not an HTTP reply: the length that it declares is absurd")
    return int(length)


class Connection(HTTPConnection):
    """urllib3's connection under `Limits`."""

    response_class: type[http.client.HTTPResponse] = Head
    limits: Limits
    """Those of the try that has it, which sets them first."""
    born: float = 0.0
    idle_since: float = 0.0
    socks: SocksProxy | None = None
    _connect_by = 0.0
    _held: list[bytes] | None = None

    @property
    def wire(self) -> Wire:
        """The open socket."""
        return cast("Wire", self.sock)

    # --- connecting: within one limit, proxy and TLS included ---

    def connect(self) -> None:
        """Open it, through proxy and TLS as it was made for."""
        limits, now = self.limits, monotonic()
        self._connect_by = now + limits.connect
        if limits.until is not None:
            self._connect_by = min(self._connect_by, limits.until)
        try:
            super().connect()
        except OSError as error:
            if not is_of_libraries(error):
                raise
            raise connect_failure(error) from error
        self.sock = cast("socket.socket", Wire(self.sock))
        self._begin_request(self.wire)
        self.born = now

    def _new_conn(self) -> socket.socket:
        host = self.host.strip("[]")
        with _named_as_the_proxys(self.proxy is not None or self.socks is not None):
            reach = dial if self.socks is None else self.socks.dial
            sock = reach(host, self.port, self._connect_by)
            self._limit_handshake(sock)
            return sock

    def _tunnel(self) -> None:
        """CONNECT, on the socket that is there by now."""
        plain = self.sock
        self.sock = cast("socket.socket", Wire(plain, until=self._connect_by))
        with _named_as_the_proxys(True):
            try:
                super()._tunnel()
            except Failure as late:  # whatever was sent, it was not the request
                what = "connect timed out" if late.timed_out else late.what
                raise Failure(Stage.NEVER_SENT, what, timed_out=late.timed_out) from late.__cause__
            except (OSError, http.client.HTTPException) as error:
                if not is_of_libraries(error):
                    raise
                raise Failure(Stage.NEVER_SENT, str(error) or type(error).__name__) from None
            finally:
                self.sock = plain
        self._limit_handshake(plain)

    def _limit_handshake(self, sock: Any) -> None:
        """Under the limit that a TLS handshake obeys."""
        left = self._connect_by - monotonic()
        if left <= 0:
            sock.close()
            raise Failure(Stage.NEVER_SENT, "connect timed out", timed_out=True)
        sock.settimeout(left)

    # --- one request ---

    def exchange(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | Body | None
    ) -> urllib3.HTTPResponse:
        """Send a request and read the head of its reply.

        Raises:
            Failure: No reply came; it says how far the request got.
        """
        if self.sock is not None:  # else it connects when there is something to send, and that can be sent
            self._begin_request(self.wire)
        cut: Failure | None = None
        try:
            self._send(method, target, headers, body)
        except Failure as failed:
            if not isinstance(failed.__cause__, BrokenPipeError):
                raise
            cut = failed  # the peer closed in the midst of the request: it may have said why
        except (ValueError, http.client.HTTPException) as error:
            if not is_of_libraries(error):
                raise
            # http.client quotes what it refuses, which may be a secret: not kept as the cause.
            raise Failure(
                Stage.NEVER_SENT, "a header or the address holds characters that cannot be sent", is_final=True
            ) from None
        try:
            return self.getresponse()
        except Failure:
            if cut is not None:
                raise cut from None
            raise

    def _begin_request(self, wire: Wire) -> None:
        wire.idle, wire.until = self.limits.idle, self.limits.until
        wire.begin_request()

    def _send(self, method: str, target: str, headers: Mapping[str, str], body: bytes | Body | None) -> None:
        content = body if body is None or isinstance(body, bytes) else body.blocks()
        self._held = []
        try:
            self.request(method, target, content, headers, preload_content=False)
            self._release_held()
        finally:
            self._held = None

    def send(self, data: Any) -> None:  # bytes from here, or whatever http.client sends for itself
        """Hold small pieces back: head and body of a run leave in one packet, for half the system calls."""
        if self._held is None:
            super().send(data)
            return
        if len(data) <= _HELD_BYTES and len(self._held) < _HELD_PIECES:
            self._held.append(data)
            return
        self._release_held()
        super().send(data)

    def _release_held(self) -> None:
        held, self._held = self._held, None
        if held:
            super().send(Unshown(b"".join(held)))


class SecureConnection(Connection, HTTPSConnection):
    """The same with TLS."""

    def _connect_tls_proxy(self, hostname: str, sock: socket.socket) -> Any:
        try:
            of_urllib3: Any = super()
            secured: Any = of_urllib3._connect_tls_proxy(hostname, sock)
            self._limit_handshake(secured)
            return secured
        except OSError as error:
            if not is_of_libraries(error):
                raise
            with _named_as_the_proxys(True):
                raise connect_failure(error) from error


def connect_failure(error: OSError) -> Failure:
    """What a handshake raised."""
    if isinstance(error, TimeoutError):
        return Failure(Stage.NEVER_SENT, "connect timed out", timed_out=True)
    return failure(error, Stage.NEVER_SENT)


@contextmanager
def _named_as_the_proxys(is_proxys: bool) -> Generator[None, None, None]:
    try:
        yield
    except Failure as failed:
        if not is_proxys:
            raise
        what = f"proxy: {failed.what}"
        raise Failure(failed.stage, what, timed_out=failed.timed_out, is_final=failed.is_final) from failed.__cause__
