"""The page at `/` for people: three static files and the page's own key."""

from __future__ import annotations

import html
import ipaddress
from collections.abc import Callable
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from typedrun_sandbox.backend import Backend

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "media-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing inline, nothing from elsewhere: text of a catalog could not run here even if it were not escaped."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

_KEY_MARK = "{{page-key}}"

_FILES = {
    "/": ("index.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
}


def routes(backend: Backend) -> list[Route]:
    """The page and its two companions."""
    return [Route(path, _endpoint(backend, name, kind)) for path, (name, kind) in _FILES.items()]


def _endpoint(backend: Backend, name: str, kind: str) -> Callable[[Request], Response]:
    text = files("typedrun_sandbox").joinpath("static", name).read_text(encoding="utf-8")
    text = text.replace(_KEY_MARK, html.escape(backend.page_key, quote=True))

    def answer(request: Request) -> Response:
        if not is_local_name(request.url.hostname or ""):
            return PlainTextResponse("The sandbox's page is served under its address only.", 421)
        return Response(text, media_type=kind, headers=HEADERS)

    return answer


def is_local_name(host: str) -> bool:
    """Is this a name that no web page could have pointed at the sandbox: `localhost` or an address?"""
    if host == "localhost":
        return True
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
