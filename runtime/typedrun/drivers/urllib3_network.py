"""One try of a request on urllib3: bytes out, a reply's head in, its body on demand. Imported with the first request.

urllib3 gives pools, proxies, TLS and the decompression of bodies. What it does not do is done here, below it:
- A connection's socket is a `Wire`, so that every system call is under the limits of the try that owns the connection, and tells the
  network's errors from the caller's. A try takes a connection from the pool itself and calls it: urllib3's `urlopen` has no way to hand
  limits to a connection.
- Heads are written and read by core/head.py: urllib3 and http.client took 45 % of a run's instructions for that.
- Idle and age limits of pooled connections, and fresh pools after a fork.
urllib3's own retries and redirects do not come into it: they run under the deadline and hide the reply.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import quote, urlsplit

import urllib3
from urllib3._version import version
from urllib3.exceptions import LocationParseError

from typedrun.core.head import head_of
from typedrun.core.request import Failure, Limits, Stage
from typedrun.drivers.connection import Unshown
from typedrun.drivers.incoming import Incoming
from typedrun.drivers.pools import Pool, SecurePool
from typedrun.drivers.proxies import find_proxies, proxy_for
from typedrun.records import define
from typedrun.settings import Proxies, Settings

if TYPE_CHECKING:
    from typedrun.core.bodies import Body
    from typedrun.core.transports import Transport

_MOST_POOLS: Final = 64
"""Origins with a pool at a time. Presigned uploads may name a new host each; the oldest pool goes."""
_NO_HEADERS: Final[Mapping[str, str]] = {}
_PRINTABLE: Final = "".join(map(chr, range(33, 127)))


@define(eq=False)
class _Way:
    """How to reach an origin."""

    pool: Pool
    prefix: str
    """What stands before the target: the origin, where a proxy reads the request itself."""
    host: str
    """The `Host` of requests."""
    headers: Mapping[str, str]
    """For that proxy."""


class Network:
    """Pools by origin; made when the first request needs one, and made anew in a forked child."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pid = os.getpid()
        self._ways = dict[str, _Way]()
        self._managers = dict[tuple[str | None, bool], urllib3.PoolManager]()
        self._proxies: Proxies = find_proxies(settings, os.environ)

    def exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | Body | None, limits: Limits
    ) -> Incoming:
        """Send a request and read the head of the reply.

        Raises:
            Failure: No reply came; it says how far the request got.
        """
        way, target = self._way(url)
        fields = {**headers, **way.headers} if way.headers else headers
        head = Unshown(head_of(method, way.prefix + target, way.host, fields, body))
        pool = way.pool
        connection = pool.take(limits.keep_alive, self._settings.connection_age)
        try:
            connection.limits = limits
            if connection.sock is None:
                pool.prepare(connection)
            return Incoming(connection.exchange(method, head, body), connection, pool.give_back)
        except BaseException:
            connection.close()
            raise

    def close(self) -> None:
        """Close idle connections; those in use close when their reply is read."""
        self._notice_fork()
        managers, self._managers, self._ways = self._managers, {}, {}
        for manager in managers.values():
            manager.clear()

    def _way(self, url: str) -> tuple[_Way, str]:
        """The way to a URL, and what to ask for there."""
        self._notice_fork()
        start = url.find("/", url.find("://") + 3)
        origin, target = (url, "/") if start < 0 else (url[:start], url[start:].partition("#")[0])
        return self._ways.get(origin) or self._new_way(origin), quote(target, safe=_PRINTABLE)

    def _notice_fork(self) -> None:
        if self._pid != os.getpid():
            # A child shares its parent's sockets: it must not write to them, and a lock of its copies may be held for ever.
            self._pid, self._ways, self._managers = os.getpid(), {}, {}

    def _new_way(self, origin: str) -> _Way:
        try:
            parts = urlsplit(origin)
            scheme, host = parts.scheme.lower(), parts.hostname or ""
            port = parts.port or (443 if scheme == "https" else 80)
            proxy = proxy_for(self._proxies, scheme, host, port)
            manager = self._manager(proxy, wants_tls=scheme == "https" or (proxy or "").startswith("https:"))
            pool = cast("Pool", manager.connection_from_host(host, port, scheme))
        except (ValueError, LocationParseError):
            raise Failure(Stage.NEVER_SENT, "the address is malformed", is_final=True) from None
        while len(self._ways) >= _MOST_POOLS:
            with suppress(KeyError, StopIteration, RuntimeError):  # another thread does the same
                self._ways.pop(next(iter(self._ways)))
        is_relayed = pool.proxy is not None and scheme == "http"
        prefix, for_proxy = (origin, pool.proxy_headers) if is_relayed else ("", _NO_HEADERS)
        return self._ways.setdefault(origin, _Way(pool, prefix, _host_field(scheme, host, parts.port), for_proxy))

    def _manager(self, proxy: str | None, *, wants_tls: bool) -> urllib3.PoolManager:
        found = self._managers.get((proxy, wants_tls))
        if found is None:
            made = _new_manager(proxy, self._settings, wants_tls=wants_tls)
            found = self._managers.setdefault((proxy, wants_tls), made)
        return found


def _host_field(scheme: str, host: str, port: int | None) -> str:
    """Who is asked (RFC 9110, 7.2): a port that goes without saying is not said, nor the interface of an address."""
    name = host if host.isascii() else host.encode("idna").decode()
    name = f"[{name.partition('%')[0]}]" if ":" in name else name
    return name if port in {None, 443 if scheme == "https" else 80} else f"{name}:{port}"


def connect(settings: Settings) -> Transport:
    """The network as the driver knows it.

    Raises:
        ConfigurationError: What is installed under urllib3's name is not urllib3.
    """
    # urllib3-future installs itself under this name (niquests brings it), with versions such as 2.12.907 and other insides.
    patch = version.split(".")[2]
    if patch.isdecimal() and int(patch) >= 900:
        from typedrun.errors import ConfigurationError

        raise ConfigurationError(
            f"urllib3-future {version} is installed in the place of urllib3, and the transport cannot work with it."
            " Next: uninstall urllib3-future (niquests needs it: give that an environment of its own), then reinstall urllib3"
        )
    return Network(settings)


def _new_manager(proxy: str | None, settings: Settings, *, wants_tls: bool) -> urllib3.PoolManager:
    """A pool manager, direct or through a proxy. Loading certificates takes a while, so only where TLS is spoken."""
    keywords: dict[str, Any] = {"maxsize": settings.pool_size, "block": False}
    if wants_tls:
        from typedrun.drivers.tls import tls_context

        keywords["ssl_context"] = tls_context(settings)
    if proxy is not None:
        from typedrun.drivers.proxied import new_manager

        return new_manager(proxy, _MOST_POOLS, keywords)
    manager = urllib3.PoolManager(_MOST_POOLS, **keywords)
    classes: Any = {"http": Pool, "https": SecurePool}  # declared as a dict of exactly urllib3's own classes
    manager.pool_classes_by_scheme = classes
    return manager
