"""docs/runtime.md's table "which limit covers what", row by row: each situation ends by the limit that the table names."""

import json
import math
import re
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen

from aixplain_models import Aixplain
from tests.faults.conftest import FaultServer
from typedrun import Timeout, errors
from typedrun.core.request import Kind, Request
from typedrun.core.streams import LINGER
from typedrun.sending.driver import Driver
from typedrun.settings import Proxies, Settings

CONNECT, IDLE, TOTAL, GIVEN = 0.4, 0.7, 1.5, 1.1
EVENTS = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
TOKEN = b'data: {"choices":[{"index":0,"delta":{"content":"tok"},"finish_reason":null}]}\n\n'
STOP = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'


@frozen
class World:
    """What a situation is made of."""

    server: FaultServer
    settings: Settings
    black_hole: str
    driver_class: type[Driver] = Driver

    def get(self, **changes: Any) -> None:
        settings = evolve(self.settings, **changes)
        driver = self.driver_class(settings, roll=lambda: 0.05)
        try:
            driver.send(Request("GET", f"{settings.backend_url}/x"), retries=0)
        finally:
            driver.close()

    def client(self, timeout: Timeout | None = None) -> Aixplain:
        url = self.server.url
        limits = timeout or self.settings.timeout
        return Aixplain(api_key="canary-55e0", backend_url=url, model_url=f"{url}/api/v2/execute", timeout=limits)

    def proxied(self, address: str) -> dict[str, Any]:
        return {"backend_url": "https://models.example.com", "proxies": Proxies({"https": address})}


def silent(connection: Any) -> None:
    connection.read()
    connection.wait(20)


def sends(data: bytes, *more: bytes, pause: float = 20) -> Callable[[Any], None]:
    """Sends one piece at once, and the others for ever, with pauses between."""

    def act(connection: Any) -> None:
        connection.read()
        connection.send(data)
        while not connection.server.is_stopping.wait(pause):
            for piece in more:
                connection.send(piece)

    return act


def mute(connection: Any) -> None:
    connection.wait(20)


def tunnel_then_mute(connection: Any) -> None:
    while b"\r\n\r\n" not in connection.socket.recv(65536):
        pass
    connection.send(b"HTTP/1.1 200 Connected\r\n\r\n")
    connection.wait(20)


def plays(act: Callable[[Any], None], then: Callable[[World], object]) -> Callable[[World], object]:
    def situation(world: World) -> object:
        world.server.play(act)
        return then(world)

    return situation


def run(world: World, **controls: Any) -> object:
    model: Any = world.client().models.openai.gpt_5_4
    return model.run(text="Hello", **controls)


def stream(world: World, **controls: Any) -> None:
    with world.client().models.openai.gpt_5_4.run_stream(text="Hello", **controls) as events:
        for _ in events:
            pass


TRICKLE = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
BUSY = b"HTTP/1.1 429 Slow Down\r\nContent-Length: 0\r\n\r\n"
SITUATIONS: dict[str, Callable[[World], object]] = {
    "an address that does not answer": lambda world: world.get(backend_url=world.black_hole),
    "a proxy that does not answer CONNECT": plays(mute, lambda world: world.get(**world.proxied(world.server.url))),
    "a server that does not answer the TLS handshake": plays(
        mute, lambda world: world.get(backend_url=world.server.url.replace("http:", "https:"))
    ),
    "the same behind a proxy": plays(tunnel_then_mute, lambda world: world.get(**world.proxied(world.server.url))),
    "a server that reads a request and says nothing": plays(silent, lambda world: world.get()),
    "a server that stops in the midst of a reply": plays(sends(TRICKLE + b"x"), lambda world: world.get()),
    "a reply that trickles": plays(sends(TRICKLE, b"x", pause=0.1), lambda world: world.get()),
    "a run of a client with a total, the server silent": plays(
        silent, lambda world: world.client(Timeout(idle=10, total=TOTAL)).models.openai.gpt_5_4.run(text="Hello")
    ),
    "a run with its own `timeout`, the server silent": plays(
        silent, lambda world: world.client(Timeout(idle=10)).models.openai.gpt_5_4.run(text="Hello", timeout=GIVEN)
    ),
    "a server that refuses the tries of a read": plays(
        sends(TRICKLE, b"x", pause=0.1),
        lambda world: world.driver_class(world.settings).send(Request("GET", f"{world.server.url}/x")),
    ),
    "a stream without `timeout`, the server silent before its head": plays(
        silent,
        lambda world: list(world.client(Timeout(idle=10, total=TOTAL)).models.openai.gpt_5_4.run_stream(text="x")),
    ),
    "a stream without `timeout`, silent after its head": plays(sends(EVENTS + TOKEN), stream),
    "a stream with its own `timeout`, silent before its head": plays(
        silent,
        lambda world: world.client(Timeout(idle=10)).models.openai.gpt_5_4.run_stream(text="x", timeout=GIVEN),
    ),
    "a stream with its own `timeout`, kept alive by comments": plays(
        sends(EVENTS + TOKEN, b": still here\n\n", pause=0.1), lambda world: stream(world, timeout=GIVEN)
    ),
    "the endless error page of a stream": plays(
        sends(b"HTTP/1.1 400 No\r\nConnection: close\r\n\r\n", b"<p>no</p>", pause=0.1), stream
    ),
    "a stream whose answer is whole, the server lingering": plays(
        sends(EVENTS + TOKEN + STOP), lambda world: lingering(world)
    ),
}


def lingering(world: World) -> None:
    client = world.client(Timeout(idle=30, total=60))
    with client.models.openai.gpt_5_4.run_stream(text="Hello") as events:
        assert events.final().data == "tok"


SECONDS = {"`connect`": CONNECT, "`idle`": IDLE, "`total`": TOTAL, "`timeout`": GIVEN, "two seconds": LINGER}
WORDS = {
    "`connect`": "connect timed out",
    "`idle`": rf"(no sign of one|silence) for {IDLE:g} s",
    "`total`": rf"{TOTAL:g} s given|",
    "`timeout`": f"{GIVEN:g} s given",
}


def rows() -> dict[str, str]:
    text = (Path(__file__).parents[2] / "docs" / "runtime.md").read_text(encoding="utf-8")
    table = text.partition("| What happens | ends by |\n|---|---|\n")[2].partition("\n\n")[0]
    return dict(re.findall(r"^\| (.+?) \| (.+?) \|$", table, re.MULTILINE))


def test_the_table_has_a_row_for_each_situation() -> None:
    assert list(rows()) == list(SITUATIONS)


@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_situation_ends_by_the_limit_of_the_table(
    server: FaultServer,
    settings: Settings,
    black_hole: str,
    driver_class: type[Driver],
    situation: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    limit = rows()[situation]
    world = World(server, evolve(settings, timeout=Timeout(CONNECT, IDLE, TOTAL)), black_hole, driver_class)
    began = time.monotonic()
    raised: BaseException | None = None
    try:
        SITUATIONS[situation](world)
    except errors.TypedrunError as error:
        raised = error
    spent = time.monotonic() - began
    assert SECONDS[limit] - 0.05 <= spent <= SECONDS[limit] + 2
    assert (raised is None) == (limit == "two seconds")
    if raised is not None:
        told = f"{raised} {raised.__cause__}"
        assert re.search(WORDS[limit], told), told


def test_a_run_that_waits_for_a_job_ends_with_the_clients_total(
    server: FaultServer, settings: Settings, black_hole: str
) -> None:
    def started(connection: Any) -> None:
        connection.read()
        body = json.dumps({"status": "IN_PROGRESS", "data": f"{server.url}/api/v1/data/j"}).encode()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))

    server.play(started)
    world = World(server, settings, black_hole)
    with pytest.raises(errors.TimeoutError):
        world.client(Timeout(total=1.0)).models.openai.gpt_5_4.run(text="Hello")


@pytest.mark.parametrize("limit", [math.inf, 1e10])
def test_limits_may_be_longer_than_a_system_can_count(
    limit: float, server: FaultServer, settings: Settings, driver_class: type[Driver]
) -> None:
    server.play(sends(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"))
    for total in (None, limit):
        driver = driver_class(evolve(settings, timeout=Timeout(limit, limit, total)))
        assert driver.send(Request("GET", f"{server.url}/x"), retries=0).body == b"OK"


def test_the_client_limits_the_length_of_replies(server: FaultServer) -> None:
    server.play(sends(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b" " * 5000))
    aix = Aixplain(api_key="canary-55e0", backend_url=server.url, max_reply_bytes=1000)
    with pytest.raises(errors.DecodingError, match="longer than 1000 bytes"):
        aix.get_json("v2/models/x")


# --- addresses

Found = list[tuple[Any, ...]]


def resolves_to(monkeypatch: pytest.MonkeyPatch, *addresses: tuple[int, tuple[Any, ...]]) -> None:
    found: Found = [(family, socket.SOCK_STREAM, 6, "", address) for family, address in addresses]

    def getaddrinfo(*_: Any, **__: Any) -> Found:
        return found

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize("first", ["black hole", "refused", "no such family", "unreachable"])
def test_the_second_address_of_a_name_makes_up_for_the_first(
    server: FaultServer,
    settings: Settings,
    black_hole: str,
    driver_class: type[Driver],
    first: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server.play(sends(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"))
    bad = {
        "black hole": (socket.AF_INET, ("127.0.0.1", int(black_hole.rpartition(":")[2]))),
        "refused": (socket.AF_INET, ("127.0.0.1", 9)),
        "no such family": (97, ("::1", 80, 0, 0)),
        "unreachable": (socket.AF_INET6, ("2001:db8::1", 80, 0, 0)),
    }[first]
    good = socket.AF_INET, ("127.0.0.1", int(server.url.rpartition(":")[2]))
    resolves_to(monkeypatch, bad, good)
    patient = evolve(settings, backend_url="http://two.example", timeout=Timeout(connect=10), proxies=Proxies())
    driver = driver_class(patient)
    began = time.monotonic()
    assert driver.send(Request("GET", "http://two.example/x"), retries=0).body == b"{}"
    assert time.monotonic() - began < 4
    driver.close()


def test_a_run_is_never_sent_to_two_addresses(
    server: FaultServer, settings: Settings, driver_class: type[Driver], monkeypatch: pytest.MonkeyPatch
) -> None:
    server.play(sends(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"))
    good = socket.AF_INET, ("127.0.0.1", int(server.url.rpartition(":")[2]))
    resolves_to(monkeypatch, good, good, good)
    driver = driver_class(evolve(settings, run_url="http://two.example/api", proxies=Proxies()))
    assert driver.send(Request("POST", "http://two.example/api/x", body=b"{}", kind=Kind.UNSAFE)).body == b"{}"
    assert len(server.received) == 1
    driver.close()
