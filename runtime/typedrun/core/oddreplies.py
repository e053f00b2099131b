"""Replies that are not what was asked for: in another charset, no JSON, a web page, JSON of another kind. Imported with the first."""

from __future__ import annotations

import json
import re
from typing import Final, Unpack

from typedrun.errors import DecodingError, KnownReply
from typedrun.results import JSON

_SHOWN_CHARACTERS: Final = 200
_TAG: Final = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_UTF_8: Final = frozenset({"utf-8", "utf8", "us-ascii", "ascii", ""})


def recoded(body: bytes, content_type: str) -> bytes:
    """A body in UTF-8, whatever charset its Content-Type declares."""
    name = charset_of(content_type)
    try:
        return body.decode(name).encode() if name else body
    except (LookupError, UnicodeError, ValueError):  # no charset, or not in it: as if nothing had been said
        return body


def charset_of(content_type: str) -> str:
    """The charset that a Content-Type declares, in small letters; "" for UTF-8 and where it declares none."""
    if not content_type or "charset" not in content_type.lower():
        return ""
    _, _, charset = content_type.lower().partition("charset=")
    name = charset.partition(";")[0].strip(" \"'")
    return "" if name in _UTF_8 else name


def is_html(content_type: str, text: str) -> bool:
    """Whether this is a web page (a proxy's, a login's) instead of an answer."""
    return "html" in content_type.lower() or text[:64].lstrip().lower().startswith(
        ("<!doctype", "<html", "<head", "<body")
    )


def not_json(text: str, content_type: str, error: Exception, **known: Unpack[KnownReply]) -> DecodingError:
    """The error for a body that is no JSON."""
    if not text.strip():
        found = "The reply has no body where JSON was expected"
    elif is_html(content_type, text):
        found = f"The reply is an HTML page, not JSON: {_first_words(page_text(text))}"
    else:
        where = f" ({error})" if isinstance(error, ValueError) else " (nested too deeply)"
        found = f"The reply is not JSON{where}: {_first_words(text)}"
    return DecodingError(f"{found}. Next: check the address and any proxy on the way", **known)


def not_an_object(value: JSON, **known: Unpack[KnownReply]) -> DecodingError:
    """The error for JSON that is no object."""
    return DecodingError(f"The reply is JSON but not an object: {_first_words(as_json(value))}", **known)


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
