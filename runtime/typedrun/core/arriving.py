"""A reply that is still arriving, but for its reading: the drivers' live replies derive from this."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import typedrun.errors as errors
from typedrun.core.bills import Bill
from typedrun.core.opening import Again, Opened
from typedrun.core.reply import request_id_of
from typedrun.core.request import Failure


class ArrivingReply:
    """What is known of a reply while its body comes, and until when it may come."""

    def __init__(self, opened: Opened, now: Callable[[], float]) -> None:
        """Args: what the network brought, and the clock."""
        course = opened.course
        self.status: int = opened.incoming.status
        """HTTP status; always 2xx."""
        self.headers: Mapping[str, str] = opened.incoming.headers
        self.url: str = course.url
        self.request_id: str | None = opened.request_id or request_id_of(opened.incoming.headers)
        self.model: str | None = course.request.model
        self.bill: Bill = opened.bill
        self.run: object = opened.run
        self.again: Again | None = opened.again
        self.is_closed: bool = False
        self._incoming = opened.incoming
        self._until = opened.until
        self._now = now
        self._idle = course.rules.settings.timeout.idle
        self._limit = course.deadline.limit

    def hurry(self, seconds: float) -> None:
        """Wait no longer than that for the rest: what matters has come."""
        soon = self._now() + seconds
        self._until = soon if self._until is None else min(soon, self._until)

    def close(self) -> None:
        """Free the connection at once; from another thread, too. Again is harmless."""
        if not self.is_closed:
            self.is_closed = True
            self._incoming.close()

    def _error(self, failure: Failure) -> errors.TypedrunError:
        wrong = errors.TimeoutError if failure.timed_out else errors.TransportError
        what = failure.what
        if failure.timed_out:
            is_over = self._until is not None and self._now() >= self._until
            what = f"it was not over within {self._limit}" if is_over else f"silence for {self._idle:g} s"
        return wrong(f"The stream broke off: {what}", model=self.model, url=self.url, request_id=self.request_id)
