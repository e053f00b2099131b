"""Which origins may see the key.

Rules:
- An origin is scheme, host and port, compared exactly. A URL with user-info, white space, a backslash or a control character has
  no origin: parsers disagree about such URLs, and what they disagree about is where the key goes.
- Pure text work: nothing here resolves a name or opens a socket.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
SUSPICIOUS = re.compile(r"[\x00-\x20\x7f\\]")
_HOST = r"[0-9A-Za-z._-]+|\[[0-9A-Fa-f:.]+\]"  # a name in its ASCII form, or an address

_PLAIN = re.compile(r"(https?)://([0-9a-z_-][0-9a-z._-]*)(?::([0-9]{1,5}))?(?=[/?#]|\Z)")
"""How nearly all addresses begin: nothing in them needs to be made equal, and every parser reads them alike."""
_MOST_PORT = 65535


@lru_cache(maxsize=1024)  # called for each request, with few different hosts
def origin_of(url: str) -> str | None:
    """`scheme://host:port` in its one spelling, or None for a URL that has no origin that can be trusted."""
    if SUSPICIOUS.search(url):
        return None
    plain = _PLAIN.match(url)
    if plain is not None and int(plain[3] or 0) <= _MOST_PORT:
        return f"{plain[1]}://{plain[2].rstrip('.')}:{int(plain[3]) if plain[3] else _DEFAULT_PORTS[plain[1]]}"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or "@" in parts.netloc or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname.rstrip(".")
    if not re.fullmatch(_HOST, host):
        return None
    return f"{scheme}://{host}:{_DEFAULT_PORTS[scheme] if port is None else port}"


def checked_address(name: str, url: str) -> str:
    """An address of a backend, without a slash at its end.

    Args:
        name: the argument that it came by, for the message.
        url: the address.

    Raises:
        ConfigurationError: it is malformed, has no scheme, or holds more than an address should.
    """
    # origin_of first: it takes no malformed URL, so that urlsplit cannot fail.
    if origin_of(url) is None or (parts := urlsplit(url)).query or parts.fragment:
        from typedrun.errors import ConfigurationError

        raise ConfigurationError(
            f"{name} must be an http(s) address without user, query and fragment. Next: check the argument and the environment"
        )
    return url.rstrip("/")


class Origins(NamedTuple):
    """The origins that may see the key."""

    trusted: frozenset[str]

    def trusts(self, url: str) -> bool:
        """Whether the key may go there."""
        origin = origin_of(url)
        return origin is not None and origin in self.trusted


def trust(urls: Iterable[str]) -> Origins:
    """The origins of configured URLs; what has none is left out."""
    return Origins(frozenset(origin for url in urls if (origin := origin_of(url)) is not None))


def read_trusted_hosts(text: str) -> tuple[str, ...]:
    """URLs from a list as an environment variable has it: comma-separated `host[:port]` (https) or full URLs; bad ones dropped."""
    entries = (entry.strip() for entry in text.split(","))
    urls = (entry if "://" in entry else f"https://{entry}" for entry in entries if entry)
    return tuple(url for url in urls if origin_of(url) is not None)
