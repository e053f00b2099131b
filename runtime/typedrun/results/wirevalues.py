"""JSON as answers have it, and objects whose newer members can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"
"""Any JSON value."""


class KeepsUnknown:
    """Reads fields that have no attribute of their own from `raw`."""

    __slots__ = ()

    if not TYPE_CHECKING:  # checkers must keep flagging misspelt attributes

        def __getattr__(self, name: str) -> object:
            # "raw" itself is missing only on a half-built object (unpickling); asking for it again would never end.
            raw = None if name.startswith("_") or name == "raw" else self.raw
            if raw and name in raw:
                return raw[name]
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)
