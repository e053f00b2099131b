"""A generation that is slow enough in one of its phases that a signal meets every part of it.

Each is a process of its own, forked from one that has generated before: what a command loads when it begins takes ten times longer than the
generation of a few models, and no signal of these tests comes then.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import ParamSpec, TypeVar

import pytest

P = ParamSpec("P")
R = TypeVar("R")
SERVER = get_context("forkserver")
SERVER.set_forkserver_preload(["tests.generated_once"])


class Slowly:
    """`typedrun generate` in the folder `root`, from when it has loaded what it needs."""

    def __init__(self, root: Path, phase: str, pause: float = 0.01) -> None:
        self._said = root / "said.txt"
        hears, tells = SERVER.Pipe(duplex=False)
        self._process = SERVER.Process(target=_generate, args=(root, self._said, phase, pause, tells), daemon=True)
        self._process.start()
        tells.close()
        assert hears.recv() == "ready"  # who asks for its files before takes the processor from it
        hears.close()

    @property
    def goes_on(self) -> bool:
        return self._process.is_alive()

    def send(self, number: signal.Signals) -> None:
        if self.goes_on:
            assert self._process.pid is not None
            os.kill(self._process.pid, number)

    def end(self) -> tuple[int | None, str]:
        """Its exit code, as `subprocess` says it, and its words, when it has ended."""
        self._process.join(60)
        return self._process.exitcode, self._said.read_text(encoding="utf-8")


def _generate(root: Path, said: Path, phase: str, pause: float, ready: Connection) -> None:
    from typedrun_codegen.cli.app import main
    from typedrun_codegen.package import writer
    from typedrun_codegen.snapshots.files import write_file

    os.chdir(root)
    errors = os.open(said, os.O_WRONLY | os.O_CREAT)
    os.dup2(errors, sys.stderr.fileno())
    os.dup2(errors, sys.stdout.fileno())

    def slowly(act: Callable[P, R]) -> Callable[P, R]:
        def run(*arguments: P.args, **named: P.kwargs) -> R:
            time.sleep(pause)
            return act(*arguments, **named)

        return run

    patch = pytest.MonkeyPatch()
    if phase == "drafts":
        patch.setattr(writer, "write_file", slowly(write_file))
    else:
        patch.setattr(os, "replace", slowly(os.replace))
    ready.send("ready")
    main(["generate", "--quiet"])
