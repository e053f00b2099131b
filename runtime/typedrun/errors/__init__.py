"""One tree of errors. Attributes before prose: a program reads the fields, a person reads the sentence.

Rules:
- Every class takes its message first and everything else by keyword with a default, so each pickles and copies as it is.
- URLs are shown without user-info, query and fragment (`shown_url`): presigned ones carry their signature there.
- This module imports next to nothing of ours, so that every layer can raise; a run that goes well does not load it.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypedDict, Unpack

from typedrun.attempts import Attempt as Attempt
from typedrun.attempts import shown_url as shown_url

if TYPE_CHECKING:
    from typedrun.errors.runs import RunOutcome, UnfinishedRun
    from typedrun.results import ModelResult
    from typedrun.results.wirevalues import JSON


class Known(TypedDict, total=False):
    """What any error of the tree may be given by keyword; the meanings are at `TypedrunError`."""

    details: Mapping[str, object] | None
    model: str | None
    parameter: str | None
    url: str | None
    code: str | None
    request_id: str | None
    retry_after: float | None
    attempts: Iterable[Attempt]


class KnownParameter(TypedDict, total=False):
    """What an error about a call that was never made can know."""

    model: str | None
    parameter: str | None


class KnownReply(Known, total=False):
    """What an error that may follow a reply, without being about one, can be given by keyword."""

    status_code: int
    response_data: Mapping[str, JSON] | None


class TypedrunError(Exception):
    """Base of everything that typedrun raises on purpose."""

    is_retry_safe: ClassVar[bool] = False
    """Whether the same call can be made again without a run being billed twice for it."""

    def __init__(
        self,
        message: str | Sequence[str] = "",
        details: Mapping[str, object] | None = None,
        *,
        model: str | None = None,
        parameter: str | None = None,
        url: str | None = None,
        status_code: int = 0,
        code: str | None = None,
        response_data: Mapping[str, JSON] | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        attempts: Iterable[Attempt] = (),
    ) -> None:
        """Keep what is known; each field may be missing.

        Args:
            message: What happened and what to do next; a list becomes one line each.
            details: Anything else worth keeping.
            model: Id or path of the model that was called.
            parameter: Wire name of the parameter at fault.
            url: Where the request went; kept without user-info, query and fragment.
            status_code: HTTP status, 0 when there was no reply.
            code: The backend's machine-readable code, e.g. `err.supplier_error`.
            response_data: The reply's JSON object.
            request_id: The backend's name for the exchange.
            retry_after: Seconds that the backend asked to wait.
            attempts: Each try that was made, with the wait that followed it.
        """
        text = message if isinstance(message, str) else "\n".join(message)
        super().__init__(text)
        self.message = text
        self.details: dict[str, object] = dict(details or {})
        self.model = model
        self.parameter = parameter
        self.url: str | None = shown_url(url) if url else None
        self.status_code = status_code
        self.code = code
        self.response_data: dict[str, JSON] = dict(response_data or {})
        self.request_id = request_id
        self.retry_after = retry_after
        self.attempts: tuple[Attempt, ...] = tuple(attempts)

    def __str__(self) -> str:
        context = [text for text in self._context() if text]
        return f"{self.message} ({'; '.join(context)})" if context else self.message

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def _context(self) -> Iterable[str]:
        """What the message does not already say, in the order in which people look for it."""
        if self.model and self.model not in self.message:
            yield f"model {self.model}"
        if self.parameter and self.parameter not in self.message:
            yield f"parameter {self.parameter}"
        if self.status_code and str(self.status_code) not in self.message:
            yield f"HTTP {self.status_code}"
        if self.url and self.url not in self.message:
            yield self.url
        if self.request_id and self.request_id not in self.message:
            yield f"request id {self.request_id}"
        if len(self.attempts) > 1:
            waits = ", ".join(f"{attempt.waited:.2g} s" for attempt in self.attempts if attempt.waited is not None)
            yield f"{len(self.attempts)} attempts" + (f", waited {waits}" if waits else "")


class ConfigurationError(TypedrunError):
    """The client cannot work as it is set up: no key, a malformed URL, a CA bundle that is not there."""


class APIError(TypedrunError):
    """The backend said no. `status_code` 0 means that there was no HTTP error status (a failed operation, say)."""

    def __init__(
        self,
        message: str | Sequence[str] = "",
        status_code: int = 0,
        response_data: Mapping[str, JSON] | None = None,
        error: str | None = None,
        **known: Unpack[Known],
    ) -> None:
        """Positional order as the SDK has it: message, status_code, response_data, error."""
        super().__init__(message, status_code=status_code, response_data=response_data, **known)
        self.error: str = error or self.message
        """The backend's own word for the error; the message when it gave none."""


class AuthenticationError(APIError):
    """The key is missing, wrong or expired (401)."""


class PermissionDeniedError(APIError):
    """The key may not do this (403), or its subscription is inactive (460-469)."""


class ResourceError(TypedrunError):
    """A model or another object cannot be fetched, decoded, or used in the state it is in."""


class NotFoundError(APIError, ResourceError):
    """There is no such model, file or run (404)."""


class RateLimitError(APIError):
    """Too many calls (429, or the backend's own 497). `retry_after` has the wait if the backend named one."""

    is_retry_safe = True


class BillingError(APIError):
    """Not enough credits (402, 470-479)."""


class InvalidRequestError(APIError):
    """The backend refused what was sent (400, 413, 422, 490-499)."""


class ServerError(APIError):
    """The backend or its supplier is in trouble (5xx, 480-489)."""


class OperationFailedError(APIError):
    """The run was accepted and failed; the message has the supplier's words, `response_data` the whole answer."""


class UntrustedURLError(APIError):
    """A URL outside the configured origins wanted the key, a prompt or a poll. Nothing was sent there."""


class OutcomeUnknown(APIError):
    """A run was sent and no answer says what became of it. It is not sent again: that could bill it twice.

    Pass `run_retries=` to the call to allow sending it again.
    """

    maybe_billed: bool = True
    """Whether the run may have been executed and billed. Always True here; the field is what programs ask for."""


class ValidationError(TypedrunError):
    """The call cannot be made as it stands; nothing was sent."""


class ParameterError(ValidationError, ValueError):
    """Parameters of the call are missing, misspelt, of a wrong type or not an option; the message has all of them."""

    def __init__(
        self,
        message: str | Sequence[str] = "",
        details: Mapping[str, object] | None = None,
        *,
        problems: Iterable[str] = (),
        **known: Unpack[KnownParameter],
    ) -> None:
        super().__init__(message, details, **known)
        self.problems: tuple[str, ...] = tuple(problems)
        """One sentence for each problem of the call."""


class BudgetExceeded(ValidationError):
    """By its estimate a run would pass the limit of a budget; nothing was sent."""

    def __init__(
        self,
        message: str | Sequence[str] = "",
        *,
        estimate: float | None = None,
        limit: float | None = None,
        left: float | None = None,
        **known: Unpack[KnownParameter],
    ) -> None:
        super().__init__(message, **known)
        self.estimate = estimate
        """Credits that the run would cost; None when the catalog does not tell."""
        self.limit = limit
        """Credits of the whole budget."""
        self.left = left
        """Credits that are left of it."""


class LedgerError(TypedrunError):
    """A line of the ledger could not be written. `result` is what the run gave: it was executed, and nothing of it is lost."""

    def __init__(
        self, message: str | Sequence[str] = "", *, result: RunOutcome | None = None, **known: Unpack[KnownReply]
    ) -> None:
        super().__init__(message, **known)
        self.result = result
        """What the call would have returned; None when nothing was sent yet."""


class TimeoutError(TypedrunError, builtins.TimeoutError):
    """The time that was allowed is over. `job` is the run that goes on, if there is one; nothing is lost.

    Raised when a polling budget is spent, and when a request passes its total deadline.
    """

    is_retry_safe = True

    def __init__(
        self, message: str | Sequence[str] = "", *, job: UnfinishedRun | None = None, **known: Unpack[KnownReply]
    ) -> None:
        super().__init__(message, **known)
        self.job = job
        """The `Job` to wait for again, or to save with `job.token()`; None when no job is known."""


class OutcomeUnknownTimeout(OutcomeUnknown, TimeoutError):
    """The total deadline passed after a run had been sent: both a timeout and an unknown outcome."""

    is_retry_safe = False


class TransportError(TypedrunError, builtins.ConnectionError):
    """No usable reply: DNS, refused, TLS, reset, cut. Safe to call again (a run that was sent raises OutcomeUnknown)."""

    is_retry_safe = True


class StreamInterrupted(TypedrunError):
    """A stream ended before the answer did. `partial` has what came."""

    def __init__(
        self,
        message: str | Sequence[str] = "",
        *,
        partial: ModelResult[Any] | None = None,
        outcome: str = "truncated",
        **known: Unpack[KnownReply],
    ) -> None:
        super().__init__(message, **known)
        self.partial = partial
        """What arrived until then."""
        self.outcome = outcome
        """`truncated`, `failed` or `cancelled`."""


class DecodingError(TypedrunError):
    """The reply is not what the wire promises: an HTML page, invalid JSON, more bytes than allowed."""


class OddReplyWarning(UserWarning):
    """A reply holds values that its schema does not allow; they are kept as they came."""


class SampleCatalogWarning(UserWarning):
    """A generated package whose catalog is a sample is used with a real backend: its signatures are not the backend's."""


class FileUploadError(TypedrunError):
    """A local file could not be sent: missing, too large, or refused by the storage."""
