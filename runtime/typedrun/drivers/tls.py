"""TLS as configured: what is trusted, and the client's own certificate. One context for equal settings."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from typedrun.drivers.frames import is_of_a_signal_handler
from typedrun.errors import ConfigurationError
from typedrun.settings import Settings


def find_ca_bundle(settings: Settings, environment: Mapping[str, str]) -> str | None:
    """File, directory or list of directories with trusted certificates; None means the system's.

    Directories of `SSL_CERT_DIR` that are not there are left out, as OpenSSL does.
    """
    if settings.ca_bundle or not settings.trust_env:
        return settings.ca_bundle
    named = environment.get("SSL_CERT_FILE") or environment.get("REQUESTS_CA_BUNDLE")
    if named:
        return named
    folders = environment.get("SSL_CERT_DIR", "").split(os.pathsep)
    return os.pathsep.join(folder for folder in folders if Path(folder or "/nowhere").is_dir()) or None


def tls_context(settings: Settings) -> ssl.SSLContext:
    """Verification on, certificates as configured.

    Raises:
        ConfigurationError: A file is missing, or is not what it should be.
    """
    own = settings.client_cert
    files = (own, None) if isinstance(own, str) else own
    path = find_ca_bundle(settings, os.environ)
    changed = tuple(_changed(name) for name in (path, *(files or ())))
    return _context(path, files, settings.client_cert_password, changed, settings.trust_env)


def _changed(path: str | None) -> int:
    """When a file was written last: a certificate that was renewed makes a new context."""
    try:
        return 0 if path is None else Path(path).stat().st_mtime_ns
    except OSError as error:
        if is_of_a_signal_handler(error):
            raise
        return 0


@lru_cache(maxsize=16)
def _context(
    path: str | None,
    own: tuple[str, str | None] | None,
    password: str | None,
    _changed: tuple[int, ...],
    trust_env: bool,
) -> ssl.SSLContext:
    # Making one takes 30 ms and half a megabyte, so clients with equal settings share it.
    try:
        context = _trusting(path) if path or trust_env else _trusting_the_systems()
    except OSError as error:  # ssl.SSLError is one, too
        if is_of_a_signal_handler(error):
            raise
        raise ConfigurationError(
            f"The CA bundle {path} cannot be read: {error.strerror or 'no certificates in it'}. Next: check ca_bundle="
            " or SSL_CERT_FILE"
        ) from error
    if own is not None:
        _load_own(context, own, password)
    return context


def _trusting(path: str | None) -> ssl.SSLContext:
    if path is None:
        context = ssl.create_default_context()
        if "SSL_CERT_DIR" in os.environ:  # it names no folder that exists, and hides the system's from OpenSSL
            paths = ssl.get_default_verify_paths()
            if Path(paths.openssl_capath).is_dir():
                context.load_verify_locations(capath=paths.openssl_capath)
        return context
    folders = [folder for folder in path.split(os.pathsep) if Path(folder).is_dir()]
    if not folders:
        return ssl.create_default_context(cafile=path)
    context = ssl.create_default_context(capath=folders[0])
    for folder in folders[1:]:
        context.load_verify_locations(capath=folder)
    return context


def _trusting_the_systems() -> ssl.SSLContext:
    """With the system's certificates, whatever `SSL_CERT_FILE` and `SSL_CERT_DIR` say, which OpenSSL reads by itself."""
    paths = ssl.get_default_verify_paths()
    file = paths.openssl_cafile if Path(paths.openssl_cafile).is_file() else None
    folder = paths.openssl_capath if Path(paths.openssl_capath).is_dir() else None
    return ssl.create_default_context(cafile=file, capath=folder)


def _load_own(context: ssl.SSLContext, own: tuple[str, str | None], password: str | None) -> None:
    certificate, key = own
    shown = certificate if key is None else f"{certificate} with {key}"
    try:
        # An empty password, not None: OpenSSL would ask for one at the terminal.
        context.load_cert_chain(certificate, key, password or "")
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            why = "the key does not belong to the certificate"
        elif password:
            why = "it is no PEM file with certificate and key, or client_cert_password= is wrong"
        else:
            why = "it is no PEM file with certificate and key, or the key is encrypted and client_cert_password= is missing"
        raise ConfigurationError(
            f"The client certificate {shown} cannot be used: {why}. Next: check client_cert="
        ) from None
    except (OSError, ValueError) as error:
        if is_of_a_signal_handler(error):
            raise
        why = getattr(error, "strerror", None) or str(error)
        raise ConfigurationError(
            f"The client certificate {shown} cannot be read: {why}. Next: check client_cert="
        ) from error
