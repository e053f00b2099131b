"""A run that goes on at the backend, as a value: what names it, what an answer makes of it, how it is found again."""

from __future__ import annotations

import base64
import contextlib
import json
import re
from collections.abc import Callable
from typing import Any, Protocol, TypeVar, cast
from urllib.parse import parse_qsl, urlsplit

import attrs

from typedrun import errors
from typedrun.core import polling
from typedrun.core.bills import FREE, Bill
from typedrun.core.clock import Deadline
from typedrun.core.course import Rules, Terms, check_origin
from typedrun.core.effects import NOW, Call, Ended, Flow, Sleep
from typedrun.core.exchange import deadline_in, send
from typedrun.core.origins import is_hostile, resolve_poll_url
from typedrun.core.reply import FAILED, IN_PROGRESS, decode_object, operation_error, read_result
from typedrun.core.request import Request
from typedrun.core.retry import read_retry_after
from typedrun.errors import shown_url
from typedrun.results import JSON, DataT, ModelResult

_TOKEN_PREFIX = "job_"  # noqa: S105  # marks our tokens; it is no password
_NO_TOKEN = "This is neither a job token nor a poll address. Next: pass what job.token() gave"  # noqa: S105  # a sentence


class Bearer(Protocol):
    """A driver, as far as a started run needs it."""

    @property
    def rules(self) -> Rules:
        """What holds for every request of the client."""
        ...


class StartedRun(ModelResult[DataT]):
    """A started run as a value: its fields are those of the last answer. The clients' jobs derive from this."""

    def __init__(self, driver: Bearer, answer: ModelResult[Any], *, label: str | None = None) -> None:
        """Take the answer to a run.

        Args:
            driver: What asks.
            answer: The first answer. An unfinished one names a ``url``, relative ones included.
            label: Id or path of the model, for messages and the token.
        """
        # The fields of ModelResult, but for `result`: that name is the method's here. The wire's field is in `raw`.
        self._answer = answer
        self._set(answer)
        self._driver = driver
        self.label = label
        """Id or path of the model that was called."""
        self._bill: Bill = FREE
        self._refused_address: str | None = None
        if self.url is not None and not self.completed:
            settings = driver.rules.settings
            self._refused_address = self.url if is_hostile(self.url) else None
            self.url = self._answer.url = resolve_poll_url(
                self.url, backend_url=settings.backend_url, run_url=settings.run_url
            )
            self._bill = driver.rules.books.of_job(self.url, label)

    @property
    def id(self) -> str:
        """The backend's token for the run, from its poll address; empty for a run that finished at once."""
        path = urlsplit(self.url or "").path.rstrip("/")
        return path.removesuffix("/result").rpartition("/")[2]

    def _leave_token(self, error: BaseException) -> None:
        """Note on an exception that ends the waiting (Ctrl-C, a callback's, a refused question) how the run is found again."""
        if self.completed or self.url is None:
            return
        token = self.token()
        error.add_note(f"The run goes on at the backend; pick it up with aix.job({token!r})")
        with contextlib.suppress(AttributeError):  # an exception with slots has the note alone
            error.job_token = token  # type: ignore[attr-defined]  # documented in docs/errors.md

    def token(self) -> str:
        """A short text that names this job for ``client.job``, in another process or on another day.

        It holds the poll address and the model, neither key nor credentials of a URL.
        """
        if self.url is None:
            raise errors.ValidationError(
                "This run has finished at once; there is nothing to pick up again", model=self.label
            )
        content = {"url": _without_credentials(self.url), "model": self.label, "request": self.request_id}
        text = json.dumps({name: value for name, value in content.items() if value}, separators=(",", ":"))
        return _TOKEN_PREFIX + base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def __eq__(self, other: object) -> bool:
        return self is other  # its fields change while it runs

    def __hash__(self) -> int:  # type: ignore[override]  # attrs took it from the base class, whose values compare by field
        return id(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(id={self.id!r}, status={self.status!r}, completed={self.completed!r}, model={self.label!r})"

    def _repr_html_(self) -> str:
        from typedrun.display import job_html

        return job_html(self)

    def __reduce__(
        self,
    ) -> tuple[Callable[..., StartedRun[Any]], tuple[type[StartedRun[Any]], object, object, str | None]]:
        return _restored, (type(self), self._driver, self._answer, self.label)

    # --- flows ---

    def poll_flow(self) -> Flow[None]:
        """Ask once and take over the answer; the clients' `poll` drives it."""
        if not self.completed:
            yield from self._ask(None, None)
        self._close_bill()

    def glance_flow(self, seconds: float) -> Flow[None]:
        """Ask once, without a second try, and do not wait longer than that."""
        yield from self._ask(seconds, retries=0)

    def wait_flow(
        self,
        deadline: Deadline,
        timeout: float | None,
        wait_time: float = polling.FIRST_WAIT,
        on_poll: Callable[[Any], object] | None = None,
    ) -> Flow[ModelResult[DataT]]:
        """Ask until the run is finished, by a moment that others share: `run` has uploaded and submitted before it waits.

        Args:
            deadline: When the time is over.
            timeout: Seconds that the caller gave in all, for messages.
            wait_time: Seconds before the second question.
            on_poll: Called with this job after each answer.
        """
        if not self.completed:
            self._address()  # without one there is nothing to wait for
        try:
            return (yield from self._wait(deadline, timeout, wait_time, on_poll))
        except (errors.OperationFailedError, errors.TimeoutError):
            raise  # nothing goes on, or the error has the job
        except Ended as ended:
            self._leave_token(ended.error)
            raise
        except Exception as error:
            self._leave_token(error)
            raise

    def _wait(
        self,
        deadline: Deadline,
        timeout: float | None,
        wait_time: float,
        on_poll: Callable[[Any], object] | None,
    ) -> Flow[ModelResult[DataT]]:
        now: float = yield NOW
        state = polling.begin(now, budget=deadline.left(now), wait_time=wait_time)
        seen: polling.Seen = polling.Finished() if self.completed else None
        last: errors.TypedrunError | None = None
        while True:
            now = yield NOW
            state, step = polling.next_step(state, seen, now)
            seen = None
            if isinstance(step, polling.Wait):
                yield Sleep(step.seconds)
            elif isinstance(step, polling.Ask):
                seen = yield from self._seen(step.within)
                last = seen.error if isinstance(seen, polling.Lost) else None
                if on_poll is not None and not isinstance(seen, polling.Lost):
                    yield Call(on_poll, (self,))
            elif isinstance(step, polling.Failed):
                raise step.error
            elif isinstance(step, polling.OutOfTime):
                raise self._out_of_time(step.budget if timeout is None else timeout) from last
            else:
                return self._finished()

    def _seen(self, within: float | None) -> Flow[polling.Seen]:
        try:
            retry_after = yield from self._ask(within, retries=0)
        except errors.TypedrunError as error:
            return polling.Lost(error)
        return polling.Finished() if self.completed else polling.Pending(retry_after)

    def _ask(self, within: float | None, retries: int | None) -> Flow[float | None]:
        """Ask and take the answer over; return the wait that the backend asked for."""
        rules = self._driver.rules
        total = rules.settings.timeout.total
        deadline = yield from deadline_in(min((limit for limit in (within, total) if limit is not None), default=None))
        request = Request("GET", self._address(), model=self.label)
        reply = yield from send(request, rules, Terms(deadline, retries))
        self._take_over(read_result(decode_object(reply), request_id=self.request_id or reply.request_id))
        return read_retry_after(reply.headers)

    # --- answers ---

    def _address(self) -> str:
        if self._refused_address is not None:
            raise _untrusted(self._refused_address, self.label)
        if self.url is None:
            raise errors.DecodingError(
                "The backend says that the run goes on but not where to ask for it",
                model=self.label,
                request_id=self.request_id,
                response_data=dict(self.raw),
            )
        return self.url

    def _take_over(self, answer: ModelResult[Any]) -> None:
        known = self._answer
        answer.url = known.url or answer.url  # an answer cannot send the next question elsewhere
        answer.request_id = answer.request_id or known.request_id
        answer.model = answer.model or known.model
        answer.session_id = answer.session_id or known.session_id
        self._answer = answer
        self._set(answer)

    def _set(self, answer: ModelResult[Any]) -> None:
        for one in attrs.fields(ModelResult):
            if one.name != "result":
                setattr(self, one.name, getattr(answer, one.name))

    def _finished(self) -> ModelResult[DataT]:
        self._close_bill()
        return attrs.evolve(self._answer)

    def _close_bill(self) -> None:
        """Note what the run cost, if it is over; raise its failure, if it failed."""
        if not self.completed:
            return
        if self.status == FAILED:
            error = operation_error(self.raw, model=self.label, url=self.url, request_id=self.request_id)
            self._bill.failed(error)
            raise error
        self._bill.finished(self._answer)

    def _out_of_time(self, budget: float) -> errors.TimeoutError:
        return errors.TimeoutError(
            f"Operation timed out after {budget:g} seconds; the run goes on at the backend. Next: wait again with"
            " error.job.wait(), or keep error.job.token() and pick it up later",
            job=self,
            model=self.label,
            url=self.url,
            request_id=self.request_id,
        )


StartedT = TypeVar("StartedT", bound=StartedRun[Any])


def resume(kind: type[StartedT], driver: Any, token_or_url: str, *, label: str | None = None) -> StartedT:
    """A job by its token or its poll address. Nothing is sent.

    Args:
        kind: The class of job.
        driver: What asks.
        token_or_url: What `token` gave, or where to ask.
        label: Id or path of the model.

    Raises:
        ValidationError: The text is neither.
        UntrustedURLError: The address is outside the configured origins.
    """
    rules: Rules = driver.rules
    content = _read_token(token_or_url) if token_or_url.startswith(_TOKEN_PREFIX) else {"url": token_or_url}
    settings = rules.settings
    url = resolve_poll_url(content["url"], backend_url=settings.backend_url, run_url=settings.run_url)
    if is_hostile(content["url"]):
        raise _untrusted(content["url"], label)
    if url is None:
        raise errors.ValidationError(_NO_TOKEN)
    check_origin(url, rules.origins)
    answer = read_result({"status": IN_PROGRESS, "url": url}, request_id=content.get("request"))
    return kind(driver, answer, label=label or content.get("model"))


def _untrusted(address: str, model: str | None) -> errors.UntrustedURLError:
    return errors.UntrustedURLError(
        f"The place to ask for the run is {errors.shown_url(address)[:200]!r}, an address that may lead elsewhere than it seems to."
        " It was not asked, and the key went nowhere. Next: tell the backend's people",
        url=address,
        model=model,
    )


def _restored(
    kind: type[StartedRun[Any]], driver: Bearer, answer: ModelResult[Any], label: str | None
) -> StartedRun[Any]:
    return kind(driver, answer, label=label)


def _read_token(token: str) -> dict[str, str]:
    coded = token.removeprefix(_TOKEN_PREFIX)
    try:
        content = json.loads(base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4)))
    except ValueError:
        content = None
    if not isinstance(content, dict) or not isinstance(cast("dict[str, JSON]", content).get("url"), str):
        raise errors.ValidationError(_NO_TOKEN)
    return {name: value for name, value in cast("dict[str, JSON]", content).items() if isinstance(value, str)}


# Below `StartedRun`: to know a class, an editor evaluates every call above it.
_SECRET_NAME = re.compile(r"key|token|sig|secret|pass|cred|auth", re.IGNORECASE)


def _without_credentials(url: str) -> str:
    """The URL without user-info, and without a query that names a secret."""
    query = urlsplit(url).query
    is_plain = query and not any(_SECRET_NAME.search(name) for name, _ in parse_qsl(query, keep_blank_values=True))
    return f"{shown_url(url)}?{query}" if is_plain else shown_url(url)
