"""What makes a try of a request, and what it gives: protocols, which networks and scripts fulfil."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from typedrun.core.bodies import Body
from typedrun.core.request import Limits, Stage


class IncomingReply(Protocol):
    """A reply whose head has arrived, as a network gives it. It belongs to whoever reads it; only `close` is for everybody."""

    status: int
    headers: Mapping[str, str]

    def read(self, until: float | None) -> bytes:
        """Read the next bytes, `b""` at the end and after `close`; raises `Failure`, at the latest at that moment on the clock."""
        ...

    def read_all(self, most: int, until: float | None) -> tuple[bytes, bool]:
        """Read the body (cut after `most`), and whether that is all of it; raises `Failure`."""
        ...

    def drain(self, seconds: float, most: int) -> bool:
        """Read the rest if that is soon done, so that the connection is kept; else close it. True if kept."""
        ...

    def close(self) -> None:
        """Free the connection; from any thread, and again."""
        ...


class Transport(Protocol):
    """Makes one try of a request: urllib3 (typedrun/drivers/urllib3_network.py), or a script (typedrun.testing)."""

    def exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | Body | None, limits: Limits
    ) -> IncomingReply:
        """Send, and return when the head of a reply is there; raise `Failure`."""
        ...

    def close(self) -> None:
        """Close idle connections."""
        ...


class AsyncIncomingReply(Protocol):
    """An `IncomingReply` that is awaited."""

    status: int
    headers: Mapping[str, str]

    async def read(self, until: float | None) -> bytes:
        """Read the next bytes, `b""` at the end and after `close`; raises `Failure`, at the latest at that moment on the clock."""
        ...

    async def read_all(self, most: int, until: float | None) -> tuple[bytes, bool]:
        """Read the body (cut after `most`), and whether that is all of it; raises `Failure`."""
        ...

    async def drain(self, seconds: float, most: int) -> bool:
        """Read the rest if that is soon done, so that the connection is kept; else close it. True if kept."""
        ...

    def close(self) -> None:
        """Free the connection at once, and again; nothing is awaited, so that a cancelled task can do it."""
        ...


class AsyncTransport(Protocol):
    """A `Transport` that is awaited: aiohttp (typedrun/drivers/aiohttp_network.py), or a script (typedrun.testing)."""

    async def exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | Body | None, limits: Limits
    ) -> AsyncIncomingReply:
        """Send, and return when the head of a reply is there; raise `Failure`.

        A cancellation ends it at once, and its error is marked (`mark_cut`) with how far the try had come.
        """
        ...

    async def close(self) -> None:
        """Close idle connections."""
        ...


_CUT_AT = "typedrun_stage"


def mark_cut(error: BaseException, stage: Stage) -> None:
    """Note on the error of a cancellation how far the try had come that it ended."""
    vars(error)[_CUT_AT] = stage  # no class of our own: `asyncio.timeout` knows a cancellation by its exact class


def cut_at(error: BaseException) -> Stage | None:
    """How far the try had come that a cancellation ended; None where it ended none."""
    stage: Stage | None = vars(error).get(_CUT_AT)
    return stage
