"""Proxies that speak SOCKS, over real sockets."""

from __future__ import annotations

import socket
import struct
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from attrs import evolve

from tests.faults.conftest import FaultServer
from typedrun import errors
from typedrun.core.request import Kind, Request
from typedrun.sending.driver import Driver
from typedrun.settings import Proxies, Settings, Timeout

pytestmark = pytest.mark.usefixtures("everything_is_logged")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def fine(connection: Any) -> None:
    connection.read()
    connection.send(OK)


class Socks5:
    """A proxy that takes every target for the given server."""

    def __init__(self, target: tuple[str, int], *, answer: int = 0, silent: bool = False) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.asked: list[str] = []
        self.users: list[str] = []
        self._target, self._answer, self._silent = target, answer, silent
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.listener.getsockname()[1]}"

    def _serve(self) -> None:
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            if not self._silent:
                threading.Thread(target=self._greet, args=(sock,), daemon=True).start()

    def _greet(self, sock: socket.socket) -> None:
        stream = sock.makefile("rb")
        _, count = stream.read(2)
        if 2 in stream.read(count):
            sock.sendall(b"\x05\x02")
            _, length = stream.read(2)
            user = stream.read(length).decode()
            self.users.append(f"{user}:{stream.read(stream.read(1)[0]).decode()}")
            sock.sendall(b"\x01\x00")
        else:
            sock.sendall(b"\x05\x00")
        kind = stream.read(4)[3]
        host = socket.inet_ntoa(stream.read(4)) if kind == 1 else stream.read(stream.read(1)[0]).decode()
        (port,) = struct.unpack(">H", stream.read(2))
        self.asked.append(f"{host}:{port}")
        sock.sendall(bytes([5, self._answer, 0, 1, 0, 0, 0, 0, 0, 0]))
        if self._answer:
            sock.close()
            return
        onward = socket.create_connection(self._target)
        for one, other in ((sock, onward), (onward, sock)):
            threading.Thread(target=self._copy, args=(one, other), daemon=True).start()

    @staticmethod
    def _copy(one: socket.socket, other: socket.socket) -> None:
        try:
            while block := one.recv(65536):
                other.sendall(block)
        except OSError:
            pass
        finally:
            other.close()


@pytest.fixture
def proxy(server: FaultServer) -> Iterator[Socks5]:
    made = Socks5(("127.0.0.1", int(server.url.rpartition(":")[2])))
    yield made
    made.listener.close()


Get = Callable[[Settings], bytes]


@pytest.fixture
def get(driver_class: type[Driver]) -> Get:
    def body(settings: Settings) -> bytes:
        driver = driver_class(settings, roll=lambda: 0.0)
        try:
            return driver.send(Request("GET", f"{settings.backend_url}/x")).body
        finally:
            driver.close()

    return body


def through(settings: Settings, address: str) -> Settings:
    return evolve(settings, backend_url="http://platform.example.com", proxies=Proxies({"all": address}))


def test_the_proxy_resolves_names_and_is_told_who_asks(
    get: Get, server: FaultServer, settings: Settings, proxy: Socks5
) -> None:
    server.play(fine)
    assert get(through(settings, f"socks5h://user:hunter2%40@{proxy.address}")) == b"{}"
    assert proxy.asked == ["platform.example.com:80"]
    assert proxy.users == ["user:hunter2@"]
    seen = server.received[0]
    assert (seen.target, seen.headers["host"]) == ("/x", "platform.example.com")
    assert "proxy-authorization" not in seen.headers


def test_a_plain_socks5_address_resolves_names_here(
    get: Get, server: FaultServer, settings: Settings, proxy: Socks5
) -> None:
    server.play(fine)
    local = evolve(settings, proxies=Proxies({"all": f"socks5://{proxy.address}"}))
    assert get(local) == b"{}"
    assert proxy.asked == [server.url.removeprefix("http://")]


def test_a_request_without_a_limit_of_time_goes_through_one_too(
    get: Get, server: FaultServer, settings: Settings, proxy: Socks5
) -> None:
    server.play(fine)
    patient = evolve(settings, timeout=evolve(settings.timeout, total=None))
    assert get(through(patient, f"socks5h://{proxy.address}")) == b"{}"
    assert proxy.asked == ["platform.example.com:80"]


def test_the_environment_may_name_one(
    get: Get, server: FaultServer, settings: Settings, proxy: Socks5, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_PROXY", "no_proxy", "HTTP_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ALL_PROXY", f"socks5h://{proxy.address}")
    server.play(fine)
    assert get(evolve(settings, backend_url="http://platform.example.com")) == b"{}"
    assert proxy.asked == ["platform.example.com:80"]


def test_a_connection_through_it_is_kept(
    server: FaultServer, settings: Settings, proxy: Socks5, driver_class: type[Driver]
) -> None:
    server.play(fine, fine)
    driver = driver_class(through(settings, f"socks5h://{proxy.address}"))
    for _ in range(2):
        driver.send(Request("POST", "http://platform.example.com/x", body=b"{}", kind=Kind.UNSAFE))
    assert len(proxy.asked) == 1
    driver.close()


@pytest.mark.parametrize("what", ["refuses", "is not there", "is silent"])
def test_a_proxy_that_does_not_help_is_named_and_nothing_was_sent(
    settings: Settings, server: FaultServer, driver_class: type[Driver], what: str
) -> None:
    made = Socks5(("127.0.0.1", 1), answer=2 if what == "refuses" else 0, silent=what == "is silent")
    if what == "is not there":
        made.listener.close()
    address = "127.0.0.1:1" if what == "is not there" else made.address
    asked = evolve(through(settings, f"socks5h://user:hunter2@{address}"), timeout=Timeout(connect=1.0))
    with pytest.raises((errors.TransportError, errors.TimeoutError), match="proxy") as caught:
        driver_class(asked, roll=lambda: 0.0).send(
            Request("POST", "http://platform.example.com/x", body=b"{}", kind=Kind.UNSAFE), retries=0
        )
    assert not isinstance(caught.value, errors.OutcomeUnknown)
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))
    assert server.received == []
    made.listener.close()


def test_without_pysocks_it_says_what_to_install(get: Get, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "socks", None)
    with pytest.raises(errors.ConfigurationError, match=r"pip install 'typedrun\[socks\]'") as caught:
        get(through(settings, "socks5://user:hunter2@127.0.0.1:1"))
    assert "hunter2" not in str(caught.value)
