"""The rest of a reply, read in the calling thread."""

from __future__ import annotations

from collections.abc import Iterator

from typedrun.core.arriving import ArrivingReply
from typedrun.core.effects import DRAIN_BYTES, DRAIN_SECONDS
from typedrun.core.request import Failure


class LiveReply(ArrivingReply):
    """A reply that is still arriving. It is read by one thread at a time; `close` is for every thread."""

    def blocks(self) -> Iterator[bytes]:
        """The body's bytes as they arrive; ends early, without an error, when `close` is called.

        Raises:
            TimeoutError: Silence for longer than the idle limit, or the deadline passed.
            TransportError: The connection broke.
        """
        while block := self._read():
            yield block

    def drain(self) -> bool:
        """Read on after the last event, if the end of the body is near, so that the connection can be used again.

        Returns:
            Whether the end was reached. If not, the connection is closed.
        """
        return self._incoming.drain(DRAIN_SECONDS, DRAIN_BYTES)

    def _read(self) -> bytes:
        if self.is_closed:
            return b""
        try:
            return self._incoming.read(self._until)
        except Failure as failure:
            if self.is_closed:
                return b""
            raise self._error(failure) from failure
