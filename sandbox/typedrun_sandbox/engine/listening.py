"""Sockets, and the server: in the thread that calls, or in one of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from typedrun_sandbox.engine.backend import Backend
from typedrun_sandbox.engine.connection import Connection
from typedrun_sandbox.settings import Certificate

_STARTING = 10.0
"""Seconds that a server may take to listen, and to end."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens, so that the port is known before the server runs.

    Raises:
        OSError: the port is taken; the message names it.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named, because asyncio turns Nagle's algorithm off only where it reads IPPROTO_TCP; 40 ms per answer otherwise.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise OSError(error.errno, f"the sandbox cannot listen on {host} port {port}: {error.strerror}") from error
    return listener


def url_of(listener: socket.socket, host: str, certificate: Certificate | None) -> str:
    """The URL of a listening socket; with TLS it has the name that was asked for, which is what a certificate is for."""
    address, port = listener.getsockname()[:2]
    if certificate is not None:
        return f"https://{host}:{port}"
    return f"http://{f'[{address}]' if ':' in address else address}:{port}"


class Server(uvicorn.Server):
    """uvicorn's server, which on closing does not wait for streams that nobody reads."""

    def __init__(self, config: uvicorn.Config, backend: Backend) -> None:
        super().__init__(config)
        self.backend = backend

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let every pause end, then drop what is still open."""
        self.backend.closing.set()
        await asyncio.sleep(0.01)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await super().shutdown(sockets)


def make_server(app: ASGIApp, backend: Backend) -> Server:
    """Make a server for one sandbox; it says nothing and takes over neither signals nor logging of its host process."""
    certificate = backend.settings.certificate
    config = uvicorn.Config(
        app,
        http=Connection,
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=75,
        ssl_certfile=certificate.certificate if certificate else None,
        ssl_keyfile=certificate.key if certificate else None,
    )
    return Server(config, backend)


class Background:
    """A server in a thread of its own, listening when this is made.

    Raises:
        OSError: the port is taken.
        RuntimeError: it did not start.
    """

    def __init__(self, app: ASGIApp, backend: Backend, host: str, port: int) -> None:
        self._socket = listen(host, port)
        self.url: str = url_of(self._socket, host, backend.settings.certificate)
        """Scheme, host and port, without a slash at the end."""
        self._server = make_server(app, backend)
        self._thread = threading.Thread(target=self._run, name="typedrun-sandbox", daemon=True)
        self._thread.start()
        wait_until(lambda: self._server.started or not self._thread.is_alive(), _STARTING)
        if not self._server.started:
            self.close()
            raise RuntimeError(f"the sandbox did not start on {self.url} within {_STARTING:g} s")

    def close(self) -> None:
        """Stop; open connections are closed. Closing twice is fine."""
        self._server.should_exit = True
        self._thread.join(_STARTING)
        self._socket.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])


def wait_until(is_done: Callable[[], bool], seconds: float) -> None:
    """Wait for another thread, asking every few milliseconds."""
    deadline = time.monotonic() + seconds
    while not is_done() and time.monotonic() < deadline:
        time.sleep(0.003)
