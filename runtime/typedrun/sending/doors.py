"""Doors of the drivers that a first plain run does not go through: requests by hand, what is told, copies, how they are set up."""

from __future__ import annotations

import logging
import os
from abc import abstractmethod
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from typedrun.attempts import shown_url
from typedrun.core.course import Rules, Terms, check_origin
from typedrun.core.deadline import NEVER, Deadline
from typedrun.core.exchange import send
from typedrun.core.opening import Opened, open_stream
from typedrun.records import evolve
from typedrun.settings import RUN_RETRIES, RUN_RETRY_WAIT, Hooks, Settings, default_user_agent
from typedrun.settings.events import Event, RequestSent, ResponseReceived

if TYPE_CHECKING:
    from typedrun.core.effects import Flow
    from typedrun.core.origins import Origins
    from typedrun.core.reply import Reply
    from typedrun.core.request import Request
    from typedrun.drivers.live import LiveReply
    from typedrun.marketplaces.protocol import Wire

T = TypeVar("T")
_log: Final = logging.getLogger("typedrun")


class DriverDoors:
    """What the drivers of both clients do beside executing flows."""

    if TYPE_CHECKING:  # the driver has these
        settings: Settings
        origins: Origins
        rules: Rules
        clock: Any
        _transport: Any
        _wire: Wire | None
        _made: dict[str, Any]

    def check_origin(self, url: str, *, model: str | None = None) -> None:
        """Raise `UntrustedURLError` for a URL that may not see the key."""
        check_origin(url, self.origins, model=model)

    def describe(self) -> dict[str, object]:
        """Describe how this driver reaches the world: addresses, proxies, certificates, limits. Without key and credentials."""
        from typedrun.drivers.proxies import find_proxies

        settings = self.settings
        # By name: checkers need not read what opens connections.
        find_ca_bundle: Callable[..., str | None] = import_module("typedrun.drivers.tls").find_ca_bundle
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


class SendsRequests:
    """What the blocking driver does beside executing flows."""

    if TYPE_CHECKING:  # as above
        rules: Rules
        clock: Any

        @abstractmethod
        def drive(self, flow: Flow[T]) -> T:
            """Execute a flow."""
            ...

    def send(
        self,
        request: Request,
        *,
        deadline: Deadline | None = None,
        retries: int | None = None,
        run_retries: int = RUN_RETRIES,
        run_retry_wait: float = RUN_RETRY_WAIT,
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
        run_retries: int = RUN_RETRIES,
        run_retry_wait: float = RUN_RETRY_WAIT,
    ) -> LiveReply:
        """Send a request and return as soon as the head of a 2xx reply is there. Other arguments and errors as for `send`.

        Args:
            deadline: When the stream must be over. Default: none; its head must be there within `settings.timeout.total`.
            is_whole: False ends the given deadline, too, when the head is there.
        """
        terms = Terms(deadline or NEVER, retries, run_retries, run_retry_wait, is_whole)
        return self.live(self.drive(open_stream(request, self.rules, terms)))

    def live(self, opened: Opened) -> LiveReply:
        """The rest of a reply whose head a flow waited for."""
        from typedrun.drivers.live import LiveReply  # with the first stream

        return LiveReply(opened, self.clock.now)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self.clock.sleep(seconds)


def tell(event: Event, hooks: Hooks) -> object:
    """Write an event to the log, and call the hook for its kind.

    Returns:
        What the hook returns; None where there is none.
    """
    if isinstance(event, RequestSent):
        hook: Callable[[Any], object] | None = hooks.on_request
    elif isinstance(event, ResponseReceived):
        _log.debug(
            "%s %s -> %d in %.3f s, request id %s",
            event.method, event.url, event.status, event.seconds, event.request_id,
        )  # fmt: skip
        hook = hooks.on_response
    else:
        _log.debug("%s %s failed (%s), next try in %.2f s", event.method, event.url, event.failure, event.wait)
        hook = hooks.on_retry
    return None if hook is None else hook(event)
