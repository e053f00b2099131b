"""The way to an origin on aiohttp: directly, or through a proxy; found once for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote, urlsplit

from aiohttp.client_reqrep import ClientRequest
from attrs import define, field
from yarl import URL

from typedrun.core.request import Failure, Stage
from typedrun.drivers.proxies import proxy_for
from typedrun.drivers.socks import SocksProxy, is_socks, read_proxy
from typedrun.drivers.tls import tls_context
from typedrun.errors import ConfigurationError, shown_url
from typedrun.settings import Proxies, Settings

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

PRINTABLE: Final = "".join(map(chr, range(33, 127)))


@define(eq=False)
class Way:
    """How an origin is reached."""

    request: ClientRequest
    """What aiohttp opens connections for. It is never sent: a request of ours is some lines of text."""
    prefix: str = ""
    """What stands before a path in the first line of a request: the origin, where a proxy passes the request on."""
    fields: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    """What that proxy is told, a password perhaps."""
    socks: SocksProxy | None = None

    @property
    def host(self) -> str:
        """The field `Host`."""
        return self.request.headers["Host"]


def find_way(origin: str, settings: Settings, proxies: Proxies, loop: AbstractEventLoop) -> Way:
    """Find the way to an origin.

    Raises:
        Failure: The address is malformed.
        ConfigurationError: A proxy or certificates cannot be used.
    """
    try:
        parts = urlsplit(origin)
        scheme, host = parts.scheme.lower(), parts.hostname or ""
        port = parts.port or (443 if scheme == "https" else 80)
        proxy = proxy_for(proxies, scheme, host, port)
        address = URL(quote(origin, safe=PRINTABLE), encoded=True)
        if scheme not in {"http", "https"} or not host or parts.username is not None:
            raise ValueError
        options: dict[str, Any] = {}
        if scheme == "https" or (proxy or "").startswith("https:"):
            options["ssl"] = tls_context(settings)
        make: Callable[..., ClientRequest] = ClientRequest
        if proxy is None:
            return Way(make("GET", address, loop=loop, **options))
        if is_socks(proxy):  # to HTTP it is as if there were none
            return Way(make("GET", address, loop=loop, **options), socks=read_proxy(proxy))
        through, named = _through(proxy)
        if scheme == "https":
            return Way(make("GET", address, loop=loop, proxy=through, proxy_headers=named, **options))
        return Way(make("GET", address, loop=loop, proxy=through, **options), origin, named)
    except ValueError:
        raise malformed() from None


def malformed() -> Failure:
    """The failure of a request that has no usable address."""
    return Failure(Stage.NEVER_SENT, "the address is malformed", is_final=True)


def _through(proxy: str) -> tuple[URL, dict[str, str]]:
    """The address of a proxy, and the fields that name us to it."""
    try:
        address = URL(proxy)
        bare = address.with_user(None)
        if address.scheme not in {"http", "https"} or not address.host:
            raise ValueError
    except ValueError:
        # The message quotes the address with its password: not kept as the cause.
        raise ConfigurationError(
            f"The proxy {shown_url(proxy)} cannot be used: it must be an http://, https:// or socks5:// address. Next: check proxies="
            " or HTTPS_PROXY, HTTP_PROXY and ALL_PROXY"
        ) from None
    if address.raw_user is None:
        return bare, {}
    credentials = unquote(f"{address.raw_user}:{address.raw_password or ''}")
    return bare, {"Proxy-Authorization": _basic(credentials)}


def _basic(credentials: str) -> str:
    from base64 import b64encode

    return f"Basic {b64encode(credentials.encode()).decode()}"
