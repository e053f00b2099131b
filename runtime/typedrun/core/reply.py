"""Status, headers and body of an HTTP reply, and the JSON in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from typedrun.core.head import Fields
from typedrun.core.jsontext import decode_text as decode_text
from typedrun.core.jsontext import parse_json as parse_json
from typedrun.records import field, frozen
from typedrun.results import JSON

if TYPE_CHECKING:
    from typedrun.errors import KnownReply

_REQUEST_ID_HEADERS = ("x-request-id", "request-id", "x-correlation-id", "x-amzn-requestid")


@frozen()
class Reply:
    """One HTTP reply, read to its end."""

    status: int
    """HTTP status code."""
    headers: Mapping[str, str]
    """Header fields; `header()` looks them up in any case."""
    body: bytes = field(repr=False)
    """The decompressed body."""
    url: str = ""
    """Where the reply came from."""
    resends: int = 0
    """How often a run was sent before that may have been executed, too (`run_retries`)."""

    def header(self, name: str) -> str:
        """A header field by its lower-case name, "" when absent."""
        found = self.headers.get(name)
        if found is not None or not isinstance(self.headers, dict):  # the network's find a field in any spelling
            return found or ""
        return next((value for key, value in self.headers.items() if key.lower() == name), "")

    @property
    def request_id(self) -> str | None:
        """The backend's own name for the exchange, if a header carries one."""
        return request_id_of(self.headers)


def request_id_of(headers: Mapping[str, str]) -> str | None:
    """The backend's own name for an exchange, if a header field carries one."""
    if isinstance(headers, Fields):
        return headers.first(_REQUEST_ID_HEADERS)
    # Those of somebody's own making find a name in its own spelling only.
    return Fields(headers.items()).first(_REQUEST_ID_HEADERS)


# --- bytes -> JSON


def decode_json(reply: Reply) -> JSON:
    """The body as JSON; bare `NaN` is read as a float, invalid UTF-8 as U+FFFD.

    Raises:
        DecodingError: The body is empty, an HTML page, or not JSON.
    """
    try:
        return parse_json(body_of(reply))
    except (ValueError, RecursionError) as error:
        from typedrun.core.oddreplies import not_json

        raise not_json(decode_text(body_of(reply)), reply.header("content-type"), error, **_known(reply)) from error


def body_of(reply: Reply) -> bytes:
    """The body in UTF-8, whatever charset the reply declares."""
    headers = reply.headers
    content_type = headers.get("content-type") or (reply.header("content-type") if headers else "")
    if ";" not in content_type or content_type.lower().endswith("charset=utf-8"):  # mostly
        return reply.body
    from typedrun.core.oddreplies import recoded

    return recoded(reply.body, content_type)


def decode_object(reply: Reply) -> dict[str, JSON]:
    """Decode the body as a JSON object.

    Raises:
        DecodingError: The body is not JSON, or JSON of another kind.
    """
    value = decode_json(reply)
    if isinstance(value, dict):
        return value
    from typedrun.core.oddreplies import not_an_object

    raise not_an_object(value, **_known(reply))


def _known(reply: Reply) -> KnownReply:
    return {"url": reply.url, "status_code": reply.status, "request_id": reply.request_id}
