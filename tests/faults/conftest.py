"""A server on loopback that misbehaves as told: raw sockets, one act for each request."""

import asyncio
import logging
import socket
import ssl
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, cast

import pytest
from attrs import define, evolve, field, frozen

from typedrun.core.effects import Flow
from typedrun.core.opening import Opened
from typedrun.drivers.aiohttp_incoming import Incoming
from typedrun.drivers.aiohttp_network import AsyncNetwork
from typedrun.drivers.asynchronous import LoopClock, drive_async
from typedrun.drivers.live import LiveReply
from typedrun.marketplaces.aixplain import MARKETPLACE
from typedrun.marketplaces.aixplain.wire import AixplainWire
from typedrun.sending.driver import Driver
from typedrun.settings import Secret, Settings, Timeout


@frozen
class Seen:
    """A request as the server read it."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int


class Connection:
    """One accepted socket, in the hands of an act."""

    def __init__(self, sock: socket.socket, number: int, server: "FaultServer") -> None:
        self.socket = sock
        self.number = number
        self.server = server
        self.is_open = True
        self._rest = b""

    def read(self) -> Seen:
        """Reads one request and notes it."""
        head, self._rest = self._rest, b""
        while b"\r\n\r\n" not in head:
            block = self.socket.recv(65536)
            if not block:
                raise ConnectionError("the client went away")
            head += block
        head, _, body = head.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
        while len(body) < int(headers.get("content-length", "0")):
            body += self.socket.recv(65536)
        method, target, _ = first.split(" ")
        seen = Seen(method, target, headers, body, self.number)
        self.server.received.append(seen)
        return seen

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def trickle(self, data: bytes, pause: float = 0.02) -> None:
        """A byte at a time."""
        for at in range(len(data)):
            self.send(data[at : at + 1])
            if self.server.is_stopping.wait(pause):
                return

    def wait(self, seconds: float) -> None:
        self.server.is_stopping.wait(seconds)

    def has_more(self) -> bool:
        """Waits for the first byte of another request, without taking it; False when either side hung up."""
        if self.is_open and not self._rest:
            self._rest = self.socket.recv(65536)
        return bool(self._rest)

    def reset(self) -> None:
        """RST instead of FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        self.is_open = False
        self.socket.close()


Act = Callable[[Connection], None]


@define
class FaultServer:
    """Plays acts in order; the last one is played for ever."""

    listener: socket.socket = field(factory=lambda: socket.create_server(("127.0.0.1", 0), backlog=128))
    acts: deque[Act] = field(factory=deque[Act])
    received: list[Seen] = field(factory=list[Seen])
    connections: int = 0
    open_connections: set[Connection] = field(factory=set[Connection])
    is_stopping: threading.Event = field(factory=threading.Event)
    lock: threading.Lock = field(factory=threading.Lock)
    tls: ssl.SSLContext | None = None
    threads: list[threading.Thread] = field(factory=list[threading.Thread])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def play(self, *acts: Act) -> None:
        self.acts = deque(acts)

    def serve(self) -> None:
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._converse, args=(sock, self.connections), daemon=True)
            self.threads.append(thread)
            thread.start()

    def stop(self) -> None:
        if self.is_stopping.is_set():
            return
        self.is_stopping.set()
        self.listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self.listener.close()
        for connection in list(self.open_connections):
            connection.socket.close()

    def _next_act(self) -> Act:
        with self.lock:
            return self.acts[0] if len(self.acts) == 1 else self.acts.popleft()

    def _converse(self, sock: socket.socket, number: int) -> None:
        if self.tls is not None:
            try:
                sock = self.tls.wrap_socket(sock, server_side=True)
            except OSError:
                return sock.close()
        connection = Connection(sock, number, self)
        self.open_connections.add(connection)
        try:
            while connection.is_open and not self.is_stopping.is_set():
                self._next_act()(connection)
                # The next act belongs to whichever connection the next request comes in on.
                if not connection.has_more():
                    break
        except OSError:
            pass  # the client, or the end of the test, closed it
        finally:
            connection.socket.close()
            self.open_connections.discard(connection)


@pytest.fixture
def server() -> Iterator[FaultServer]:
    faults = FaultServer()
    thread = threading.Thread(target=faults.serve, daemon=True)
    thread.start()
    yield faults
    faults.stop()
    thread.join(5)


@pytest.fixture
def black_hole() -> Iterator[str]:
    """An address that takes no connection and refuses none: a listener that accepts nobody, its queue full."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for sock in waiting:
            sock.setblocking(False)
            sock.connect_ex(listener.getsockname())
        time.sleep(0.05)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        for sock in waiting:
            sock.close()


@pytest.fixture
def settings(server: FaultServer) -> Settings:
    return Settings(
        backend_url=server.url,
        run_url=f"{server.url}/api/v2/execute",
        api_key=Secret("canary-55e0"),
        timeout=Timeout(connect=2, idle=1, total=10),
        proxies=None,
    )


class Awaited:
    """A reply of the asyncio network, read by a test that does not await."""

    def __init__(self, incoming: Incoming, runner: asyncio.Runner) -> None:
        self.status, self.headers = incoming.status, incoming.headers
        self._incoming, self._runner = incoming, runner

    def read(self, until: float | None) -> bytes:
        return self._runner.run(self._incoming.read(until))

    def read_all(self, most: int, until: float | None) -> tuple[bytes, bool]:
        return self._runner.run(self._incoming.read_all(most, until))

    def drain(self, seconds: float, most: int) -> bool:
        return self._runner.run(self._incoming.drain(seconds, most))

    def close(self) -> None:
        self._incoming.close()
        self._runner.run(asyncio.sleep(0))


class NotedDriver(Driver):
    """A driver of aiXplain's wire, unless another is given, which the fixture knows of."""

    made: ClassVar[list[Driver]] = []

    def __init__(self, settings: Settings, **named: Any) -> None:
        named.setdefault("wire", AixplainWire(settings.backend_url, settings.run_url, MARKETPLACE.routes))
        super().__init__(settings, **named)
        self.made.append(self)


class DriverOnALoop(NotedDriver):
    """The same doors over the asyncio driver and aiohttp: what a test says of a driver holds for both."""

    def __init__(self, settings: Settings, **named: Any) -> None:
        super().__init__(settings, **named)
        self._awaiting = AsyncNetwork(self.settings)
        self._runner = asyncio.Runner()

    def drive(self, flow: Flow[Any]) -> Any:
        return self._runner.run(drive_async(flow, self._awaiting, LoopClock(), self._tell))

    def live(self, opened: Opened) -> LiveReply:
        incoming: Any = Awaited(cast("Incoming", opened.incoming), self._runner)
        return super().live(evolve(opened, incoming=incoming))

    def sleep(self, seconds: float) -> None:
        self._runner.run(asyncio.sleep(seconds))

    def close(self) -> None:
        self._runner.run(self._awaiting.close())

    def close_loop(self) -> None:
        self._runner.close()


@pytest.fixture(params=["blocking", "asyncio"])
def driver_class(request: pytest.FixtureRequest) -> Iterator[type[Driver]]:
    """Both drivers, one after the other."""
    yield DriverOnALoop if request.param == "asyncio" else NotedDriver
    while NotedDriver.made:
        driver = NotedDriver.made.pop()
        if isinstance(driver, DriverOnALoop):
            driver.close_loop()


@pytest.fixture
def driver(settings: Settings, driver_class: type[Driver], monkeypatch: pytest.MonkeyPatch) -> Iterator[Driver]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    made = driver_class(settings, roll=lambda: 0.05)  # short waits
    yield made
    made.close()


@pytest.fixture
def everything_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Debug lines of ours and of urllib3, so that tests/conftest.py can look for the key in them."""
    for name in ("typedrun", "urllib3"):
        caplog.set_level(logging.DEBUG, name)


@pytest.fixture
def stopwatch() -> Callable[[], float]:
    """Seconds since the test began."""
    began = time.monotonic()
    return lambda: time.monotonic() - began
