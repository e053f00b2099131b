"""What aiXplain says when something fails: its words, its own statuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import typedrun.core.failures as failures
import typedrun.errors as errors
from typedrun.core.reply import Reply
from typedrun.results import JSON

# In the order in which they say most (a generic `error` hides the useful `supplierError`).
FAILURE_KEYS: Final = ("supplierError", "supplier_error", "error_message", "errorMessage", "error", "message")

WORDS: Final = failures.Words(
    messages=("supplierError", "supplier_error", "message", "error_message", "errorMessage", "error", "detail"),
    inner=FAILURE_KEYS,
    codes=("errorCode", "error_code", "code", "error"),
    request_id="requestId",
    of_status={497: errors.RateLimitError},  # its own per-minute limit, in the middle of the payload range
    of_range=(
        (500, errors.ServerError),
        (490, errors.InvalidRequestError),  # payload
        (480, errors.ServerError),  # the supplier does not provide the asset
        (470, errors.BillingError),  # credits
        (460, errors.PermissionDeniedError),  # subscription inactive or expired
    ),
    of_code={"err.not_enough_balance": errors.BillingError},
)


def read_error(reply: Reply, *, model: str | None = None) -> errors.APIError | None:
    """Read the error that an HTTP status other than 2xx stands for, or None."""
    return failures.read_error(reply, WORDS, model=model)


def error_words(value: JSON) -> str:
    """Text of an error field of any kind; "" when it says nothing."""
    return failures.error_words(value, FAILURE_KEYS)


def code_of(payload: Mapping[str, JSON]) -> str | None:
    """A machine-readable code such as `err.supplier_error` or `NOT_FOUND`."""
    return failures.code_of(payload, WORDS.codes)
