"""One try of a request on urllib3: bytes out, a reply's head in, its body on demand. Imported with the first request.

urllib3 gives pool, TLS and proxies; what it does not do is done here:
- A total deadline. Every single read asks `Limits` how long it may take, also inside a header line or a chunk size.
- Knowing whether a request was sent: a connection notes when the last byte of it has been handed to the kernel.
- Idle and age limits of pooled connections, and a fresh pool after a fork.
- Connecting within one limit in all, however many addresses a name has.
urllib3's own retries and redirects are off: they run under the deadline and hide the reply.
"""

from __future__ import annotations

import http.client
import io
import os
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any, cast
from urllib.parse import unquote, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    DecodeError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
)
from urllib3.util import Retry, parse_url
from urllib3.util import Timeout as UrllibTimeout

from typedrun.core.chunked import ChunkedBody
from typedrun.core.head import Closed, read_head
from typedrun.core.request import Body, Failure, Limits, Stage, Transport
from typedrun.errors import ConfigurationError, shown_url
from typedrun.proxies import Proxies
from typedrun.settings import Settings

BLOCK = 65536
_MOST_POOLS = 64
"""Origins with a pool at a time. Presigned uploads may name a new host each; the oldest pool goes."""
_HELD_BYTES, _HELD_PIECES = 16384, 8
"""A larger piece, or one more of them, is sent on its own and ends the holding: joining costs a copy."""
_NO_RETRIES = Retry.from_int(False, redirect=False)


class _Current(threading.local):
    """The limits of the try that this thread is making: urllib3 has no way to hand them to a connection."""

    limits: Limits


_current = _Current()


_TCP_INFO: int | None = getattr(socket, "TCP_INFO", None) if sys.platform == "linux" else None
_BYTES_ACKED = 120
"""Offset of ``tcpi_bytes_acked`` (64 bits) in Linux's ``struct tcp_info``: 8 bytes, 24 words and two rates before it."""


def _acknowledged(sock: socket.socket) -> int | None:
    """Bytes that the peer's kernel has acknowledged on this connection so far; None where the system does not say."""
    if _TCP_INFO is None:
        return None
    try:
        told = sock.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, _BYTES_ACKED + 8)
    except (OSError, AttributeError):  # TLS inside TLS is no real socket
        return None
    return int.from_bytes(told[_BYTES_ACKED:], sys.byteorder) if len(told) == _BYTES_ACKED + 8 else None


class _TimedReader(io.RawIOBase):
    """The receiving side of a socket, with the time limit set anew before each read."""

    def __init__(self, sock: socket.socket, limits: Limits) -> None:
        self._sock = sock
        self._raw = cast("io.RawIOBase", sock.makefile("rb", buffering=0))
        self._limits = limits
        self._set: float | None = None
        self._has_read = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:  # any writable buffer; typeshed's name for it is not importable
        patience = self._limits.patience(monotonic())
        if patience != self._set:
            self._sock.settimeout(patience)
            self._set = patience
        count = cast("int | None", self._raw.readinto(buffer))
        if not self._has_read:
            self._has_read = True
            if count == 0 and self._limits.acknowledged is not None:
                # The peer closed before a byte of this request reached it: nobody can have executed it.
                self._limits.was_sent = _acknowledged(self._sock) != self._limits.acknowledged
        return count

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _TimedSocket:
    """What http.client asks of a socket that it reads from."""

    def __init__(self, sock: socket.socket, limits: Limits) -> None:
        self._sock = sock
        self._limits = limits

    def makefile(self, _mode: str) -> io.BufferedReader:
        """The buffered reader that a reply is parsed from."""
        return io.BufferedReader(_TimedReader(self._sock, self._limits), BLOCK)


class _Head(http.client.HTTPResponse):
    """A reply that is read under the limits, and whose interim heads (102, 103) are skipped like 100."""

    _body: ChunkedBody | None = None
    _has_begun = False

    def __init__(
        self, sock: socket.socket, debuglevel: int = 0, method: str | None = None, url: str | None = None
    ) -> None:
        super().__init__(cast("socket.socket", _TimedSocket(sock, _current.limits)), debuglevel, method, url)

    def begin(self) -> None:
        if self._has_begun:
            return
        self._has_begun = True
        try:
            head = read_head(self.fp.readline)
        except Closed:
            raise http.client.RemoteDisconnected("Remote end closed connection without response") from None
        except ValueError as error:
            raise http.client.BadStatusLine(str(error)) from None
        self.version, self.reason = 10 + head.minor, head.reason
        self.code = self.status = head.status
        self.headers = self.msg = http.client.HTTPMessage()
        for name, value in head.fields:
            self.msg.set_raw(name, value)
        self._begin_body(self.msg.get)

    def _begin_body(self, get: Callable[[str, str], str]) -> None:
        """Where the body ends (RFC 9112, 6.3), and whether the connection goes on after it (9.3)."""
        has_no_body = self.status in {101, 204, 304} or self._method == "HEAD"  # type: ignore[attr-defined]  # http.client sets it
        self.chunked = not has_no_body and get("transfer-encoding", "").lower() == "chunked"
        self.chunk_left = None
        length = get("content-length", "")
        self.length = 0 if has_no_body else int(length) if length.isdecimal() and not self.chunked else None
        wishes = get("connection", "").lower()
        is_kept = "close" not in wishes if self.version == 11 else "keep-alive" in wishes
        self.will_close = not is_kept or (self.length is None and not self.chunked)

    def read1(self, n: int = -1, /) -> bytes:
        """What one read of the socket brings, with all of its chunks: http.client's own gives one chunk a call."""
        if not self.chunked or n <= 0 or cast("io.BufferedReader | None", self.fp) is None:
            return super().read1(n)
        if self._body is None:
            self._body = ChunkedBody()
        found = b""
        try:
            while not found and not self._body.is_over:
                # What the buffer holds, else one read of the socket; no more than n, and the coding only makes it less.
                block = self.fp.read1(n)
                if not block:
                    raise http.client.IncompleteRead(b"")
                found = self._body.feed(block)
        except ValueError as error:
            raise http.client.IncompleteRead(b"") from error
        if self._body.is_over:
            self.close()  # the reply, not the connection
        return found


class _Connection(HTTPConnection):
    """urllib3's connection under `Limits`."""

    response_class = _Head
    _held: list[bytes] | None = None
    born = 0.0
    idle_since = 0.0

    def _new_conn(self) -> socket.socket:
        return _connect(self)

    def connect(self) -> None:
        super().connect()
        self.born = monotonic()
        if self.sock is not None:
            self.sock.settimeout(_current.limits.patience(monotonic()))

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> None:
        if self.sock is not None:  # urllib3 gives a reused connection the connect limit for sending
            self.timeout = _current.limits.patience(monotonic())
            _current.limits.acknowledged = _acknowledged(self.sock)
        self._held = []
        try:
            super().request(method, url, *args, **kwargs)
            self._release_held()
        finally:
            self._held = None
        _current.limits.was_sent = True

    def send(self, data: Any) -> None:  # bytes from here, or whatever http.client sends for itself
        """Holds small pieces back: head and body of a run leave in one packet, for half the system calls."""
        if self._held is None:
            super().send(data)
            return
        if len(data) <= _HELD_BYTES and len(self._held) < _HELD_PIECES:
            self._held.append(data)
            return
        self._release_held()
        super().send(data)

    def _release_held(self) -> None:
        held, self._held = self._held, None  # sending may connect, and connecting may send: at once then
        if held:
            super().send(b"".join(held))


class _SecureConnection(_Connection, HTTPSConnection):
    """The same with TLS."""


def _connect(connection: HTTPConnection) -> socket.socket:
    """A TCP connection to the first address that takes it, within one limit for all of them."""
    limits = _current.limits
    until = monotonic() + min(limits.connect, limits.patience(monotonic()))
    host = connection.host
    try:
        found = socket.getaddrinfo(host.strip("[]"), connection.port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise NameResolutionError(host, connection, cast("socket.gaierror", error)) from error
    failure: OSError = OSError("the name has no address")
    for family, type_, protocol, _, address in found:
        left = until - monotonic()
        if left <= 0:
            raise ConnectTimeoutError(connection, "connect timeout") from failure
        sock = socket.socket(family, type_, protocol)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(left)
            sock.connect(address)
        except OSError as error:
            sock.close()
            failure = error
        else:
            connection.timeout = max(0.001, until - monotonic())  # what is left is for TLS
            sock.settimeout(connection.timeout)
            return sock
    if isinstance(failure, TimeoutError):
        raise ConnectTimeoutError(connection, "connect timeout") from failure
    raise NewConnectionError(connection, str(failure)) from failure


def _typed_as_declared(connection: type[_Connection]) -> Any:
    """urllib3 declares a protocol that none of its own classes fulfils for checkers."""
    return connection


class _Pool(HTTPConnectionPool):
    """urllib3's pool with idle and age limits."""

    ConnectionCls = _typed_as_declared(_Connection)
    connection_age = 0.0

    def _get_conn(self, timeout: float | None = None) -> Any:
        return _fresh(super()._get_conn(timeout), self.connection_age)

    def _put_conn(self, conn: Any) -> None:
        if conn is not None:
            conn.idle_since = monotonic()
            if self.pool is not None and self.pool.full():  # urllib3 would log a warning about each
                conn.close()
                return
        super()._put_conn(conn)


class _SecurePool(_Pool, HTTPSConnectionPool):
    """The same with TLS."""

    ConnectionCls = _typed_as_declared(_SecureConnection)


def _fresh(connection: Any, most: float) -> Any:
    """The connection, closed first (so that it connects anew) if it was idle too long or is too old."""
    if connection.sock is not None:
        now = monotonic()
        if now - connection.idle_since > _current.limits.keep_alive or now - connection.born > most:
            connection.close()
    return connection


class Incoming:
    """A reply whose head has arrived."""

    def __init__(self, response: urllib3.BaseHTTPResponse, limits: Limits) -> None:
        self.status: int = response.status
        self.headers: Mapping[str, str] = response.headers
        self._response = response
        self._limits = limits
        self._is_closed = False

    def read(self, most: int = BLOCK) -> bytes:
        """The next bytes as soon as there are any; ``b""`` at the end, and after `close`.

        Raises:
            Failure: The reply broke off, or took too long.
        """
        try:
            return self._response.read1(most)
        except (HTTPError, OSError, ValueError, AttributeError) as error:
            # ValueError and AttributeError: another thread closed the reply in the middle of this read.
            if self._is_closed:
                return b""
            if isinstance(error, ValueError | AttributeError):
                raise
            raise _read_failure(error, self._limits) from error

    def read_all(self, most: int) -> tuple[bytes, bool]:
        """The whole body, and is it whole? Stops reading beyond ``most`` bytes."""
        block = self.read()
        if self._response.length_remaining == 0 and "content-encoding" not in self.headers:
            return block, True
        blocks, size = list[bytes](), 0
        while block:
            blocks.append(block)
            size += len(block)
            if size > most:
                self.close()
                return b"".join(blocks), False
            block = self.read()
        return b"".join(blocks), True

    def drain(self, seconds: float, most: int) -> bool:
        """Reads what little is left so that the connection can be used again; closes it if that is not done in time."""
        until = monotonic() + seconds
        self._limits.deadline = until if self._limits.deadline is None else min(until, self._limits.deadline)
        try:
            while block := self.read():
                most -= len(block)
                if most < 0:
                    break
            else:
                return not self._is_closed
        except Failure:
            pass
        self.close()
        return False

    def close(self) -> None:
        """Frees the connection at once, also while another thread is reading from it."""
        self._is_closed = True
        if self._response.connection is not None:  # else it is back in the pool, and perhaps somebody else's
            with suppress(ValueError, RuntimeError, OSError):
                self._response.shutdown()  # wakes a reader
        self._response.close()
        self._response.release_conn()


class Network:
    """Pools by origin; made when the first request needs one, and made anew in a forked child."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._pools = dict[str, tuple[HTTPConnectionPool, str]]()
        self._managers = dict[tuple[str | None, bool], urllib3.PoolManager]()
        self._proxies: Proxies = settings.find_proxies(os.environ)

    def exchange(
        self, method: str, url: str, headers: dict[str, str], body: bytes | Body | None, limits: Limits
    ) -> Incoming:
        """Sends a request and reads the head of the reply.

        Raises:
            Failure: No reply came; it says how far the request got.
        """
        origin, target = _split(url)
        pool, prefix = self._pool(origin)
        _current.limits = limits
        try:
            response = pool.urlopen(
                method,
                prefix + target,
                body if body is None or isinstance(body, bytes) else _blocks(body, limits),
                headers,
                retries=_NO_RETRIES,
                redirect=False,
                assert_same_host=False,
                timeout=UrllibTimeout(connect=min(limits.connect, limits.patience(monotonic())), read=limits.idle),
                preload_content=False,
            )
        except (HTTPError, OSError, http.client.HTTPException) as error:
            raise _failure(error, limits) from error
        except ValueError:
            # http.client quotes the header that it refuses, which may be a secret: not kept as the cause.
            stage = Stage.NO_REPLY if limits.was_sent else Stage.NEVER_SENT
            raise Failure(
                stage, "a header or the address holds characters that cannot be sent", is_final=True
            ) from None
        return Incoming(response, limits)

    def close(self) -> None:
        """Closes idle connections; those in use close when their reply is read."""
        self._notice_fork()
        with self._lock:
            managers, self._managers, self._pools = self._managers, {}, {}
        for manager in managers.values():
            manager.clear()

    def _pool(self, origin: str) -> tuple[HTTPConnectionPool, str]:
        self._notice_fork()
        found = self._pools.get(origin)
        if found is not None:
            return found
        with self._lock:
            return self._pools.get(origin) or self._new_pool(origin)

    def _notice_fork(self) -> None:
        if self._pid != os.getpid():
            # A child shares its parent's sockets: it must not write to them, and its copy of the lock may be held for ever.
            self._lock, self._pools, self._managers = threading.Lock(), {}, {}
            self._pid = os.getpid()

    def _new_pool(self, origin: str) -> tuple[HTTPConnectionPool, str]:
        parts = urlsplit(origin)
        scheme, host = parts.scheme, parts.hostname or ""
        port = parts.port or (443 if scheme == "https" else 80)
        proxy = self._proxies.proxy_for(scheme, host, port)
        wants_tls = scheme == "https" or (proxy or "").startswith("https:")
        manager = self._managers.get((proxy, wants_tls))
        if manager is None:
            manager = self._managers[proxy, wants_tls] = _new_manager(proxy, self._settings, wants_tls=wants_tls)
        pool = manager.connection_from_host(host, port, scheme)
        cast("_Pool", pool).connection_age = self._settings.connection_age
        while len(self._pools) >= _MOST_POOLS:
            self._pools.pop(next(iter(self._pools)))
        self._pools[origin] = pool, origin if proxy is not None and scheme == "http" else ""
        return self._pools[origin]


def connect(settings: Settings) -> Transport:
    """The network as the driver knows it."""
    return Network(settings)


def _new_manager(proxy: str | None, settings: Settings, *, wants_tls: bool) -> urllib3.PoolManager:
    """A pool manager, direct or through a proxy. Loading certificates takes a while, so only where TLS is spoken."""
    keywords: dict[str, Any] = {"maxsize": settings.pool_size, "block": False}
    if wants_tls:
        keywords["ssl_context"] = tls_context(settings)
    manager = urllib3.PoolManager(_MOST_POOLS, **keywords) if proxy is None else _proxy_manager(proxy, keywords)
    classes: Any = {"http": _Pool, "https": _SecurePool}  # declared as a dict of exactly urllib3's own classes
    manager.pool_classes_by_scheme = classes
    return manager


def _proxy_manager(proxy: str, keywords: dict[str, Any]) -> urllib3.ProxyManager:
    try:
        parts = parse_url(proxy)
        credentials = urllib3.make_headers(proxy_basic_auth=unquote(parts.auth)) if parts.auth else None
        if parts.scheme == "https":
            keywords["proxy_ssl_context"] = keywords["ssl_context"]
        bare = parts._replace(auth=None).url
        return urllib3.ProxyManager(bare, _MOST_POOLS, proxy_headers=credentials, **keywords)
    except (HTTPError, ValueError):
        # The message of urllib3 quotes the address with its password: not kept as the cause.
        raise ConfigurationError(
            f"The proxy {shown_url(proxy)} cannot be used: it must be an http:// or https:// address. Next: check proxies="
            " or HTTPS_PROXY, HTTP_PROXY and ALL_PROXY"
        ) from None


def tls_context(settings: Settings) -> ssl.SSLContext:
    """Verification on, certificates as configured."""
    path = settings.find_ca_bundle(os.environ)
    if path is None:
        return ssl.create_default_context()
    try:
        if Path(path).is_dir():
            return ssl.create_default_context(capath=path)
        return ssl.create_default_context(cafile=path)
    except OSError as error:  # ssl.SSLError is one, too
        raise ConfigurationError(
            f"The CA bundle {path} cannot be read: {error.strerror or 'no certificates in it'}. Next: check ca_bundle="
            " or SSL_CERT_FILE"
        ) from error


def _split(url: str) -> tuple[str, str]:
    """Origin and target of an absolute URL."""
    start = url.find("/", url.index("://") + 3)
    origin, target = (url, "/") if start < 0 else (url[:start], url[start:])
    return origin, target.partition("#")[0]


def _blocks(body: Body, limits: Limits) -> Iterator[bytes]:
    for block in body.blocks():
        limits.patience(monotonic())  # ends an upload whose deadline has passed
        yield block


def _read_failure(error: Exception, limits: Limits) -> Failure:
    failure = _failure(error, limits)
    failure.stage = Stage.NO_REPLY
    return failure


def _failure(error: Exception, limits: Limits) -> Failure:
    """How far the try got and what happened, in words that hold no secret."""
    stage = Stage.NO_REPLY if limits.was_sent else Stage.NEVER_SENT
    cause = _root(error)
    timed_out = isinstance(cause, TimeoutError) or _is_connect_timeout(error)
    final = isinstance(cause, ssl.SSLCertVerificationError)
    return Failure(stage, _words(error, cause), timed_out=timed_out, is_final=final)


def _is_connect_timeout(error: Exception) -> bool:
    return isinstance(error, ConnectTimeoutError) and not isinstance(error, NewConnectionError)  # a subclass in 2.x


def _root(error: BaseException) -> BaseException:
    """What started it: urllib3 wraps, and puts the wrapped into args, ``__cause__`` or ``__context__``."""
    inner = next((arg for arg in reversed(error.args) if isinstance(arg, BaseException)), None)
    inner = inner or error.__cause__
    return error if inner is None else _root(inner)


_WORDS: tuple[tuple[type[BaseException], str], ...] = (
    (socket.gaierror, "the host name cannot be resolved"),
    (ConnectionRefusedError, "connection refused"),
    (BrokenPipeError, "connection closed while sending"),
    (http.client.RemoteDisconnected, "connection closed without a reply"),  # a ConnectionResetError, too
    (ConnectionResetError, "connection reset"),
    (ssl.SSLCertVerificationError, "the TLS certificate is not trusted: {0.verify_message}"),
    (ssl.SSLError, "TLS failed: {0.reason}"),
    (http.client.BadStatusLine, "not an HTTP reply"),
    (http.client.IncompleteRead, "the reply was cut short"),
    (DecodeError, "the reply cannot be decompressed"),
    (TimeoutError, "timed out"),
)


def _words(error: Exception, cause: BaseException) -> str:
    known = next((text for kind, text in _WORDS if isinstance(cause, kind)), "")
    text = known.format(cause) if known else f"{type(cause).__name__}: {str(cause)[:200]}"
    if _is_connect_timeout(error):
        text = "connect timed out"
    return f"proxy: {text}" if isinstance(error, ProxyError) else text
