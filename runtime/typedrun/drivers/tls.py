"""TLS as configured: what is trusted, and the client's own certificate. One context for equal settings."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from typedrun.errors import ConfigurationError
from typedrun.settings import Settings

_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "SSL_CERT_DIR")


def find_ca_bundle(settings: Settings, environment: Mapping[str, str]) -> str | None:
    """File or directory of trusted certificates; None means the system's."""
    return settings.ca_bundle or next((path for name in _VARIABLES if (path := environment.get(name))), None)


def tls_context(settings: Settings) -> ssl.SSLContext:
    """Verification on, certificates as configured."""
    path = find_ca_bundle(settings, os.environ)
    return _context(path)


@lru_cache(maxsize=8)
def _context(path: str | None) -> ssl.SSLContext:
    if path is None:
        return ssl.create_default_context()
    try:
        if Path(path).is_dir():
            return ssl.create_default_context(capath=path)
        return ssl.create_default_context(cafile=path)
    except OSError as error:  # ssl.SSLError is one, too
        raise ConfigurationError(
            f"The CA bundle {path} cannot be read: {error.strerror or 'no certificates in it'}. Next: check ca_bundle="
            " or SSL_CERT_FILE"
        ) from error
