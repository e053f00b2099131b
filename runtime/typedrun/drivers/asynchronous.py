"""Executes flows in the running task of an event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from typedrun.core.effects import (
    DRAIN_BYTES,
    DRAIN_SECONDS,
    Call,
    Drain,
    Effect,
    Flow,
    Now,
    ReadAll,
    Send,
    Sleep,
    Tell,
    abandon,
)
from typedrun.core.protocols import AsyncClock
from typedrun.core.request import Failure
from typedrun.core.transports import AsyncIncomingReply, AsyncTransport

if TYPE_CHECKING:
    from typedrun.settings.events import Event

T = TypeVar("T")


class LoopClock:
    """The machine's monotonic clock; waiting leaves the loop to others."""

    def now(self) -> float:
        """Seconds since some moment."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


async def drive_async(flow: Flow[T], network: AsyncTransport, clock: AsyncClock, tell: Callable[[Event], object]) -> T:
    """Execute a flow to its end.

    Args:
        flow: What is to be done.
        network: Makes tries.
        clock: Tells the time and waits.
        tell: Hears of tries, replies and retries; what it returns is awaited if it can be.

    Returns:
        What the flow returns.
    """
    incoming: AsyncIncomingReply | None = None
    go_on: Callable[[Any], Effect] = flow.send
    outcome: Any = None
    try:
        while True:
            try:
                effect = go_on(outcome)
            except StopIteration as end:  # here only: what a hook raises is none of the flow's
                result: T = end.value
                return result
            go_on, outcome = flow.send, None
            try:
                if type(effect) is Now:  # by class, all being final: cheaper, and this loop is the hottest
                    outcome = clock.now()
                elif type(effect) is Send:
                    incoming = None
                    incoming = outcome = await network.exchange(
                        effect.method, effect.url, effect.headers, effect.body, effect.limits
                    )
                elif type(effect) is ReadAll:  # what a flow gives back is what this driver gave to it
                    outcome = await cast("AsyncIncomingReply", effect.incoming).read_all(effect.most, effect.until)
                elif type(effect) is Drain:
                    await cast("AsyncIncomingReply", effect.incoming).drain(DRAIN_SECONDS, DRAIN_BYTES)
                elif type(effect) is Sleep:
                    await clock.sleep(effect.seconds)
                elif type(effect) is Tell:
                    await awaited(tell(effect.event))
                elif type(effect) is Call:
                    outcome = await awaited(effect.function(*effect.arguments))
                else:
                    outcome = await in_a_thread(effect.function)
            except Failure as failure:
                go_on, outcome = flow.throw, failure
    except BaseException as error:
        abandon(flow, error)
        if incoming is not None:
            incoming.close()
        raise
    finally:
        outcome = None  # a failure holds its traceback, and that this frame: a cycle


async def awaited(outcome: Any) -> Any:
    """What a function of the caller's gave, or what came of it where it can be awaited."""
    return await outcome if hasattr(outcome, "__await__") else outcome


async def in_a_thread(function: Callable[[], Any]) -> Any:
    """Call what may block; a task that is cancelled does not wait for it."""
    work = asyncio.ensure_future(asyncio.to_thread(function))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        work.add_done_callback(_let_go)
        raise


def _let_go(work: asyncio.Future[Any]) -> None:
    """Close what nobody waits for any more: a file that was just opened."""
    if not work.cancelled() and work.exception() is None:
        close = getattr(work.result(), "close", None)
        if callable(close):
            close()
