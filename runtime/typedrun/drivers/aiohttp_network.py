"""One try of a request on aiohttp: bytes out, a reply's head in, its body on demand. Imported with the first request.

aiohttp opens connections (proxies, TLS) and reads replies. Its session stays out: cookies, redirects, its own retries and proxies of the
environment are not wanted, and cost as much processor time as all the rest of a request. What it would do is done here:
- A request is written, in one piece where it is short.
- How far a try came is known from where it failed: before there was a connection, in the body, or after it.
- Connections belong to one event loop, and end with it.
"""

from __future__ import annotations

import asyncio
import os
import re
from asyncio import AbstractEventLoop
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from functools import partial
from time import monotonic
from typing import Final
from urllib.parse import quote
from weakref import WeakKeyDictionary

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError
from attrs import define, field

from typedrun.core.bodies import Body, ToldBody
from typedrun.core.head import head_of
from typedrun.core.request import Limits, patience
from typedrun.core.transports import AsyncTransport, mark_cut
from typedrun.drivers.aiohttp_connector import Link, Pool
from typedrun.drivers.aiohttp_incoming import Incoming
from typedrun.drivers.aiohttp_try import Try
from typedrun.drivers.aiohttp_watch import Silence
from typedrun.drivers.aiohttp_ways import PRINTABLE, Way, malformed
from typedrun.drivers.asynchronous import awaited
from typedrun.drivers.proxies import find_proxies
from typedrun.settings import Proxies, Settings

_BLOCK: Final = 256 * 1024
"""Bytes of a body that are handed over at once; a longer one goes in several, so that its silence can be told from its length."""


_START: Final = re.compile(r"([^/?#]*//[^/?#]*)([^#]*)")
"""An address: its origin, and what a request asks that for."""


@define(eq=False)
class _Line:
    """The connections of a loop, and what ends them with it."""

    pool: Pool
    keeper: AsyncGenerator[None, None] = field(init=False)
    is_kept: bool = False

    def __attrs_post_init__(self) -> None:
        self.keeper = _keep(self.pool)

    async def begin(self) -> None:
        """Let the loop know of them."""
        if not self.is_kept:
            self.is_kept = True
            await anext(self.keeper)


async def _keep(pool: Pool) -> AsyncGenerator[None, None]:
    """Wait for the end: a loop ends its generators before it closes (`asyncio.run` does so), and so do those who drop this one."""
    try:
        yield
    finally:
        await pool.close()


class AsyncNetwork:
    """Connections for each event loop; made when the first request needs one."""

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
        origin, target = _split(url)
        line = self._line()
        way = line.pool.way(origin)
        fields = {**headers, **way.fields} if way.fields else headers
        head = head_of(method, f"{way.prefix}{target}", way.host, fields, body)
        if not line.is_kept:
            await line.begin()
        attempt = Try(way)
        try:
            link = line.pool.take(way, limits.keep_alive) or await _open(line.pool, way, limits)
            attempt.begin(link)
            blocks: AsyncIterator[bytes] | None = None
            if isinstance(body, bytes) and len(body) <= _BLOCK:
                head += body
            elif body is not None:
                blocks = _slices(body) if isinstance(body, bytes) else _read(body)
            arrived = await attempt.send(link, head, blocks, partial(_patience, limits.idle, limits))
        except Silence as late:
            attempt.cut()
            raise attempt.late() from late
        except (aiohttp.ClientError, HttpProcessingError, OSError) as error:
            attempt.cut()
            attempt.fail(error)
        except asyncio.CancelledError as cancelled:
            attempt.cut()
            mark_cut(cancelled, attempt.stage)
            raise
        except BaseException:
            attempt.cut()
            raise
        finally:
            attempt.end()
        return Incoming(arrived, link, limits.idle, line)

    async def close(self) -> None:
        """Close the connections of the running loop; those of others end with their loop."""
        line = self._lines.pop(asyncio.get_running_loop(), None)
        if line is not None:
            await line.keeper.aclose()
            await line.pool.close()

    def _line(self) -> _Line:
        loop = asyncio.get_running_loop()
        line = self._lines.get(loop)
        if line is None or line.pool.closed:
            line = self._lines[loop] = _Line(Pool(self._settings, self._proxies))
        return line


def connect(settings: Settings) -> AsyncTransport:
    """The network as the driver knows it."""
    return AsyncNetwork(settings)


def _patience(seconds: float, limits: Limits) -> float:
    return patience(seconds, limits.until, monotonic())


async def _open(pool: Pool, way: Way, limits: Limits) -> Link:
    """A new connection. Raises as `Pool.open` does, and `Silence` when there is none in time."""
    limit = asyncio.timeout(_patience(limits.connect, limits))
    try:
        async with limit:
            return await pool.open(way, limits)
    except TimeoutError as late:
        if limit.expired():
            raise Silence from late
        raise


def _split(url: str) -> tuple[str, str]:
    """The origin of an address, and what is asked of it."""
    found = _START.match(url)
    if found is None:
        raise malformed()
    origin, target = found.groups()
    if not target.startswith("/"):
        target = f"/{target}"
    is_plain = target.isascii() and target.isprintable() and " " not in target
    return origin, target if is_plain else quote(target, safe=PRINTABLE)


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
