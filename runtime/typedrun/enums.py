"""Every enumeration under one name: the runtime's own, and the backend's, which are imported on first use (PEP 562)."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from typedrun.openenums import AssetStatus as AssetStatus
from typedrun.openenums import Function as Function
from typedrun.openenums import OpenStrEnum as OpenStrEnum
from typedrun.openenums import ResponseStatus as ResponseStatus
from typedrun.openenums import find_member as find_member

if TYPE_CHECKING:
    from typedrun.marketplaces.words import *  # noqa: F403  # those of the default marketplace


def __getattr__(name: str) -> object:
    if name.startswith("_") or not hasattr(_words(), name):  # `from … import` asks every module for its `__path__`
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    value = getattr(_words(), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *vars(_words())})


def _words() -> ModuleType:
    import typedrun.marketplaces.words as words

    return words
