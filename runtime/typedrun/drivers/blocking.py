"""Executes flows in the calling thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

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
from typedrun.core.request import Failure

if TYPE_CHECKING:
    from typedrun.core.protocols import Clock
    from typedrun.core.transports import IncomingReply, Transport
    from typedrun.settings.events import Event

T = TypeVar("T")


class SystemClock:
    """The machine's monotonic clock; waiting stops the calling thread."""

    def now(self) -> float:
        """Seconds since some moment."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


def drive(flow: Flow[T], network: Transport, clock: Clock, tell: Callable[[Event], object]) -> T:
    """Execute a flow to its end.

    Args:
        flow: What is to be done.
        network: Makes tries.
        clock: Tells the time and waits.
        tell: Hears of tries, replies and retries.

    Returns:
        What the flow returns.
    """
    incoming: IncomingReply | None = None
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
                    incoming = outcome = _send(effect, network)
                elif type(effect) is ReadAll:
                    outcome = effect.incoming.read_all(effect.most, effect.until)
                elif type(effect) is Drain:
                    effect.incoming.drain(DRAIN_SECONDS, DRAIN_BYTES)
                elif type(effect) is Sleep:
                    clock.sleep(effect.seconds)
                elif type(effect) is Tell:
                    tell(effect.event)
                elif type(effect) is Call:
                    outcome = effect.function(*effect.arguments)
                else:
                    outcome = effect.function()
            except Failure as failure:
                go_on, outcome = flow.throw, failure
    except BaseException as error:
        abandon(flow, error)
        if incoming is not None:
            incoming.close()
        raise
    finally:
        outcome = None  # a failure holds its traceback, and that this frame: a cycle


def _send(effect: Send, network: Transport) -> IncomingReply:
    return network.exchange(effect.method, effect.url, effect.headers, effect.body, effect.limits)
