"""System calls of a connection. Each is made in a frame of its own that tells the network's errors from the caller's (frames.py).

Sockets never block: waiting is poll, with our own time. So no limit of ours is ever an exception of the socket's.
"""

from __future__ import annotations

import errno
import select
import socket
import ssl
import sys
from collections import deque
from collections.abc import Iterable
from math import inf
from time import monotonic
from typing import Any, Final

from typedrun.core.request import Failure, Stage, patience

_HEAD_START: Final = 0.25
"""Seconds that an address has before the next is tried beside it (RFC 8305, 5: Connection Attempt Delay)."""
_MOST_RECEIVED, _MOST_SENT = 65536, 262144
_READ, _WRITE = "read", "write"
_TCP_INFO: Final[int | None] = getattr(socket, "TCP_INFO", None) if sys.platform == "linux" else None
_BYTES_ACKED: Final = 120
"""Offset of `tcpi_bytes_acked` (64 bits) in Linux's `struct tcp_info`: 8 bytes, 24 words and two rates before it."""

_GOES_ON: Final = frozenset({0, errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EAGAIN, errno.EALREADY})
"""What a connect that does not wait is answered with, where it may still come about."""

Address = tuple[Any, ...]  # as the socket module has it: its shape depends on the family


def told(error: OSError, stage: Stage, alerts: Any = None, *, has_received: bool = True) -> Failure:
    """The failure of a try whose system call failed. The caller's own error, a signal handler's, is raised again.

    `alerts` is a TLS socket whose peer may have said why it closes, which is not read yet.
    """
    from typedrun.drivers.failures import failure_of

    pass_on(error)
    return failure_of(error, stage, alerts, has_received=has_received)


def pass_on(error: Exception) -> None:
    """Raise the caller's own error again."""
    from typedrun.drivers.frames import is_of_libraries

    if not is_of_libraries(error):
        raise error


def timeout(stage: Stage, what: str = "timed out") -> Failure:
    """The failure of a try whose time is over."""
    return Failure(stage, what, timed_out=True)


# --- waiting


def wait(sock: socket.socket, what: str, seconds: float) -> bool:
    """Wait until a socket can be read or written. True if that came in time."""
    if hasattr(select, "poll"):  # not with eventlet, not on Windows
        poller = select.poll()
        poller.register(sock, select.POLLIN if what is _READ else select.POLLOUT)
        return bool(poller.poll(max(0.0, seconds) * 1000))
    readable, writable = ([sock], []) if what is _READ else ([], [sock])
    return any(select.select(readable, writable, writable, max(0.0, seconds)))


def _connected(socks: Iterable[socket.socket], seconds: float) -> list[socket.socket]:
    """Those of them whose connect has ended, well or not, when the first has or the time is over."""
    socks = list(socks)
    if hasattr(select, "poll"):
        poller, by_number = select.poll(), {sock.fileno(): sock for sock in socks}
        for sock in socks:
            poller.register(sock, select.POLLOUT)
        return [by_number[number] for number, _ in poller.poll(max(0.0, seconds) * 1000)]
    _, writable, broken = select.select([], socks, socks, max(0.0, seconds))  # Windows tells a refusal among the broken
    return list({*writable, *broken})


# --- connecting


def dial(host: str, port: int, until: float) -> socket.socket:
    """Open a TCP connection to the first address of a name that answers, by that moment.

    An address that does not answer has a head start before the next, and goes on beside it (RFC 8305 in spirit); one that fails
    makes way at once, whatever the error.

    Raises:
        Failure: None did.
    """
    addresses = deque(_resolve(host, port))
    pending: dict[socket.socket, None] = {}
    last = Failure(Stage.NEVER_SENT, "the name has no address")
    try:
        while addresses or pending:
            left = until - monotonic()
            if left <= 0:
                raise timeout(Stage.NEVER_SENT, "connect timed out")
            if addresses:
                try:
                    sock = _begin_to_connect(*addresses.popleft())
                except Failure as refused:
                    last = refused
                    continue
                pending[sock] = None
            for sock in _connected(pending, min(left, _HEAD_START) if addresses else left):
                del pending[sock]
                try:
                    return _finish_to_connect(sock)
                except Failure as refused:
                    last = refused
        raise last
    finally:
        for sock in pending:
            sock.close()


def _resolve(host: str, port: int) -> list[tuple[int, Address]]:
    """Family and address, the families taking turns (RFC 8305, 4), each in the system's order."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        pass_on(error)
        raise Failure(Stage.NEVER_SENT, "the host name cannot be resolved") from error
    turns = dict[int, int]()
    ordered = list[tuple[int, int, Address]]()
    for family, _, _, _, address in found:
        turns[family] = turns.get(family, 0) + 1
        ordered.append((turns[family], family, address))
    return [(family, address) for _, family, address in sorted(ordered, key=lambda entry: entry[0])]


def _begin_to_connect(family: int, address: Address) -> socket.socket:
    try:
        sock = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:  # a family that this system has not
        raise told(error, Stage.NEVER_SENT) from error
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(0.0)
        number = sock.connect_ex(address)
    except BaseException:
        sock.close()
        raise
    return sock if number in _GOES_ON else _finish_to_connect(sock, number)


def _finish_to_connect(sock: socket.socket, number: int | None = None) -> socket.socket:
    number = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) if number is None else number
    if number == 0:
        return sock
    sock.close()
    from typedrun.drivers.failures import refused

    raise refused(number)


# --- sending and receiving


def bytes_acknowledged(sock: socket.socket) -> int | None:
    """Bytes that the peer's system has acknowledged on a connection so far; None where ours does not say."""
    if _TCP_INFO is None:
        return None
    try:
        told = sock.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, _BYTES_ACKED + 8)
    except OSError as error:
        pass_on(error)
        return None
    return int.from_bytes(told[_BYTES_ACKED:], sys.byteorder) if len(told) == _BYTES_ACKED + 8 else None


class Wire:
    """A connected socket as http.client and urllib3 use one, under the limits of the try that owns the connection.

    It is read and written by that owner, who sets `idle` and `until` first. `cut` alone is for other threads.
    """

    def __init__(self, sock: Any, idle: float = inf, until: float | None = None) -> None:
        self._sock = sock
        self._is_polled = isinstance(sock, socket.socket)  # TLS inside TLS is none, and waits by itself
        self.raw: socket.socket = sock if self._is_polled else sock.socket
        """What has the descriptor."""
        self._is_secure = not self._is_polled or isinstance(sock, ssl.SSLSocket)
        if self._is_polled:
            sock.settimeout(0.0)
        self.idle = idle
        """Seconds of silence."""
        self.until = until
        """A moment on the clock when the next read or write must be over."""
        self._readers = 0
        self._is_closed = False
        self._is_used = False
        self._has_received = False
        self._acknowledged: int | None = None

    def begin_request(self) -> None:
        """Note, on a connection that was used before, what the peer has of it so far."""
        self._acknowledged = bytes_acknowledged(self.raw) if self._is_used else None
        self._is_used = True

    def was_reached(self) -> bool:
        """Whether the peer's system may have had a byte of the request: it has not if it acknowledged none since."""
        return self._acknowledged is None or bytes_acknowledged(self.raw) != self._acknowledged

    def sendall(self, data: bytes) -> None:
        """Hand all of it to the system.

        Raises:
            Failure: It was not taken.
        """
        rest = memoryview(data)
        while rest:
            seconds = patience(self.idle, self.until, monotonic())
            if seconds <= 0:
                raise timeout(Stage.NEVER_SENT)
            try:
                if not self._is_polled:
                    self._sock.settimeout(seconds)
                rest = rest[self._sock.send(rest[:_MOST_SENT]) :]
                continue
            except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError) as error:
                pass_on(error)
                awaited = _READ if isinstance(error, ssl.SSLWantReadError) else _WRITE
            except OSError as error:
                alerts = self._sock if self._is_secure and not self._has_received else None
                raise told(error, Stage.NEVER_SENT, alerts) from error
            if not wait(self.raw, awaited, seconds):
                raise timeout(Stage.NEVER_SENT)

    def receive(self) -> bytes:
        """Read the next bytes as soon as there are any; `b""` when the peer has closed.

        Raises:
            Failure: The connection broke, or nothing came in time.
        """
        # TLS may have read ahead, so that there is nothing to wait for.
        awaited = "" if self._is_secure else _READ
        while True:
            seconds = patience(self.idle, self.until, monotonic())
            if seconds <= 0 or (awaited and not wait(self.raw, awaited, seconds)):
                raise timeout(Stage.NO_REPLY)
            try:
                if not self._is_polled:
                    self._sock.settimeout(seconds)
                block: bytes = self._sock.recv(_MOST_RECEIVED)
                self._has_received = self._has_received or bool(block)
                return block
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError) as error:
                pass_on(error)
                awaited = _WRITE if isinstance(error, ssl.SSLWantWriteError) else _READ
            except OSError as error:
                raise told(error, Stage.NO_REPLY, has_received=self._has_received) from error

    def cut(self) -> None:
        """End the connection without giving its descriptor back: a reader in another thread wakes up and does that."""
        try:
            socket.socket.shutdown(self.raw, socket.SHUT_RDWR)  # that of ssl would take the TLS state from the reader
        except OSError as error:
            pass_on(error)

    # --- what http.client and urllib3 ask of a socket

    def makefile(self, _mode: str = "rb", *_: Any) -> Reader:
        """The receiving side."""
        self._readers += 1
        return Reader(self)

    def fileno(self) -> int:
        """The descriptor."""
        return self.raw.fileno()

    def settimeout(self, _: object) -> None:
        """Do nothing: the limits are ours."""

    def close(self) -> None:
        """Give the descriptor back, when no reader needs it any more; a parent's copy of it is not touched."""
        self._is_closed = True
        if not self._readers:
            self.raw.close()

    def leave(self) -> None:
        """Note that a reader needs it no more."""
        self._readers -= 1
        if self._is_closed:
            self.close()


class Reader:
    """The receiving side of a wire as a buffered file. It holds what has arrived and nothing more."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self._ahead = b""  # what was received and not yet asked for
        self.closed: bool = False

    @property
    def has_surplus(self) -> bool:
        """Whether more was received than was asked for."""
        return bool(self._ahead)

    def readline(self, most: int) -> bytes:
        """Bytes up to and with the next LF, at most so many; without one when the peer has closed."""
        stop = self._ahead.find(b"\n") + 1
        while not stop and len(self._ahead) < most:
            block = self.wire.receive()
            if not block:
                break
            self._ahead += block
            stop = self._ahead.find(b"\n") + 1
        stop = min(stop or len(self._ahead), most)
        line, self._ahead = self._ahead[:stop], self._ahead[stop:]
        return line

    def read1(self, most: int) -> bytes:
        """What has arrived, or arrives next, at most so many bytes; `b""` when the peer has closed."""
        if most == 0:
            return b""
        block = self._ahead or self.wire.receive()
        self._ahead = block[most:]
        return block[:most]

    def flush(self) -> None:
        """Do nothing: nothing is written here."""

    def close(self) -> None:
        """Read no more."""
        if not self.closed:
            self.closed = True
            self.wire.leave()
