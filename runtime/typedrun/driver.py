"""Sends requests: the one place where retries, waits, redirects, credentials, logging and hooks come together.

What to do is decided in core/ (retry table, origins); this module executes it. urllib3 is behind network.py and is imported
with the first request, so that importing typedrun opens nothing and costs little.
"""

from __future__ import annotations

import logging
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from importlib import import_module
from urllib.parse import urljoin

from attrs import define, evolve, field

from typedrun import errors
from typedrun.core.clock import NEVER, Clock, Deadline
from typedrun.core.origins import Origins, is_same_origin, origin_of, trust
from typedrun.core.reply import Reply, error_from_reply
from typedrun.core.request import Auth, Failure, IncomingReply, Kind, Limits, Request, Stage, Transport
from typedrun.core.retry import (
    TABLE,
    Budget,
    Circumstances,
    GiveUp,
    Policy,
    Retry,
    Tally,
    Verdict,
    decide,
    read_retry_after,
    stage_of_status,
)
from typedrun.errors import Attempt, shown_url
from typedrun.settings import Hooks, RequestSent, ResponseReceived, RetryPlanned, Settings, package_version

log = logging.getLogger("typedrun")

_BLOCK = 65536
_MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SHORTEST_KEY = 8
"""A shorter one ("test") is no secret, and would be found in innocent words."""
_ERROR_BODY = 256 * 1024
"""Bytes of an error reply that are worth reading."""


class SystemClock:
    """The machine's monotonic clock."""

    def now(self) -> float:
        """Seconds since some moment."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Waits."""
        time.sleep(seconds)


class ShownHeaders(dict[str, str]):
    """Headers of a request; shown by name only, because a traceback that prints local variables must not print the key."""

    def __repr__(self) -> str:
        return f"<headers: {', '.join(self)}>"

    def override(self, name: str, value: str) -> None:
        """Sets a field that may be there in another spelling."""
        for given in [given for given in self if given.lower() == name.lower()]:
            del self[given]
        self[name] = value

    def copy(self) -> ShownHeaders:
        """A copy that is shown the same way."""
        return ShownHeaders(self)


class LiveReply:
    """A reply that is still arriving."""

    def __init__(self, incoming: IncomingReply, request: Request, url: str, request_id: str | None) -> None:
        self.status = incoming.status
        """HTTP status; always 2xx from `Driver.open_stream`."""
        self.headers = incoming.headers
        self.url = url
        self.request_id = request_id
        self.model = request.model
        self._incoming = incoming
        self.is_closed = False

    def blocks(self) -> Iterator[bytes]:
        """The body's bytes as they arrive; ends early, without an error, when `close` is called.

        Raises:
            TimeoutError: Silence for longer than the idle limit, or the deadline passed.
            TransportError: The connection broke.
        """
        while block := self._read():
            yield block

    def drain(self, seconds: float = 0.05, limit: int = 16384) -> bool:
        """After the last event: reads on if the end of the body is near, so that the connection can be used again.

        Returns:
            Was the end reached? If not, the connection is closed.
        """
        return self._incoming.drain(seconds, limit)

    def close(self) -> None:
        """Frees the connection at once; from another thread, too. Again is harmless."""
        if not self.is_closed:
            self.is_closed = True
            self._incoming.close()

    def _read(self) -> bytes:
        if self.is_closed:
            return b""
        try:
            return self._incoming.read(_BLOCK)
        except Failure as failure:
            if self.is_closed:
                return b""
            raise self._error(failure) from failure

    def _error(self, failure: Failure) -> errors.TypedrunError:
        wrong = errors.TimeoutError if failure.timed_out else errors.TransportError
        return wrong(
            f"The stream broke off: {failure.what}", model=self.model, url=self.url, request_id=self.request_id
        )


@define
class _Run:
    """One request on its way: what it may use, what it has used."""

    request: Request
    url: str
    deadline: Deadline
    policy: Policy
    kind: Kind
    tally: Tally = field(factory=Tally)
    attempts: list[Attempt] = field(factory=list[Attempt])
    redirects: int = 0
    started: float = 0.0

    def is_outcome_unknown(self, decision: GiveUp | None) -> bool:
        """May this try, or one that was sent again after it, have been executed?"""
        return self.tally.resends > 0 or (decision is not None and decision.verdict is Verdict.UNKNOWN)


class Driver:
    """Executes requests for one client. Thread-safe; works after a fork; pickles without connections and without the key."""

    def __init__(
        self,
        settings: Settings,
        *,
        transport: Transport | None = None,
        clock: Clock | None = None,
        roll: Callable[[], float] = random.random,
    ) -> None:
        """Opens nothing.

        Args:
            settings: Addresses, key, limits.
            transport: What makes a try. Default urllib3, imported with the first request.
            clock: Time. Default the machine's.
            roll: Random numbers in [0, 1) for the jitter.
        """
        self.settings = settings
        self.clock: Clock = clock or SystemClock()
        self.origins: Origins = trust((settings.backend_url, settings.run_url, *settings.trusted_urls))
        self._transport = transport
        self._made = dict[str, Transport]()
        self._roll = roll
        self._budgets = dict[str, Budget]()

    # --- for the rest of the runtime ---

    def send(
        self,
        request: Request,
        *,
        deadline: Deadline | None = None,
        retries: int | None = None,
        run_retries: int = 0,
        run_retry_wait: float = 1.0,
    ) -> Reply:
        """Sends a request and reads its reply.

        Args:
            request: What to send.
            deadline: When it all must be over. Default (and for one without a limit) ``settings.timeout.total`` from now.
            retries: Further tries where they are harmless. Default as in ``settings.retry``.
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
            DecodingError: The reply is longer than ``settings.max_reply_bytes``.
        """
        run = self._new_run(request, deadline, retries, run_retries, run_retry_wait)
        while True:
            incoming = self._reach(run)
            try:
                body, is_whole = incoming.read_all(self.settings.max_reply_bytes)
            except Failure as failure:
                self._after_failure(run, failure)
                continue
            if not is_whole:
                raise self._too_long(run, incoming)
            self._refund(run.url)
            return Reply(incoming.status, incoming.headers, self._hide_key(body), run.url)

    def open_stream(
        self,
        request: Request,
        *,
        deadline: Deadline | None = None,
        retries: int | None = None,
        run_retries: int = 0,
        run_retry_wait: float = 1.0,
    ) -> LiveReply:
        """Sends a request and returns as soon as the head of a 2xx reply is there. Arguments and errors as for `send`.

        The total limit of the settings does not apply to a stream, a given ``deadline`` does.
        """
        run = self._new_run(request, deadline or NEVER, retries, run_retries, run_retry_wait, is_stream=True)
        incoming = self._reach(run)
        self._refund(run.url)
        return LiveReply(incoming, request, run.url, _request_id(incoming.headers))

    def check_origin(self, url: str, *, model: str | None = None) -> None:
        """Raises `UntrustedURLError` for a URL that may not see the key."""
        if not self.origins.trusts(url):
            raise errors.UntrustedURLError(
                f"{_host(url)} is not one of the configured origins, so neither the key nor anything else was sent there."
                " Next: if it is yours, add it to the trusted hosts",
                url=url,
                model=model,
            )

    def sleep(self, seconds: float) -> None:
        """Waits."""
        self.clock.sleep(seconds)

    def deadline(self, seconds: float | None) -> Deadline:
        """The deadline that many seconds from now."""
        return NEVER if seconds is None else Deadline(self.clock.now() + seconds)

    def describe(self) -> dict[str, object]:
        """How this driver reaches the world: addresses, proxies, certificates, limits. Without key and credentials."""
        settings = self.settings
        return {
            "backend_url": shown_url(settings.backend_url),
            "run_url": shown_url(settings.run_url),
            "origins": sorted(self.origins.trusted),
            "proxies": settings.find_proxies(os.environ),
            "ca_bundle": settings.find_ca_bundle(os.environ) or "the system's",
            "timeout": settings.timeout,
            "retry": settings.retry,
            "user_agent": self._user_agent(),
        }

    def close(self) -> None:
        """Closes idle connections; the driver opens new ones when it is used again."""
        if self._transport is not None:
            self._transport.close()

    def __getstate__(self) -> Settings:
        return evolve(self.settings, hooks=Hooks())  # hooks are mostly closures, which do not pickle

    def __setstate__(self, settings: Settings) -> None:
        self.__init__(settings)  # type: ignore[misc]  # a driver is what its settings make of it

    def __repr__(self) -> str:
        return f"Driver({shown_url(self.settings.backend_url)}, {shown_url(self.settings.run_url)})"

    # --- one request ---

    def _new_run(
        self,
        request: Request,
        deadline: Deadline | None,
        retries: int | None,
        run_retries: int,
        run_retry_wait: float,
        *,
        is_stream: bool = False,
    ) -> _Run:
        if request.auth is not Auth.NONE:
            self.check_origin(request.url, model=request.model)
        limit = deadline or NEVER
        if limit.at is None and not is_stream:
            limit = self.deadline(self.settings.timeout.total)
        policy, kind = self.settings.retry, request.kind
        if retries is not None:
            policy = evolve(policy, retries=max(0, retries))
        if run_retries > 0 and kind is Kind.UNSAFE:
            policy = evolve(policy, resends=run_retries, resend_wait=max(0.0, run_retry_wait))
            kind = Kind.UNSAFE_OPTED_IN
        return _Run(request, request.url, limit, policy, kind)

    def _reach(self, run: _Run) -> IncomingReply:
        """Tries until a 2xx head arrives; raises what ends the matter."""
        while True:
            incoming = self._try(run)
            if incoming is None:
                continue
            if 200 <= incoming.status < 300:
                return incoming
            if incoming.status in _REDIRECTS:
                self._follow(run, incoming)
            else:
                self._after_status(run, incoming)

    def _try(self, run: _Run) -> IncomingReply | None:
        """One try; None when it failed and another is due."""
        request, timeout = run.request, self.settings.timeout
        run.started = self.clock.now()
        if run.deadline.is_past(run.started):
            raise self._give_up(
                run, Failure(Stage.NEVER_SENT, "the time was over before it could be sent", timed_out=True)
            )
        hooks = self.settings.hooks
        if hooks.on_request is not None:
            hooks.on_request(RequestSent(request.method, shown_url(run.url), request.model, len(run.attempts) + 1))
        is_run = run.kind in {Kind.UNSAFE, Kind.UNSAFE_OPTED_IN}
        keep_alive = self.settings.keep_alive_for_runs if is_run else self.settings.keep_alive
        limits = Limits(timeout.connect, timeout.idle, run.deadline.at, keep_alive)
        try:
            incoming = self._network().exchange(request.method, run.url, self._headers(request), request.body, limits)
        except Failure as failure:
            self._after_failure(run, failure)
            return None
        if hooks.on_response is not None or log.isEnabledFor(logging.DEBUG):
            try:
                self._tell_response(run, incoming)
            except BaseException:
                incoming.close()
                raise
        return incoming

    def _tell_response(self, run: _Run, incoming: IncomingReply) -> None:
        method, url, seconds = run.request.method, shown_url(run.url), self.clock.now() - run.started
        request_id = _request_id(incoming.headers)
        log.debug("%s %s -> %d in %.3f s, request id %s", method, url, incoming.status, seconds, request_id)
        if self.settings.hooks.on_response is not None:
            self.settings.hooks.on_response(
                ResponseReceived(
                    method, url, run.request.model, len(run.attempts) + 1, incoming.status, seconds, request_id
                )
            )

    # --- what a try can end in ---

    def _after_failure(self, run: _Run, failure: Failure) -> None:
        """Waits for the next try, or raises."""
        at = self._circumstances(run, failure.stage, None)
        decision: Retry | GiveUp = (
            GiveUp(_final_verdict(run.kind, failure.stage)) if failure.is_final else decide(run.policy, at)
        )
        if isinstance(decision, GiveUp):
            raise self._give_up(run, failure, decision) from failure
        self._wait(run, failure.what, decision)

    def _after_status(self, run: _Run, incoming: IncomingReply) -> None:
        """The same for a reply with an error status."""
        retry_after = read_retry_after(incoming.headers)
        stage = stage_of_status(incoming.status, retry_after)
        decision = None if stage is None else decide(run.policy, self._circumstances(run, stage, retry_after))
        if isinstance(decision, Retry):
            incoming.drain(0.05, _BLOCK)
            self._wait(run, f"HTTP {incoming.status}", decision)
            return
        try:
            body = self._hide_key(incoming.read_all(_ERROR_BODY)[0])
        except Failure:
            body = b""  # the status says enough
        raise self._status_error(run, Reply(incoming.status, incoming.headers, body, run.url), decision)

    def _wait(self, run: _Run, failure: str, decision: Retry) -> None:
        run.tally = decision.tally
        self._charge(run.url)
        run.attempts.append(Attempt(failure, self.clock.now() - run.started, decision.after))
        method, url = run.request.method, shown_url(run.url)
        log.debug("%s %s failed (%s), next try in %.2f s", method, url, failure, decision.after)
        if self.settings.hooks.on_retry is not None:
            self.settings.hooks.on_retry(
                RetryPlanned(method, url, run.request.model, len(run.attempts), failure, decision.after)
            )
        self.clock.sleep(decision.after)

    def _follow(self, run: _Run, incoming: IncomingReply) -> None:
        """A redirect: only a read, only within its origin, at most five times."""
        target = urljoin(run.url, incoming.headers.get("location") or "")
        incoming.drain(0.05, _BLOCK)
        known = _known(run, incoming)
        if not is_same_origin(run.url, target):
            raise errors.UntrustedURLError(
                f"The backend redirected a {run.request.method} to another origin, {_host(target)}; nothing was sent there."
                " Next: if that host is right, configure it as the backend URL",
                **known,
                status_code=incoming.status,
            )
        if run.request.method not in {"GET", "HEAD"}:
            raise errors.APIError(
                f"The backend redirected a {run.request.method} to {shown_url(target)}; a body is not sent twice."
                " Next: configure that address",
                incoming.status,
                **known,
            )
        run.redirects += 1
        if run.redirects > _MOST_REDIRECTS:
            raise errors.APIError(
                f"More than {_MOST_REDIRECTS} redirects, the last to {shown_url(target)}", incoming.status, **known
            )
        run.url = target

    # --- errors ---

    def _give_up(self, run: _Run, failure: Failure, decision: GiveUp | None = None) -> errors.TypedrunError:
        """The error for a try that brought no reply."""
        now = self.clock.now()
        run.attempts.append(Attempt(failure.what, now - run.started))
        known = _known(run)
        why = f"; {decision.why}" if decision is not None and decision.why else ""
        is_over = failure.timed_out and run.deadline.is_past(now)
        if run.is_outcome_unknown(decision):
            unknown = errors.OutcomeUnknownTimeout if is_over else errors.OutcomeUnknown
            return unknown(
                f"The run was sent but brought no usable reply: {failure.what}{why}. {_billing_warning(run)}",
                **known,
            )
        if is_over:
            return errors.TimeoutError(f"No complete reply before the deadline: {failure.what}{why}", **known)
        if failure.timed_out and failure.stage is not Stage.NEVER_SENT:
            return errors.TimeoutError(f"No reply: {failure.what}{why}", **known)
        missing = "connection to" if failure.stage is Stage.NEVER_SENT else "usable reply from"
        return errors.TransportError(f"No {missing} {_host(run.url)}: {failure.what}{why}", **known)

    def _status_error(self, run: _Run, reply: Reply, decision: GiveUp | None) -> errors.TypedrunError:
        """The error for a reply with an error status."""
        error = error_from_reply(reply, model=run.request.model)
        if error is None:  # 1xx and 3xx that nothing follows
            error = errors.APIError(f"Unexpected HTTP status {reply.status}", reply.status, url=reply.url)
        run.attempts.append(Attempt(f"HTTP {reply.status}", self.clock.now() - run.started))
        error.attempts = tuple(run.attempts)
        error.retry_after = read_retry_after(reply.headers)
        if run.is_outcome_unknown(decision):
            return errors.OutcomeUnknown(
                f"The run was sent and the backend answered with HTTP {reply.status}: {error.message}. {_billing_warning(run)}",
                reply.status,
                error.response_data,
                error.error,
                model=error.model,
                url=error.url,
                request_id=error.request_id,
                code=error.code,
                retry_after=error.retry_after,
                attempts=error.attempts,
            )
        if decision is not None and decision.why:
            error.add_note(f"Not tried again: {decision.why}")
        return error

    def _too_long(self, run: _Run, incoming: IncomingReply) -> errors.DecodingError:
        most = self.settings.max_reply_bytes
        return errors.DecodingError(
            f"The reply is longer than {most} bytes (max_reply_bytes); reading was stopped",
            **_known(run, incoming),
            status_code=incoming.status,
        )

    # --- pieces ---

    def _headers(self, request: Request) -> ShownHeaders:
        headers = ShownHeaders(self._common_headers(request.auth))
        headers["Accept"] = request.accept
        headers["Accept-Encoding"] = "identity" if request.streams else "gzip"
        if request.content_type is not None:
            headers["Content-Type"] = request.content_type
        if request.body is not None and not isinstance(request.body, bytes):
            headers["Content-Length"] = str(request.body.size)
        for name, value in request.headers.items():
            headers.override(name, value)
        return headers

    def _common_headers(self, auth: Auth) -> dict[str, str]:
        headers = {"User-Agent": self._user_agent()}
        if auth is Auth.NONE:
            return headers
        headers.update(self.settings.headers)
        key = self.settings.api_key.reveal()
        if not key:
            raise errors.ConfigurationError(
                "There is no API key. Next: pass api_key=, or set TEAM_API_KEY (a pickled client reads it where it is loaded)"
            )
        if auth is Auth.KEY:
            headers[self.settings.key_header] = key
        else:
            headers["Authorization"] = f"{'token' if auth is Auth.TOKEN else 'Token'} {key}"
        return headers

    def _user_agent(self) -> str:
        return self.settings.user_agent or _default_user_agent()

    def _hide_key(self, body: bytes) -> bytes:
        """The body without the key: a backend that quotes it (in an error, in a model's subscription) must not spread it."""
        key = self.settings.api_key.reveal().encode()
        return body.replace(key, b"***") if len(key) >= _SHORTEST_KEY and key in body else body

    def _network(self) -> Transport:
        if self._transport is None:
            # By name: mypy follows imports inside functions too, and would read urllib3, ssl and http for every user's script.
            connect: Callable[[Settings], Transport] = import_module("typedrun.network").connect
            # Threads may race to here. setdefault lets one win, without a lock that a fork could copy while it is held.
            self._transport = self._made.setdefault("network", connect(self.settings))
        return self._transport

    def _circumstances(self, run: _Run, stage: Stage, retry_after: float | None) -> Circumstances:
        return Circumstances(
            run.kind,
            stage,
            run.tally,
            retry_after,
            run.deadline.left(self.clock.now()),
            self._budget(run.url).can_pay(),
            self._roll(),
        )

    def _budget(self, url: str) -> Budget:
        return self._budgets.get(origin_of(url) or "") or Budget()

    def _charge(self, url: str) -> None:
        # Without a lock: an update lost between threads moves the budget by one retry, a lock would have to survive forks.
        self._budgets[origin_of(url) or ""] = self._budget(url).spent()

    def _refund(self, url: str) -> None:
        if self._budgets:  # nothing to give back before the first retry
            self._budgets[origin_of(url) or ""] = self._budget(url).refunded()


def _known(run: _Run, incoming: IncomingReply | None = None) -> errors.Known:
    """What every error about this request says."""
    known: errors.Known = {"model": run.request.model, "url": run.url, "attempts": tuple(run.attempts)}
    if incoming is not None:
        known["request_id"] = _request_id(incoming.headers)
    return known


def _billing_warning(run: _Run) -> str:
    if run.kind is Kind.UNSAFE_OPTED_IN:
        return f"It was sent {run.tally.resends + 1} times and may have been executed and billed. Next: check the usage"
    return (
        "It may have been executed and billed, so it was not sent again. Next: check the usage before running it again, or"
        " allow it with run_retries="
    )


def _final_verdict(kind: Kind, stage: Stage) -> Verdict:
    """What the table says once no further try is made."""
    verdict = TABLE[stage, kind]
    return {Verdict.RETRY: Verdict.RAISE, Verdict.RESEND: Verdict.UNKNOWN}.get(verdict, verdict)


def _request_id(headers: Mapping[str, str]) -> str | None:
    return Reply(0, headers, b"").request_id


def _host(url: str) -> str:
    """Scheme, host and port, for messages."""
    return "/".join(shown_url(url).split("/", 3)[:3])


@lru_cache(maxsize=1)
def _default_user_agent() -> str:
    python = ".".join(map(str, sys.version_info[:3]))
    return f"typedrun/{package_version()} python/{python}"
