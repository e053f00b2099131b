"""What a sandbox sends by itself: webhooks, to this machine and nowhere else."""

from __future__ import annotations

import asyncio
import http.client
import ipaddress
from collections.abc import Coroutine, Mapping
from urllib.parse import urlsplit

from attrs import define, field, frozen

SECONDS = 15.0
"""How long a receiver may take."""


@frozen
class Notice:
    """One message to a receiver, and what became of it."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    status: int | None = None
    """HTTP status of its answer; None when it was not sent, or nobody answered."""


@define
class Outgoing:
    """Every message so far, and those that are on their way."""

    sent: list[Notice] = field(factory=list[Notice])
    _tasks: set[asyncio.Task[None]] = field(factory=set[asyncio.Task[None]])

    def start(self, work: Coroutine[None, None, None]) -> None:
        """Let something go on behind the answer to a request."""
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        """Send a body by POST; to another machine nothing is sent, but the notice is kept."""
        status = await asyncio.to_thread(_post, url, headers, body) if is_loopback(url) else None
        self.sent.append(Notice(url, dict(headers), body, status))

    def clear(self) -> None:
        """Forget what was sent, and drop what is on its way."""
        self.sent.clear()
        for task in list(self._tasks):
            task.get_loop().call_soon_threadsafe(task.cancel)


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine, by plain HTTP."""
    parts = urlsplit(url)
    if parts.scheme != "http":
        return False
    try:
        return parts.hostname == "localhost" or ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


def _post(url: str, headers: Mapping[str, str], body: bytes) -> int | None:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=SECONDS)
    try:
        connection.request(
            "POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), body, dict(headers)
        )
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None  # a receiver that is not there is the receiver's affair
    finally:
        connection.close()
