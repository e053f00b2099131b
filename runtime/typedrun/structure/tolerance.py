"""Values that do not fit, inside of replies that are wanted nevertheless: each is kept as it came, and told of.

A reply is read once more in this way when the quick reading failed. Every value is tried as it should be before anything is kept: the
members of a union are told apart by what fits, not by what can be put up with.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import attrs

from typedrun.structure.nested import later
from typedrun.structure.reasons import reasons_of
from typedrun.structure.scalars import Hook

if TYPE_CHECKING:
    from cattrs import Converter

_kept: Final[ContextVar[list[str] | None]] = ContextVar("typedrun kept values", default=None)


@contextmanager
def keeping() -> Generator[list[str]]:
    """What was kept in the meantime and why, one sentence each."""
    found: list[str] = []
    token = _kept.set(found)
    try:
        yield found
    finally:
        _kept.reset(token)


@attrs.frozen(eq=False)
class Tolerance:
    """Makes hooks that keep what does not fit."""

    quick: Converter
    """Takes only what fits."""

    def inside(self, type_: Any, hook: Hook, place: str) -> Hook:
        """A hook for the values of a place (`Pot.price`)."""
        fits = later(type_, self.quick)

        def structure(value: Any, wanted: Any) -> Any:
            try:
                return fits(value, wanted)
            except Exception:  # noqa: BLE001  # of what holds others, only some need not fit
                return self._kept(hook, value, wanted, place)

        return structure

    def _kept(self, hook: Hook, value: Any, wanted: Any, place: str) -> Any:
        try:
            return hook(value, wanted)
        except (RecursionError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001  # told by `keeping`
            if (found := _kept.get()) is not None:
                found += [f"{one.replace(' @ $', f' @ {place}', 1)}" for one in islice(reasons_of(error), 3)]
            return value
