"""A file at an address, as a flow: the key goes to the client's own hosts alone, and a redirect is followed without it wherever it leads."""

from __future__ import annotations

from typing import Final
from urllib.parse import urljoin, urlsplit

import typedrun.errors as errors
from typedrun.core.course import PLAIN, Rules, Terms
from typedrun.core.effects import Drain, Flow
from typedrun.core.exchange import REDIRECTS
from typedrun.core.hostile import host_of
from typedrun.core.opening import Opened, open_stream
from typedrun.core.origins import origin_of
from typedrun.core.request import Auth, Request

_MOST_REDIRECTS: Final = 5


def download(url: str, rules: Rules, terms: Terms = PLAIN, *, knows_key: bool = False) -> Flow[Opened]:
    """Open the file at an address.

    Args:
        url: Where it is.
        rules: What holds for the client.
        terms: What holds for this file.
        knows_key: Whether hosts of the marketplace are sent the key; else it goes nowhere.

    Raises:
        UntrustedURLError: A redirect leads to no address of a file, or from a secure to an open one.
        APIError: Its server refused.
    """
    for _ in range(_MOST_REDIRECTS + 1):
        auth = Auth.KEY if knows_key and rules.origins.trusts(url) else Auth.NONE
        request = Request("GET", url, accept="*/*", content_type=None, auth=auth, keeps_redirects=True)
        opened = yield from open_stream(request, rules, terms)
        if opened.incoming.status not in REDIRECTS:
            return opened
        target = _target(url, opened.incoming.headers.get("location") or "")
        yield Drain(opened.incoming)
        url = target
    raise errors.APIError(f"More than {_MOST_REDIRECTS} redirects, the last to {host_of(url)}", 310, url=url)


def _target(url: str, location: str) -> str:
    try:
        target = urljoin(url, location)
    except ValueError:
        target = ""
    is_open = urlsplit(url).scheme == "https" and not target.lower().startswith("https:")
    if not location or origin_of(target) is None or is_open:
        raise errors.UntrustedURLError(
            f"{host_of(url)} redirected to what is no address of a file, or not a secure one; nothing was fetched there."
            " Next: report this to the marketplace",
            url=url,
        )
    return target
