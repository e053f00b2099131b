"""What each marketplace says in its own words, a folder each; `protocol.py` is what the rest of the runtime asks of one.

The front door: who wants a marketplace asks for it here by its name.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from typedrun.marketplaces.protocol import Marketplace


FIRST: Final = "aixplain"
"""The marketplace of what names none: packages and tokens of 0.1, which knew no other."""


def find_marketplace(name: str) -> Marketplace:
    """Find a marketplace by its name, which is that of its folder here.

    Raises:
        ConfigurationError: There is none of that name.
    """
    module = f"{__name__}.{name}"
    try:
        found: Marketplace = import_module(module).MARKETPLACE
    except ModuleNotFoundError as missing:
        if missing.name != module:
            raise
        from typedrun.errors import ConfigurationError

        raise ConfigurationError(
            f"This version of typedrun knows no marketplace {name!r}. Next: update typedrun, or correct the client's `marketplace`"
        ) from None
    return found
