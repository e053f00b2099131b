"""urllib3's connections, pools and managers through a proxy: HTTP's, with a tunnel for TLS, or SOCKS. Imported with the first."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, cast
from urllib.parse import unquote

import urllib3
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.exceptions import HTTPError
from urllib3.util import parse_url

from typedrun.attempts import shown_url
from typedrun.core.request import Failure, Stage
from typedrun.drivers.connection import Connection
from typedrun.drivers.failures import connect_failure
from typedrun.drivers.frames import is_of_libraries
from typedrun.drivers.pools import Pool, typed_as_declared
from typedrun.drivers.sockets import Wire
from typedrun.drivers.socks import SocksProxy, is_socks, read_proxy
from typedrun.errors import ConfigurationError


class ProxiedConnection(Connection):
    """A connection through a proxy. What goes wrong before there is one is told as the proxy's."""

    socks: SocksProxy | None = None

    def _new_conn(self) -> socket.socket:
        with _named_as_the_proxys():
            return super()._new_conn()

    def _dial(self, host: str) -> socket.socket:
        return super()._dial(host) if self.socks is None else self.socks.dial(host, self.port, self._connect_by)

    def _tunnel(self) -> None:
        """Send CONNECT on the socket that is there by now."""
        plain = self.sock
        self.sock = cast("socket.socket", Wire(plain, until=self._connect_by))
        with _named_as_the_proxys():
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


class SecureProxiedConnection(ProxiedConnection, HTTPSConnection):
    """A connection through a proxy, with TLS to the server."""

    def _connect_tls_proxy(self, hostname: str, sock: socket.socket) -> Any:
        try:
            of_urllib3: Any = super()
            secured: Any = of_urllib3._connect_tls_proxy(hostname, sock)
            self._limit_handshake(secured)
            return secured
        except OSError as error:
            if not is_of_libraries(error):
                raise
            with _named_as_the_proxys():
                raise connect_failure(error) from error


@contextmanager
def _named_as_the_proxys() -> Generator[None, None, None]:
    try:
        yield
    except Failure as failed:
        what = f"proxy: {failed.what}"
        raise Failure(failed.stage, what, timed_out=failed.timed_out, is_final=failed.is_final) from failed.__cause__


class ProxiedPool(Pool):
    """Connections through a proxy."""

    ConnectionCls: Any = typed_as_declared(ProxiedConnection)
    socks: SocksProxy | None = None
    """What they go through, where HTTP knows of no proxy."""

    def take(self, keep_alive: float, most_age: float) -> Connection:
        """As `Pool.take`."""
        connection = super().take(keep_alive, most_age)
        cast("ProxiedConnection", connection).socks = self.socks
        return connection

    def prepare(self, connection: Connection) -> None:
        """Open a connection that goes through a tunnel; every other opens itself when it sends."""
        if self.proxy is not None and self.scheme == "https":
            self._prepare_proxy(cast("Any", connection))


class SecureProxiedPool(ProxiedPool, HTTPSConnectionPool):
    """A pool of connections through a proxy, with TLS to the server."""

    ConnectionCls: Any = typed_as_declared(SecureProxiedConnection)


class SocksManager(urllib3.PoolManager):
    """Pools whose connections go through one SOCKS proxy. To HTTP it is as if there were none."""

    socks: SocksProxy

    def connection_from_host(self, *args: Any, **keywords: Any) -> Any:
        """As urllib3's."""
        pool = cast("ProxiedPool", super().connection_from_host(*args, **keywords))
        pool.socks = self.socks
        return pool


def new_manager(proxy: str, most: int, keywords: dict[str, Any]) -> urllib3.PoolManager:
    """A pool manager for a proxy.

    Args:
        proxy: Its address.
        most: Origins with a pool at a time.
        keywords: For its pools.

    Raises:
        ConfigurationError: The address is none of a proxy.
    """
    manager: urllib3.PoolManager
    if is_socks(proxy):
        manager = SocksManager(most, **keywords)
        manager.socks = read_proxy(proxy)
    else:
        manager = _http_manager(proxy, most, keywords)
    classes: Any = {
        "http": ProxiedPool,
        "https": SecureProxiedPool,
    }  # declared as a dict of exactly urllib3's own classes
    manager.pool_classes_by_scheme = classes
    return manager


def _http_manager(proxy: str, most: int, keywords: dict[str, Any]) -> urllib3.ProxyManager:
    try:
        parts = parse_url(proxy)
        if not parts.host:
            raise ValueError("no host")  # told like the other ways of being no address
        credentials = urllib3.make_headers(proxy_basic_auth=unquote(parts.auth)) if parts.auth else None
        if parts.scheme == "https":
            keywords["proxy_ssl_context"] = keywords["ssl_context"]
        bare = parts._replace(auth=None).url
        return urllib3.ProxyManager(bare, most, proxy_headers=credentials, **keywords)
    except (HTTPError, ValueError):
        # The message of urllib3 quotes the address with its password: not kept as the cause.
        raise ConfigurationError(
            f"The proxy {shown_url(proxy)} cannot be used: it must be an http://, https:// or socks5:// address. Next: check proxies="
            " or HTTPS_PROXY, HTTP_PROXY and ALL_PROXY"
        ) from None
