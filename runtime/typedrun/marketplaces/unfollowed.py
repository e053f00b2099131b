"""Runs that go on where this client cannot follow them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from typedrun.errors import DecodingError
from typedrun.marketplaces.orders import Running


def no_place(
    label: str | None, request_id: str | None = None, answer: Mapping[str, Any] | None = None
) -> DecodingError:
    """The error for a run that goes on where nobody can ask for it.

    Args:
        label: What messages call the model.
        request_id: The backend's name for the run, where it said one.
        answer: What it said, as received.
    """
    return DecodingError(
        "The backend says that the run goes on but not where to ask for it",
        model=label,
        request_id=request_id,
        response_data=None if answer is None else dict(answer),
    )


class Unfollowed(Exception):
    """A stream could not be followed although its run has started; carries the reason and the run."""

    def __init__(self, error: BaseException, running: Running) -> None:
        super().__init__(str(error))
        self.error = error
        self.running = running
