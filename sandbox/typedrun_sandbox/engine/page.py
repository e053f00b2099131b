"""The page at `/` for people: static files, the page's own key, and the marketplace's module that speaks its wire."""

from __future__ import annotations

import html
import ipaddress
from collections.abc import Callable
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from typedrun_sandbox.engine.backend import Backend

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

_SCRIPT = "text/javascript"

_FILES = {
    "/": ("index.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", _SCRIPT),
}


def routes(backend: Backend) -> list[Route]:
    """The page and its companions."""
    own = [Route(path, _endpoint(_read(backend, name), kind)) for path, (name, kind) in _FILES.items()]
    return [*own, Route("/wire.js", _endpoint(backend.wire.page_script, _SCRIPT))]


def _read(backend: Backend, name: str) -> str:
    text = files("typedrun_sandbox.engine").joinpath("static", name).read_text(encoding="utf-8")
    return text.replace(_KEY_MARK, html.escape(backend.page_key, quote=True))


def _endpoint(text: str, kind: str) -> Callable[[Request], Response]:

    def answer(request: Request) -> Response:
        if not is_local_name(request.url.hostname or ""):
            return PlainTextResponse("The sandbox's page is served under its address only.", 421)
        return Response(text, media_type=kind, headers=HEADERS)

    return answer


def is_local_name(host: str) -> bool:
    """Whether this is a name that no web page could have pointed at the sandbox: `localhost` or an address."""
    if host == "localhost":
        return True
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
