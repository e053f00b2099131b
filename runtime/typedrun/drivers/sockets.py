"""System calls of a connection. Each is made in a frame of its own that tells the network's errors from the caller's (frames.py).

Sockets never block: waiting is poll, with our own time. So no limit of ours is ever an exception of the socket's.
"""

from __future__ import annotations

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
from typedrun.drivers.frames import is_of_libraries

_HEAD_START: Final = 0.25
"""Seconds that an address has before the next is tried beside it (RFC 8305, 5: Connection Attempt Delay)."""
_MOST_RECEIVED, _MOST_SENT = 65536, 262144
_READ, _WRITE = "read", "write"
_TCP_INFO: Final[int | None] = getattr(socket, "TCP_INFO", None) if sys.platform == "linux" else None
_BYTES_ACKED: Final = 120
"""Offset of `tcpi_bytes_acked` (64 bits) in Linux's `struct tcp_info`: 8 bytes, 24 words and two rates before it."""

Address = tuple[Any, ...]  # as the socket module has it: its shape depends on the family


def failure(error: Exception, stage: Stage) -> Failure:
    """How far a try got and what happened, in words that hold no secret."""
    timed_out = isinstance(error, TimeoutError)
    if stage is Stage.NEVER_SENT and isinstance(error, ssl.SSLError) and error.reason in _TLS_REFUSALS:
        return Failure(stage, _TLS_REFUSALS[error.reason], is_final=True)
    is_final = isinstance(error, ssl.SSLCertVerificationError)
    return Failure(stage, words(error), timed_out=timed_out, is_final=is_final)


_NO_TLS: Final = "the server does not speak TLS on this port; is its address http://?"
OWN_CERTIFICATE: Final = "the server asks for a client certificate, or refuses the one that it was given (client_cert=)"
_TLS_REFUSALS: Final = {
    "WRONG_VERSION_NUMBER": _NO_TLS,
    "UNKNOWN_PROTOCOL": _NO_TLS,
    "HTTP_REQUEST": _NO_TLS,
    "RECORD_LAYER_FAILURE": _NO_TLS,
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": OWN_CERTIFICATE,
    "SSLV3_ALERT_BAD_CERTIFICATE": OWN_CERTIFICATE,
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": OWN_CERTIFICATE,
    "TLSV1_ALERT_UNKNOWN_CA": OWN_CERTIFICATE,
    "TLSV1_ALERT_ACCESS_DENIED": OWN_CERTIFICATE,
}
"""OpenSSL's reasons that no further try changes."""


_WORDS: tuple[tuple[type[BaseException], str], ...] = (
    (socket.gaierror, "the host name cannot be resolved"),
    (ConnectionRefusedError, "connection refused"),
    (BrokenPipeError, "connection closed while sending"),
    (ConnectionResetError, "connection reset"),
    (
        ssl.SSLCertVerificationError,
        "the TLS certificate is not trusted: {0.verify_message} (ca_bundle= names further ones)",
    ),
    (ssl.SSLError, "TLS failed: {0.reason}"),
    (TimeoutError, "timed out"),
)


def words(error: BaseException) -> str:
    """What happened, for people."""
    known = next((text for kind, text in _WORDS if isinstance(error, kind)), None)
    return known.format(error) if known is not None else f"{type(error).__name__}: {str(error)[:200]}"


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
    """A TCP connection to the first address of a name that answers, by that moment.

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
        if not is_of_libraries(error):
            raise
        raise Failure(Stage.NEVER_SENT, "the host name cannot be resolved") from error
    turns = dict[int, int]()
    ordered = list[tuple[int, int, Address]]()
    for family, _, _, _, address in found:
        turns[family] = turns.get(family, 0) + 1
        ordered.append((turns[family], family, address))
    return [(family, address) for _, family, address in sorted(ordered, key=lambda entry: entry[0])]


def _begin_to_connect(family: int, address: Address) -> socket.socket:
    sock: socket.socket | None = None
    try:
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(0.0)
        sock.connect(address)
    except BlockingIOError as error:  # it goes on
        if sock is None or not is_of_libraries(error):
            raise
    except OSError as error:
        if sock is not None:
            sock.close()
        if not is_of_libraries(error):
            raise
        raise failure(error, Stage.NEVER_SENT) from error
    except BaseException:
        if sock is not None:
            sock.close()
        raise
    return sock


def _finish_to_connect(sock: socket.socket) -> socket.socket:
    number = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if number == 0:
        return sock
    sock.close()
    error = OSError(number, "connect")  # the subclass that fits the number
    known = isinstance(error, ConnectionError | TimeoutError)
    raise Failure(
        Stage.NEVER_SENT, words(error) if known else _system_words(number), timed_out=isinstance(error, TimeoutError)
    )


def _system_words(number: int) -> str:
    from os import strerror

    return strerror(number)


# --- sending and receiving


def bytes_acknowledged(sock: socket.socket) -> int | None:
    """Bytes that the peer's system has acknowledged on a connection so far; None where ours does not say."""
    if _TCP_INFO is None:
        return None
    try:
        told = sock.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, _BYTES_ACKED + 8)
    except OSError as error:
        if not is_of_libraries(error):
            raise
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
                if not is_of_libraries(error):
                    raise
                awaited = _READ if isinstance(error, ssl.SSLWantReadError) else _WRITE
            except OSError as error:
                if not is_of_libraries(error):
                    raise
                raise failure(self._last_word(error), Stage.NEVER_SENT) from error
            if not wait(self.raw, awaited, seconds):
                raise timeout(Stage.NEVER_SENT)

    def receive(self) -> bytes:
        """The next bytes as soon as there are any; `b""` when the peer has closed.

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
                if not is_of_libraries(error):
                    raise
                awaited = _WRITE if isinstance(error, ssl.SSLWantWriteError) else _READ
            except OSError as error:
                if not is_of_libraries(error):
                    raise
                raise failure(error, self._stage_of(error)) from error

    def _last_word(self, error: OSError) -> OSError:
        """Why a TLS peer closed while something was sent to it, if it said so: its alert was not read yet."""
        if not self._is_secure or self._has_received:
            return error
        try:
            self._sock.recv(1)
        except ssl.SSLError as alert:
            if not is_of_libraries(alert):
                raise
            return alert if alert.reason in _TLS_REFUSALS else error
        except OSError as broken:
            if not is_of_libraries(broken):
                raise
        return error

    def _stage_of(self, error: OSError) -> Stage:
        """How far a request had come when reading failed."""
        # A TLS 1.3 server says with the first record that it refuses the client's certificate: the handshake is not over for it.
        is_refused = isinstance(error, ssl.SSLError) and _TLS_REFUSALS.get(error.reason) == OWN_CERTIFICATE
        return Stage.NEVER_SENT if is_refused and not self._has_received else Stage.NO_REPLY

    def cut(self) -> None:
        """End the connection without giving its descriptor back: a reader in another thread wakes up and does that."""
        try:
            socket.socket.shutdown(self.raw, socket.SHUT_RDWR)  # that of ssl would take the TLS state from the reader
        except OSError as error:
            if not is_of_libraries(error):
                raise

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
