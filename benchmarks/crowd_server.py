"""A server for many clients at once: canned answers from one event loop, so that a thousand connections cost it little.

    POST …/chat/completions   events, one HTTP chunk each, to every stream at the same pace; the first one says when it was sent
    POST …/responses          a job in OpenAI's words; GET …/responses/<id> asks for it
    POST …/sync/…             200, a finished run
    POST …                    a job in aiXplain's words; GET …/<id> asks for it

A job is finished at the third question. Prints its port and serves until it is killed.
"""

import asyncio
import itertools
import json
import sys
import time
from collections import Counter

from blast_server import DONE, HEAD, RUN, chunk, event

QUESTIONS = 3
EVENTS, PACE = 60, 0.03
"""Events of a stream, and the seconds between two of them."""
FIRST_AFTER = 1.5
"""Seconds after the last stream was opened until the first events."""

_numbers = itertools.count()
_asked = Counter[str]()


def _reply(content: dict[str, object]) -> bytes:
    body = json.dumps(content).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def _openai_job(name: str, status: str) -> bytes:
    text: dict[str, object] = {
        "type": "output_text",
        "text": "A lighthouse keeper counted the ships.",
        "annotations": [],
    }
    message: dict[str, object] = {
        "id": "m",
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "content": [text],
    }
    content: dict[str, object] = {
        "id": name,
        "object": "response",
        "created_at": 1760000000,
        "model": "m",
        "status": status,
        "output": [message] if status == "completed" else [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
    }
    return _reply(content)


def _answer(method: str, target: str, port: int) -> bytes:
    if "/sync/" in target:
        return RUN
    is_openai = "/responses" in target
    if method == "POST":
        name = f"job-{next(_numbers)}"
        if is_openai:
            return _openai_job(name, "queued")
        place = f"http://127.0.0.1:{port}/api/v1/data/{name}"
        return _reply({"status": "IN_PROGRESS", "completed": False, "data": place, "requestId": name})
    name = target.partition("?")[0].rpartition("/")[2]
    _asked[name] += 1
    is_over = _asked[name] == QUESTIONS
    if is_openai:
        return _openai_job(name, "completed" if is_over else "in_progress")
    return RUN if is_over else _reply({"status": "IN_PROGRESS", "completed": False})


class Conversation(asyncio.Protocol):
    """One connection."""

    streams: set[asyncio.Transport] = set()  # noqa: RUF012  # all that wait for the same events
    pace: asyncio.Task[None] | None = None

    def __init__(self, port: int) -> None:
        self._port = port
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to write."""
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # it is one that writes

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's name
        """Write no further events."""
        self.streams.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        """Answer each request that is whole."""
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, rest = self._received.partition(b"\r\n\r\n")
            lines = head.decode().split("\r\n")
            fields = dict(line.lower().split(": ", 1) for line in lines[1:])
            length = int(fields.get("content-length", "0"))
            if len(rest) < length:
                return
            self._received = rest[length:]
            method, target, _ = lines[0].split(" ")
            if fields.get("accept") == "text/event-stream" or "/chat/completions" in target:
                self._begin_stream()
            else:
                self._transport.write(_answer(method, target, self._port))

    def _begin_stream(self) -> None:
        self._transport.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        self.streams.add(self._transport)
        if Conversation.pace is None or Conversation.pace.done():
            Conversation.pace = asyncio.create_task(_send_events(self.streams))


async def _send_events(streams: set[asyncio.Transport]) -> None:
    taking_part = list[asyncio.Transport]()
    while len(taking_part) < len(streams):  # until nobody comes any more
        taking_part = list(streams)
        await asyncio.sleep(FIRST_AFTER)
    for number in range(EVENTS):
        for transport in taking_part:
            content = event(number)
            if number == 0:
                content = content.replace(b" word00000", b" %.6f" % time.monotonic())
            transport.write(chunk(content))
        await asyncio.sleep(PACE)
    last = event(0).replace(b'"finish_reason": null', b'"finish_reason": "stop"')
    for transport in taking_part:
        transport.write(chunk(last + DONE) + b"0\r\n\r\n")
        streams.discard(transport)


async def main() -> None:
    """Listen on a free loopback port."""
    loop = asyncio.get_running_loop()
    port = 0
    server = await loop.create_server(lambda: Conversation(port), "127.0.0.1", 0, backlog=2048)
    port = server.sockets[0].getsockname()[1]
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
