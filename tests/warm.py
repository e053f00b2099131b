"""Processes that try generated modules (package/proof.py), forked from a warm one: one that is begun anew imports the runtime first, which
costs more than most trials. What is tried, and how, is the same; tests whose subject is the process itself begin it anew.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Iterator
from subprocess import DEVNULL, Popen
from typing import IO, Self

import pytest

from typedrun_codegen.package import proof

IS_HERE = sys.platform == "linux"
begin_anew = proof._begin


class Forked:
    """What `proof.py` uses of a `Popen`."""

    def __init__(self, given: int, told: int, ended: int) -> None:
        self.stdin = os.fdopen(given, "wb")
        self.stdout = os.fdopen(told, "rb")
        self._ended = ended
        self._code: int | None = None

    def wait(self) -> int:
        if self._code is None:
            self._code = int(os.read(self._ended, 1) or b"-9")  # one that is ended says nothing
            os.close(self._ended)
        return self._code

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.stdout.close()
        self.stdin.close()
        self.wait()


class Warm:
    """The process that forks; it ends when this one does, or closes it."""

    def __init__(self) -> None:
        self._door, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-P", "-m", "tests.forks", str(theirs.fileno())]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self._process = Popen(command, env=environment, pass_fds=[theirs.fileno()], stdin=DEVNULL)
        theirs.close()

    def begin(self, errors: IO[bytes]) -> Forked:
        """As `proof.py` begins a process."""
        (given, asks), (answers, told), (ended, ends) = os.pipe(), os.pipe(), os.pipe()
        said = json.dumps([list(filter(None, sys.path)), dict(os.environ)]).encode()
        socket.send_fds(self._door, [said], [given, told, errors.fileno(), ends])
        for theirs in (given, told, ends):
            os.close(theirs)
        return Forked(asks, answers, ended)

    def close(self) -> None:
        self._door.close()
        self._process.wait()


@pytest.fixture(scope="session", autouse=True)
def warm_proofs() -> Iterator[None]:
    """On Linux, whatever is generated within this process is tried in a fork of a warm one, which begins with the first trial."""
    made: list[Warm] = []

    def begin(errors: IO[bytes]) -> Forked:
        if not made:
            made.append(Warm())
        return made[0].begin(errors)

    with pytest.MonkeyPatch.context() as patch:
        if IS_HERE:
            patch.setattr(proof, "_begin", begin)
        yield
    for warm in made:
        warm.close()


@pytest.fixture
def proofs_begun_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests whose subject is the process."""
    monkeypatch.setattr(proof, "_begin", begin_anew)
