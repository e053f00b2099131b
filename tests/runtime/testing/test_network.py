import asyncio
from contextlib import suppress

import pytest

from typedrun import errors
from typedrun.aio.driver import AsyncDriver
from typedrun.core.request import Kind, Request
from typedrun.sending.driver import Driver
from typedrun.settings import Secret, Settings, Timeout
from typedrun.testing import FAULTS, Answer, Fault, FaultyNetwork, Received, ScriptedNetwork, VirtualClock

SETTINGS = Settings(
    backend_url="https://platform.example.com",
    run_url="https://models.example.com/api/v2/execute",
    api_key=Secret("canary-02fd"),
    timeout=Timeout(connect=5, idle=30, total=100),
)
GET = Request("GET", "https://platform.example.com/x")


def test_answers_are_given_in_order_and_requests_kept() -> None:
    network = ScriptedNetwork([Answer(json=1), Answer(json=2)])
    driver = Driver(SETTINGS, transport=network, clock=network.clock)
    post = Request("POST", "https://platform.example.com/y", body=b'{"a": 1}')
    assert [driver.send(GET).body, driver.send(post).body] == [b"1", b"2"]
    assert [(seen.method, seen.url) for seen in network.received] == [("GET", GET.url), ("POST", post.url)]
    assert network.received[1].json == {"a": 1}
    assert "canary" not in repr(network.received)


def test_a_function_can_answer() -> None:
    network = ScriptedNetwork(lambda request: Answer(json=request.url))
    assert Driver(SETTINGS, transport=network).send(GET).body == f'"{GET.url}"'.encode()


def test_a_script_that_is_too_short_is_the_tests_own_error() -> None:
    with pytest.raises(AssertionError, match="no outcome left for GET"):
        Driver(SETTINGS, transport=ScriptedNetwork([])).send(GET)


def test_time_passes_only_on_the_clock() -> None:
    clock = VirtualClock(100.0)
    network = ScriptedNetwork([Fault(after=3), Answer(json=1, after=20)], clock)
    Driver(SETTINGS, transport=network, clock=clock, roll=lambda: 1.0).send(GET)
    assert clock.now() == 100 + 3 + 0.25 + 20
    assert clock.sleeps == [0.25]


def test_what_takes_longer_than_a_limit_times_out_at_the_limit() -> None:
    network = ScriptedNetwork([Answer(after=31)])
    with pytest.raises(errors.TimeoutError):
        Driver(SETTINGS, transport=network, clock=network.clock).send(GET, retries=0)
    assert network.clock.now() == 30


def test_a_stream_arrives_in_its_pieces() -> None:
    network = ScriptedNetwork([Answer(blocks=(b"a", b"b"), between=2.0)])
    driver = Driver(SETTINGS, transport=network, clock=network.clock)
    with_times = [(block, network.clock.now()) for block in driver.open_stream(GET).blocks()]
    assert with_times == [(b"a", 2.0), (b"b", 4.0)]
    assert network.replies[0].was_kept


def test_draining_waits_for_a_short_end_only() -> None:
    for between, kept in ((0.01, True), (1.0, False)):
        network = ScriptedNetwork([Answer(blocks=(b"a", b"b"), between=between)])
        live = Driver(SETTINGS, transport=network, clock=network.clock).open_stream(GET)
        next(live.blocks())
        assert live.drain() is kept
        live.close()
        assert network.replies[0].was_kept is kept


@pytest.mark.parametrize(("rest", "kept"), [(40_000, True), (70_000, False)])
def test_a_long_end_is_not_worth_its_connection(rest: int, kept: bool) -> None:
    """What is drained behind the last event is as much as of any other reply: 64 KiB."""
    network = ScriptedNetwork([Answer(blocks=(b"a", bytes(rest))), Answer(blocks=(b"a", bytes(rest)))])
    live = Driver(SETTINGS, transport=network, clock=network.clock).open_stream(GET)
    next(live.blocks())
    assert live.drain() is kept

    async def drained() -> bool:
        driver = AsyncDriver(SETTINGS, transport=network.awaited, clock=network.clock.awaited)
        stream = await driver.open_stream(GET)
        await stream.read()
        return await stream.drain()

    assert asyncio.run(drained()) is kept


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_can_be_met_and_told(name: str) -> None:
    def backend(request: Received) -> Answer:
        return Answer(json={"status": "SUCCESS", "completed": True, "data": "x" * 50})

    run = Request("POST", f"{SETTINGS.run_url}/m", body=b"{}", kind=Kind.UNSAFE)
    for seed in range(200):
        network = FaultyNetwork(backend, seed=seed, rate=1.0)
        with suppress(errors.TypedrunError):
            Driver(SETTINGS, transport=network, clock=network.clock).send(run, retries=0)
        if network.history == [name]:
            return
    pytest.fail(f"no seed leads to {name}")
