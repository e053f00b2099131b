"""How far one try on aiohttp came, and what its errors mean."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

import aiohttp
from aiohttp.client_reqrep import ClientRequest, ClientResponse
from aiohttp.connector import Connection
from aiohttp.http_exceptions import HttpProcessingError

from typedrun.core.request import Failure, Limits, Stage
from typedrun.drivers.sockets import OWN_CERTIFICATE, bytes_acknowledged, failure, words

if TYPE_CHECKING:
    from typedrun.drivers.socks import SocksProxy

_Handler = Callable[[ClientRequest], Awaitable[ClientResponse]]
_CAN_TELL: Final = sys.platform == "linux"
"""Whether the system says which bytes the peer has acknowledged."""


class Try:
    """One try, from its connection on. It belongs to the task that makes it."""

    def __init__(self, limits: Limits, *, has_proxy: bool, socks: SocksProxy | None = None) -> None:
        self.limits = limits
        self.socks = socks
        """What its connection goes through, if it must be opened."""
        self.is_at_proxy = False
        """Whether that proxy has not let it through yet."""
        self._has_proxy = has_proxy
        self._transport: asyncio.Transport | None = None
        self._is_used = False
        self._is_body_taken = True
        self._own: BaseException | None = None
        self._copy: socket.socket | None = None
        self._acknowledged: int | None = None

    # --- on its way -------------------------------------------------------------------------------------------------

    def begin(self, connection: Connection, *, is_used: bool) -> None:
        """Take note of the connection; of one that was used before, what the peer has so far.

        A copy of its descriptor is kept until the head has come: aiohttp tells of a closed connection when it can be asked no more.
        """
        self._transport, self._is_used = connection.transport, is_used
        if is_used and _CAN_TELL and self._transport is not None:
            number = self._transport.get_extra_info("socket").fileno()
            self._copy = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0, os.dup(number))
            self._acknowledged = bytes_acknowledged(self._copy)

    def end(self) -> None:
        """Let go of the connection: it is the reply's, or is closed."""
        copy, self._copy = self._copy, None
        if copy is not None:
            copy.close()

    async def blocks(self, source: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The blocks of a body, under the limit of silence; aiohttp asks for one when it has sent the one before."""
        self._is_body_taken = False
        try:
            async for block in source:
                yield block
        except Exception as error:
            self._own = error
            raise
        self._is_body_taken = True

    async def make(self, request: ClientRequest, handler: _Handler) -> ClientResponse:
        """Let aiohttp send; between its own retries and the network, so that it makes none.

        Raises:
            Failure: No reply came.
        """
        try:
            return await handler(request)
        except (aiohttp.ClientError, OSError) as error:
            self._cut()
            if self._own is not None:
                raise self._own from None
            failed = self._failure(error)
            # aiohttp quotes a head that it refuses, in which a key may be echoed: not kept as the cause.
            raise failed from (None if isinstance(error, aiohttp.ClientResponseError) else error)
        except BaseException:
            self._cut()
            raise

    def _cut(self) -> None:
        """Break the connection off: aiohttp would wait for a peer that does not read."""
        if self._transport is not None:
            self._transport.abort()

    # --- how far it came --------------------------------------------------------------------------------------------

    @property
    def stage(self) -> Stage:
        """Whether the whole request was handed over."""
        return Stage.NO_REPLY if self._transport is not None and self._is_body_taken else Stage.NEVER_SENT

    def late(self) -> Failure:
        """The failure of a try whose time is over."""
        what = "connect timed out" if self._transport is None else "timed out"
        what = f"proxy: {what}" if self.is_at_proxy else what
        return Failure(self.stage, what, timed_out=True)

    def _failure(self, error: Exception) -> Failure:
        if self._transport is None:
            return self._not_connected(error)
        if isinstance(error, TimeoutError):
            return Failure(self.stage, "timed out", timed_out=True)
        if isinstance(error, aiohttp.ServerDisconnectedError):
            # The peer closed before a byte of this request reached it: nobody can have executed it.
            stage = self.stage if self._was_reached() else Stage.NEVER_SENT
            return Failure(stage, "connection closed without a reply")
        if isinstance(error, aiohttp.ClientResponseError):
            return Failure(Stage.NO_REPLY, f"not an HTTP reply: {_said(error)}")
        cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
        if isinstance(cause, aiohttp.ClientConnectionResetError) or getattr(cause, "errno", None) == errno.EPIPE:
            return Failure(Stage.NEVER_SENT, words(BrokenPipeError()))  # not all of it was taken
        if not isinstance(cause, OSError):
            return Failure(self.stage, "the connection broke")
        refused = failure(cause, Stage.NEVER_SENT)
        # A TLS 1.3 server says with its first record that it refuses the client's certificate: the handshake is not over for it.
        is_refusal = refused.what == OWN_CERTIFICATE and not self._is_used
        return refused if is_refusal else failure(cause, self.stage)

    def _not_connected(self, error: Exception) -> Failure:
        found = _connect_failure(error)
        is_proxys = self._has_proxy and not isinstance(error, aiohttp.ConnectionTimeoutError)
        if not (is_proxys or self.is_at_proxy):
            return found
        return Failure(found.stage, f"proxy: {found.what}", timed_out=found.timed_out, is_final=found.is_final)

    def _was_reached(self) -> bool:
        """Whether the peer's system may have had a byte of the request: it has not if it acknowledged none since."""
        if self._acknowledged is None or self._copy is None:
            return True
        return bytes_acknowledged(self._copy) != self._acknowledged


def _connect_failure(error: Exception) -> Failure:
    if isinstance(error, TimeoutError):
        return Failure(Stage.NEVER_SENT, "connect timed out", timed_out=True)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Failure(Stage.NEVER_SENT, "the host name cannot be resolved")
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return Failure(Stage.NEVER_SENT, f"Tunnel connection failed: {error.status} {error.message}")
    cause: Any = (
        getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error.__cause__ or error
    )
    if isinstance(cause, OSError):
        return failure(cause, Stage.NEVER_SENT)
    return Failure(Stage.NEVER_SENT, words(error))


def _said(error: aiohttp.ClientResponseError) -> str:
    """aiohttp's words, without what it quotes of the reply."""
    cause = error.__cause__
    text = cause.message if isinstance(cause, HttpProcessingError) else error.message
    return " ".join(text.split()).partition(": b'")[0]
