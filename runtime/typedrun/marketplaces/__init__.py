"""What each marketplace says in its own words, a folder each; `protocol.py` is what the rest of the runtime asks of one.

The front door: who wants a marketplace asks for it here by its name.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import ModuleType

    from typedrun.marketplaces.protocol import Marketplace, Webhooks

FIRST: Final = "aixplain"
"""The marketplace of what names none: packages and tokens of 0.1, which knew no other."""


def find_marketplace(name: str) -> Marketplace:
    """Find a marketplace by its name, which is that of its folder here.

    Raises:
        ConfigurationError: There is none of that name.
    """
    found = _module(f"{__name__}.{name}")
    if found is None:
        from typedrun.errors import ConfigurationError

        raise ConfigurationError(
            f"This version of typedrun knows no marketplace {name!r}. Next: update typedrun, or correct the client's `marketplace`"
        )
    marketplace: Marketplace = found.MARKETPLACE
    return marketplace


def find_webhooks(name: str) -> Webhooks | None:
    """Find what verifies the webhooks of a marketplace: `verified` in its module `webhooks`; None where it has none."""
    return getattr(_module(f"{__name__}.{name}.webhooks"), "verified", None)


def _module(name: str) -> ModuleType | None:
    """A module of a marketplace's folder; None where it has none of that name."""
    try:
        return import_module(name)
    except ModuleNotFoundError as missing:
        if missing.name != name:  # one that it needs is missing
            raise
        return None
