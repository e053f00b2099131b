"""aiohttp's pool of connections, under the limits of the try that takes one; names and SOCKS proxies are reached by our own rules."""

from __future__ import annotations

import asyncio
import socket
from contextvars import ContextVar
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, cast
from weakref import WeakKeyDictionary

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_reqrep import ClientRequest, ConnectionKey
from aiohttp.connector import Connection
from attrs import define

from typedrun.core.request import Failure
from typedrun.drivers.aiohttp_try import Try
from typedrun.drivers.asynchronous import in_a_thread
from typedrun.settings import Settings

if TYPE_CHECKING:
    from aiohttp.client_proto import ResponseHandler

    from typedrun.drivers.socks import SocksProxy

_MOST_IDLE: Final = 1000
"""Idle connections kept for each origin at least: the tasks of a loop are many more than a program's threads, and connecting costs more
than all else."""
_IP: Final = frozenset[int]({socket.AF_INET, socket.AF_INET6})
TRY: ContextVar[Try] = ContextVar("typedrun_try")
"""The try that this task is making, for the connector: aiohttp hands it nothing of ours."""


class _Resolver(AbstractResolver):
    """The system's rules for names, asked in a thread; aiohttp's own stumbles over families other than IP."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a name, in the system's order; aiohttp lets the families take turns (RFC 8305, 4)."""
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
class _Life:
    """Of a pooled connection."""

    born: float
    idle_since: float


class Connector(aiohttp.TCPConnector):
    """aiohttp's pool under the limits of the try that takes a connection."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType]  # a tuple without its types in a parameter not used here
            resolver=_Resolver(),
            limit=0,
            keepalive_timeout=settings.keep_alive,
        )
        self._most_age = settings.connection_age
        self._most_idle = max(settings.pool_size, _MOST_IDLE)
        self._lives = WeakKeyDictionary[Any, _Life]()
        self._kept = dict[ConnectionKey, set[Any]]()

    async def connect(self, req: ClientRequest, traces: list[Any], timeout: aiohttp.ClientTimeout) -> Connection:
        """A connection for a request: one that was kept and is fresh enough, or a new one."""
        attempt = TRY.get()
        while True:
            connection = await super().connect(req, traces, timeout)
            protocol = connection.protocol
            life = self._lives.get(protocol)
            now = monotonic()
            if life is None:
                life = self._lives[protocol] = _Life(now, now)
                attempt.begin(connection, is_used=False)
            else:
                self._kept.get(req.connection_key, set()).discard(protocol)
                is_stale = now - life.idle_since > attempt.limits.keep_alive or now - life.born > self._most_age
                # Whatever came while nobody had asked would be taken for the reply to this request.
                if is_stale or protocol is None or protocol.should_close:
                    connection.close()
                    continue
                attempt.begin(connection, is_used=True)
            connection.add_callback(_Release(self, connection, req.connection_key, life))
            return connection

    async def _create_connection(
        self, req: ClientRequest, traces: list[Any], timeout: aiohttp.ClientTimeout
    ) -> ResponseHandler:
        """As aiohttp does it; through a SOCKS proxy over a socket that PySocks has connected, in a thread."""
        attempt = TRY.get()
        if attempt.socks is None:
            return await super()._create_connection(req, traces, timeout)
        sock = await _dial(attempt, req.url.raw_host or "", req.port or 0)
        context = self._get_ssl_context(req)
        name = (req.server_hostname or req.url.raw_host or "").rstrip(".") if context else None
        _, protocol = await self._loop.create_connection(self._factory, sock=sock, ssl=context, server_hostname=name)
        return protocol

    def keep(self, protocol: Any, key: ConnectionKey) -> None:
        """Note that a connection is about to be kept, or prevent it where enough are."""
        kept = self._kept.setdefault(key, set())
        if len(kept) >= self._most_idle:
            kept.intersection_update([one for one in kept if one.is_connected()])
        if len(kept) < self._most_idle:
            kept.add(protocol)
        else:
            protocol.force_close()


async def _dial(attempt: Try, host: str, port: int) -> socket.socket:
    """A socket that is connected to the host by way of the SOCKS proxy of this try."""
    limits, socks = attempt.limits, cast("SocksProxy", attempt.socks)
    until = monotonic() + limits.connect
    until = until if limits.until is None else min(until, limits.until)
    attempt.is_at_proxy = True
    try:
        dialled: socket.socket = await in_a_thread(partial(socks.dial, host.strip("[]"), port, until))
    except Failure as failure:
        raise Failure(
            failure.stage, f"proxy: {failure.what}", timed_out=failure.timed_out, is_final=failure.is_final
        ) from failure.__cause__
    attempt.is_at_proxy = False
    sock = socket.socket(fileno=dialled.detach())  # of the system's kind, which every loop takes
    sock.setblocking(False)
    return sock


@define(eq=False)
class _Release:
    """What is done when a connection is given back."""

    connector: Connector
    connection: Connection
    key: ConnectionKey
    life: _Life

    def __call__(self) -> None:
        self.life.idle_since = monotonic()
        protocol = self.connection.protocol
        if protocol is not None and not protocol.should_close:
            self.connector.keep(protocol, self.key)
