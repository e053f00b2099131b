"""Sends requests: settings, network and clock of one client, and the doors through which the rest of the runtime uses them.

What is done about a request is a flow (core/exchange.py), executed in drivers/blocking.py. The network (drivers/urllib3_network.py) is imported
with the first request, so that importing typedrun opens nothing and costs little.
"""

from __future__ import annotations

import logging
import os
import random
import time
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, Self, TypeVar

from typedrun.books import Books
from typedrun.core.clock import NEVER, AsyncClock, Clock, Deadline
from typedrun.core.course import Budgets, Rules, Terms, check_origin
from typedrun.core.effects import Flow
from typedrun.core.exchange import Opened, open_stream, send
from typedrun.core.origins import Origins, trust
from typedrun.core.reply import Reply
from typedrun.core.request import Request
from typedrun.drivers.blocking import drive
from typedrun.errors import ConfigurationError, shown_url
from typedrun.records import evolve
from typedrun.settings import Hooks, RequestSent, ResponseReceived, RetryPlanned, Settings, default_user_agent

if TYPE_CHECKING:
    from typedrun.core.transports import AsyncTransport, Transport
    from typedrun.drivers.live import LiveReply
    from typedrun.marketplaces.protocol import Wire

log: logging.Logger = logging.getLogger("typedrun")
T = TypeVar("T")


class SystemClock:
    """The machine's monotonic clock."""

    def now(self) -> float:
        """Seconds since some moment."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class DriverBase:
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
        books = Books(settings, wire)
        self.rules: Rules = Rules(settings, self.origins, Budgets(), roll, books)
        if wire is not None:
            self.rules = evolve(self.rules, read_error=wire.read_error, stage_of=wire.stage_of)
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
            raise ConfigurationError("This driver belongs to no marketplace. Next: take that of a client")
        return self._wire

    def check_origin(self, url: str, *, model: str | None = None) -> None:
        """Raise `UntrustedURLError` for a URL that may not see the key."""
        check_origin(url, self.origins, model=model)

    def deadline(self, seconds: float | None) -> Deadline:
        """The deadline that many seconds from now."""
        return NEVER if seconds is None else Deadline(self.clock.now() + seconds, seconds)

    def describe(self) -> dict[str, object]:
        """How this driver reaches the world: addresses, proxies, certificates, limits. Without key and credentials."""
        from typedrun.drivers.proxies import find_proxies

        settings = self.settings
        find_ca_bundle: Callable[..., str | None] = import_module(
            "typedrun.drivers.tls"
        ).find_ca_bundle  # by name, see `_network`
        return {
            "backend_url": shown_url(settings.backend_url),
            "run_url": shown_url(settings.run_url),
            "origins": sorted(self.origins.trusted),
            "proxies": find_proxies(settings, os.environ),
            "ca_bundle": find_ca_bundle(settings, os.environ) or "the system's",
            "timeout": settings.timeout,
            "retry": settings.retry,
            "user_agent": settings.user_agent or default_user_agent(),
        }

    def with_settings(self, settings: Settings) -> Self:
        """A driver for other limits, headers and hooks over the same connections."""
        kind: Any = type(self)  # the clients' drivers are made alike
        made: Self = kind(settings, transport=self._transport, clock=self.clock, wire=self._wire)
        made._made = self._made
        made.rules = evolve(self.rules, settings=settings)
        return made

    def __getstate__(self) -> tuple[Settings, Wire | None]:
        return evolve(self.settings, hooks=Hooks()), self._wire  # hooks are mostly closures, which do not pickle

    def __setstate__(self, state: tuple[Settings, Wire | None]) -> None:
        settings, wire = state
        self.__init__(settings, wire=wire)  # type: ignore[misc]  # a driver is what these make of it

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self  # a copied client goes on with the same transport, clock and hooks

    def __repr__(self) -> str:
        return f"{type(self).__name__}({shown_url(self.settings.backend_url)}, {shown_url(self.settings.run_url)})"

    def _tell(self, event: RequestSent | ResponseReceived | RetryPlanned) -> object:
        hooks = self.settings.hooks
        if isinstance(event, RequestSent):
            hook: Callable[[Any], object] | None = hooks.on_request
        elif isinstance(event, ResponseReceived):
            log.debug(
                "%s %s -> %d in %.3f s, request id %s",
                event.method, event.url, event.status, event.seconds, event.request_id,
            )  # fmt: skip
            hook = hooks.on_response
        else:
            log.debug("%s %s failed (%s), next try in %.2f s", event.method, event.url, event.failure, event.wait)
            hook = hooks.on_retry
        return None if hook is None else hook(event)


class Driver(DriverBase):
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

    # --- for the rest of the runtime

    def send(
        self,
        request: Request,
        *,
        deadline: Deadline | None = None,
        retries: int | None = None,
        run_retries: int = 0,
        run_retry_wait: float = 1.0,
    ) -> Reply:
        """Send a request and read its reply.

        Args:
            request: What to send.
            deadline: When it all must be over. Default (and for one without a limit) `settings.timeout.total` from now.
            retries: Further tries where they are harmless. Default as in `settings.retry`.
            run_retries: Further tries of a run whose outcome is unknown; each may be billed. Default 0.
            run_retry_wait: Seconds before each of those. Default 1.0.

        Returns:
            A reply with a 2xx status.

        Raises:
            UntrustedURLError: The URL is outside the configured origins; nothing was sent.
            APIError: The backend said no, in the class that fits its status.
            OutcomeUnknown: A run was sent and no answer says what became of it.
            TimeoutError: The deadline passed.
            TransportError: No usable reply.
            DecodingError: The reply is longer than `settings.max_reply_bytes`.
        """
        terms = Terms(deadline or NEVER, retries, run_retries, run_retry_wait)
        return self.drive(send(request, self.rules, terms))

    def open_stream(
        self,
        request: Request,
        *,
        deadline: Deadline | None = None,
        is_whole: bool = True,
        retries: int | None = None,
        run_retries: int = 0,
        run_retry_wait: float = 1.0,
    ) -> LiveReply:
        """Send a request and return as soon as the head of a 2xx reply is there. Other arguments and errors as for `send`.

        Args:
            deadline: When the stream must be over. Default: none; its head must be there within `settings.timeout.total`.
            is_whole: False ends the given deadline, too, when the head is there.
        """
        terms = Terms(deadline or NEVER, retries, run_retries, run_retry_wait, is_whole)
        return self.live(self.drive(open_stream(request, self.rules, terms)))

    def drive(self, flow: Flow[T]) -> T:
        """Execute a flow in the calling thread."""
        return drive(flow, self._network(), self.clock, self._tell)

    def live(self, opened: Opened) -> LiveReply:
        """The rest of a reply whose head a flow waited for."""
        from typedrun.drivers.live import LiveReply  # with the first stream

        return LiveReply(opened, self.clock.now)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self.clock.sleep(seconds)

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
