"""Many threads, a fork in the middle, thousands of calls: nothing leaks and nothing is mixed up."""

import gc
import json
import multiprocessing
import os
import resource
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from tests.faults.conftest import FaultServer
from typedrun.core.request import Kind, Request
from typedrun.sending.driver import Driver
from typedrun.settings import Timeout

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


def echo(connection: Any) -> None:
    """Answers with the request's own body."""
    body = connection.read().body
    connection.send(HEAD % len(body) + body)


def call(driver: Driver, number: int) -> int:
    body = json.dumps({"n": number}).encode()
    reply = driver.send(Request("POST", f"{driver.settings.run_url}/x", body=body, kind=Kind.UNSAFE))
    answer: int = json.loads(reply.body)["n"]
    return answer


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def patient(settings: Any) -> Iterator[Driver]:
    """A driver for many threads: the server's share this process with them, so a reply may take its time on a busy machine."""
    made = Driver(evolve(settings, timeout=Timeout(connect=30, idle=60, total=None), keep_alive_for_runs=60))
    yield made
    made.close()


def test_32_threads_share_one_driver(server: FaultServer, patient: Driver) -> None:
    server.play(echo)
    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(partial(call, patient), range(1500)))
    assert answers == list(range(1500))
    assert server.connections <= 32


def test_more_threads_than_the_pool_keeps_leave_no_connection_behind(server: FaultServer, patient: Driver) -> None:
    server.play(echo)
    small = Driver(evolve(patient.settings, pool_size=2))
    gate = threading.Barrier(8)

    def meet(number: int) -> int:
        gate.wait(60)
        return call(small, number)

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(meet, range(8))) == list(range(8))
    small.close()
    gc.collect()
    while server.open_connections:
        small.sleep(0.01)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")  # the server's threads live in this process
def test_a_forked_child_does_not_use_its_parents_connections(server: FaultServer, patient: Driver) -> None:
    driver = patient
    server.play(echo)
    call(driver, 0)
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()

    def child(number: int) -> None:
        answers.put([call(driver, number), call(driver, number)])

    children = [context.Process(target=child, args=(number,)) for number in (1, 2)]
    for process in children:
        process.start()
    assert call(driver, 3) == 3
    for process in children:
        process.join(60)
        assert process.exitcode == 0
    assert sorted([answers.get(), answers.get()]) == [[1, 1], [2, 2]]
    used = {seen.body: seen.connection for seen in server.received}
    assert used[b'{"n": 0}'] == used[b'{"n": 3}']  # the parent's connection is as good as before
    assert len(set(used.values())) == 3


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files through /proc")
def test_thousands_of_calls_do_not_grow(server: FaultServer, patient: Driver) -> None:
    server.play(echo)

    def many(count: int) -> None:
        for number in range(count):
            call(patient, number)
        server.received.clear()
        gc.collect()

    many(1000)  # caches fill, pools open
    files, threads, objects = open_files(), threading.active_count(), len(gc.get_objects())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    many(4000)
    assert open_files() <= files
    assert threading.active_count() <= threads
    assert len(gc.get_objects()) - objects < 400
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 16 * 1024  # KiB; the server's notes included
    assert server.connections == 1


def test_failing_calls_do_not_grow_either(server: FaultServer, patient: Driver) -> None:
    def cut(connection: Any) -> None:
        connection.read()
        connection.send(HEAD % 100 + b"{")
        connection.close()

    server.play(cut)

    def many(count: int) -> None:
        for number in range(count):
            with pytest.raises(Exception, match="cut short"):
                call(patient, number)
        server.received.clear()
        server.threads.clear()
        gc.collect()

    many(50)
    objects = len(gc.get_objects())
    many(500)
    assert len(gc.get_objects()) - objects < 500
