"""The HTTP/1.1 connection, with two things that ASGI cannot do: hang up in the middle, and reset the TCP connection."""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from collections.abc import Callable
from typing import cast

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

HANG_UP = "typedrun.hang_up"
RESET = "typedrun.reset"

_LINGER_ZERO = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
"""SO_LINGER on with no time: closing the socket discards what is unsent and sends RST instead of FIN."""


class Connection(H11Protocol):
    """uvicorn's h11 protocol that gives the application its transport's two ways out, as scope extensions."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the parent declares it
        """Remember the transport for every request that comes over this connection."""
        super().connection_made(transport)
        inner = cast("ASGIApp", self.app)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            scope["extensions"] = {HANG_UP: transport.close, RESET: lambda: reset(transport)}
            await inner(scope, receive, send)

        self.app = app


def reset(transport: asyncio.Transport) -> None:
    """Send RST: the peer sees ECONNRESET, not an orderly end."""
    connection: socket.socket | None = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
    transport.abort()


def way_out(scope: Scope, name: str) -> Callable[[], None]:
    """One of the two, from a request's scope."""
    extensions = cast("dict[str, Callable[[], None]]", scope["extensions"])
    return extensions[name]
