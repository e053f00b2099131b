"""A connected socket under limits of time, and how far its system says a request got."""

import contextlib
import socket
import sys
import time
from collections.abc import Callable, Iterator
from time import monotonic

import pytest

from typedrun.core.request import Failure, Stage
from typedrun.drivers.sockets import Wire, bytes_acknowledged

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="no other system tells what was acknowledged")


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Both ends of a TCP connection."""
    with contextlib.ExitStack() as opened:
        listener = opened.enter_context(socket.create_server(("127.0.0.1", 0)))
        ours = opened.enter_context(socket.create_connection(listener.getsockname()))
        yield ours, opened.enter_context(listener.accept()[0])


def eventually(is_so: Callable[[], bool]) -> bool:
    until = monotonic() + 5
    while not is_so() and monotonic() < until:
        time.sleep(0.001)
    return is_so()


def send(wire: Wire) -> None:
    wire.sendall(b"x")


@pytest.mark.parametrize(("use", "stage"), [(Wire.receive, Stage.NO_REPLY), (send, Stage.NEVER_SENT)])
def test_nothing_is_read_or_sent_when_the_time_is_over_though_it_could_be(
    ends: tuple[socket.socket, socket.socket], use: Callable[[Wire], object], stage: Stage
) -> None:
    ours, theirs = ends
    theirs.sendall(b"more and more")
    assert Wire(ours, idle=5).receive() == b"more and more"
    theirs.sendall(b"more and more")
    with pytest.raises(Failure) as late:
        use(Wire(ours, until=monotonic() - 1))
    assert (late.value.stage, late.value.timed_out) == (stage, True)


@on_linux
def test_bytes_are_acknowledged_one_by_one(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, _ = ends
    before = bytes_acknowledged(ours)
    assert before is not None
    ours.sendall(b"12345")
    assert eventually(lambda: bytes_acknowledged(ours) == before + 5)


@on_linux
def test_a_request_on_a_used_connection_has_reached_the_peer_once_one_byte_is_acknowledged(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    wire = Wire(ends[0])
    wire.begin_request()
    assert wire.was_reached(), "on a new connection nothing can be excluded"
    wire.begin_request()
    assert not wire.was_reached()
    wire.sendall(b"1")
    assert eventually(wire.was_reached)
