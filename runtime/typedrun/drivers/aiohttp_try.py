"""How far one try on aiohttp came, and what its errors mean."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any, Final, NoReturn

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.http_parser import RawResponseMessage
from aiohttp.http_writer import StreamWriter
from aiohttp.streams import StreamReader
from attrs import define

from typedrun.core.head import LONGEST_LINE
from typedrun.core.request import Failure, Stage
from typedrun.drivers.aiohttp_connector import Link
from typedrun.drivers.aiohttp_ways import Way
from typedrun.drivers.failures import OWN_CERTIFICATE, failure, words
from typedrun.drivers.sockets import bytes_acknowledged

_CAN_TELL: Final = sys.platform == "linux"
"""Whether the system says which bytes the peer has acknowledged."""
_READ_AHEAD: Final = 2**16
_MOST_HEADERS: Final = 2000
_SWITCHING: Final = 101


@define(eq=False)
class Arrived:
    """The head of a reply, and what is still going on."""

    message: RawResponseMessage
    content: StreamReader
    sending: asyncio.Task[None] | None
    """What sends the rest of the request, if it was not taken before its reply came."""


class Try:
    """One try, from its connection on. It belongs to the task that makes it."""

    def __init__(self, way: Way) -> None:
        self._way = way
        self._link: Link | None = None
        self._is_body_taken = True
        self._own: Exception | None = None
        self._copy: int | None = None
        self._acknowledged: int | None = None

    # --- on its way

    def begin(self, link: Link) -> None:
        """Take note of the connection; of one that was used before, what the peer has so far.

        A copy of its descriptor is kept until the head has come: aiohttp tells of a closed connection when it can be asked no more.
        """
        self._link = link
        transport = link.protocol.transport
        if link.is_used and _CAN_TELL and transport is not None:
            sock = transport.get_extra_info("socket")
            self._acknowledged = bytes_acknowledged(sock)
            self._copy = os.dup(sock.fileno())

    def end(self) -> None:
        """Let go of the connection: it is the reply's, or is closed."""
        copy, self._copy = self._copy, None
        if copy is not None:
            os.close(copy)

    async def send(
        self, link: Link, head: bytes, body: AsyncIterator[bytes] | None, idle: Callable[[], float]
    ) -> Arrived:
        """Send a request, and wait for the head of its reply.

        Args:
            link: What it goes through.
            head: Its lines, and what follows them at once.
            body: What is sent block by block.
            idle: How long the peer may be silent from now on, in seconds; silence begins anew when a block was taken.

        Raises:
            ClientError: No reply came.
            OSError: The same.
            Silence: None came in time.
        """
        protocol = link.protocol
        transport = protocol.transport
        if transport is None or transport.is_closing():
            raise aiohttp.ClientConnectionResetError("closed before it was used")
        protocol.set_response_params(
            read_until_eof=True,
            read_bufsize=_READ_AHEAD,
            max_line_size=LONGEST_LINE,
            max_field_size=LONGEST_LINE,
            max_headers=_MOST_HEADERS,
        )
        watch = partial(self._watch, link, idle)
        watch()
        transport.write(head)
        sending: asyncio.Task[None] | None = None
        if body is not None:
            self._is_body_taken = False
            sending = asyncio.create_task(self._send_blocks(protocol, body, watch))
        try:
            while True:
                message, content = await protocol.read()
                if message.code >= 200 or message.code == _SWITCHING:
                    return Arrived(message, content, sending)
        except BaseException:
            if sending is not None:
                sending.cancel()
            raise
        finally:
            link.watch.rest(link.protocol.set_exception)

    @staticmethod
    def _watch(link: Link, idle: Callable[[], float]) -> None:
        link.watch.begin(idle(), link.protocol.set_exception)

    async def _send_blocks(
        self, protocol: ResponseHandler, source: AsyncIterator[bytes], watch: Callable[[], object]
    ) -> None:
        """Send the blocks of a body, beside the waiting: a reply may come before they are all taken."""
        writer = StreamWriter(protocol, asyncio.get_running_loop())
        try:
            while True:
                try:
                    block = await anext(source)
                except StopAsyncIteration:
                    break
                except Exception as error:
                    self._own = error
                    raise
                if protocol.transport is None:
                    raise aiohttp.ClientConnectionResetError("closed while the body was sent")
                protocol.transport.write(block)
                await writer.drain()
                watch()
            self._is_body_taken = True
        except Exception as error:  # noqa: BLE001  # whoever waits for the reply is told
            protocol.set_exception(error)

    def fail(self, error: aiohttp.ClientError | HttpProcessingError | OSError) -> NoReturn:
        """Tell the caller of an error that ended this try.

        Raises:
            Failure: The network's.
            Exception: The body's own.
        """
        if self._own is not None:
            raise self._own from None
        # aiohttp quotes a head that it refuses, in which a key may be echoed: not kept as the cause.
        is_quoting = isinstance(error, HttpProcessingError | aiohttp.ClientHttpProxyError)
        raise self._failure(error) from (None if is_quoting else error)

    def cut(self) -> None:
        """Break the connection off: a peer that does not read would be waited for."""
        if self._link is not None:
            self._link.close()

    # --- how far it came

    @property
    def stage(self) -> Stage:
        """Whether the whole request was handed over."""
        return Stage.NO_REPLY if self._link is not None and self._is_body_taken else Stage.NEVER_SENT

    def late(self) -> Failure:
        """The failure of a try whose time is over."""
        what = "timed out"
        if self._link is None:
            what = "connect timed out" if self._way.socks is None else "proxy: connect timed out"
        return Failure(self.stage, what, timed_out=True)

    def _failure(self, error: Exception) -> Failure:
        if self._link is None:
            return self._not_connected(error)
        if isinstance(error, TimeoutError):
            return Failure(self.stage, "timed out", timed_out=True)
        if isinstance(error, aiohttp.ServerDisconnectedError):
            # The peer closed before a byte of this request reached it: nobody can have executed it.
            stage = self.stage if self._was_reached() else Stage.NEVER_SENT
            return Failure(stage, "connection closed without a reply")
        if isinstance(error, HttpProcessingError):
            return Failure(Stage.NO_REPLY, f"not an HTTP reply: {_said(error)}")
        cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
        if isinstance(cause, aiohttp.ClientConnectionResetError) or getattr(cause, "errno", None) == errno.EPIPE:
            return Failure(Stage.NEVER_SENT, words(BrokenPipeError()))  # not all of it was taken
        if not isinstance(cause, OSError):
            return Failure(self.stage, "the connection broke")
        refused = failure(cause, Stage.NEVER_SENT)
        # A TLS 1.3 server says with its first record that it refuses the client's certificate: the handshake is not over for it.
        is_refusal = refused.what == OWN_CERTIFICATE and not self._link.is_used
        return refused if is_refusal else failure(cause, self.stage)

    def _not_connected(self, error: Exception) -> Failure:
        found = _connect_failure(error)
        if self._way.request.proxy is None:
            return found
        return Failure(found.stage, f"proxy: {found.what}", timed_out=found.timed_out, is_final=found.is_final)

    def _was_reached(self) -> bool:
        """Whether the peer's system may have had a byte of the request: it has not if it acknowledged none since."""
        if self._acknowledged is None or self._copy is None:
            return True
        copy, self._copy = self._copy, None
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0, copy) as sock:
            return bytes_acknowledged(sock) != self._acknowledged


def _connect_failure(error: Exception) -> Failure:
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


def _said(error: HttpProcessingError) -> str:
    """aiohttp's words, without what it quotes of the reply."""
    return " ".join(error.message.split()).partition(": b'")[0]
