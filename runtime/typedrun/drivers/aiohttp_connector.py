"""Connections of aiohttp: it opens them and reads replies from them; which of them a try gets is decided here.

Its own pool knows one limit of idleness for all requests; ours depends on the request, and a connection has an age.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Callable
from functools import partial
from math import inf
from time import monotonic
from typing import Any, Final, cast
from weakref import ref

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_proto import ResponseHandler
from attrs import define

from typedrun.core.request import Failure, Limits
from typedrun.drivers.aiohttp_watch import Watch
from typedrun.drivers.aiohttp_ways import Way, find_way
from typedrun.drivers.asynchronous import in_a_thread
from typedrun.drivers.socks import SocksProxy
from typedrun.settings import Proxies, Settings

_MOST_IDLE: Final = 1000
"""Idle connections kept for each origin at least: the tasks of a loop are many more than a program's threads, and connecting costs more
than all else."""
_MOST_WAYS: Final = 64
"""Origins with connections at a time. Presigned uploads may name a new host each; the oldest way goes."""
_IP: Final = frozenset[int]({socket.AF_INET, socket.AF_INET6})


class _Resolver(AbstractResolver):
    """The system's rules for names, asked in a thread; aiohttp's own stumbles over families other than IP."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Find the addresses of a name, in the system's order; aiohttp lets the families take turns (RFC 8305, 4)."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
        except UnicodeError as error:
            raise OSError(None, "the host name cannot be resolved") from error
        return [
            ResolveResult(
                hostname=host,
                host=_text(address),
                port=cast("tuple[Any, ...]", address)[1],
                family=kind,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for kind, _, protocol, _, address in found
            if kind in _IP
        ]

    async def close(self) -> None:
        """Nothing is open."""


def _text(address: tuple[Any, ...]) -> str:
    """An address as text; one that is valid on one link alone names it."""
    host, *_, scope = address
    return f"{host}%{scope}" if len(address) > 3 and scope else str(host)


@define(eq=False)
class Link:
    """An open connection. It belongs to one try at a time, or is kept."""

    pool: Pool
    way: Way
    protocol: ResponseHandler
    born: float
    idle_since: float
    watch: Watch
    is_used: bool = False
    """Whether it has brought a reply before."""

    def close(self) -> None:
        """Close it, without waiting for a peer that does not read."""
        self.watch.end()
        transport = self.protocol.transport
        if transport is not None:
            transport.abort()
        self.protocol.close()
        self.pool.forget(self)

    def give_back(self) -> None:
        """Let the next try have it, if it can be used again."""
        # Whatever comes while nobody has asked would be taken for the reply to the next request.
        if self.protocol.should_close or not self.protocol.is_connected():
            self.close()
        else:
            self.pool.keep(self)


class Pool(aiohttp.TCPConnector):
    """The connections of one event loop; closed with it."""

    def __init__(self, settings: Settings, proxies: Proxies) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType]  # a tuple without its types in a parameter not used here
            resolver=_Resolver(), limit=0
        )
        self._settings = settings
        self._proxies = proxies
        self._most_kept = max(settings.pool_size, _MOST_IDLE)
        self._ways = dict[str, Way]()
        self._kept = dict[Way, deque[Link]]()
        self._sweeping: asyncio.TimerHandle | None = None

    def way(self, origin: str) -> Way:
        """The way to an origin. Raises as `find_way` does."""
        found = self._ways.get(origin)
        if found is None:
            found = find_way(origin, self._settings, self._proxies, self._loop)
            if len(self._ways) >= _MOST_WAYS:
                _close(self._kept.pop(self._ways.pop(next(iter(self._ways)))))
            self._ways[origin], self._kept[found] = found, deque()
        return found

    def take(self, way: Way, keep_alive: float) -> Link | None:
        """Take a connection that was kept and is fresh enough. One that is too old for this request alone stays for others."""
        now, kept = monotonic(), self._kept.get(way)
        while kept and now - kept[-1].idle_since <= keep_alive:
            link = kept.pop()
            is_old = now - link.born > self._settings.connection_age
            if not is_old and not link.protocol.should_close and link.protocol.is_connected():
                return link
            link.close()
        return None

    async def open(self, way: Way, limits: Limits) -> Link:
        """Open a new connection, through TLS and proxy as the way is.

        Raises:
            Failure: The SOCKS proxy did not help.
            ClientError: There is none.
            OSError: The same.
        """
        if way.socks is None:
            protocol = await self._create_connection(way.request, [], _NO_TIMEOUT)
        else:
            protocol = await self._create_by_socks(way, way.socks, limits)
        self._acquired.add(protocol)  # what aiohttp closes in the end
        now = monotonic()
        return Link(self, way, protocol, now, now, Watch(self._loop))

    def keep(self, link: Link) -> None:
        """Keep a connection for the next try, if there is room."""
        kept = self._kept.get(link.way)
        if kept is None or len(kept) >= self._most_kept or self.closed:
            link.close()
            return
        link.idle_since, link.is_used = monotonic(), True
        kept.append(link)
        if self._sweeping is None:
            self._sweeping = self._loop.call_later(self._settings.keep_alive, _sweep, ref(self))

    def forget(self, link: Link) -> None:
        """Know no more of a connection that is closed."""
        self._acquired.discard(link.protocol)

    def sweep(self) -> None:
        """Close what nobody has used for long."""
        self._sweeping = None
        latest = monotonic() - self._settings.keep_alive
        for kept in self._kept.values():
            _close(kept, latest)
        if any(self._kept.values()) and not self.closed:
            self._sweeping = self._loop.call_later(self._settings.keep_alive, _sweep, ref(self))

    async def _create_by_socks(self, way: Way, socks: SocksProxy, limits: Limits) -> ResponseHandler:
        request = way.request
        sock = await _dial(socks, request.url.raw_host or "", request.port or 0, limits)
        context = self._get_ssl_context(request)
        name = (request.url.raw_host or "").rstrip(".") if context else None
        _, protocol = await self._loop.create_connection(self._factory, sock=sock, ssl=context, server_hostname=name)
        return protocol


_NO_TIMEOUT: Final = aiohttp.ClientTimeout(total=None)


def _close(kept: deque[Link], latest: float = inf) -> None:
    """Close those connections that were used at that moment or before; the oldest come first."""
    while kept and kept[0].idle_since <= latest:
        kept.popleft().close()


def _sweep(pool: Callable[[], Pool | None]) -> None:
    found = pool()
    if found is not None:
        found.sweep()


async def _dial(socks: SocksProxy, host: str, port: int, limits: Limits) -> socket.socket:
    """A socket that is connected to the host by way of the proxy: PySocks does it, in a thread."""
    until = monotonic() + limits.connect
    until = until if limits.until is None else min(until, limits.until)
    try:
        dialled: socket.socket = await in_a_thread(partial(socks.dial, host.strip("[]"), port, until))
    except Failure as failure:
        raise Failure(
            failure.stage, f"proxy: {failure.what}", timed_out=failure.timed_out, is_final=failure.is_final
        ) from failure.__cause__
    sock = socket.socket(fileno=dialled.detach())  # of the system's kind, which every loop takes
    sock.setblocking(False)
    return sock
