"""How long a connection may be silent: one request's watch does not end another's, which has the connection next."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from typedrun.drivers.aiohttp_watch import Silence, Watch


class Waiting:
    """Somebody who is told of a silence."""

    def __init__(self) -> None:
        self.told: list[Exception] = []

    def tell(self, error: Exception) -> None:
        self.told.append(error)


def in_a_loop(play: Callable[[Watch], Awaitable[None]]) -> None:
    async def main() -> None:
        watch = Watch(asyncio.get_running_loop())
        await play(watch)
        watch.end()

    asyncio.run(main())


def test_who_waits_is_told_when_it_takes_too_long() -> None:
    async def play(watch: Watch) -> None:
        reader = Waiting()
        watch.begin(0.02, reader.tell)
        await asyncio.sleep(0.06)
        assert [type(each) for each in reader.told] == [Silence]

    in_a_loop(play)


def test_who_rests_is_not_told() -> None:
    async def play(watch: Watch) -> None:
        reader = Waiting()
        watch.begin(0.02, reader.tell)
        watch.rest(reader.tell)
        await asyncio.sleep(0.06)
        assert reader.told == []

    in_a_loop(play)


def test_a_reader_that_rests_late_leaves_the_next_ones_limit() -> None:
    """The end of a body frees its connection before its reader wakes up: the next request may be waiting by then."""

    async def play(watch: Watch) -> None:
        reader, following = Waiting(), Waiting()
        watch.begin(5, reader.tell)
        watch.begin(0.02, following.tell)
        watch.rest(reader.tell)
        await asyncio.sleep(0.06)
        assert (reader.told, [type(each) for each in following.told]) == ([], [Silence])

    in_a_loop(play)


def test_a_limit_that_moves_on_is_not_told_of_at_its_first_moment() -> None:
    async def play(watch: Watch) -> None:
        reader = Waiting()
        for _ in range(5):
            watch.begin(0.05, reader.tell)
            await asyncio.sleep(0.02)
        assert reader.told == []
        await asyncio.sleep(0.1)
        assert len(reader.told) == 1

    in_a_loop(play)


def test_no_time_left_is_said_at_once() -> None:
    async def play(watch: Watch) -> None:
        with pytest.raises(Silence):
            watch.begin(0, Waiting().tell)

    in_a_loop(play)
