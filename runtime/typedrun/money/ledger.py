"""The ledger: a file with one line of JSON for each call that was billed, or may have been.

Each line is written by one `write` to a file opened for appending, so that threads and processes (forked ones, too) share a ledger
without a lock. Nothing is kept open between two lines.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from typedrun.jsontypes import JSON, is_object
from typedrun.records import field, frozen

FLAGS: Final = os.O_APPEND | os.O_CREAT | os.O_RDWR | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
"""Read, too: a line that a full disk cut short is ended before the next one begins."""


@frozen()
class Entry:
    """One line."""

    time: str
    """When the call ended: `2026-11-27T08:40:36.123456Z`."""
    model: str
    """Id or path of the model."""
    cost: float | None
    """Credits (1 credit is 1 US dollar); None when neither the answer nor the catalog tells."""
    basis: str
    """Where the cost comes from: a word of `typedrun.prices.Basis`. `possible` is an estimate of what may have been spent."""
    units: float | None = None
    """How many units were counted."""
    unit: str | None = None
    """What was counted: `token`, `request` …"""
    kind: str = "run"
    """`run`, `job` or `stream`."""
    request_id: str | None = None
    """The backend's name for the exchange."""
    job: str | None = None
    """The backend's name for the job that the run became. Processes that wait for one job each write a line; it counts once."""
    tags: Mapping[str, JSON] = field(factory=dict[str, JSON])
    """From `aix.tags(…)`."""

    def to_line(self) -> bytes:
        """The entry as a line of JSON."""
        names = ("time", "model", "cost", "basis", "units", "unit", "kind", "request_id", "job", "tags")
        return json.dumps({name: getattr(self, name) for name in names}, separators=(", ", ": ")).encode() + b"\n"

    @property
    def moment(self) -> datetime:
        """`time` as a value."""
        return datetime.fromisoformat(self.time)


def append(path: str, line: bytes) -> None:
    """Add a line to a ledger.

    Args:
        path: The file; it is made if need be.
        line: Ends in a newline.

    Raises:
        OSError: It could not be written, or not all of it.
    """
    file = os.open(path, FLAGS, 0o666)
    try:
        if _is_cut(file):
            line = b"\n" + line
        written = os.write(file, line)
    finally:
        os.close(file)
    if written < len(line):
        raise OSError(f"only {written} of {len(line)} bytes could be written; the disk may be full")


def check(path: str) -> None:
    """Make sure that lines can be added, as far as one can know before.

    Raises:
        OSError: They cannot.
    """
    os.close(os.open(path, FLAGS, 0o666))


def _is_cut(file: int) -> bool:
    """Whether the file ends within a line. Another process that is just writing can make this wrong, at the cost of a blank line."""
    try:
        size = os.lseek(file, 0, os.SEEK_END)
    except OSError:  # a pipe has no beginning and no end
        return False
    if size == 0:
        return False
    os.lseek(file, size - 1, os.SEEK_SET)
    return os.read(file, 1) not in {b"\n", b""}


def read(path: str | os.PathLike[str]) -> tuple[list[Entry], list[int]]:
    """Read a ledger.

    Args:
        path: The file.

    Returns:
        The entries in the order of the file, a job once; and the numbers of the lines that are none.

    Raises:
        OSError: There is no such file, or it cannot be read.
    """
    entries, broken, jobs = list[Entry](), list[int](), dict[str, dict[str, int]]()
    for number, text in _lines(path):
        entry = _entry(text)
        if entry is None:
            broken.append(number)
            continue
        places = {} if entry.job is None else jobs.setdefault(entry.job, {})
        if entry.model in places or (places and not entry.model):
            continue
        # Whoever picks a job up by its bare address does not know its model: a line that does takes the place of that one's.
        place = places.pop("", len(entries))
        entries[place : place + 1] = [entry]
        places[entry.model] = place
    return entries, broken


def _lines(path: str | os.PathLike[str]) -> Iterator[tuple[int, str]]:
    with open(path, encoding="utf-8", errors="replace", newline="\n") as file:  # noqa: PTH123  # pathlib costs more than this
        for number, text in enumerate(file, 1):
            if text.strip():
                yield number, text


def _entry(text: str) -> Entry | None:
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not is_object(value):
        return None
    known = {name: value[name] for name in _FIELDS if name in value}
    cost, tags = known.get("cost"), known.get("tags")
    try:
        entry = Entry(
            time=_text(known["time"]),
            model=_text(known["model"]),
            cost=None if cost is None else _number(cost),
            basis=_text(known["basis"]),
            units=None if known.get("units") is None else _number(known["units"]),
            unit=_text_or_none(known.get("unit")),
            kind=_text_or_none(known.get("kind")) or "run",
            request_id=_text_or_none(known.get("request_id")),
            job=_text_or_none(known.get("job")),
            tags=dict(tags) if is_object(tags) else {},
        )
        entry.moment  # noqa: B018  # raises
    except (KeyError, TypeError, ValueError):
        return None
    return entry


_FIELDS: Final = ("time", "model", "cost", "basis", "units", "unit", "kind", "request_id", "job", "tags")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST:
        raise TypeError
    return value


_MOST: Final = 1e15
"""Of credits or units; more is a mistake, and sums of it have no end."""
