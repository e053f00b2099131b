"""The header fields that a request is sent with, the key among them."""

from __future__ import annotations

from typedrun.core.request import Auth, KeyField, Request
from typedrun.settings import Settings, default_user_agent

_SHORTEST_KEY = 8
"""A shorter one ("test") is no secret, and would be found in innocent words."""


class ShownHeaders(dict[str, str]):
    """Headers of a request; shown by name only, because a traceback that prints local variables must not print the key."""

    def __repr__(self) -> str:
        return f"<headers: {', '.join(self)}>"

    def override(self, name: str, value: str | None) -> None:
        """Set a field that may be there in another spelling; None takes it away."""
        for given in [given for given in self if given.lower() == name.lower()]:
            del self[given]
        if value is not None:
            self[name] = value

    def copy(self) -> ShownHeaders:
        """Make a copy that is shown the same way."""
        return ShownHeaders(self)


def request_headers(request: Request, settings: Settings) -> ShownHeaders:
    """Every field of a request but those that say where it goes and how long it is.

    Raises:
        ConfigurationError: There is no key.
    """
    headers = _common(request.auth, settings)
    headers["Accept"] = request.accept
    headers["Accept-Encoding"] = "identity" if request.streams else "gzip"
    if request.content_type is not None:
        headers["Content-Type"] = request.content_type
    if request.body is not None and not isinstance(request.body, bytes):
        headers["Content-Length"] = str(request.body.size)
    for name, value in request.headers.items():
        headers.override(name, value)
    return headers


def _common(auth: Auth | KeyField, settings: Settings) -> ShownHeaders:
    headers = ShownHeaders({"User-Agent": settings.user_agent or default_user_agent()})
    if auth is Auth.NONE:
        return headers
    headers.update(settings.headers)
    key = settings.api_key.reveal()
    if not key:
        variables = " or ".join(settings.api_key.variables)
        hint = f", or set {variables} (a pickled client reads it where it is loaded)" if variables else ""
        from typedrun.errors import ConfigurationError

        raise ConfigurationError(f"There is no API key. Next: pass api_key={hint}")
    if isinstance(auth, KeyField):
        headers[auth.header] = auth.prefix + key
    else:
        headers[settings.key_header] = settings.key_prefix + key
    return headers


def without_key(body: bytes, settings: Settings) -> bytes:
    """The body without the key: a backend that quotes it (in an error, in a model's subscription) must not spread it."""
    for secret in (settings.api_key, *settings.further_keys):
        key = secret.reveal().encode()
        if len(key) >= _SHORTEST_KEY and key in body:
            body = body.replace(key, b"***")
    return body
