"""The endpoints that a pull asks, on the runtime's driver. The only module of the generator that talks to a backend."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

from attrs import define, evolve, field, frozen

from typedrun import errors
from typedrun.core.origins import checked_address
from typedrun.core.reply import decode_json
from typedrun.core.request import Auth, Request
from typedrun.sending.driver import Driver
from typedrun.settings import Secret, Settings
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.problems import Location, Problem, UsageProblem
from typedrun_codegen.ir.settings import Select
from typedrun_codegen.marketplaces.protocol import Marketplace
from typedrun_codegen.marketplaces.source import Source
from typedrun_codegen.snapshots.scrub import Scrubbed
from typedrun_codegen.snapshots.store import digest

RATE_LIMIT_WAITS = 10
"""How often in a row all workers wait for a rate limit before the pull gives up."""

_FIRST_WAIT, _LONGEST_WAIT = 1.0, 60.0
"""Seconds to wait when a rate limit names no time: doubling from the first to the longest."""


_NO_DOCUMENT = (errors.DecodingError, errors.InvalidRequestError, errors.PermissionDeniedError)
"""What an answer is that has no model in it, although the backend runs."""


@frozen
class Arrived:
    """A model as the backend answers it now, cleaned."""

    asked: str
    value: dict[str, JSON]


@frozen
class Gone:
    """The backend has no such model."""

    asked: str


@frozen
class Refused:
    """The backend's answer is not a model; the old one is kept."""

    asked: str
    problem: Problem


@define
class Backend:
    """The endpoints that a pull asks. Threads share one; a rate limit makes all of them wait."""

    url: str
    market: Marketplace
    driver: Driver
    scrubbed: Scrubbed
    _lock: threading.Lock = field(factory=threading.Lock, init=False)
    _ready: float = field(default=0.0, init=False)
    """No request before this moment of the monotonic clock."""

    @classmethod
    def connect(cls, url: str, key: str, market: Marketplace) -> Backend:
        """A backend at this base URL that is asked as its marketplace's source says.

        Raises:
            UsageProblem: there is no key where one is needed, or the URL is none.
        """
        runtime = market.source.runtime
        if not key and market.source.needs_key:
            variable = runtime.environment.keys[0]
            next_step = f"set {variable}; `typedrun sandbox` serves the snapshot without a real key"
            raise UsageProblem(
                Problem("there is no key for the backend", Location(errors.shown_url(url)), next_step=next_step)
            )
        try:
            address = checked_address("backend_url", url)
            settings = Settings(
                backend_url=address,
                run_url=address,
                api_key=Secret(key),
                key_header=runtime.key.header,
                key_prefix=runtime.key.prefix,
            )
            driver = Driver(settings)
        except (errors.TypedrunError, ValueError) as error:
            found, next_step = said(error)
            raise UsageProblem(
                Problem("this backend cannot be asked", Location(errors.shown_url(url)), found, next_step)
            ) from error
        return cls(address, market, driver, Scrubbed(key))

    @property
    def source(self) -> Source:
        """How it is asked."""
        return self.market.source

    def close(self) -> None:
        """Close idle connections."""
        self.driver.close()

    def purpose(self, select: Select) -> JSON:
        """What a partial is good for: this backend, this selection, and this account, which may see other models.

        Eight digits of a hash tell accounts apart and tell nothing about the key.
        """
        account = digest(f"{self.url} {self.scrubbed.key}".encode())[:8]
        return {"backend": self.url, "account": account, "select": dict(select.as_json())}

    def page(self, request: Request, *, is_first: bool = False) -> JSON:
        """A page of a listing; None for one after the first that the backend does not have."""
        try:
            return self.ask(request)
        except (errors.NotFoundError, errors.InvalidRequestError):
            if is_first:
                raise
            return None

    def listed_model(self, id: str, document: Mapping[str, JSON] | None = None) -> Arrived | Refused:
        """The model of an id that a listing named: no model, or another one, is an answer to refuse.

        Args:
            id: what the listing named.
            document: the model, where the listing has it whole.
        """
        answer = self.model(id) if document is None else self._arrived(id, document, self._model_url(id))
        if isinstance(answer, Gone):
            title = "the backend lists this model and does not have it"
            return Refused(id, _not_a_model(id, self._model_url(id), "404 Not Found", title))
        if isinstance(answer, Arrived) and (other := self.market.id_of(answer.value)) != id:
            title = "the backend answers with another model"
            return Refused(id, _not_a_model(id, self._model_url(id), f"the model {other!r}", title))
        return answer

    def model(self, asked: str) -> Arrived | Gone | Refused:
        """A model by id or path, without account secrets."""
        url = self._model_url(asked)
        try:
            found = self.source.read_model(self.ask(self.source.model(self.url, asked)))
        except errors.NotFoundError:
            return Gone(asked)
        except (*_NO_DOCUMENT, ValueError) as error:
            return Refused(asked, _not_a_model(asked, url, str(error)))
        return Gone(asked) if found is None else self._arrived(asked, found, url)

    def _arrived(self, asked: str, document: Mapping[str, JSON], url: str) -> Arrived | Refused:
        """A document that came: completed, and clean."""
        elsewhere = self.source.elsewhere
        try:
            if elsewhere and (lacking := elsewhere.lacking(self.url, asked, document)):
                url = lacking.url
                document = elsewhere.completed(document, self.ask(lacking))
        except (errors.NotFoundError, *_NO_DOCUMENT, ValueError) as error:
            return Refused(asked, _not_a_model(asked, url, str(error)))
        with self._lock:
            return Arrived(asked, self.scrubbed.document(self.source.scrubbed(document), self.source.published))

    def _model_url(self, asked: str) -> str:
        return self.source.model(self.url, asked).url

    def ask(self, request: Request) -> JSON:
        """Ask for the answer to a request of the source.

        Raises:
            TypedrunError: there is none.
        """
        for waits in range(RATE_LIMIT_WAITS + 1):
            self._wait()
            try:
                answer: JSON = decode_json(self.driver.send(self._addressed(request)))
            except errors.RateLimitError as limited:
                if waits == RATE_LIMIT_WAITS:
                    raise
                self._hold(limited.retry_after or min(_LONGEST_WAIT, _FIRST_WAIT * 2.0**waits))
            else:
                return answer
        raise AssertionError("unreachable: the last round returns or raises")

    def _addressed(self, request: Request) -> Request:
        """The request as it goes out: without a key there is none to send."""
        return request if self.scrubbed.key else evolve(request, auth=Auth.NONE)

    def _wait(self) -> None:
        while (left := self._ready - time.monotonic()) > 0:
            time.sleep(left)

    def _hold(self, seconds: float) -> None:
        with self._lock:
            self._ready = max(self._ready, time.monotonic() + seconds)


def said(error: Exception) -> tuple[str, str]:
    """What an error of the runtime found, and its own advice."""
    found, _, next_step = str(error).partition(" Next: ")
    return found, next_step


def _not_a_model(asked: str, url: str, found: str, title: str = "the backend's answer is not a model") -> Problem:
    next_step = "ask the backend's operator; until then this model stays as the snapshot has it"
    return Problem(title, Location(url), found=found, next_step=next_step, model=asked)
