"""Tokens of jobs: short texts that name a run, in another process or on another day."""

from __future__ import annotations

import base64
import json
import re
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from typedrun.errors import UntrustedURLError, ValidationError, shown_url
from typedrun.jsontypes import JSON, is_object
from typedrun.records import frozen

_PREFIX: Final = "job_"
"""Marks our tokens; it is no password."""

_SECRET_NAME: Final = re.compile(r"key|token|sig|secret|pass|cred|auth", re.IGNORECASE)


@frozen()
class Token:
    """What a token says, or a text in the place of one."""

    handle: JSON
    """By which the marketplace finds the run; of a text, the text."""
    marketplace: str | None = None
    """None: a token of 0.1, or a text."""
    model: str | None = None


def write_token(marketplace: str, handle: JSON, model: str | None) -> str:
    """Write the token for a run; credentials of its addresses are left out."""
    known = {"marketplace": marketplace, "model": model, "handle": _plain(handle)}
    text = json.dumps({name: value for name, value in known.items() if value}, separators=(",", ":"))
    return _PREFIX + base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_token(token_or_url: str) -> Token:
    """Read what a token says; any other text stands for itself.

    Raises:
        ValidationError: It begins like a token and is none.
    """
    if not token_or_url.startswith(_PREFIX):
        return Token(token_or_url)
    coded = token_or_url.removeprefix(_PREFIX)
    try:
        said: object = json.loads(base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4)))
    except ValueError:
        said = None
    if not is_object(said):
        raise no_token()
    model, marketplace = said.get("model"), said.get("marketplace")
    label = model if isinstance(model, str) else None
    if isinstance(marketplace, str) and "handle" in said:
        return Token(said["handle"], marketplace, label)
    if not isinstance(said.get("url"), str):
        raise no_token()
    return Token({name: said[name] for name in ("url", "request") if name in said}, None, label)


def foreign_token(token: Token, marketplace: str) -> ValidationError:
    """The error for a token of another marketplace than the client's."""
    return ValidationError(
        f"This token names a run at {token.marketplace!r:.60}, and this client talks to {marketplace!r}. Nothing was sent."
        " Next: give it to a client of its own marketplace"
    )


def no_token() -> ValidationError:
    """The error for a text that is neither a token nor a poll address."""
    return ValidationError("This is neither a job token nor a poll address. Next: pass what job.token() gave")


def untrusted_place(address: str, model: str | None) -> UntrustedURLError:
    """The error for a place that may lead elsewhere than it seems to."""
    return UntrustedURLError(
        f"The place to ask for the run is {shown_url(address)[:200]!r}, an address that may lead elsewhere than it seems to."
        " It was not asked, and the key went nowhere. Next: tell the backend's people",
        url=address,
        model=model,
    )


def _plain(handle: JSON) -> JSON:
    """A handle whose addresses have no credentials."""
    if is_object(handle):
        return {name: _plain(value) for name, value in handle.items() if value is not None}
    is_address = isinstance(handle, str) and "://" in handle
    return _without_credentials(handle) if is_address and isinstance(handle, str) else handle


def _without_credentials(url: str) -> str:
    """The URL without user-info, and without a query that names a secret."""
    query = urlsplit(url).query
    is_plain = query and not any(_SECRET_NAME.search(name) for name, _ in parse_qsl(query, keep_blank_values=True))
    return f"{shown_url(url)}?{query}" if is_plain else shown_url(url)
