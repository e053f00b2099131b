"""Connections through a SOCKS proxy, by PySocks (the extra `socks`); imported where a proxy of that kind is used."""

from __future__ import annotations

import socket
from time import monotonic
from typing import Final, cast
from urllib.parse import unquote, urlsplit

from attrs import field, frozen

from typedrun.core.request import Failure, Stage
from typedrun.drivers.failures import words
from typedrun.drivers.frames import is_of_libraries
from typedrun.drivers.sockets import timeout
from typedrun.errors import ConfigurationError, shown_url

_VERSIONS: Final = {
    "socks4": (4, False),
    "socks4a": (4, True),
    "socks5": (5, False),
    "socks5h": (5, True),
    "socks": (5, True),
}
"""Scheme -> version, and whether the proxy resolves the name of the target; `socks` is what desktops write for version 5."""


@frozen
class SocksProxy:
    """A proxy that passes bytes on, whatever they are."""

    version: int
    resolves: bool
    """Whether it is given the name of the target, not an address."""
    host: str
    port: int
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    def dial(self, host: str, port: int, until: float) -> socket.socket:
        """Open a connection to a host behind the proxy, by that moment.

        Raises:
            Failure: There is none; nothing was sent to the host.
        """
        import socks

        sock = socks.socksocket()
        try:
            kind = socks.SOCKS5 if self.version == 5 else socks.SOCKS4
            sock.set_proxy(kind, self.host, self.port, self.resolves, self.user, self.password)
            left = until - monotonic()
            if left <= 0:
                raise timeout(Stage.NEVER_SENT, "connect timed out")
            sock.settimeout(left)
            sock.connect((host, port))
            return sock
        except OSError as error:  # PySocks's own are of this kind, too
            sock.close()
            raise _failure(error) from None
        except BaseException:
            sock.close()
            raise


def _failure(error: OSError) -> BaseException:
    """What a try without a connection raises."""
    cause = getattr(error, "socket_err", None) or error  # what PySocks met
    if not hasattr(cause, "socket_err") and not is_of_libraries(cause):
        return cast("BaseException", cause)
    if isinstance(cause, TimeoutError):
        return timeout(Stage.NEVER_SENT, "connect timed out")
    return Failure(Stage.NEVER_SENT, str(cause) if hasattr(cause, "socket_err") else words(cause))


def is_socks(proxy: str | None) -> bool:
    """Whether this is the address of a SOCKS proxy."""
    return proxy is not None and proxy.partition(":")[0].lower() in _VERSIONS


def read_proxy(url: str) -> SocksProxy:
    """Read the proxy at a `socks5://` address and its like.

    Raises:
        ConfigurationError: The address names no host, or PySocks is not installed.
    """
    try:
        import socks as socks
    except ModuleNotFoundError:
        raise ConfigurationError(
            f"The proxy {shown_url(url)} speaks SOCKS, for which PySocks is needed. Next: pip install 'typedrun[socks]'"
        ) from None
    parts = urlsplit(url)
    try:
        host, port = parts.hostname, parts.port or 1080
    except ValueError:
        host, port = None, 0
    if not host:
        raise ConfigurationError(
            f"The proxy {shown_url(url)} cannot be used: its address names no host and port. Next: check proxies="
        )
    version, resolves = _VERSIONS[parts.scheme.lower()]
    user, password = (None if part is None else unquote(part) for part in (parts.username, parts.password))
    return SocksProxy(version, resolves, host, port, user, password)
