"""The sandbox as a server: `Sandbox` in a thread for tests and demos, `serve` in the foreground for people."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import shlex
import socket
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import attrs
import uvicorn

from typedrun_sandbox.app import build_app
from typedrun_sandbox.backend import Backend, Scripted
from typedrun_sandbox.catalog import Catalog
from typedrun_sandbox.connection import Connection
from typedrun_sandbox.faults import Fault, make_fault
from typedrun_sandbox.requestlog import LoggedRequest
from typedrun_sandbox.settings import SANDBOX_KEY, Settings

if TYPE_CHECKING:
    from aixplain_models import Aixplain

HOST = "127.0.0.1"

_STARTING = 10.0
"""Seconds that the server may take to listen."""


class Sandbox:
    """A backend on a free loopback port, in a thread of its own.

        with Sandbox(Path("schemas/aixplain/catalog")) as sandbox:
            Client(api_key=sandbox.api_key, backend_url=sandbox.backend_url, model_url=sandbox.model_url)

    Args:
        snapshot: a snapshot directory, or a JSON file that holds a list of models.
        port: 0 takes a free one.
        host: address to listen on.
        settings: how it behaves; the defaults when None.
        faults: faults that wait from the start.
    """

    def __init__(
        self,
        snapshot: Path,
        *,
        port: int = 0,
        host: str = HOST,
        settings: Settings | None = None,
        faults: Iterable[Fault] = (),
    ) -> None:
        self.settings = settings or Settings()
        self.backend = Backend(Catalog.read(snapshot), self.settings)
        for fault in faults:
            self.backend.expect(fault)
        self._socket = listen(host, port)
        self._url = url_of(self._socket)
        self._server = make_server(self.backend)
        self._thread = threading.Thread(target=self._run, name="typedrun-sandbox", daemon=True)
        self._thread.start()
        wait_until(lambda: self._server.started or not self._thread.is_alive(), _STARTING)
        if not self._server.started:
            self.close()
            raise RuntimeError(f"the sandbox did not start on {self._url} within {_STARTING:g} s")

    @property
    def url(self) -> str:
        """Scheme, host and port, without a slash at the end."""
        return self._url

    @property
    def backend_url(self) -> str:
        """What `BACKEND_URL` should be."""
        return self.url

    @property
    def model_url(self) -> str:
        """What `MODELS_RUN_URL` should be."""
        return f"{self.url}/api/v2/execute"

    @property
    def api_key(self) -> str:
        """The key that is accepted."""
        return self.settings.api_key

    @property
    def environment(self) -> dict[str, str]:
        """The three variables that point a client here."""
        return {"TEAM_API_KEY": self.api_key, "BACKEND_URL": self.backend_url, "MODELS_RUN_URL": self.model_url}

    @property
    def requests(self) -> tuple[LoggedRequest, ...]:
        """Every wire request so far, oldest first, as a tuple; keys are not in it."""
        return self.backend.log.entries()

    def fail_next(self, status: int | None = None, **fields: object) -> None:
        """Let a coming request fail. Without anything, the next request of any kind is answered with 500.

        Args:
            status: HTTP status to answer with.
            **fields: fields of `Fault`: on, model, times, latency (seconds), retry_after, body, reset, truncate, cut, end.

        Raises:
            ValueError: an unknown field, a value that cannot be, or a model that the snapshot does not hold.
        """
        if status is not None or not set(fields) - {"on", "model", "times", "retry_after", "body"}:
            fields["status"] = 500 if status is None else status
        self.backend.expect(make_fault(fields))

    def reply(self, model: str, data: Scripted) -> None:
        """Script the next answer of a model; several are used in turn, and the last one stays.

        Args:
            model: id or path.
            data: the answer's `data`; an object with `status` or `completed` is sent as the whole envelope. A function is
                called with the body of each request and returns either.

        Raises:
            ValueError: the snapshot has no such model.
        """
        self.backend.script(self.backend.known(model).id, data)

    def reset(self) -> None:
        """Forget jobs, files, documents, faults, replies and the request log."""
        self.backend.reset()

    def client(self) -> Aixplain:
        """A client of the generated package that talks to this sandbox; close it when done.

        Raises:
            ModuleNotFoundError: the generated package `aixplain_models` is not installed.
        """
        package = importlib.import_module("aixplain_models")
        made: Aixplain = package.Aixplain(api_key=self.api_key, backend_url=self.backend_url, model_url=self.model_url)
        return made

    def close(self) -> None:
        """Stop; open connections are closed. Closing twice is fine."""
        self._server.should_exit = True
        self._thread.join(_STARTING)
        self._socket.close()

    def __repr__(self) -> str:
        return f"<Sandbox {self.url}, {len(self.backend.catalog.models)} models, {len(self.requests)} requests>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])


def serve(
    snapshot: Path,
    port: int = 0,
    *,
    host: str = HOST,
    api_key: str | None = None,
    settings: Settings | None = None,
    faults: Iterable[Fault] = (),
) -> None:
    """Serve in the foreground until Ctrl-C; prints the variables to set as shell lines that can be pasted.

    Args:
        snapshot: a snapshot directory, or a JSON file that holds a list of models.
        port: 0 takes a free one.
        host: address to listen on.
        api_key: key to accept; `TEAM_API_KEY` when None, and a fixed one when that is unset too.
        settings: how it behaves; its `api_key` gives way to the one above.
        faults: faults that wait from the start.

    Raises:
        OSError: the port is taken.
        ValueError: a fault waits for a model that the snapshot does not hold.
    """
    key = api_key or os.environ.get("TEAM_API_KEY") or SANDBOX_KEY
    backend = Backend(Catalog.read(snapshot), attrs.evolve(settings or Settings(), api_key=key))
    for fault in faults:
        backend.expect(fault)
    with listen(host, port) as listener:
        print(banner(backend, listener), flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            make_server(backend).run(sockets=[listener])


def banner(backend: Backend, listener: socket.socket) -> str:
    """What `serve` prints: a line for people, then shell lines."""
    url = url_of(listener)
    models = len(backend.catalog.models)
    lines = {
        "TEAM_API_KEY": backend.settings.api_key,
        "BACKEND_URL": url,
        "MODELS_RUN_URL": f"{url}/api/v2/execute",
    }
    insecure = "# the aixplain package refuses plain http unless: export AIXPLAIN_ALLOW_INSECURE_URLS=1"
    exports = "\n".join(f"export {name}={shlex.quote(value)}" for name, value in lines.items())
    return f"# typedrun sandbox: {models} models at {url} (Ctrl-C stops it). Paste these lines into another shell:\n{exports}\n{insecure}"


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


def url_of(listener: socket.socket) -> str:
    """The URL of a listening socket."""
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


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


def make_server(backend: Backend) -> Server:
    """A server for one sandbox; it says nothing and takes over neither signals nor logging of its host process."""
    config = uvicorn.Config(
        build_app(backend),
        http=Connection,
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=75,
    )
    return Server(config, backend)


def wait_until(is_done: Callable[[], bool], seconds: float) -> None:
    """Wait for another thread, asking every few milliseconds."""
    deadline = time.monotonic() + seconds
    while not is_done() and time.monotonic() < deadline:
        time.sleep(0.003)
