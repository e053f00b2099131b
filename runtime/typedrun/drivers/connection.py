"""urllib3's connection under the limits of whoever owns it: one try, and then the reply that came of it."""

from __future__ import annotations

import socket
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, cast

from urllib3.connection import HTTPConnection, HTTPSConnection

from typedrun.core.head import Closed, Head, read_head
from typedrun.core.request import Failure, Limits, Stage
from typedrun.drivers.replybody import ReplyBody
from typedrun.drivers.sockets import Reader, Wire, dial, pass_on, timeout

if TYPE_CHECKING:
    from typedrun.core.bodies import Body

_HELD_BYTES: Final = 16384


class Unshown(bytes):
    """Bytes that hold the key; a traceback that prints local variables must not print them."""

    def __repr__(self) -> str:
        return f"<{len(self)} bytes>"


class Connection(HTTPConnection):
    """urllib3's connection under `Limits`."""

    sock: socket.socket | Any  # as http.client declares it
    limits: Limits
    """Those of the try that has it, which sets them first."""
    born: float = 0.0
    idle_since: float = 0.0
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
            pass_on(error)
            from typedrun.drivers.failures import connect_failure

            raise connect_failure(error) from error
        self.sock = cast("socket.socket", Wire(self.sock))
        self._begin_request(self.wire)
        self.born = now

    def _new_conn(self) -> socket.socket:
        sock = self._dial(self.host.strip("[]"))
        self._limit_handshake(sock)
        return sock

    def _dial(self, host: str) -> socket.socket:
        return dial(host, self.port, self._connect_by)

    def _limit_handshake(self, sock: Any) -> None:
        """Set the limit that a TLS handshake obeys."""
        left = self._connect_by - monotonic()
        if left <= 0:
            sock.close()
            raise timeout(Stage.NEVER_SENT, "connect timed out")
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
            return _open_body(read_head(reader.readline), reader, method)
        except Closed:
            # The peer closed before a byte of this request reached it: nobody can have executed it.
            stage = Stage.NO_REPLY if wire.was_reached() else Stage.NEVER_SENT
            raise Failure(stage, "connection closed without a reply") from None
        except ValueError as refused:
            pass_on(refused)
            raise Failure(Stage.NO_REPLY, f"not an HTTP reply: {refused}") from None


def _open_body(head: Head, reader: Reader, method: str) -> ReplyBody:
    body = ReplyBody(head, reader, method)
    if not body.is_chunked:
        return body
    from typedrun.drivers.chunkedreply import ChunkedReply

    return ChunkedReply(head, reader, method)


class SecureConnection(Connection, HTTPSConnection):
    """A connection with TLS, under the limits of the try that has it."""
