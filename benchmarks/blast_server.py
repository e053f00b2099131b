"""A server that answers canned bytes with next to no work of its own, so that the client's CPU is what is measured.

    POST /job/…   200, a run that goes on, and where to ask for it; GET says that it is finished
    POST /sdk/…   200, where to put a file; PUT takes one and forgets it
    POST …        200, a finished run of 420 bytes, keep-alive
    …/chunk       events, one HTTP chunk each
    …/coal        events in HTTP chunks of 16 KiB
    …/close       events without any framing, the connection closes at the end
    …/first/<framing>/m    one event in that framing, then half a second of silence, then the terminator
    …/long/<MiB>/m         so many MiB of events in 16 KiB chunks
    …/wide/<MiB>/m         one event of so many MiB

Prints its port and serves until it is killed.
"""

import json
import socket
import sys
import threading
import time
from collections.abc import Iterator

EVENTS = 20_000
SILENCE = 0.5
MEBIBYTE = 2**20
DONE = b"data: [DONE]\n\n"
_RESULT = json.dumps(
    {
        "status": "SUCCESS",
        "completed": True,
        "data": "A lighthouse keeper counted the ships that never came, and lit the lamp for each of them anyway.",
        "details": [{"index": 0, "message": {"role": "assistant", "content": "…"}, "finish_reason": "stop"}],
        "runTime": 0.412,
        "usedCredits": 3.725e-05,
        "usage": {"prompt_tokens": 12, "completion_tokens": 21, "total_tokens": 33},
    }
).encode()
RESULT = _RESULT.ljust(420)


def event(number: int) -> bytes:
    """One OpenAI-shaped frame of 260 bytes, the dialect that every peer reads."""
    frame = {
        "id": "chatcmpl-123",
        "object": "chat.completion.chunk",
        "created": 1760000000,
        "model": "openai/gpt-5.4",
        "choices": [{"index": 0, "delta": {"content": f" word{number:05d}"}, "finish_reason": None}],
        "usage": None,
    }
    line = b"data: " + json.dumps(frame).encode()
    return line + b" " * (258 - len(line)) + b"\n\n"


def stream() -> bytes:
    """All events and the terminator."""
    last = {"id": "chatcmpl-123", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    choice: dict[str, object] = {"index": 0, "delta": {}, "finish_reason": "stop"}
    return (
        b"".join(map(event, range(EVENTS)))
        + b"data: "
        + json.dumps({**last, "choices": [choice]}).encode()
        + b"\n\n"
        + DONE
    )


def chunk(piece: bytes) -> bytes:
    """One piece in chunked transfer coding."""
    return b"%x\r\n%s\r\n" % (len(piece), piece)


def chunked(pieces: list[bytes]) -> bytes:
    """HTTP/1.1 chunked transfer coding of the pieces."""
    return b"".join(map(chunk, pieces)) + b"0\r\n\r\n"


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
BODY = stream()
ANSWERS = {
    b"chunk": HEAD
    + b"Transfer-Encoding: chunked\r\n\r\n"
    + chunked(BODY.replace(b"\n\n", b"\n\n\0").split(b"\0")[:-1]),
    b"coal": HEAD
    + b"Transfer-Encoding: chunked\r\n\r\n"
    + chunked([BODY[at : at + 16_384] for at in range(0, len(BODY), 16_384)]),
    b"close": HEAD + b"Connection: close\r\n\r\n" + BODY,
}
RUN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(RESULT) + RESULT


def first(framing: str) -> Iterator[bytes]:
    """A head, one event, and after a silence the end."""
    yield HEAD + (b"Connection: close\r\n\r\n" if framing == "close" else b"Transfer-Encoding: chunked\r\n\r\n")
    # In 16 KiB chunks the event ends in the middle of a chunk, whose rest comes after the silence.
    rest = b": a comment that fills the chunk up" + b"." * 16_000 + b"\n\n" + DONE
    if framing == "close":
        yield event(0)
    elif framing == "chunk":
        yield chunk(event(0))
    else:
        yield b"%x\r\n%s" % (len(event(0)) + len(rest), event(0))
    time.sleep(SILENCE)
    yield {"close": DONE, "chunk": chunked([DONE]), "coal": rest + b"\r\n0\r\n\r\n"}[framing]


def long(mebibytes: str) -> Iterator[bytes]:
    """Events, again and again."""
    yield HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    part = b"".join(map(event, range(MEBIBYTE // len(event(0)))))
    pieces = b"".join(chunk(part[at : at + 16_384]) for at in range(0, len(part), 16_384))
    for _ in range(int(mebibytes)):
        yield pieces
    yield chunked([DONE])


def wide(mebibytes: str) -> Iterator[bytes]:
    """One event with that much text."""
    yield HEAD + b"Connection: close\r\n\r\n"
    text = "x" * (int(mebibytes) * MEBIBYTE)
    yield b"data: " + json.dumps({"data": text}).encode() + b"\n\n" + DONE


def reply(answer: dict[str, object]) -> bytes:
    """A small answer in JSON."""
    body = json.dumps(answer).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


STARTED = reply({"status": "IN_PROGRESS", "completed": False, "data": "/api/v1/data/job-1"})
TAKEN = reply({})


def storage(port: int) -> bytes:
    """Where to put a file."""
    place = f"http://127.0.0.1:{port}/put"
    return reply({"key": "k", "uploadUrl": place, "downloadUrl": place})


SCENES = {"first": first, "long": long, "wide": wide}


def read_request(connection: socket.socket) -> bytes | None:
    """The request line, once head and body have arrived, of which nothing is kept; None when the client went away."""
    received = b""
    while b"\r\n\r\n" not in received:
        more = connection.recv(65_536)
        if not more:
            return None
        received += more
    head, _, body = received.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    left, forgotten = length - len(body), bytearray(262_144)
    while left > 0 and (taken := connection.recv_into(forgotten)):
        left -= taken
    return head.split(b"\r\n", 1)[0]


def serve(connection: socket.socket) -> None:
    """Answer the requests of one connection."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection:
        while (line := read_request(connection)) is not None:
            scene, *arguments = line.split()[1].decode().strip("/").split("/")
            if scene in SCENES:
                for piece in SCENES[scene](arguments[0]):
                    connection.sendall(piece)
                return
            if scene in {"job", "put", "sdk"}:
                known = {"job": STARTED if line.startswith(b"POST") else RUN, "put": TAKEN}
                connection.sendall(known.get(scene) or storage(connection.getsockname()[1]))
                continue
            framing = next((name for name in ANSWERS if b"/" + name in line), None)
            connection.sendall(ANSWERS[framing] if framing else RUN)
            if framing == b"close":
                return


def main() -> None:
    """Listen on a free loopback port."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection,), daemon=True).start()


if __name__ == "__main__":
    main()
