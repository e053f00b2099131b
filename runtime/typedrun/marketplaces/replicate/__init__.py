"""Replicate: its wire, its predictions, its documents. What stands here is known before there is a client, and costs next to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from typedrun.core.request import KeyField
from typedrun.marketplaces.schemawire import SchemaMarketplace
from typedrun.marketplaces.variables import Addresses, Environment, said

if TYPE_CHECKING:
    from typedrun.core.routes import Routes
    from typedrun.marketplaces.replicate.wire import ReplicateWire

_API: Final = "https://api.replicate.com"
_STREAMS: Final = "https://streaming.api.replicate.com"
"""Where streams of the hosted service are, which names it itself."""


class Replicate(SchemaMarketplace):
    """The marketplace."""

    marketplace: ClassVar[str] = "replicate"
    environment: Environment = Environment(keys=("REPLICATE_API_TOKEN",), backend_url="REPLICATE_BASE_URL")
    key: KeyField = KeyField("Authorization", "Bearer ")
    default_supplier = "replicate"

    def addresses(self, routes: Routes | None, backend_url: str | None, run_url: str | None) -> Addresses:
        """One host for everything; the published client's variable names it without the version of the API."""
        del routes
        base = said(backend_url or run_url, self.environment.backend_url, _API).rstrip("/").removesuffix("/v1")
        return Addresses(backend_url=base, run_url=(run_url or base).rstrip("/").removesuffix("/v1"))

    def connect(self, addresses: Addresses, routes: Routes | None) -> ReplicateWire:
        """The wire of one client."""
        from typedrun.marketplaces.replicate.wire import ReplicateWire

        del routes
        # Where another service's streams are is its own affair.
        streams = (_STREAMS,) if addresses.backend_url == _API else ()
        return ReplicateWire(addresses.backend_url, addresses.run_url, streams)


MARKETPLACE: Final = Replicate()
