"""What is kept of a try of a request: how it failed, and the part of its address that may be shown."""

from __future__ import annotations

from urllib.parse import urlsplit

from typedrun.records import frozen


def shown_url(url: str) -> str:
    """The part of a URL that may be shown: scheme, host, port and path. User-info, query and fragment may hold secrets."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(a malformed URL)"
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" if parts.scheme else f"{host}{parts.path}"


@frozen()
class Attempt:
    """One try of a request that did not end the matter."""

    failure: str
    """What happened, e.g. `connection refused` or `HTTP 503`."""
    seconds: float = 0.0
    """How long the try took."""
    waited: float | None = None
    """Seconds waited before the next try; None when there was none."""
