"""Addresses that a reply names: whether they lead where they seem to, and to the origin that was asked."""

from __future__ import annotations

import re
from typing import Final

from typedrun.attempts import shown_url
from typedrun.core.origins import SUSPICIOUS, origin_of
from typedrun.errors import UntrustedURLError

_ADDRESS: Final = re.compile(r"(?:https?:)?//|https?:/", re.IGNORECASE)


def is_same_origin(one: str, other: str) -> bool:
    """Whether both URLs name the same scheme, host and port."""
    origin = origin_of(one)
    return origin is not None and origin == origin_of(other)


def is_suspicious(text: str) -> bool:
    """Whether a text hides characters, or has such as parsers of URLs disagree about."""
    return SUSPICIOUS.search(text) is not None


def unmasked(text: str) -> str:
    """A text as a lenient parser may see it."""
    return SUSPICIOUS.sub("", text.replace("\\", "/"))


def is_hostile(text: str) -> bool:
    """Whether a text is an address that may lead elsewhere than it seems to: parsers disagree about it."""
    return _ADDRESS.match(unmasked(text)) is not None and origin_of(text.replace(" ", "")) is None


def untrusted(url: str, model: str | None) -> UntrustedURLError:
    """The error for a URL that may not see the key."""
    return UntrustedURLError(
        f"{host_of(url)} is not one of the configured origins, so neither the key nor anything else was sent there."
        " Next: if it is yours, add it to the trusted hosts",
        url=url,
        model=model,
    )


def host_of(url: str) -> str:
    """Scheme, host and port, for messages."""
    return "/".join(shown_url(url).split("/", 3)[:3])
