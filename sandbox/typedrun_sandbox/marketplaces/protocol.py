"""What a folder has to offer: `wire.py` with a function `open_catalog`, which gives what is described here."""

from __future__ import annotations

from typing import Protocol

from starlette.routing import BaseRoute

from typedrun_codegen.ir.snapshot import Snapshot
from typedrun_sandbox.engine.backend import Backend
from typedrun_sandbox.engine.protocol import Wire
from typedrun_sandbox.settings import Settings


class Marketplace(Wire, Protocol):
    """The wire of one marketplace over one catalog, and its endpoints."""

    def routes(self, backend: Backend) -> list[BaseRoute]:
        """Every endpoint of the marketplace, answering from this state."""
        ...


class OpenCatalog(Protocol):
    """Makes a marketplace from a snapshot."""

    def __call__(self, snapshot: Snapshot, settings: Settings) -> Marketplace:
        """Read the catalog.

        Args:
            snapshot: the models and lists.
            settings: how the sandbox behaves; a marketplace may know a subclass with options of its own.
        """
        ...
