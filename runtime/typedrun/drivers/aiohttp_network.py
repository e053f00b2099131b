"""One try of a request on aiohttp: bytes out, a reply's head in, its body on demand. Imported with the first request.

aiohttp gives connections, proxies, TLS, the coding of requests and replies. What it does not do is done here:
- How far a try came is read from where it failed: in the connector, in the body, or after it.
- Idle and age limits of pooled connections depend on the request that takes one.
- A session belongs to one event loop, and ends with it.
Its own retries, redirects, cookies and proxies of the environment are off.
"""

from __future__ import annotations

import asyncio
import os
from asyncio import AbstractEventLoop
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from math import inf
from time import monotonic
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit
from weakref import WeakKeyDictionary

import aiohttp
from attrs import define, field
from yarl import URL

from typedrun.core.head import LONGEST_LINE
from typedrun.core.request import AsyncTransport, Body, Failure, Limits, Stage, ToldBody, mark_cut
from typedrun.drivers.aiohttp_connector import TRY, Connector
from typedrun.drivers.aiohttp_incoming import Incoming
from typedrun.drivers.aiohttp_try import Try
from typedrun.drivers.asynchronous import awaited
from typedrun.drivers.proxies import find_proxies, proxy_for
from typedrun.drivers.socks import is_socks, read_proxy
from typedrun.drivers.tls import tls_context
from typedrun.errors import ConfigurationError, shown_url
from typedrun.settings import Proxies, Settings

_BLOCK: Final = 256 * 1024
"""Bytes of a body that are handed over at once; a longer one goes in several, so that its silence can be told from its length."""
_MOST_HEADERS: Final = 2000
_PRINTABLE: Final = "".join(map(chr, range(33, 127)))


@define(eq=False)
class _Line:
    """A session and what ends it with its loop."""

    session: aiohttp.ClientSession
    keeper: AsyncGenerator[None, None] = field(init=False)
    is_kept: bool = False

    def __attrs_post_init__(self) -> None:
        self.keeper = _keep(self.session)

    async def begin(self) -> None:
        """Let the loop know of it."""
        if not self.is_kept:
            self.is_kept = True
            await anext(self.keeper)


async def _keep(session: aiohttp.ClientSession) -> AsyncGenerator[None, None]:
    """Wait for the end: a loop ends its generators before it closes (`asyncio.run` does so), and so do those who drop this one."""
    try:
        yield
    finally:
        await session.close()


class AsyncNetwork:
    """A session for each event loop; made when the first request needs one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lines = WeakKeyDictionary[AbstractEventLoop, _Line]()
        self._proxies: Proxies = find_proxies(settings, os.environ)

    async def exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | Body | None, limits: Limits
    ) -> Incoming:
        """Send a request and read the head of the reply.

        Raises:
            Failure: No reply came; it says how far the request got.
        """
        address, options = self._way(url)
        fields = dict(headers)
        _check(fields)
        fields.update(options.pop("own_headers", {}))
        line = self._line()
        await line.begin()
        attempt = Try(limits, has_proxy="proxy" in options, socks=options.pop("socks", None))
        before = TRY.set(attempt)
        limit = asyncio.timeout(None if limits.until is None else limits.until - monotonic())
        try:
            async with limit:
                response = await line.session.request(
                    method,
                    address,
                    headers=fields,
                    data=_data(body, fields, attempt),
                    timeout=_timeout(limits),
                    middlewares=(attempt.make,),
                    allow_redirects=False,
                    skip_auto_headers=("Content-Type",),
                    **options,
                )
        except TimeoutError as late:
            if not limit.expired():  # a caller's own
                raise
            raise attempt.late() from late
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
            raise _malformed() from None
        except asyncio.CancelledError as cancelled:
            mark_cut(cancelled, attempt.stage)
            raise
        finally:
            TRY.reset(before)
            attempt.end()
        return Incoming(response, limits.idle, line)

    async def close(self) -> None:
        """Close the connections of the running loop; those of others end with their loop."""
        line = self._lines.pop(asyncio.get_running_loop(), None)
        if line is not None:
            await line.keeper.aclose()
            await line.session.close()

    def _line(self) -> _Line:
        loop = asyncio.get_running_loop()
        line = self._lines.get(loop)
        if line is None or line.session.closed:
            session = aiohttp.ClientSession(
                connector=Connector(self._settings),
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
                max_line_size=LONGEST_LINE,
                max_field_size=LONGEST_LINE,
                max_headers=_MOST_HEADERS,
            )
            line = self._lines[loop] = _Line(session)
        return line

    def _way(self, url: str) -> tuple[URL, dict[str, Any]]:
        """The address as aiohttp takes it, and how to get there."""
        try:
            parts = urlsplit(url)
            scheme, host = parts.scheme.lower(), parts.hostname or ""
            port = parts.port or (443 if scheme == "https" else 80)
            proxy = proxy_for(self._proxies, scheme, host, port)
            address = URL(quote(url.partition("#")[0], safe=_PRINTABLE), encoded=True)
        except ValueError:
            raise _malformed() from None
        options: dict[str, Any] = {}
        if scheme == "https" or (proxy or "").startswith("https:"):
            options["ssl"] = tls_context(self._settings)
        if proxy is not None and is_socks(proxy):
            options["socks"] = read_proxy(proxy)  # to HTTP it is as if there were none
        elif proxy is not None:
            options.update(_through(proxy, is_tunnelled=scheme == "https"))
        return address, options


def connect(settings: Settings) -> AsyncTransport:
    """The network as the driver knows it."""
    return AsyncNetwork(settings)


def _malformed() -> Failure:
    return Failure(Stage.NEVER_SENT, "the address is malformed", is_final=True)


def _check(headers: Mapping[str, str]) -> None:
    """aiohttp would write text outside ASCII as UTF-8, and quotes what it refuses, which may be a secret."""
    if not all(text.isascii() and (text.isprintable() or not text.strip("\t ")) for text in headers.values()):
        raise Failure(Stage.NEVER_SENT, "a header or the address holds characters that cannot be sent", is_final=True)


def _timeout(limits: Limits) -> aiohttp.ClientTimeout:
    """The two limits that aiohttp alone can hold. The total is ours: it ends in the same error wherever it strikes."""
    return aiohttp.ClientTimeout(connect=limits.connect, sock_read=limits.idle, ceil_threshold=inf)


def _through(proxy: str, *, is_tunnelled: bool) -> dict[str, Any]:
    """The options of a request that goes through a proxy."""
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
    options: dict[str, Any] = {"proxy": bare}
    if address.raw_user is not None:
        credentials = unquote(f"{address.raw_user}:{address.raw_password or ''}")
        named = {"Proxy-Authorization": _basic(credentials)}
        options["proxy_headers" if is_tunnelled else "own_headers"] = named
    return options


def _basic(credentials: str) -> str:
    from base64 import b64encode

    return f"Basic {b64encode(credentials.encode()).decode()}"


def _data(body: bytes | Body | None, headers: dict[str, str], attempt: Try) -> bytes | AsyncIterator[bytes] | None:
    """What aiohttp is given for a body; one in several blocks tells the try how far it is."""
    if body is None or (isinstance(body, bytes) and len(body) <= _BLOCK):
        return body
    if isinstance(body, bytes):
        headers["Content-Length"] = str(len(body))
    return attempt.blocks(_slices(body) if isinstance(body, bytes) else _read(body))


async def _slices(body: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(body), _BLOCK):
        yield body[at : at + _BLOCK]


async def _read(body: Body) -> AsyncIterator[bytes]:
    """The blocks of a file, read in a thread: a disk can be slow, and the loop is everybody's. Progress is told of here."""
    tell = body.progress if isinstance(body, ToldBody) else None
    blocks = body.pieces() if isinstance(body, ToldBody) else body.blocks()
    sent = 0
    while block := await asyncio.to_thread(next, blocks, b""):
        yield block
        sent += len(block)
        if tell is not None and isinstance(body, ToldBody):
            try:
                await awaited(tell(sent, body.size))
            except Exception as error:
                raise body.broken_off(error) from error
