"""urllib3's connection under the limits of whoever owns it: one try, and then the reply that came of it."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Generator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, cast

from urllib3.connection import HTTPConnection, HTTPSConnection

from typedrun.core.head import Closed, read_head
from typedrun.core.request import Failure, Limits, Stage
from typedrun.drivers.frames import is_of_libraries
from typedrun.drivers.replybody import ReplyBody
from typedrun.drivers.sockets import Reader, Wire, dial, failure

if TYPE_CHECKING:
    from typedrun.core.bodies import Body
    from typedrun.drivers.socks import SocksProxy

_HELD_BYTES: Final = 16384


class Unshown(bytes):
    """Bytes that hold the key; a traceback that prints local variables must not print them."""

    def __repr__(self) -> str:
        return f"<{len(self)} bytes>"


class Connection(HTTPConnection):
    """urllib3's connection under `Limits`."""

    limits: Limits
    """Those of the try that has it, which sets them first."""
    born: float = 0.0
    idle_since: float = 0.0
    socks: SocksProxy | None = None
    _connect_by = 0.0

    @property
    def wire(self) -> Wire:
        """The open socket."""
        return cast("Wire", self.sock)

    # --- connecting: within one limit, proxy and TLS included

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
        """Send CONNECT on the socket that is there by now."""
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
        """Set the limit that a TLS handshake obeys."""
        left = self._connect_by - monotonic()
        if left <= 0:
            sock.close()
            raise Failure(Stage.NEVER_SENT, "connect timed out", timed_out=True)
        sock.settimeout(left)

    # --- one request

    def exchange(self, method: str, head: Unshown, body: bytes | Body | None) -> ReplyBody:
        """Send a request and read the head of its reply.

        Raises:
            Failure: No reply came; it says how far the request got.
        """
        if self.sock is None:
            self.connect()
        else:
            self._begin_request(self.wire)
        cut: Failure | None = None
        try:
            self._send_request(head, body)
        except Failure as failed:
            if not isinstance(failed.__cause__, BrokenPipeError):
                raise
            cut = failed  # the peer closed in the midst of the request: it may have said why
        try:
            return self._read_head(method)
        except Failure:
            if cut is not None:
                raise cut from None
            raise

    def _begin_request(self, wire: Wire) -> None:
        wire.idle, wire.until = self.limits.idle, self.limits.until
        wire.begin_request()

    def _send_request(self, head: Unshown, body: bytes | Body | None) -> None:
        """Send head and small body in one packet, for half the system calls; joining large ones costs a copy."""
        held: Unshown | None = head
        for piece in (body or b"",) if body is None or isinstance(body, bytes) else body.blocks():
            if held is None:
                self.wire.sendall(piece)
            elif len(held) + len(piece) <= _HELD_BYTES:
                held = Unshown(held + piece)
            else:
                self.wire.sendall(held)
                self.wire.sendall(piece)
                held = None
        if held is not None:
            self.wire.sendall(held)

    def _read_head(self, method: str) -> ReplyBody:
        wire = self.wire
        reader = Reader(wire)
        try:
            return ReplyBody(read_head(reader.readline), reader, method)
        except Closed:
            # The peer closed before a byte of this request reached it: nobody can have executed it.
            stage = Stage.NO_REPLY if wire.was_reached() else Stage.NEVER_SENT
            raise Failure(stage, "connection closed without a reply") from None
        except ValueError as refused:
            if not is_of_libraries(refused):
                raise
            raise Failure(Stage.NO_REPLY, f"not an HTTP reply: {refused}") from None


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
