"""A file on its way to a storage: what marketplaces upload."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import typedrun.errors as errors
from typedrun.core.bodies import Body
from typedrun.core.exchange import send
from typedrun.core.request import Auth, Request
from typedrun.records import field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typedrun.core.course import Rules, Terms
    from typedrun.core.effects import Flow
    from typedrun.core.reply import Reply


@frozen(eq=False)
class Outgoing:
    """A file that is to be sent: read already as far as its type and size need it."""

    name: str
    content_type: str
    body: Body
    part: Callable[[int, int], Body]
    """A part of the body, by its first byte and its size."""
    model: str | None
    """For messages."""
    error: Callable[[str], errors.FileUploadError]
    """Makes an error about this file of what is wrong with it."""

    def refused(self, error: errors.TypedrunError) -> errors.FileUploadError:
        """The error for a storage that did not take it."""
        failed = self.error(f"was not taken by the storage: {error.message}")
        failed.url, failed.status_code, failed.attempts = error.url, error.status_code, error.attempts
        return failed


@frozen(kw_only=True, eq=False)
class Put:
    """Where bytes are put, without the key: that address belongs to a storage."""

    url: str
    content_type: str
    headers: Mapping[str, str] = field(factory=dict[str, str])


def put(file: Outgoing, to: Put, body: Body, rules: Rules, terms: Terms) -> Flow[Reply]:
    """Send bytes of a file to a storage.

    Raises:
        FileUploadError: It did not take them.
        TimeoutError: The time was over.
    """
    request = Request(
        "PUT", to.url, to.headers, body, accept="*/*", content_type=to.content_type, auth=Auth.NONE, model=file.model
    )
    try:
        return (yield from send(request, rules, terms))
    except errors.TimeoutError:
        raise
    except errors.TypedrunError as error:
        raise file.refused(error) from error
