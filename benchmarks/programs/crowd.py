"""What the programs about many tasks at once have in common: argv = base URL, what to measure, how many."""

import asyncio
import ctypes
import gc
import os
import resource
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

MESSAGES = [{"role": "user", "content": "Hello"}]
FIRST_WAIT, GROWTH = 0.2, 1.1
"""Seconds before the second question about a job, and how they grow: ours, for everybody."""


def arguments() -> tuple[str, str, int]:
    """Base URL, what to measure, how many."""
    return sys.argv[1], sys.argv[2], int(sys.argv[3])


def held() -> float:
    """KiB that this process holds now."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # what was given back counts as free; see bench_crowd.py
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024


def raise_limit() -> None:
    """Allow as many open files as the system does."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def cost_of_jobs(job: Callable[[], Awaitable[object]], number: int) -> float:
    """CPU milliseconds of a job, of so many at once; the second of two crowds, whose connections are there."""
    spent = 0.0
    for _ in range(2):
        began = time.process_time()
        await asyncio.gather(*(job() for _ in range(number)))
        spent = (time.process_time() - began) / number * 1000
    return spent


class Streams:
    """What so many streams tell when their events come."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.delays: list[float] = []
        self.events = 0
        self.before = 0.0
        self.with_all = 0.0
        self.began = 0.0

    def begin(self) -> None:
        """Begin, after a first stream alone."""
        self.before = held()
        self.began = time.process_time()

    def first(self, text: str) -> None:
        """Take the first event's text: the moment when it was sent. Memory is measured when all have come."""
        self.delays.append((time.monotonic() - float(text)) * 1000)
        if len(self.delays) == self.number:
            self.with_all = held()

    def tell(self, what: str) -> float:
        """What is asked for."""
        if what == "streams":
            return (time.process_time() - self.began) / self.events * 1e6
        if what == "held":
            return (self.with_all - self.before) / self.number
        return statistics.median(self.delays)
