"""What a person sees of a long run: uploads and waiting, on stderr, and only where the caller asked for it.

A moving line by rich (the extra `progress`) on a terminal and in notebooks; else a plain line now and then.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from types import TracebackType
from typing import Protocol, Self

_BETWEEN_UPLOAD_LINES = 2.0
_BETWEEN_WAIT_LINES = 10.0
"""Seconds between two plain lines that say nothing new."""
_LONGEST_WORD = 40


class Polled(Protocol):
    """A job, as far as a person is told of it."""

    @property
    def status(self) -> str:
        """The backend's word."""
        ...

    @property
    def completed(self) -> bool:
        """Whether it is finished."""
        ...


class Bars(Protocol):
    """Moving lines; see `typedrun.progress.bars`."""

    def start(self) -> None:
        """Begin to move."""
        ...

    def stop(self) -> None:
        """Wipe them."""
        ...

    def show(self, what: str, text: str, *, completed: float | None = None, total: float | None = None) -> None:
        """Say on the line of one matter how far it is."""
        ...


class Progress:
    """Shows one run while it is in use as a context.

    Args:
        title: What the run is of.
        now: Time in seconds.
    """

    def __init__(self, title: str, *, now: Callable[[], float] = time.monotonic) -> None:
        self._title = _plain(title, 80)
        self._now = now
        self._began = now()
        self._bars: Bars | None = None
        self._told: tuple[str, float] = ("", 0.0)

    def __enter__(self) -> Self:
        self._began = self._now()
        if _can_move():
            self._bars = _open_bars()
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()
            self._bars = None

    def uploaded(self, name: str, sent: int, total: int) -> None:
        """Hear how many bytes of a file are sent."""
        what = f"uploading {_plain(name)}"
        if self._bars is not None:
            self._bars.show(what, f"{self._title}: {what}", completed=sent, total=total)
        elif sent == total or self._is_due(what, _BETWEEN_UPLOAD_LINES):
            self._say(what, f"{what}, {_size(sent)} of {_size(total)}")

    def polled(self, job: Polled) -> None:
        """Hear that the backend was asked how far a run is."""
        word = "finished" if job.completed else _plain(job.status)
        if self._bars is not None:
            self._bars.show("waiting", f"{self._title}: {word}", total=1 if job.completed else None)
        elif self._is_due(word, _BETWEEN_WAIT_LINES):
            self._say(word, f"{word} after {self._now() - self._began:.1f} s")

    def _is_due(self, word: str, seconds: float) -> bool:
        last, at = self._told
        return word != last or self._now() - at >= seconds

    def _say(self, word: str, text: str) -> None:
        self._told = word, self._now()
        print(f"{self._title}: {text}", file=sys.stderr, flush=True)


def watched(
    title: str, on_upload: Callable[..., object] | None, on_poll: Callable[..., object] | None
) -> tuple[Callable[..., object], Callable[..., object], Progress]:
    """Callbacks of a run that tell a person, too, and what shows it.

    Args:
        title: What the run is of.
        on_upload: What else hears of uploads.
        on_poll: What else hears of waiting.
    """
    shown = Progress(title)
    return both(on_upload, shown.uploaded), both(on_poll, shown.polled), shown


def both(one: Callable[..., object] | None, other: Callable[..., object]) -> Callable[..., object]:
    """A callback that calls two; the caller's own comes last, so that what it raises finds the other told."""
    if one is None:
        return other

    def call(*told: object) -> None:
        other(*told)
        one(*told)

    return call


def _can_move() -> bool:
    """Whether a line can be written over: on a terminal or in a notebook, with rich installed."""
    return (sys.stderr.isatty() or "ipykernel" in sys.modules) and find_spec("rich") is not None


def _open_bars() -> Bars:
    # By name: mypy follows imports inside functions too, and would read rich and what it imports for every user's script.
    open_bars: Callable[[], Bars] = import_module("typedrun.progress.bars").open_bars
    return open_bars()


def _plain(text: str, most: int = _LONGEST_WORD) -> str:
    """A backend's word as a terminal may be given it."""
    return "".join(letter if letter.isprintable() else "�" for letter in text)[:most]


def _size(count: float) -> str:
    for unit in ("bytes", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} GiB"
