"""Sends requests: settings, network and clock of one client. Its further doors are in doors.py.

What is done about a request is a flow (core/exchange.py), executed in drivers/blocking.py. The network (drivers/urllib3_network.py) is imported
with the first request, so that importing typedrun opens nothing and costs little.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from typedrun.core.course import Budgets, Rules
from typedrun.core.deadline import NEVER, Deadline
from typedrun.core.effects import Flow
from typedrun.core.origins import Origins, trust
from typedrun.drivers.blocking import SystemClock, drive
from typedrun.lazymembers import later
from typedrun.money.books import Books
from typedrun.records import evolve
from typedrun.settings import Settings

if TYPE_CHECKING:
    from typedrun.core.protocols import AsyncClock, Clock
    from typedrun.core.transports import AsyncTransport, Transport
    from typedrun.marketplaces.protocol import Wire
    from typedrun.sending.doors import DriverDoors, SendsRequests
    from typedrun.settings.events import Event
else:
    DriverDoors = later(
        "typedrun.sending.doors:DriverDoors",
        "__copy__ __deepcopy__ __getstate__ __repr__ __setstate__ check_origin describe with_settings",
    )
    SendsRequests = later("typedrun.sending.doors:SendsRequests", "live open_stream send sleep")

T = TypeVar("T")


class DriverBase(DriverDoors):
    """What the drivers of both clients are, but for what executes: settings, clock, marketplace. Pickles without connections and key."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock | AsyncClock,
        transport: Transport | AsyncTransport | None,
        roll: Callable[[], float],
        wire: Wire | None,
    ) -> None:
        self.settings = settings
        self.clock = clock
        own = () if wire is None else wire.origins
        self.origins: Origins = trust((settings.backend_url, settings.run_url, *settings.trusted_urls, *own))
        self._wire = wire
        self._transport = transport
        rules = Rules(settings, self.origins, Budgets(), roll, Books(settings, wire))
        if wire is not None:
            rules = evolve(rules, read_error=wire.read_error, stage_of=wire.stage_of)
        self.rules: Rules = rules
        """What flows are told of this client."""
        self._made = dict[str, Any]()

    @property
    def is_scripted(self) -> bool:
        """Whether replies come from a script of `typedrun.testing`."""
        return bool(getattr(self._transport, "is_scripted", False))

    @property
    def wire(self) -> Wire:
        """How the marketplace is talked to.

        Raises:
            ConfigurationError: It belongs to no marketplace's client.
        """
        if self._wire is None:
            from typedrun.errors import ConfigurationError

            raise ConfigurationError("This driver belongs to no marketplace. Next: take that of a client")
        return self._wire

    def deadline(self, seconds: float | None) -> Deadline:
        """The deadline that many seconds from now."""
        return NEVER if seconds is None else Deadline(self.clock.now() + seconds, seconds)

    def _tell(self, event: Event) -> object:
        from typedrun.sending.doors import tell  # where log or hooks hear of requests

        return tell(event, self.settings.hooks)


class Driver(DriverBase, SendsRequests):
    """Executes requests for one client. Thread-safe; works after a fork; pickles without connections and without the key."""

    def __init__(
        self,
        settings: Settings,
        *,
        transport: Transport | None = None,
        clock: Clock | None = None,
        roll: Callable[[], float] = random.random,
        wire: Wire | None = None,
    ) -> None:
        """Open nothing.

        Args:
            settings: Addresses, key, limits.
            transport: What makes a try. Default urllib3, imported with the first request.
            clock: Time. Default the machine's.
            roll: Random numbers in [0, 1) for the jitter.
            wire: How the marketplace is talked to; None for requests that no marketplace answers.
        """
        self.clock: Clock
        self._transport: Transport | None
        super().__init__(settings, clock=clock or SystemClock(), transport=transport, roll=roll, wire=wire)

    def drive(self, flow: Flow[T]) -> T:
        """Execute a flow in the calling thread."""
        return drive(flow, self._network(), self.clock, self._tell)

    def close(self) -> None:
        """Close idle connections; the driver opens new ones when it is used again."""
        if self._transport is not None:
            self._transport.close()

    # --- pieces

    def _network(self) -> Transport:
        if self._transport is not None:
            return self._transport
        # By name: mypy follows imports inside functions too, and would read urllib3 and ssl for every user's script.
        connect: Callable[[Settings], Transport] = import_module("typedrun.drivers.urllib3_network").connect
        # Threads may race to here. setdefault lets one win, without a lock that a fork could copy while it is held.
        made: Transport | None = self._made.get("network")  # a variant's (`with_settings`), perhaps
        found: Transport = made or self._made.setdefault("network", connect(self.settings))
        self._transport = found
        return found
