"""One request on its way: the rules it is under, and how far it has come. Each belongs to one call and is seen by no other."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from typedrun.attempts import Attempt, shown_url
from typedrun.core.deadline import NEVER, Deadline
from typedrun.core.origins import Origins, origin_of
from typedrun.core.reply import Reply
from typedrun.core.request import LONGEST_CALL, Auth, Kind, Limits, Request
from typedrun.core.tally import Budget, Tally
from typedrun.records import define, evolve, field, frozen
from typedrun.settings import RUN_RETRIES, RUN_RETRY_WAIT, Policy, Settings

if TYPE_CHECKING:
    from typedrun.core.protocols import Accounts, FindsStage, ReadsErrors
    from typedrun.errors import APIError

_log = logging.getLogger("typedrun")

ERROR_BODY: Final = 256 * 1024
"""Bytes of an error reply that are worth reading."""


class Budgets:
    """What each host may still be bothered with, over all calls of a client.

    Without a lock: an update lost between threads moves a budget by one retry, a lock would have to survive forks.
    """

    def __init__(self) -> None:
        self._of_origin = dict[str, Budget]()

    def of(self, url: str) -> Budget:
        """The budget of a URL's host."""
        return self._of_origin.get(origin_of(url) or "") or Budget()

    def charge(self, url: str) -> None:
        """Count a retry."""
        self._of_origin[origin_of(url) or ""] = self.of(url).spent()

    def refund(self, url: str) -> None:
        """Count a success."""
        if self._of_origin:  # nothing to give back before the first retry
            self._of_origin[origin_of(url) or ""] = self.of(url).refunded()


def _read_plainly(reply: Reply, *, model: str | None = None) -> APIError | None:
    from typedrun.core.failures import read_error  # with the first error

    return read_error(reply, model=model)


@frozen()
class Rules:
    """What holds for every request of a client."""

    settings: Settings
    origins: Origins
    budgets: Budgets
    roll: Callable[[], float]
    """Random numbers in [0, 1) for the jitter."""
    books: Accounts
    """Where runs open their bills."""
    read_error: ReadsErrors = _read_plainly
    """Reads the errors of the client's marketplace."""
    stage_of: FindsStage | None = None
    """How far a try got by the head of its reply, where the marketplace knows more than the status says."""

    def is_watched(self) -> bool:
        """Whether log or hooks hear of requests."""
        hooks = self.settings.hooks
        is_hooked = hooks.on_request is not None or hooks.on_response is not None or hooks.on_retry is not None
        return is_hooked or _log.isEnabledFor(logging.DEBUG)


@frozen()
class Terms:
    """What a caller says about one request."""

    deadline: Deadline = NEVER
    """When it all must be over; for a stream, the body too."""
    retries: int | None = None
    """Further tries where they are harmless; None is as in the settings."""
    run_retries: int = RUN_RETRIES
    """Further tries of a run whose outcome is unknown; each may be billed."""
    run_retry_wait: float = RUN_RETRY_WAIT
    """Seconds before each of those."""
    is_whole: bool = True
    """Of a stream: whether the deadline holds to its end; else until its head is there."""


PLAIN: Final = Terms()
"""Nothing in particular."""


def _no_attempts() -> list[Attempt]:
    return []  # `list[Attempt]()` takes ten times as long


@define(eq=False)
class Course:
    """One request on its way: what it may use, what it has used."""

    request: Request
    rules: Rules
    url: str
    deadline: Deadline
    """When a reply must be there whole; of a stream, its head."""
    policy: Policy
    kind: Kind
    is_watched: bool = False
    tally: Tally = field(factory=Tally)
    attempts: list[Attempt] = field(factory=_no_attempts)
    redirects: int = 0
    started: float = 0.0
    is_in_flight: bool = False
    """Whether a try was begun whose outcome is not known yet."""

    @property
    def shown_url(self) -> str:
        """Where it goes, without what may be secret."""
        return shown_url(self.url)

    def limits(self) -> Limits:
        """Those of the next try."""
        settings = self.rules.settings
        is_run = self.kind is Kind.UNSAFE or self.kind is Kind.UNSAFE_OPTED_IN  # a set asks for hashes, which are slow
        keep_alive = settings.keep_alive_for_runs if is_run else settings.keep_alive
        return Limits(min(settings.timeout.connect, LONGEST_CALL), settings.timeout.idle, self.deadline.at, keep_alive)

    def note(self, failure: str, now: float, waited: float | None = None) -> None:
        """Remember how a try failed."""
        self.attempts.append(Attempt(failure, now - self.started, waited))


def begin(request: Request, rules: Rules, terms: Terms, now: float) -> Course:
    """Set a request on its way; where the terms have no limit, the client's total counts from now.

    Raises:
        UntrustedURLError: The URL may not see the key.
    """
    if request.auth is not Auth.NONE:
        check_origin(request.url, rules.origins, model=request.model)
    policy, kind = rules.settings.retry, request.kind
    if terms.retries is not None:
        policy = _with_retries(policy, max(0, terms.retries))
    if terms.run_retries > 0 and kind is Kind.UNSAFE:
        policy = evolve(policy, resends=terms.run_retries, resend_wait=max(0.0, terms.run_retry_wait))
        kind = Kind.UNSAFE_OPTED_IN
    total = rules.settings.timeout.total
    deadline = terms.deadline if terms.deadline.at is not None or total is None else Deadline(now + total, total)
    return Course(request, rules, request.url, deadline, policy, kind, rules.is_watched())


@lru_cache(maxsize=64)  # every question about a job asks for the same
def _with_retries(policy: Policy, retries: int) -> Policy:
    return evolve(policy, retries=retries)


def check_origin(url: str, origins: Origins, *, model: str | None = None) -> None:
    """Raise `UntrustedURLError` for a URL that may not see the key."""
    if not origins.trusts(url):
        from typedrun.core.hostile import untrusted

        raise untrusted(url, model)
