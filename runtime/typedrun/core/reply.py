"""Status, headers and body of an HTTP reply, and the JSON in it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import typedrun.errors as errors
from typedrun.core.head import Fields
from typedrun.core.jsontext import decode_text as decode_text
from typedrun.core.jsontext import parse_json as parse_json
from typedrun.records import field, frozen
from typedrun.results import JSON

_REQUEST_ID_HEADERS = ("x-request-id", "request-id", "x-correlation-id", "x-amzn-requestid")

_SHOWN_CHARACTERS = 200
_TAG = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)


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
    if isinstance(headers, dict):  # of somebody's own making: it finds a name in its own spelling only
        headers = {name.lower(): value for name, value in headers.items()}
    return next((found for name in _REQUEST_ID_HEADERS if (found := headers.get(name))), None)


# --- bytes -> JSON


def decode_json(reply: Reply) -> JSON:
    """The body as JSON; bare `NaN` is read as a float, invalid UTF-8 as U+FFFD.

    Raises:
        DecodingError: The body is empty, an HTML page, or not JSON.
    """
    try:
        return parse_json(body_of(reply))
    except (ValueError, RecursionError) as error:
        raise _not_json(reply, decode_text(body_of(reply)), error) from error


def body_of(reply: Reply) -> bytes:
    """The body in UTF-8, whatever charset the reply declares."""
    headers = reply.headers
    content_type = headers.get("content-type") or (reply.header("content-type") if headers else "")
    if ";" not in content_type or not (name := charset_of(content_type)):  # mostly the first: no call
        return reply.body
    try:
        return reply.body.decode(name).encode()
    except (LookupError, UnicodeError, ValueError):  # no charset, or not in it: as if nothing had been said
        return reply.body


def charset_of(content_type: str) -> str:
    """The charset that a Content-Type declares, in small letters; "" for UTF-8 and where it declares none."""
    if not content_type or "charset" not in content_type.lower():
        return ""
    _, _, charset = content_type.lower().partition("charset=")
    name = charset.partition(";")[0].strip(" \"'")
    return "" if name in _UTF_8 else name


_UTF_8 = frozenset({"utf-8", "utf8", "us-ascii", "ascii", ""})


def decode_object(reply: Reply) -> dict[str, JSON]:
    """The body as a JSON object.

    Raises:
        DecodingError: The body is not JSON, or JSON of another kind.
    """
    value = decode_json(reply)
    if isinstance(value, dict):
        return value
    raise errors.DecodingError(
        f"The reply is JSON but not an object: {_first_words(as_json(value))}",
        url=reply.url,
        status_code=reply.status,
        request_id=reply.request_id,
    )


def is_html(content_type: str, text: str) -> bool:
    """Whether this is a web page (a proxy's, a login's) instead of an answer."""
    return "html" in content_type.lower() or text[:64].lstrip().lower().startswith(
        ("<!doctype", "<html", "<head", "<body")
    )


def _not_json(reply: Reply, text: str, error: Exception) -> errors.DecodingError:
    content_type = reply.header("content-type")
    if not text.strip():
        found = "The reply has no body where JSON was expected"
    elif is_html(content_type, text):
        found = f"The reply is an HTML page, not JSON: {_first_words(page_text(text))}"
    else:
        where = f" ({error})" if isinstance(error, ValueError) else " (nested too deeply)"
        found = f"The reply is not JSON{where}: {_first_words(text)}"
    return errors.DecodingError(
        f"{found}. Next: check the address and any proxy on the way",
        url=reply.url,
        status_code=reply.status,
        request_id=reply.request_id,
    )


def page_text(page: str) -> str:
    """The words of an HTML page."""
    return " ".join(_TAG.sub(" ", page).split())


def _first_words(text: str) -> str:
    return repr(shortened(text))


def shortened(text: str) -> str:
    """The beginning of a text, for messages."""
    words = " ".join(text[: 4 * _SHOWN_CHARACTERS].split())
    return words if len(words) <= _SHOWN_CHARACTERS else words[:_SHOWN_CHARACTERS].rsplit(" ", 1)[0] + " …"


def as_json(value: JSON) -> str:
    """A value for messages."""
    try:
        return json.dumps(value)
    except RecursionError:
        return "(nested too deeply to be shown)"
