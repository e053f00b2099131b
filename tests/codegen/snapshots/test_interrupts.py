"""Signals held back, and SIGTERM as an exception."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from typedrun_codegen.snapshots.interrupts import SIGNALS, Terminated, held_back, terminable


def test_a_signal_is_held_back_until_the_end_and_then_delivered() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    done: list[str] = []

    def work() -> None:
        with held_back():
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.01)
            done.append("whole")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["whole"]
    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_sigterm_is_an_exception_within_and_its_old_self_after() -> None:
    before = signal.getsignal(signal.SIGTERM)

    def work() -> None:
        with terminable():
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(1)

    with pytest.raises(Terminated):
        work()
    assert signal.getsignal(signal.SIGTERM) is before


def test_another_thread_leaves_signals_alone() -> None:
    before = signal.getsignal(signal.SIGTERM)
    seen: list[object] = []

    def work() -> None:
        with terminable(), held_back():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]
