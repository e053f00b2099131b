"""Sends requests on an event loop: settings, network and clock of one client. The flows are those of the blocking driver."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable
from importlib import import_module
from typing import TypeVar, cast

from typedrun.core.arriving import ArrivingReply
from typedrun.core.course import Terms
from typedrun.core.deadline import NEVER, Deadline
from typedrun.core.effects import DRAIN_BYTES, DRAIN_SECONDS, Flow
from typedrun.core.exchange import send
from typedrun.core.opening import Opened, open_stream
from typedrun.core.protocols import AsyncClock
from typedrun.core.reply import Reply
from typedrun.core.request import Failure, Request
from typedrun.core.transports import AsyncIncomingReply, AsyncTransport
from typedrun.drivers.asynchronous import LoopClock, drive_async
from typedrun.errors import ConfigurationError
from typedrun.marketplaces.protocol import Wire
from typedrun.sending.driver import DriverBase
from typedrun.settings import RUN_RETRIES, RUN_RETRY_WAIT, Settings

T = TypeVar("T")


class AsyncLiveReply(ArrivingReply):
    """A reply that is still arriving. It is read by one task at a time."""

    async def blocks(self) -> AsyncIterator[bytes]:
        """The body's bytes as they arrive; ends early, without an error, when `close` is called.

        Raises:
            TimeoutError: Silence for longer than the idle limit, or the deadline passed.
            TransportError: The connection broke.
        """
        while block := await self.read():
            yield block

    async def read(self) -> bytes:
        """Read the next bytes; `b""` at the end and after `close`. Raises as `blocks` does."""
        if self.is_closed:
            return b""
        try:
            return await self._reply.read(self._until)
        except Failure as failure:
            if self.is_closed:
                return b""
            raise self._error(failure) from failure

    async def drain(self) -> bool:
        """Read on after the last event, if the end of the body is near, so that the connection can be used again.

        Returns:
            Whether the end was reached. If not, the connection is closed.
        """
        return await self._reply.drain(DRAIN_SECONDS, DRAIN_BYTES)

    @property
    def _reply(self) -> AsyncIncomingReply:
        return cast("AsyncIncomingReply", self._incoming)


class AsyncDriver(DriverBase):
    """Executes requests for one client, in whichever loop runs. Pickles without connections and without the key."""

    def __init__(
        self,
        settings: Settings,
        *,
        transport: AsyncTransport | None = None,
        clock: AsyncClock | None = None,
        roll: Callable[[], float] = random.random,
        wire: Wire | None = None,
    ) -> None:
        """Open nothing.

        Args:
            settings: Addresses, key, limits.
            transport: What makes a try. Default aiohttp, imported with the first request.
            clock: Time. Default the machine's.
            roll: Random numbers in [0, 1) for the jitter.
            wire: How the marketplace is talked to; None for requests that no marketplace answers.
        """
        self.clock: AsyncClock
        self._transport: AsyncTransport | None
        super().__init__(settings, clock=clock or LoopClock(), transport=transport, roll=roll, wire=wire)

    async def send(
        self,
        request: Request,
        *,
        deadline: Deadline | None = None,
        retries: int | None = None,
        run_retries: int = RUN_RETRIES,
        run_retry_wait: float = RUN_RETRY_WAIT,
    ) -> Reply:
        """Send a request and read its reply. Arguments and errors as for the blocking driver's."""
        terms = Terms(deadline or NEVER, retries, run_retries, run_retry_wait)
        return await self.drive(send(request, self.rules, terms))

    async def open_stream(
        self,
        request: Request,
        *,
        deadline: Deadline | None = None,
        is_whole: bool = True,
        retries: int | None = None,
        run_retries: int = RUN_RETRIES,
        run_retry_wait: float = RUN_RETRY_WAIT,
    ) -> AsyncLiveReply:
        """Send a request and return as soon as the head of a 2xx reply is there. Arguments and errors as for the blocking driver's."""
        terms = Terms(deadline or NEVER, retries, run_retries, run_retry_wait, is_whole)
        return self.live(await self.drive(open_stream(request, self.rules, terms)))

    async def drive(self, flow: Flow[T]) -> T:
        """Execute a flow in the running task."""
        return await drive_async(flow, self._network(), self.clock, self._tell)

    def live(self, opened: Opened) -> AsyncLiveReply:
        """The rest of a reply whose head a flow waited for."""
        return AsyncLiveReply(opened, self.clock.now)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self.clock.sleep(seconds)

    async def close(self) -> None:
        """Close idle connections of the running loop; the driver opens new ones when it is used again."""
        if self._transport is not None:
            await self._transport.close()

    def _network(self) -> AsyncTransport:
        if self._transport is None:
            try:
                connect: Callable[[Settings], AsyncTransport] = import_module(
                    "typedrun.drivers.aiohttp_network"
                ).connect
            except ModuleNotFoundError as missing:
                if missing.name != "aiohttp":
                    raise
                raise ConfigurationError(
                    "The asyncio client needs aiohttp, which is not installed. Next: pip install 'typedrun[async]'"
                ) from None
            self._transport = connect(self.settings)
        return self._transport
