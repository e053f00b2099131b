"""What hooks and the log are told of a request."""

from __future__ import annotations

from typing import TypeAlias

from typedrun.records import frozen


@frozen()
class RequestSent:
    """Told to `on_request` before a try."""

    method: str
    url: str
    """Without user-info, query and fragment."""
    model: str | None
    attempt: int
    """1 for the first try."""


@frozen()
class ResponseReceived:
    """Told to `on_response` after each try that brought a reply."""

    method: str
    url: str
    """Without user-info, query and fragment."""
    model: str | None
    attempt: int
    status: int
    seconds: float
    """From the start of the try; for a stream, until its head arrived."""
    request_id: str | None


@frozen()
class RetryPlanned:
    """Told to `on_retry` before a wait."""

    method: str
    url: str
    """Without user-info, query and fragment."""
    model: str | None
    attempt: int
    """The try that failed."""
    failure: str
    """What happened to it."""
    wait: float
    """Seconds until the next."""


Event: TypeAlias = RequestSent | ResponseReceived | RetryPlanned
"""Any of them."""
