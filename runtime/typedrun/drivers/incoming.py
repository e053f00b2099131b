"""A reply whose head has arrived, and the end of its connection: kept or dropped, once, by its one owner."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from time import monotonic
from typing import IO, Final, cast

import urllib3
from urllib3.exceptions import DecodeError, HTTPError

from typedrun.core.request import Failure, Stage
from typedrun.drivers.connection import Connection
from typedrun.drivers.replybody import ReplyBody

BLOCK: Final = 65536


class Incoming:
    """A reply whose head has arrived. It owns its connection until its body is over, and belongs itself to whoever reads it.

    `close` is for every thread: where another is reading, it breaks the connection off, and the reader gives it back. A forked child
    drops its copy of the descriptor and leaves the parent's connection alone.
    """

    def __init__(self, body: ReplyBody, connection: Connection, give_back: Callable[[Connection], object]) -> None:
        self.status: int = body.status
        self.headers: Mapping[str, str] = body.headers
        self._body = body
        self._plain: ReplyBody | urllib3.HTTPResponse = _decompressed(body)
        self._wire = body.wire
        self._connection: Connection | None = connection
        self._give_back = give_back
        self._pid = os.getpid()
        self._lock = threading.RLock()  # re-entrant: a signal handler may close what its own thread reads
        self._is_reading = False
        self._is_closed = False

    # --- reading: by the owner

    def read(self, until: float | None, most: int = BLOCK) -> bytes:
        """Read the next bytes as soon as there are any; `b""` at the end, and after `close`.

        Raises:
            Failure: The reply broke off, or took too long.
        """
        if not self._begin_reading():
            return b"" if self._is_closed else self._read(most)  # what is left to decompress
        is_fine = False
        try:
            self._wire.until = until
            block = self._read(most)
            is_fine = True
        except Failure:
            if self._is_closed:  # by another thread, which broke the connection off
                return b""
            raise
        finally:
            self._end_reading(is_fine=is_fine)
        return block

    def _begin_reading(self) -> bool:
        if self._pid != os.getpid() and self._connection is not None:
            raise Failure(Stage.NO_REPLY, "it was opened by another process, from which this one was forked")
        with self._lock:
            self._is_reading = self._connection is not None
            return self._is_reading

    def _end_reading(self, *, is_fine: bool) -> None:
        with self._lock:
            self._is_reading = False
            if self._is_closed or not is_fine:
                self._let_go(is_whole=False)
            elif self._body.closed:
                self._let_go(is_whole=self._body.is_whole)

    def _read(self, most: int) -> bytes:
        try:
            return self._plain.read1(most)
        except HTTPError as error:
            cause = _root(error)
        if isinstance(cause, DecodeError):
            raise Failure(Stage.NO_REPLY, "the reply cannot be decompressed") from cause
        raise cause  # what is ours is a failure: what urllib3 wrapped is the caller's own

    def read_all(self, most: int, until: float | None) -> tuple[bytes, bool]:
        """Read the whole body, and whether it is whole. Stops reading beyond `most` bytes."""
        block = self.read(until)
        if self._connection is None and len(block) <= most and self._plain is self._body:
            return block, True
        blocks, size = list[bytes](), 0
        while block:
            blocks.append(block)
            size += len(block)
            if size > most:
                self.close()
                return b"".join(blocks), False
            block = self.read(until)
        return b"".join(blocks), True

    def drain(self, seconds: float, most: int) -> bool:
        """Read what little is left so that the connection can be used again; close it if that is not done in time."""
        until = monotonic() + seconds
        try:
            while block := self.read(until):
                most -= len(block)
                if most < 0:
                    break
            else:
                return not self._is_closed
        except Failure:
            pass
        self.close()
        return False

    # --- the end: once, by the owner

    def close(self) -> None:
        """Free the connection at once."""
        if self._pid != os.getpid():  # the lock may be one that the parent held when it forked
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()
            return
        with self._lock:
            self._is_closed = True
            if self._is_reading and self._connection is not None:
                self._wire.cut()
            else:
                self._let_go(is_whole=False)

    def __del__(self) -> None:
        connection = getattr(self, "_connection", None)
        if connection is not None:  # it was dropped in the midst of its body
            connection.close()

    def _let_go(self, *, is_whole: bool) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if is_whole and not self._is_closed and self._body.is_kept:
            self._give_back(connection)
        else:
            self._body.close()
            connection.close()


def _decompressed(body: ReplyBody) -> ReplyBody | urllib3.HTTPResponse:
    """A body as it was before it was compressed: urllib3 knows how."""
    if not (encoding := body.headers.get("content-encoding")):
        return body
    return urllib3.HTTPResponse(cast("IO[bytes]", body), {"Content-Encoding": encoding}, preload_content=False)


def _root(error: BaseException) -> BaseException:
    """What started it: urllib3 wraps, and puts the wrapped into args, or `__cause__`."""
    inner = next((arg for arg in reversed(error.args) if isinstance(arg, BaseException)), None) or error.__cause__
    return error if inner is None or isinstance(error, DecodeError) else _root(inner)
