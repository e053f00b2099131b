"""Where a job is asked for."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from typedrun.core.hostile import is_hostile, is_suspicious, unmasked
from typedrun.core.origins import origin_of
from typedrun.records import evolve
from typedrun.results import ModelResult

_POLL_PATH = re.compile(r"/?(?:api/v[12]/data/[\w-]+|sdk/(?:models|runs)/[\w-]+(?:/result)?)", re.ASCII)
_RUN_HOST_PATH = re.compile(r"/?api/v\d+/data/", re.ASCII)
_RUN_PATH = re.compile(r"(?:/api/v\d+)?/execute/?$", re.ASCII)
_BARE_TOKEN = re.compile(r"[\w-]+", re.ASCII)
_LONGEST = 2048


def is_poll_url(text: str) -> bool:
    """Whether this has the form of a poll address. Whether it may be asked is for `Origins.trusts` to say.

    Source: the `api/v1/data`, `api/v2/data`, `sdk/models` and `sdk/runs` addresses that runs are known to answer with.
    """
    if is_suspicious(text):
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    if parts.scheme not in {"", "http", "https"} or bool(parts.scheme) != bool(parts.netloc):
        return False
    return _POLL_PATH.fullmatch(parts.path) is not None


def is_hostile_place(text: str) -> bool:
    """Whether a text is an address that may lead elsewhere than it seems to, or a poll address that hides characters."""
    plain = unmasked(text)
    hides = plain != text and is_poll_url(plain) and origin_of(text.replace(" ", "")) is None
    return hides or is_hostile(text)


def resolve_poll_url(text: str, *, backend_url: str, run_url: str) -> str | None:
    """The address to ask for a job, or None if this is none: an answer without a status may have its text in that place.

    Args:
        text: What the backend named: a URL, a relative path, or a bare token.
        backend_url: Base of relative addresses.
        run_url: Where runs are sent; relative `api/v*/data/…` addresses and bare tokens belong to its host.

    The backend does not know of a gateway in front of it: the prefix that the configured address has before the backend's own
    paths stands before relative addresses, too, unless they have it already.
    """
    if len(text) > _LONGEST or is_suspicious(text):
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


def as_said(result: ModelResult[Any]) -> ModelResult[Any]:
    """An unfinished answer of a model that has no jobs: a text that is no poll address is what it answers with.

    Asking a medium's address would download it again and again, with the key. An address that hides where it leads stays one to
    be asked, and is refused.
    """
    place = result.url
    if place is None or is_poll_url(place) or place != result.raw.get("data") or is_hostile_place(place):
        return result
    return evolve(result, url=None, data=place)
