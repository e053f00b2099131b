"""What imports, runs and streams cost, in counts that are the same on every machine. benchmarks/ measures the time.

A limit stands a little above what was counted when it was written. Crossing one is a finding: either the new cost is worth it, and the
limit moves in the same commit, or something was imported, copied or called by accident.
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import threading
import tracemalloc
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from types import FrameType
from typing import Any

import aiohttp
import pytest
import urllib3

from aixplain_models import Aixplain, AsyncAixplain
from aixplain_models.api import types as api
from typedrun.call import Call
from typedrun.core.course import Course, Rules
from typedrun.core.head import Fields
from typedrun.core.reply import Reply
from typedrun.core.request import Request
from typedrun.core.sse import Decoder
from typedrun.marketplaces.aixplain.dialects import ChunkReader
from typedrun.marketplaces.aixplain.wire import read_answer
from typedrun.model import from_document
from typedrun.results import StreamChunk
from typedrun.settings import Settings
from typedrun.structure import decode

IMPORT = "import aixplain_models"
TOUCH = "from aixplain_models import Aixplain; Aixplain(api_key='k').models.openai.gpt_5_4.run"
PROBE = """
import sys
opened, sockets = [], []
def note(event, arguments):
    if event == "open" and isinstance(arguments[0], str):
        opened.append(arguments[0])
    elif event.startswith("socket."):
        sockets.append(event)
before = set(sys.modules)
sys.addaudithook(note)
{statement}
import json
names = sorted(set(sys.modules) - before - {{"json"}})
print(json.dumps([names, [path for path in opened if path.endswith((".py", ".pyc"))], sockets]))
"""


def probe(statement: str) -> tuple[set[str], list[str], list[str]]:
    """Modules that a statement loads in a new interpreter, files of Python that it opens, and what it does with sockets."""
    ran = subprocess.run(
        [sys.executable, "-c", PROBE.format(statement=statement)], capture_output=True, text=True, check=True
    )
    modules, opened, sockets = json.loads(ran.stdout)
    return set(modules), opened, sockets


def top_level(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


def test_importing_the_package_loads_a_front_door_and_no_library() -> None:
    modules, opened, sockets = probe(IMPORT)
    ours = {name for name in modules if name.startswith(("typedrun", "aixplain_models"))}
    assert ours == {"aixplain_models", "typedrun", "typedrun.catalog"}
    assert not top_level(modules) & {"attr", "attrs", "cattrs", "urllib3", "ssl", "logging", "asyncio"}
    assert len(modules) <= 50
    assert len(opened) <= 2 * len(modules)  # source and bytecode
    assert not sockets


def test_a_client_with_a_model_loads_one_model_and_no_network() -> None:
    modules, opened, sockets = probe(TOUCH)
    models = {name for name in modules if name.startswith("aixplain_models.models.")}
    assert models == {"aixplain_models.models.openai", "aixplain_models.models.openai.gpt_5_4"}
    assert not top_level(modules) & {
        "cattrs",
        "urllib3",
        "ssl",
        "http",
        "email",
        "importlib_metadata",
        "asyncio",
    }
    assert "typedrun.marketplaces.words" not in modules  # no enumeration but those that its class names
    assert len({name for name in modules if name.startswith("typedrun")}) <= 62
    assert len(modules) <= 170
    assert len(opened) <= 2 * len(modules)  # source and bytecode
    assert not sockets


def test_classes_of_a_first_run_share_what_would_have_to_be_compiled_for_each() -> None:
    for kind in (Settings, Request, Call, Rules, Course):
        assert kind.__repr__ is Settings.__repr__
        assert kind.__eq__ in (Settings.__eq__, object.__eq__)


FIRST_RUN = """
import sys
from aixplain_models import Aixplain
Aixplain('k', '{base}', model_url='{base}/api/v2/execute').models.openai.gpt_5_4.run(text='Hello')
from pathlib import Path
ours = [module.__file__ for name, module in sys.modules.items() if name.partition('.')[0] == 'typedrun']
print(len(ours), sum(bool(line.strip()) for file in ours for line in Path(file).read_text('utf-8').splitlines()))
"""


def test_a_first_run_reads_a_bounded_part_of_the_runtime(base_url: str) -> None:
    code = FIRST_RUN.format(base=base_url)
    ran = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    modules, lines = map(int, ran.stdout.split())
    assert modules <= 70  # the `__init__.py` of five rooms, which only say what the room is for, among them
    assert lines <= 5000


# --- one run

ANSWER = json.dumps(
    {
        "status": "SUCCESS",
        "completed": True,
        "data": "Hello to you, too.",
        "runTime": 0.4,
        "usedCredits": 3.7e-05,
        "usage": {"prompt_tokens": 12, "completion_tokens": 21, "total_tokens": 33},
        "requestId": "r-1",
    }
).encode()
REPLY = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(ANSWER), ANSWER)


@pytest.fixture
def base_url() -> Iterator[str]:
    """A server that answers each request with the same bytes; its connections are served by threads of their own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(listener,), daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def _accept(listener: socket.socket) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:  # the test is over
            return
        threading.Thread(target=_serve, args=(connection,), daemon=True).start()


def _serve(connection: socket.socket) -> None:
    with connection:
        received = b""
        while more := connection.recv(65536):
            received += more
            head, found, body = received.partition(b"\r\n\r\n")
            if found and len(body) >= int(head.lower().partition(b"content-length:")[2].split()[0]):
                received = b""
                connection.sendall(REPLY)


class Calls:
    """What a function calls in this thread: Python functions and built-in ones, those of sockets by name."""

    def __init__(self, function: Callable[[], object]) -> None:
        self.total = 0
        self.of_sockets = Counter[str]()
        sys.setprofile(self._note)
        try:
            function()
        finally:
            sys.setprofile(None)

    def _note(self, _frame: FrameType, event: str, what: Any) -> None:
        self.total += event in {"call", "c_call"}
        if event == "c_call" and isinstance(getattr(what, "__self__", None), socket.socket):
            self.of_sockets[what.__name__] += 1


@pytest.fixture
def one_run(base_url: str) -> Iterator[Callable[[], object]]:
    """A typed run over a connection that is already there."""
    with Aixplain(api_key="k" * 20, backend_url=base_url, model_url=f"{base_url}/api/v2/execute") as aix:
        gpt = aix.models.openai.gpt_5_4
        for _ in range(3):
            assert gpt.run(text="Hello", temperature=0.2).data == "Hello to you, too."
        yield lambda: gpt.run(text="Hello", temperature=0.2)


def test_a_run_is_one_packet_out_and_one_read_back(one_run: Callable[[], object]) -> None:
    calls = Calls(one_run).of_sockets
    assert calls["sendall"] + calls["send"] == 1
    assert calls["recv_into"] + calls["recv"] == 1
    assert calls["connect"] == 0


def test_a_run_calls_less_than_urllib3_alone(one_run: Callable[[], object], base_url: str) -> None:
    with urllib3.PoolManager() as pool:

        def bare() -> None:
            body = json.dumps({"text": "Hello", "temperature": 0.2}).encode()
            reply = pool.request("POST", f"{base_url}/m", body=body, headers={"x-api-key": "k"})
            json.loads(reply.data)

        bare()
        bare()
        assert Calls(one_run).total <= 0.85 * Calls(bare).total


def test_runs_leave_nothing_behind(one_run: Callable[[], object]) -> None:
    def blocks_after(runs: int) -> int:
        for _ in range(runs):
            one_run()
        return sys.getallocatedblocks()

    before = blocks_after(50)
    assert blocks_after(200) - before < 200  # less than one a run


# --- streams

EVENT = b'data: {"choices": [{"index": 0, "delta": {"content": " word"}, "finish_reason": null}], "usage": null}\n\n'


def read_stream(block: bytes, size: int = 65536) -> int:
    """Decodes a stream that arrives in pieces of that size, and drops each chunk; how many there were."""
    decoder, reader, chunks = Decoder(), ChunkReader(), deque[StreamChunk]()
    seen = 0
    for at in range(0, len(block), size):
        for event in decoder.feed(block[at : at + size]):
            reader.read(event, chunks)
        seen += len(chunks)
        chunks.clear()
    return seen


def test_calls_per_event_are_few_and_do_not_grow() -> None:
    few, many = (Calls(partial(read_stream, EVENT * count)).total for count in (2_000, 20_000))
    assert (many - few) / 18_000 <= 32


CHUNK = b"%x\r\n%s\r\n" % (len(EVENT), EVENT)
TURN = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


async def read_one_by_one(events: int, read: Callable[[str], AsyncIterator[object]]) -> None:
    """Reads a stream from a server that sends the next event only when somebody waits for it."""
    asked = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().partition(b"content-length:")[2].split()[0]))
        writer.write(TURN.encode())
        for _ in range(events):
            await asked.wait()
            asked.clear()
            writer.write(CHUNK)
        writer.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(b"data: [DONE]\n\n"), b"data: [DONE]\n\n"))
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1") as server:
        asked.set()
        seen = 0
        async for _ in read(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"):
            seen += 1
            asked.set()
        assert seen == events


async def read_with_ours(base: str) -> AsyncIterator[object]:
    aix = AsyncAixplain(api_key="k" * 20, backend_url=base, model_url=f"{base}/api/v2/execute")
    async with aix, aix.models.openai.gpt_5_4.run_stream(text="Hello") as stream:
        async for chunk in stream:
            yield chunk


async def read_with_aiohttp(base: str) -> AsyncIterator[object]:
    async with aiohttp.ClientSession() as session, session.post(base, json={"text": "Hello"}) as reply:
        async for block in reply.content.iter_any():
            for frame in block.split(b"\n\n")[:-1]:
                if frame != b"data: [DONE]":
                    yield json.loads(frame[6:])["choices"][0]["delta"]["content"]


def test_an_event_that_is_awaited_calls_little_more_than_with_aiohttp_alone() -> None:
    def calls_per_event(read: Callable[[str], AsyncIterator[object]]) -> float:
        _, few, many = (
            Calls(lambda: asyncio.run(read_one_by_one(count, read))).total  # noqa: B023  # called at once
            for count in (1, 50, 250)
        )
        return (many - few) / 200

    assert calls_per_event(read_with_ours) <= 1.25 * calls_per_event(read_with_aiohttp)


PARAMETER = {
    "name": "text", "required": True, "isFixed": False, "multipleValues": False, "dataType": "text", "dataSubType": "text",
    "values": [], "defaultValues": [{"value": "a", "label": "A"}], "availableOptions": [], "description": "The text.",
}  # fmt: skip


def calls_per_parameter(decode_model: Callable[[dict[str, Any]], object]) -> float:
    documents = [{"id": "x", "name": "X", "params": [PARAMETER] * count} for count in (1, 1, 101)]  # the first warms up
    _, one, many = (Calls(partial(decode_model, document)).total for document in documents)
    return (many - one) / 100


PLAIN_ANSWER = json.dumps(
    {
        "status": "SUCCESS",
        "data": "Hello",
        "details": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}],
        "runTime": 0.4,
        "usedCredits": 3.7e-05,
        "usage": {"prompt_tokens": 12, "completion_tokens": 21, "total_tokens": 33},
    }
).encode()


@pytest.mark.parametrize(("answer", "most"), [(ANSWER, 38), (PLAIN_ANSWER, 61)], ids=["with an id", "with choices"])
def test_an_answer_is_decoded_in_few_calls(answer: bytes, most: int) -> None:
    reply = Reply(200, Fields([("Content-Type", "application/json")]), answer)
    calls = [Calls(lambda: read_answer(reply, model="x")).total for _ in range(2)]
    assert calls[1] <= most, calls


def test_each_parameter_of_a_model_is_decoded_in_few_calls() -> None:
    client = Aixplain(api_key="k")
    assert calls_per_parameter(lambda document: from_document(document, client)) == 0  # until they are asked for
    assert calls_per_parameter(lambda document: from_document(document, client).params) <= 10
    # Its option is an object of its own here, and has a text that may be a number.
    assert calls_per_parameter(lambda document: decode(document, api.Model, strict=False)) <= 35


def peak_of(function: Callable[[], object]) -> int:
    """Most bytes that a function holds at a time beyond what was there before."""
    function()
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_long_stream_holds_a_fraction_of_itself() -> None:
    short, long = (peak_of(partial(read_stream, EVENT * count)) for count in (2_000, 10_000))
    stream = 8_000 * len(EVENT)  # the bytes themselves, which this test holds
    assert long - short - stream < 0.8 * stream


def test_a_large_event_is_copied_a_few_times_whatever_the_pieces() -> None:
    text = b"x" * 4_000_000
    event = b'data: {"data": "' + text + b'"}\n\n'
    peaks = [peak_of(partial(read_stream, event, size)) for size in (1_000, 65_536, len(event))]
    assert max(peaks) <= 4 * len(text)


def test_a_large_event_takes_calls_in_proportion_to_its_pieces() -> None:
    def calls(size: int) -> int:
        event = b'data: {"data": "' + b"x" * size + b'"}\n\n'
        return Calls(lambda: read_stream(event, 10_000)).total

    assert calls(4_000_000) <= 4.2 * calls(1_000_000)
