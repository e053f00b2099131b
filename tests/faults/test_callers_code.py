"""Code of the caller's that runs in the midst of a call: signal handlers, logging handlers, other threads, forked children."""

import gc
import json
import logging
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from tests.faults.conftest import FaultServer
from tests.narrowing import nothing
from typedrun import errors
from typedrun.core.request import Kind, Request
from typedrun.job import Job
from typedrun.marketplaces.orders import Order
from typedrun.sending.driver import Driver
from typedrun.settings import Timeout
from typedrun.streaming import ModelResponseStreamer
from typedrun.transfers.media import upload

needs_alarms = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this platform has no interval timers")
in_a_thread = pytest.mark.parametrize("driver_class", ["blocking"], indirect=True)  # it is about the calling thread
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
EVENTS = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
TOKEN = b'data: {"data":"tok"}\n\n'
DONE = b"data: [DONE]\n\n"
END = b"0\r\n\r\n"


def chunk(event: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(event), event)


def echo(connection: Any) -> None:
    """Answers with the request's own body."""
    body = connection.read().body
    connection.send(HEAD % len(body) + body)


def silent(connection: Any) -> None:
    connection.read()
    connection.wait(30)


def rings(connection: Any) -> None:
    """Raises the alarm in the main thread once the request is there, whose sender waits by then."""
    connection.read()
    connection.wait(0.05)
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGALRM)
    connection.wait(30)


def lost(connection: Any) -> None:
    connection.read()
    connection.close()


def run(driver: Driver, body: bytes = b'{"text":"hi"}', **controls: Any) -> bytes:
    request = Request("POST", f"{driver.settings.run_url}/x", body=body, kind=Kind.UNSAFE, model="x")
    return driver.send(request, **controls).body


def stream(driver: Driver) -> ModelResponseStreamer:
    request = Request(
        "POST", f"{driver.settings.run_url}/x", body=b"{}", kind=Kind.UNSAFE, accept="text/event-stream", model="x"
    )
    return ModelResponseStreamer(driver.open_stream(request))


@contextmanager
def alarm(handler: Callable[[], object], after: float = 0.0) -> Generator[None]:
    """Calls a handler in the main thread, in the midst of whatever it is doing then; after no time, when somebody raises it."""

    def told(_number: int, _frame: object) -> None:
        handler()

    before = signal.signal(signal.SIGALRM, told)
    signal.setitimer(signal.ITIMER_REAL, after)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# --- calls within calls


class Calling(logging.Handler):
    """Makes a call of its own for each record of the outer one."""

    def __init__(self, call: Callable[[], object]) -> None:
        super().__init__()
        self._call = call
        self._is_busy = False
        self.calls = 0

    def emit(self, record: logging.LogRecord) -> None:
        if not self._is_busy:
            self._is_busy = True
            self.calls += 1
            with suppress(errors.TypedrunError):
                self._call()
            self._is_busy = False


@in_a_thread
def test_a_call_of_a_logging_handler_does_not_get_a_run_sent_again(
    server: FaultServer, driver: Driver, settings: Any
) -> None:
    server.play(lost)
    nobody = Driver(evolve(settings, backend_url="http://127.0.0.1:9"))
    handler = Calling(lambda: nobody.send(Request("GET", "http://127.0.0.1:9/log"), retries=0))
    logger = logging.getLogger("urllib3")
    logger.addHandler(handler)
    before = logger.level
    logger.setLevel(logging.DEBUG)
    try:
        with pytest.raises(errors.OutcomeUnknown):
            run(driver)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
    assert handler.calls
    assert len(server.received) == 1


@needs_alarms
def test_a_call_of_a_signal_handler_does_not_get_a_run_sent_again(server: FaultServer, settings: Any) -> None:
    def slow_reader(connection: Any) -> None:
        time.sleep(0.3)  # the run is still being sent when the alarm goes off
        lost(connection)

    server.play(slow_reader)
    patient = Driver(evolve(settings, timeout=Timeout(idle=20)))
    nobody = Driver(evolve(settings, backend_url="http://127.0.0.1:9"))
    called = list[int]()

    def call() -> None:
        called.append(1)
        with suppress(errors.TransportError):
            nobody.send(Request("GET", "http://127.0.0.1:9/x"), retries=0)

    with alarm(call, 0.1), pytest.raises(errors.OutcomeUnknown):
        run(patient, b"x" * 8_000_000)
    assert called
    assert len(server.received) == 1


@in_a_thread
@needs_alarms
def test_a_call_of_a_signal_handler_neither_shortens_nor_lengthens_the_outer_one(
    server: FaultServer, driver: Driver
) -> None:
    def late(connection: Any) -> None:
        connection.read()
        connection.wait(0.6)
        connection.send(HEAD % 2 + b"{}")

    def inner() -> None:
        with suppress(errors.TimeoutError):
            driver.send(Request("GET", f"{server.url}/x"), deadline=driver.deadline(0.05), retries=0)

    server.play(late)
    with alarm(inner, 0.1):
        assert run(driver, deadline=driver.deadline(5)) == b"{}"


# --- what the caller's code raises


class Late(TimeoutError):
    """As a soft time limit raises it."""


def raises(error: BaseException) -> Callable[[], object]:
    def handler() -> None:
        raise error

    return handler


def fails_on_a_file() -> None:
    open("/nowhere/at/all")  # noqa: SIM115, PTH123  # an OSError with a number, as sockets raise them


ERRORS: dict[str, tuple[Callable[[], object], type[BaseException]]] = {
    "built-in timeout": (raises(TimeoutError("soft limit")), TimeoutError),
    "bare timeout": (raises(TimeoutError()), TimeoutError),
    "own timeout": (raises(Late("soft limit")), Late),
    "reset": (raises(ConnectionResetError(104, "mine")), ConnectionResetError),
    "a file": (fails_on_a_file, FileNotFoundError),
    "own error": (raises(LookupError("mine")), LookupError),
    "an error of parsers": (raises(ValueError("mine")), ValueError),
}


def is_the_callers(error: BaseException) -> bool:
    return not isinstance(error, errors.TypedrunError)


@needs_alarms
@pytest.mark.parametrize(("handler", "kind"), ERRORS.values(), ids=ERRORS)
def test_what_a_signal_handler_raises_passes_through_a_read(
    server: FaultServer, driver: Driver, handler: Callable[[], object], kind: type[BaseException]
) -> None:
    server.play(rings)
    with alarm(handler), pytest.raises(kind) as caught:
        driver.send(Request("GET", f"{server.url}/x"))
    assert is_the_callers(caught.value)
    assert len(server.received) == 1


@needs_alarms
@pytest.mark.parametrize(("handler", "kind"), ERRORS.values(), ids=ERRORS)
def test_what_a_signal_handler_raises_does_not_get_a_run_sent_again(
    server: FaultServer, driver: Driver, handler: Callable[[], object], kind: type[BaseException]
) -> None:
    server.play(rings)
    with alarm(handler), pytest.raises(kind) as caught:
        run(driver, run_retries=3, run_retry_wait=0.0)
    assert is_the_callers(caught.value)
    assert len(server.received) == 1


@in_a_thread
@needs_alarms
@pytest.mark.parametrize(("handler", "kind"), ERRORS.values(), ids=ERRORS)
def test_what_a_signal_handler_raises_passes_through_the_opening_of_a_file(
    tmp_path: Path, driver: Driver, handler: Callable[[], object], kind: type[BaseException]
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)  # opening it waits for somebody who writes
    with alarm(handler, 0.15), pytest.raises(kind) as caught:
        driver.drive(upload(driver, pipe))
    assert is_the_callers(caught.value)


@needs_alarms
@pytest.mark.parametrize(("handler", "kind"), ERRORS.values(), ids=ERRORS)
def test_what_a_signal_handler_raises_ends_the_waiting_for_a_job(
    server: FaultServer, driver: Driver, handler: Callable[[], object], kind: type[BaseException]
) -> None:
    def started(connection: Any) -> None:
        connection.read()
        body = json.dumps({"status": "IN_PROGRESS", "data": f"{server.url}/api/v1/data/j"}).encode()
        connection.send(HEAD % len(body) + body)

    server.play(started, silent)
    reply = driver.send(Request("GET", f"{server.url}/x"))
    job = Job[Any](driver, driver.wire.started(Order(model="x", body={}, label="x", waits=False), reply), label="x")
    with alarm(handler, 0.15), pytest.raises(kind) as caught:
        job.wait(timeout=5)
    assert is_the_callers(caught.value)


@needs_alarms
@pytest.mark.parametrize(("handler", "kind"), ERRORS.values(), ids=ERRORS)
def test_what_a_signal_handler_raises_passes_through_a_stream(
    server: FaultServer, driver: Driver, handler: Callable[[], object], kind: type[BaseException]
) -> None:
    def begun(connection: Any) -> None:
        connection.read()
        connection.send(EVENTS + chunk(TOKEN))
        connection.wait(30)

    server.play(begun)
    events = stream(driver)
    assert next(events).data == "tok"
    with alarm(handler, 0.15), pytest.raises(kind) as caught:
        next(events)
    assert is_the_callers(caught.value)
    with pytest.raises(errors.StreamInterrupted):  # it is over, and says so
        next(events)


@needs_alarms
@pytest.mark.parametrize(("handler", "kind"), ERRORS.values(), ids=ERRORS)
def test_what_a_signal_handler_raises_passes_through_a_connect(
    settings: Any, black_hole: str, handler: Callable[[], object], kind: type[BaseException]
) -> None:
    with alarm(handler, 0.15), pytest.raises(kind) as caught:
        Driver(evolve(settings, backend_url=black_hole)).send(Request("GET", f"{black_hole}/x"))
    assert is_the_callers(caught.value)


@needs_alarms
@pytest.mark.filterwarnings(
    "ignore::ResourceWarning"
)  # an alarm between the opening of a socket and the line that keeps it
@in_a_thread
def test_alarms_at_any_moment_are_never_taken_for_the_networks(
    server: FaultServer, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "unraisablehook", nothing)  # an alarm in a destructor, or in pytest's own hook
    server.play(echo)
    dice = random.Random(4)
    until = time.monotonic() + 2.5
    late = fine = 0
    while time.monotonic() < until:
        body = json.dumps({"n": late + fine}).encode()
        try:
            with alarm(raises(Late("soft limit")), 0.0001 + dice.random() * 0.002):
                assert run(driver, body) == body
            fine += 1
        except Late:  # and nothing else
            late += 1
    gc.collect()
    assert late
    assert fine
    assert [seen.body for seen in server.received] == list(dict.fromkeys(seen.body for seen in server.received))


# --- other threads


def close_after(events: ModelResponseStreamer, seconds: float) -> None:
    time.sleep(seconds)
    events.close()


def test_streams_closed_by_other_threads_disturb_no_other_call(server: FaultServer, settings: Any) -> None:
    """Each stream is closed by another thread at about the moment when it ends by itself; the calls beside it get their own answers."""

    def answer(connection: Any) -> None:
        seen = connection.read()
        if b"stream" in seen.headers["accept"].encode():
            connection.send(EVENTS + chunk(TOKEN))
            connection.send(chunk(DONE) + END)
        else:
            connection.send(HEAD % len(seen.body) + seen.body)

    server.play(answer)
    driver = Driver(evolve(settings, timeout=Timeout(connect=10, idle=20, total=30)), roll=lambda: 0.05)
    until = time.monotonic() + 4
    counts = {"streams": 0, "runs": 0}

    def streams(seed: int) -> None:
        dice = random.Random(seed)
        with ThreadPoolExecutor(1) as closers:
            while time.monotonic() < until:
                events = stream(driver)
                closing = closers.submit(close_after, events, dice.random() * 0.001)
                with suppress(errors.StreamInterrupted):
                    assert {chunk.data for chunk in events} <= {"tok"}
                closing.result()
                counts["streams"] += 1

    def runs(number: int) -> None:
        while time.monotonic() < until:
            number += 100
            body = json.dumps({"n": number}).encode()
            assert run(driver, body) == body
            counts["runs"] += 1

    with ThreadPoolExecutor(8) as pool:
        work = [pool.submit(streams, seed) for seed in range(5)] + [pool.submit(runs, number) for number in range(3)]
        for done in work:
            done.result()
    assert counts["streams"] > 20
    assert counts["runs"] > 20
    driver.close()


# --- forked children


@in_a_thread
@needs_fork
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")  # the server's threads live in this process
@pytest.mark.parametrize("leave", ["close", "collect", "iterate"])
def test_a_forked_child_that_leaves_a_stream_does_not_cut_its_parents(
    server: FaultServer, driver: Driver, leave: str
) -> None:
    left = threading.Event()

    def paused(connection: Any) -> None:
        connection.read()
        connection.send(EVENTS + chunk(TOKEN))
        left.wait(20)
        connection.send(chunk(TOKEN) + chunk(DONE) + END)

    server.play(paused)
    for _ in range(5):
        left.clear()
        with stream(driver) as events:
            assert next(events).data == "tok"
            child = os.fork()
            if child == 0:
                status = 1
                try:
                    status = leave_stream(events, leave)
                finally:
                    os._exit(status)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
            left.set()
            assert [chunk.data for chunk in events] == ["tok"]
    assert server.connections == 1  # which the parent went on using


def leave_stream(events: ModelResponseStreamer, how: str) -> int:
    if how == "close":
        events.close()
    elif how == "iterate":
        with pytest.raises(errors.StreamInterrupted, match="another process"):
            next(events)
    else:
        events.__del__()
    return 0


@needs_alarms
def test_a_value_error_of_a_signal_handler_comes_out_of_a_chunked_stream(server: FaultServer, driver: Driver) -> None:
    def slow(connection: Any) -> None:
        connection.read()
        connection.send(EVENTS + chunk(TOKEN))
        connection.wait(30)

    server.play(slow)
    mine = ValueError("mine")
    with stream(driver) as tokens, alarm(raises(mine), 0.2), pytest.raises(ValueError, match="mine") as caught:
        list(tokens)
    assert caught.value is mine
