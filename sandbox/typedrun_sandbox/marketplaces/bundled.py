"""The client of the package that ships with typedrun: its type for checkers, its class when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from typedrun_codegen.marketplaces import DEFAULT

if TYPE_CHECKING:
    from aixplain_models import Aixplain as BundledClient
    from aixplain_models import AsyncAixplain as AsyncBundledClient

__all__ = ["AsyncBundledClient", "BundledClient", "async_bundled_client", "bundled_client"]


def bundled_client() -> type[BundledClient]:
    """The class.

    Raises:
        ModuleNotFoundError: the package is not installed.
    """
    found: type[BundledClient] = getattr(import_module(DEFAULT.package), DEFAULT.client)
    return found


def async_bundled_client() -> type[AsyncBundledClient]:
    """The class of its asyncio half. Raises as `bundled_client` does."""
    found: type[AsyncBundledClient] = getattr(import_module(DEFAULT.package), f"Async{DEFAULT.client}")
    return found
