"""Work on many things in several processes, and on few in this one. The results are the same, in the same order.

The processes are forks: what they work on is already in their memory and only results travel. Where that cannot be done (other
systems than Linux, a process with threads, no shared memory) everything happens here.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

T = TypeVar("T")
R = TypeVar("R")

MANY = 1_000
"""Things of a few tenths of a millisecond each that are worth starting processes for."""

MAX_HELPERS = 7

SLICE = 100
"""Things that a helper is given at a time."""


_work: Callable[[int], object] | None = None
"""Of a helper: what it does with the slice that begins at a number."""


@contextmanager
def spread(work: Callable[[T], R], items: Sequence[T], *, is_worth: bool) -> Generator[Iterator[R]]:
    """Results of `work` for each item, in order; the work goes on while the body of the `with` does something else.

    Exceptions of `work` are raised where their result would come. What has not begun when the body ends is not done.

    Args:
        work: what is done; its results are pickled.
        items: what it is done with.
        is_worth: whether other processes may help.
    """

    def work_on(start: int) -> list[R]:
        return [work(item) for item in items[start : start + SLICE]]

    starts = range(0, len(items), SLICE)
    helpers = _start(work_on, starts) if is_worth else None
    if helpers is None:
        yield map(work, items)
        return
    pool, futures = helpers
    from concurrent.futures.process import BrokenProcessPool

    def slice_at(start: int) -> list[R]:
        future = futures.pop(start)
        try:
            return work_on(start) if future.cancel() else future.result()
        except BrokenProcessPool:  # a helper was killed, for want of memory most likely
            return work_on(start)

    try:  # they begin at the end and this process at the front: whoever is faster does more, nobody waits for a turn
        yield chain.from_iterable(map(slice_at, starts))
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def without_collector() -> Generator[None]:
    """The cyclic collector would walk the whole catalog again and again: a third of the time at 10,000 models."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


def _start(
    work: Callable[[int], list[R]], starts: Sequence[int]
) -> tuple[ProcessPoolExecutor, dict[int, Future[list[R]]]] | None:
    """Helpers that have begun with the last slice, and what they will have done; None where there can be none."""
    count = min(processors() - 1, len(starts), MAX_HELPERS)
    if count < 1 or threading.active_count() > 1:  # a fork copies one thread only: others may hold locks
        return None
    # Imported here: small packages need no processes.
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import active_children, get_context

    running = frozenset(active_children())
    try:
        pool = ProcessPoolExecutor(count, mp_context=get_context("fork"), initializer=_begin, initargs=(work,))
        # What comes back is what `work` gave, by way of another process.
        return pool, {start: cast("Future[list[R]]", pool.submit(_do, start)) for start in reversed(starts)}
    except (OSError, ImportError, NotImplementedError, BrokenProcessPool):  # a sandbox, a service without semaphores
        for child in frozenset(active_children()) - running:
            child.terminate()
        return None


def _begin(work: Callable[[int], object]) -> None:
    global _work
    _work = work
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the parent, which ends its helpers
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # what the parent does with it, a helper must not


def _do(start: int) -> object:
    if _work is None:
        raise RuntimeError("this is no helper")
    return _work(start)
