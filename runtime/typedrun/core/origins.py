"""Which origins may see the key, and where a job is asked for.

Rules:
- An origin is scheme, host and port, compared exactly. A URL with user-info, white space, a backslash or a control character has
  no origin: parsers disagree about such URLs, and what they disagree about is where the key goes.
- Pure text work: nothing here resolves a name or opens a socket.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import urlsplit

from attrs import frozen

from typedrun.errors import ConfigurationError

_DEFAULT_PORTS = {"http": 80, "https": 443}
_SUSPICIOUS = re.compile(r"[\x00-\x20\x7f\\]")
_HOST = re.compile(r"[0-9A-Za-z._-]+|\[[0-9A-Fa-f:.]+\]")  # a name in its ASCII form, or an address

_POLL_PATH = re.compile(r"/?(?:api/v[12]/data/[\w-]+|sdk/(?:models|runs)/[\w-]+(?:/result)?)", re.ASCII)
_RUN_HOST_PATH = re.compile(r"/?api/v\d+/data/", re.ASCII)
_RUN_PATH = re.compile(r"(?:/api/v\d+)?/execute/?$", re.ASCII)
_LONGEST = 2048
_ADDRESS = re.compile(r"(?:https?:)?//|https?:/", re.IGNORECASE)
_BARE_TOKEN = re.compile(r"[\w-]+", re.ASCII)


@lru_cache(maxsize=1024)  # called for each request, with few different hosts
def origin_of(url: str) -> str | None:
    """``scheme://host:port`` in its one spelling, or None for a URL that has no origin that can be trusted."""
    if _SUSPICIOUS.search(url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or "@" in parts.netloc or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname.rstrip(".")
    if not _HOST.fullmatch(host):
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
        raise ConfigurationError(
            f"{name} must be an http(s) address without user, query and fragment. Next: check the argument and the environment"
        )
    return url.rstrip("/")


def is_same_origin(one: str, other: str) -> bool:
    """Do both URLs name the same scheme, host and port?"""
    origin = origin_of(one)
    return origin is not None and origin == origin_of(other)


@frozen
class Origins:
    """The origins that may see the key."""

    trusted: frozenset[str]

    def trusts(self, url: str) -> bool:
        """May the key go there?"""
        origin = origin_of(url)
        return origin is not None and origin in self.trusted


def trust(urls: Iterable[str]) -> Origins:
    """The origins of configured URLs; what has none is left out."""
    return Origins(frozenset(origin for url in urls if (origin := origin_of(url)) is not None))


def read_trusted_hosts(text: str) -> tuple[str, ...]:
    """URLs from a list such as ``AIXPLAIN_TRUSTED_HOSTS``: comma-separated ``host[:port]`` (https) or full URLs; bad ones dropped."""
    entries = (entry.strip() for entry in text.split(","))
    urls = (entry if "://" in entry else f"https://{entry}" for entry in entries if entry)
    return tuple(url for url in urls if origin_of(url) is not None)


def is_poll_url(text: str) -> bool:
    """Has this the form of a poll address? (Not: may it be asked; that is `Origins.trusts`.)

    Source: the ``api/v1/data``, ``api/v2/data``, ``sdk/models`` and ``sdk/runs`` addresses that runs are known to answer with.
    """
    if _SUSPICIOUS.search(text):
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    if parts.scheme not in {"", "http", "https"} or bool(parts.scheme) != bool(parts.netloc):
        return False
    return _POLL_PATH.fullmatch(parts.path) is not None


def is_hostile(text: str) -> bool:
    """Whether a text is an address that may lead elsewhere than it seems to: parsers disagree about it, or it hides characters."""
    plain = _SUSPICIOUS.sub("", text.replace("\\", "/"))
    is_address = _ADDRESS.match(plain) is not None or (plain != text and is_poll_url(plain))
    return is_address and origin_of(text.replace(" ", "")) is None


def resolve_poll_url(text: str, *, backend_url: str, run_url: str) -> str | None:
    """The address to ask for a job, or None if this is none: an answer without a status may have its text in that place.

    Args:
        text: What the backend named: a URL, a relative path, or a bare token.
        backend_url: Base of relative addresses.
        run_url: Where runs are sent; relative ``api/v*/data/…`` addresses and bare tokens belong to its host.

    The backend does not know of a gateway in front of it: the prefix that the configured address has before the backend's own
    paths stands before relative addresses, too, unless they have it already.
    """
    if len(text) > _LONGEST or _SUSPICIOUS.search(text):
        return None
    if "://" in text or text.startswith("//"):
        return text
    if _BARE_TOKEN.fullmatch(text):
        return _behind(run_url, f"/api/v1/data/{text}")
    if not (text.startswith("/") or is_poll_url(text)):
        return None
    path = f"/{text.lstrip('/')}"
    is_run_hosts = _RUN_HOST_PATH.match(path.removeprefix(_prefix(run_url))) is not None
    return _behind(run_url if is_run_hosts else backend_url, path)


def _behind(configured: str, path: str) -> str:
    """A path of the backend's at the origin of a configured address, behind the same prefix."""
    parts, prefix = urlsplit(configured), _prefix(configured)
    return f"{parts.scheme}://{parts.netloc}{path if path.startswith(f'{prefix}/') else prefix + path}"


def _prefix(configured: str) -> str:
    return _RUN_PATH.sub("", urlsplit(configured).path).rstrip("/")
