"""What each marketplace says in its own words, a folder each; `protocol.py` is what the rest of the runtime asks of one.

The front door: who wants a marketplace asks for it here by its name.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from typedrun.marketplaces.protocol import Marketplace


DEFAULT: Final = "aixplain"


def find_marketplace(name: str = DEFAULT) -> Marketplace:
    """A marketplace by its name, which is that of its folder here."""
    found: Marketplace = import_module(f"{__name__}.{name}").MARKETPLACE
    return found
