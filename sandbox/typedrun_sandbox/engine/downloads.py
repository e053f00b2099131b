"""`GET /files/…`: what was uploaded, or what a model made, as an object store gives it out (without a key)."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from typedrun_sandbox.engine.backend import Backend
from typedrun_sandbox.engine.exchange import Call, route
from typedrun_sandbox.engine.refusals import Refusal

_SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # Uploaded HTML must not run as a page of the sandbox.
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'",
}


def routes(backend: Backend) -> list[Route]:
    """The one endpoint."""

    def get(call: Call) -> Response:
        file = backend.files.get(call.name or "")
        if file is None:
            raise storage_error(404, "NoSuchKey", "There is no file under this key.")
        # As a header: a media type would gain a charset where it is text.
        return Response(file.content, headers={"Content-Type": file.content_type, **_SAFE_HEADERS})

    return [route(backend, "GET", "/files/{name}", get, operation="download", keys=None, has_slashes=True)]


def storage_error(status: int, code: str, message: str) -> Refusal:
    """An error in an object store's XML, which differs from a marketplace's JSON."""
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Refusal(status, body=text, headers={"Content-Type": "application/xml"})
