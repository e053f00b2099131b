"""A reply of aiohttp whose head has arrived."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any, cast

import aiohttp
from aiohttp.streams import StreamReader
from attrs import define

from typedrun.core.request import Failure, Stage, patience
from typedrun.drivers.aiohttp_connector import Link
from typedrun.drivers.aiohttp_try import Arrived
from typedrun.drivers.aiohttp_watch import Silence
from typedrun.drivers.failures import words


class Incoming:
    """A reply whose head has arrived. It owns its connection until its body is over, and belongs itself to whoever reads it."""

    def __init__(self, arrived: Arrived, link: Link, idle: float, line: object) -> None:
        self.status: int = arrived.message.code
        self.headers: Mapping[str, str] = arrived.message.headers
        self._content = arrived.content
        self._tell: Callable[[Exception], object] = self._content.set_exception
        self._sending = arrived.sending
        self._link = link
        self._idle = idle
        self._line = line  # a client that is dropped ends its connections; not while a reply is read
        self._loop = asyncio.get_running_loop()
        self._is_closed = False
        self._content.on_eof(_End(link, arrived.sending))

    # --- reading

    async def read(self, until: float | None) -> bytes:
        """Read the next bytes as soon as there are any; `b""` at the end, and after `close`.

        Raises:
            Failure: The reply broke off, or took too long.
        """
        if self._is_closed:
            return b""
        content = self._content
        try:
            seconds = patience(self._idle, until, monotonic())
            if seconds <= 0 or content.is_eof():  # its end has given the connection back: nothing to watch
                block = content.read_nowait()
                if block or content.is_eof():
                    return block
            watch, tell = self._link.watch, self._tell
            watch.begin(seconds, tell)
            try:
                return await content.readany()
            finally:
                watch.rest(tell)
        except asyncio.CancelledError:
            self.close()
            raise
        except Exception as error:
            if self._is_closed:
                return b""
            left = self._left(error)
            if left:
                return left
            self.close()
            raise _failure(error) from error

    def _left(self, error: Exception) -> bytes:
        """What had arrived before the end and was not read yet: aiohttp tells of the end first."""
        content = self._content
        if isinstance(error, Silence) or content.exception() is None:
            return b""
        content.set_exception(cast("Any", None))
        try:
            return content.read_nowait()
        finally:
            content.set_exception(error)

    async def read_all(self, most: int, until: float | None) -> tuple[bytes, bool]:
        """Read the whole body, and whether it is whole. Stops reading beyond `most` bytes."""
        content = self._content
        if content.is_eof() and content.exception() is None:
            block = content.read_nowait()
            return block, len(block) <= most
        blocks, size = list[bytes](), 0
        while block := await self.read(until):
            blocks.append(block)
            size += len(block)
            if size > most:
                self.close()
                return b"".join(blocks), False
        return b"".join(blocks), True

    async def drain(self, seconds: float, most: int) -> bool:
        """Read what little is left so that the connection can be used again; close it if that is not done in time."""
        until = monotonic() + seconds
        try:
            while block := await self.read(until):
                most -= len(block)
                if most < 0:
                    break
            else:
                return not self._is_closed
        except Failure:
            pass
        self.close()
        return False

    # --- the end

    def close(self) -> None:
        """Free the connection at once."""
        self._is_closed = True
        _cut(self._content, self._link, self._sending)

    def __del__(self) -> None:
        if getattr(self, "_is_closed", True) or self._content.is_eof():
            return
        if not self._loop.is_closed():  # it was dropped in the midst of its body, perhaps by another thread
            self._loop.call_soon_threadsafe(_cut, self._content, self._link, self._sending)


@define(eq=False)
class _End:
    """What is done when a body is over."""

    link: Link
    sending: asyncio.Task[None] | None

    def __call__(self) -> None:
        if self.sending is None or self.sending.done():
            self.link.give_back()
        else:  # the peer has answered a request that it did not want to the end
            self.sending.cancel()
            self.link.close()


def _cut(content: StreamReader, link: Link, sending: asyncio.Task[None] | None) -> None:
    if sending is not None:
        sending.cancel()
    if not content.is_eof():  # else the connection is somebody else's by now
        link.close()
        content.set_exception(aiohttp.ClientConnectionError("closed"))  # wakes whoever reads


def _failure(error: Exception) -> Failure:
    if isinstance(error, Silence | TimeoutError):
        return Failure(Stage.NO_REPLY, "timed out", timed_out=True)
    if isinstance(error, aiohttp.ClientPayloadError):
        broken = "cannot be decompressed" if "encoding" in str(error) else "was cut short"
        return Failure(Stage.NO_REPLY, f"the reply {broken}")
    if isinstance(error, OSError):
        return Failure(Stage.NO_REPLY, words(error.__cause__ if isinstance(error.__cause__, OSError) else error))
    return Failure(Stage.NO_REPLY, "the reply was cut short")
