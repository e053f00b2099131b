"""Bodies too large to hold: protocols, which files that are uploaded fulfil."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, runtime_checkable


class Body(Protocol):
    """A body too large to hold; it can be read from its start any number of times."""

    @property
    def size(self) -> int:
        """Length in bytes."""
        ...

    def blocks(self) -> Iterator[bytes]:
        """The bytes, from the start."""
        ...


@runtime_checkable
class ToldBody(Body, Protocol):
    """A body whose sending somebody is told of."""

    @property
    def progress(self) -> Callable[[int, int], object] | None:
        """Called with the bytes sent and the bytes in all."""
        ...

    def pieces(self) -> Iterator[bytes]:
        """The bytes as `blocks` gives them, for a driver that tells of the progress itself."""
        ...

    def broken_off(self, error: Exception) -> Exception:
        """What is raised for an error of whoever is told."""
        ...
