"""A scripted network and its clock on asyncio: the same story as for threads, task by task."""

import asyncio
from collections.abc import Callable

import pytest

from typedrun import errors
from typedrun.aio.driver import AsyncDriver
from typedrun.core.request import Kind, Request
from typedrun.sending.driver import Driver
from typedrun.settings import Secret, Settings, Timeout
from typedrun.testing import Answer, FaultyNetwork, Received, ScriptedNetwork

SETTINGS = Settings(
    backend_url="https://platform.example.com",
    run_url="https://models.example.com/api/v2/execute",
    api_key=Secret("canary-02fd"),
    timeout=Timeout(connect=5, idle=30, total=100),
)
GET = Request("GET", "https://platform.example.com/x")
RUN = Request("POST", f"{SETTINGS.run_url}/m", body=b"{}", kind=Kind.UNSAFE)


def backend(request: Received) -> Answer:
    return Answer(json={"status": "SUCCESS", "completed": True, "data": "x" * 50})


def driver(network: ScriptedNetwork, roll: Callable[[], float] = lambda: 0.5) -> AsyncDriver:
    return AsyncDriver(SETTINGS, transport=network.awaited, clock=network.clock.awaited, roll=roll)


def told(network: FaultyNetwork, outcome: object) -> tuple[object, ...]:
    return (
        network.history,
        network.clock.now(),
        network.clock.sleeps,
        len(network.executed),
        type(outcome),
        str(outcome),
    )


@pytest.mark.parametrize("request_", [GET, RUN], ids=["read", "run"])
def test_both_drivers_live_through_the_same_bad_days(request_: Request) -> None:
    for seed in range(150):
        threads, tasks = FaultyNetwork(backend, seed=seed), FaultyNetwork(backend, seed=seed)
        outcomes = list[object]()
        try:
            outcomes.append(
                Driver(SETTINGS, transport=threads, clock=threads.clock, roll=lambda: 0.5).send(request_).body
            )
        except errors.TypedrunError as error:
            outcomes.append(error)
        try:
            outcomes.append(asyncio.run(driver(tasks).send(request_)).body)
        except errors.TypedrunError as error:
            outcomes.append(error)
        assert told(threads, outcomes[0]) == told(tasks, outcomes[1]), seed


def test_a_stream_arrives_in_its_pieces() -> None:
    network = ScriptedNetwork([Answer(blocks=(b"a", b"b"), between=2.0)])

    async def main() -> list[tuple[bytes, float]]:
        live = await driver(network).open_stream(GET)
        return [(block, network.clock.now()) async for block in live.blocks()]

    assert asyncio.run(main()) == [(b"a", 2.0), (b"b", 4.0)]
    assert network.replies[0].was_kept


def test_tasks_of_one_client_share_the_retries_that_a_host_is_bothered_with() -> None:
    def tries(count: int) -> int:
        network = ScriptedNetwork(lambda _: Answer(status=502, json={"message": "bad gateway"}))

        async def main() -> None:
            shared = driver(network)
            failed = await asyncio.gather(*(shared.send(GET) for _ in range(count)), return_exceptions=True)
            assert {type(error) for error in failed} == {errors.ServerError}

        asyncio.run(main())
        return len(network.received)

    assert tries(1) == 5
    assert tries(50) == 60  # one each, and the ten tokens of the host


@pytest.mark.parametrize(("turns", "says"), [(1, "had not been sent"), (2, "may have been executed and billed")])
def test_a_cancellation_says_how_far_the_run_had_come(turns: int, says: str) -> None:
    network = ScriptedNetwork(backend)

    async def main() -> str:
        task = asyncio.create_task(driver(network).send(RUN))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        return "".join(caught.value.__notes__)

    assert says in asyncio.run(main())
    assert len(network.received) == turns - 1
