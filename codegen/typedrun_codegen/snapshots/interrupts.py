"""Ctrl-C and SIGTERM: an exception where work may end early, held back where it must not."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Terminated(KeyboardInterrupt):
    """SIGTERM arrived: the work ends as it does with Ctrl-C."""


class Interrupted(KeyboardInterrupt):
    """A command was stopped; its text says what it leaves."""


@contextmanager
def terminable() -> Generator[None]:
    """Within, SIGTERM raises `Terminated` instead of ending the process on the spot."""

    def stop(*_: object) -> None:
        raise Terminated

    if threading.current_thread() is not threading.main_thread():  # which alone may say what a signal does
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def held_back() -> Generator[None]:
    """Within, nothing interrupts; a signal that arrives is delivered at the end."""
    if threading.current_thread() is not threading.main_thread():  # which alone is interrupted
        yield
        return
    arrived: list[int] = []
    before: dict[int, Any] = {}  # what signal.signal takes and gives
    try:
        for number in SIGNALS:
            before[number] = signal.signal(number, lambda which, _: arrived.append(which))
        yield
    finally:
        for held, handler in before.items():
            signal.signal(held, handler)
    if arrived:
        signal.raise_signal(arrived[0])
