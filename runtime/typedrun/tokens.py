"""Tokens of jobs: short texts that name a run, in another process or on another day."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Final, cast
from urllib.parse import parse_qsl, urlsplit

from typedrun.errors import UntrustedURLError, ValidationError, shown_url
from typedrun.results import JSON

_PREFIX: Final = "job_"
"""Marks our tokens; it is no password."""

_SECRET_NAME: Final = re.compile(r"key|token|sig|secret|pass|cred|auth", re.IGNORECASE)


def write_token(content: Mapping[str, str | None]) -> str:
    """The token for what is known of a run; what is empty is left out, and so are credentials of its `url`."""
    known = {name: value for name, value in content.items() if value}
    if url := known.get("url"):
        known["url"] = _without_credentials(url)
    text = json.dumps(known, separators=(",", ":"))
    return _PREFIX + base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_token(token_or_url: str) -> dict[str, str]:
    """What a token says; of a poll address, the address.

    Raises:
        ValidationError: The text is neither.
    """
    if not token_or_url.startswith(_PREFIX):
        return {"url": token_or_url}
    coded = token_or_url.removeprefix(_PREFIX)
    try:
        content = json.loads(base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4)))
    except ValueError:
        content = None
    if not isinstance(content, dict) or not isinstance(cast("dict[str, JSON]", content).get("url"), str):
        raise no_token()
    return {name: value for name, value in cast("dict[str, JSON]", content).items() if isinstance(value, str)}


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


def _without_credentials(url: str) -> str:
    """The URL without user-info, and without a query that names a secret."""
    query = urlsplit(url).query
    is_plain = query and not any(_SECRET_NAME.search(name) for name, _ in parse_qsl(query, keep_blank_values=True))
    return f"{shown_url(url)}?{query}" if is_plain else shown_url(url)
