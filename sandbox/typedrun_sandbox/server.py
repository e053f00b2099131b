"""The sandbox as a server: `Sandbox` in a thread for tests and demos, `serve` in the foreground for people."""

from __future__ import annotations

import contextlib
import os
import shlex
from collections.abc import Generator, Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar, overload

import attrs

from typedrun_sandbox.app import serve_snapshot, snapshot_of
from typedrun_sandbox.engine.backend import Backend
from typedrun_sandbox.engine.certificates import temporary_certificate
from typedrun_sandbox.engine.faults import Fault, make_fault
from typedrun_sandbox.engine.listening import Background, listen, make_server, url_of
from typedrun_sandbox.engine.requestlog import LoggedRequest
from typedrun_sandbox.engine.scripts import Scripted
from typedrun_sandbox.marketplaces.bundled import async_bundled_client, bundled_client
from typedrun_sandbox.settings import SANDBOX_KEY, Settings

if TYPE_CHECKING:
    from typedrun_sandbox.marketplaces.bundled import AsyncBundledClient, BundledClient

HOST = "127.0.0.1"

ClientT_co = TypeVar("ClientT_co", covariant=True)


class MakesClient(Protocol[ClientT_co]):
    """The class of a client: of a generated package, or `typedrun.client.Client`."""

    def __call__(self, *, api_key: str, backend_url: str, model_url: str) -> ClientT_co:
        """Make one."""
        ...


class Sandbox:
    """A backend on a free loopback port, in a thread of its own.

        with Sandbox(bundled_snapshot()) as sandbox:
            Client(api_key=sandbox.api_key, backend_url=sandbox.backend_url, model_url=sandbox.model_url)

    Args:
        snapshot: a snapshot directory, or a JSON file that holds a list of models; when None, that of the marketplace which ships
            with typedrun.
        marketplace: whose wire is spoken; when empty, that of the snapshot's manifest.
        tls: whether to speak TLS with a certificate that is made for this sandbox; `environment` names its file.
        port: 0 takes a free one.
        host: address to listen on.
        settings: how it behaves; the defaults when None.
        faults: faults that wait from the start.
        package: import name of the package that was generated from the snapshot, for the call that the page shows.

    Raises:
        ModuleNotFoundError: TLS without a certificate of yours, and `cryptography` is not installed.
        OSError: the port is taken.
        ValueError: a fault waits for a model or an operation that there is not.
    """

    def __init__(
        self,
        snapshot: Path | None = None,
        *,
        marketplace: str = "",
        tls: bool = False,
        port: int = 0,
        host: str = HOST,
        settings: Settings | None = None,
        faults: Iterable[Fault] = (),
        package: str | None = None,
    ) -> None:
        with contextlib.ExitStack() as opened:
            self.settings: Settings = opened.enter_context(with_certificate(settings or Settings(), tls=tls))
            served = serve_snapshot(snapshot or snapshot_of(marketplace), self.settings, package, marketplace)
            self.backend: Backend = served.backend
            for fault in faults:
                self.backend.expect(fault)
            self._running = Background(served.app, served.backend, host, port)
            self._opened = opened.pop_all()

    @property
    def url(self) -> str:
        """Scheme, host and port, without a slash at the end."""
        return self._running.url

    @property
    def backend_url(self) -> str:
        """What a client takes as `backend_url`."""
        return self.backend.wire.addresses(self.url).backend

    @property
    def model_url(self) -> str:
        """What a client takes as `model_url`."""
        return self.backend.wire.addresses(self.url).model

    @property
    def api_key(self) -> str:
        """The key that is accepted."""
        return self.settings.api_key

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point a client here."""
        return environment_of(self.backend, self.url)

    @property
    def requests(self) -> tuple[LoggedRequest, ...]:
        """Every wire request so far, oldest first, as a tuple; keys are not in it."""
        return self.backend.log.entries()

    def fail_next(self, status: int | None = None, **fields: object) -> None:
        """Let a coming request fail. Without anything, the next request of any kind is answered with 500.

        Args:
            status: HTTP status to answer with.
            **fields: fields of `Fault`: on, model, times, latency (seconds), retry_after, headers, body, reset, truncate, cut, end.

        Raises:
            ValueError: an unknown field, a value that cannot be, or a model or operation that the sandbox does not have.
        """
        if status is not None or not set(fields) - {"on", "model", "times", "retry_after", "headers", "body"}:
            fields["status"] = 500 if status is None else status
        self.backend.expect(make_fault(fields))

    def reply(self, model: str, data: Scripted) -> None:
        """Script the next answer of a model; several are used in turn, and the last one stays.

        Args:
            model: id or path.
            data: the answer's `data`; an object with `status` or `completed` is sent as the whole envelope. A function is
                called with the body of each request and returns either; when it fails, the run is answered with a 422 that names it.

        Raises:
            ValueError: the snapshot has no such model, or the answer is neither JSON nor a function of one argument.
        """
        self.backend.script(model, data)

    def reset(self) -> None:
        """Forget jobs, files, documents, faults, replies and the request log."""
        self.backend.reset()

    @overload
    def client(self) -> BundledClient: ...
    @overload
    def client(self, kind: MakesClient[ClientT_co]) -> ClientT_co: ...
    def client(self, kind: MakesClient[Any] | None = None) -> Any:
        """A client that talks to this sandbox; close it when done.

        Args:
            kind: its class, from the package that was generated from your snapshot. Without it, the client of the package that
                ships with typedrun: its `models` are those of the bundled snapshot, whatever is served.

        Raises:
            ModuleNotFoundError: that package is wanted and not installed.
        """
        made: MakesClient[Any] = bundled_client() if kind is None else kind
        return made(api_key=self.api_key, backend_url=self.backend_url, model_url=self.model_url)

    @overload
    def async_client(self) -> AsyncBundledClient: ...
    @overload
    def async_client(self, kind: MakesClient[ClientT_co]) -> ClientT_co: ...
    def async_client(self, kind: MakesClient[Any] | None = None) -> Any:
        """An asyncio client that talks to this sandbox; use it in `async with`. Arguments and errors as for `client`."""
        made: MakesClient[Any] = async_bundled_client() if kind is None else kind
        return self.client(made)

    def close(self) -> None:
        """Stop; open connections are closed. Closing twice is fine."""
        self._running.close()
        self._opened.close()

    def __repr__(self) -> str:
        return f"<Sandbox {self.url}, {len(self.backend.catalog.models)} models, {len(self.requests)} requests>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@contextlib.contextmanager
def with_certificate(settings: Settings, *, tls: bool) -> Generator[Settings]:
    """The settings, with a certificate of the sandbox's own where TLS is wanted and none is given."""
    if not tls or settings.certificate is not None:
        yield settings
        return
    with temporary_certificate() as certificate:
        yield attrs.evolve(settings, certificate=certificate)


def environment_of(backend: Backend, url: str) -> dict[str, str]:
    """The variables that point a client at a sandbox, and name the certificate that it can trust."""
    certificate = backend.settings.certificate
    trusted = {} if certificate is None else {"SSL_CERT_FILE": str(certificate.certificate)}
    return backend.wire.environment(url, backend.settings.api_key) | trusted


def serve(
    snapshot: Path | None = None,
    port: int = 0,
    *,
    marketplace: str = "",
    tls: bool = False,
    host: str = HOST,
    api_key: str | None = None,
    settings: Settings | None = None,
    faults: Iterable[Fault] = (),
    package: str | None = None,
) -> None:
    """Serve in the foreground until Ctrl-C; prints the variables to set as shell lines that can be pasted.

    Args:
        snapshot: as `Sandbox` takes it, as are `marketplace` and `tls`.
        port: 0 takes a free one.
        marketplace: whose wire is spoken.
        tls: whether to speak TLS with a certificate that is made for this sandbox.
        host: address to listen on.
        api_key: key to accept; when None that of the environment, and a fixed one when that is unset too.
        settings: how it behaves; its `api_key` gives way to the one above.
        faults: faults that wait from the start.
        package: import name of the package that was generated from the snapshot, for the call that the page shows.

    Raises:
        ModuleNotFoundError: TLS without a certificate of yours, and `cryptography` is not installed.
        OSError: the port is taken.
        ValueError: a fault waits for a model or an operation that there is not.
    """
    with with_certificate(settings or Settings(), tls=tls) as chosen, listen(host, port) as listener:
        served = serve_snapshot(snapshot or snapshot_of(marketplace), chosen, package, marketplace)
        backend = served.backend
        key = api_key or os.environ.get(backend.wire.key_variable) or SANDBOX_KEY
        backend.settings = attrs.evolve(backend.settings, api_key=key)
        for fault in faults:
            backend.expect(fault)
        try:
            print(banner(backend, url_of(listener, host, backend.settings.certificate)), flush=True)
        except OSError as error:
            error.filename = "standard output"  # the system names files alone
            raise
        with contextlib.suppress(KeyboardInterrupt):
            make_server(served.app, backend).run(sockets=[listener])


def banner(backend: Backend, url: str) -> str:
    """What `serve` prints: a line for people, then shell lines."""
    models = len(backend.catalog.models)
    variables = environment_of(backend, url)
    exports = "\n".join(f"export {name}={shlex.quote(value)}" for name, value in variables.items())
    hints = "".join(f"\n# {hint}" for hint in backend.wire.hints)
    return f"# typedrun sandbox: {models} models at {url} (Ctrl-C stops it). Paste these lines into another shell:\n{exports}{hints}"
