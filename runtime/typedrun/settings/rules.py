"""What a caller may set: header fields that HTTP can carry, sizes, seconds, certificates. Imported with the first that is set."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from typedrun.errors import ConfigurationError

Certificate: TypeAlias = str | os.PathLike[str] | tuple[str | os.PathLike[str], str | os.PathLike[str]]
"""A file of a certificate with its key, or the two apart."""

_log: Final = logging.getLogger("typedrun")
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")

_FRAMING: Final = frozenset({"content-length", "transfer-encoding"})
"""Said wrongly, they make the rest of a body the next request of the connection."""


def check_settings(headers: Mapping[Any, object], sizes: Mapping[str, object]) -> None:
    """Raise for what no client can be made with.

    Args:
        headers: Sent with every request.
        sizes: Limits in bytes, by the names of their settings; None is no limit.

    Raises:
        ConfigurationError: One error for all of it.
    """
    problems = [f"headers: {problem}" for problem in header_problems(headers)]
    problems += [
        f"{name} must be a whole number of bytes, at least 1; got {size!r}"
        for name, size in sizes.items()
        if size is not None and not (isinstance(size, int) and not isinstance(size, bool) and size > 0)
    ]
    if problems:
        raise ConfigurationError(f"The client cannot be made: {'; '.join(problems)}")


def header_problems(headers: Mapping[Any, object]) -> list[str]:  # a caller's: its names may be anything
    """What of these cannot travel as HTTP header fields (RFC 9110, 5.1 and 5.5), a sentence each."""
    names = [
        f"{name!r} is no name of a header"
        for name in headers
        if not (isinstance(name, str) and _HEADER_NAME.fullmatch(name))
    ]
    framing = [
        f"{name!r} says how long the body is, which the transport does itself"
        for name in headers
        if isinstance(name, str) and name.lower() in _FRAMING
    ]
    return (
        names
        + framing
        + [
            f"the value of {name!r} must be printable ASCII, got {type(value).__name__}"
            for name, value in headers.items()
            if not (isinstance(value, str) and value.isascii() and (value.isprintable() or not value.strip("\t ")))
        ]
    )


def read_paths(given: Certificate) -> str | tuple[str, str]:
    """Read the paths of a client's own certificate as texts.

    Raises:
        ConfigurationError: These are no paths.
    """
    try:
        if isinstance(given, tuple):
            certificate, key = given
            return os.fspath(certificate), os.fspath(key)
        return os.fspath(given)
    except (TypeError, ValueError):
        raise ConfigurationError(
            "client_cert must be a path, or a tuple of two: of the certificate and of its key"
        ) from None


def read_seconds(variable: str, default: float) -> float:
    """Read the seconds that an environment variable names; the default, with a warning in the log, where it names none."""
    text = os.environ.get(variable, "")
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        _log.warning("%s must be a positive number of seconds, got %r; %s s stands", variable, text, default)
        return default
    return value
