"""fal: its wires, its answers, its documents. What stands here is known before there is a client, and costs next to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from typedrun.core.request import KeyField
from typedrun.marketplaces.schemawire import SchemaMarketplace
from typedrun.marketplaces.variables import Addresses, Environment, said

if TYPE_CHECKING:
    from typedrun.core.routes import Routes
    from typedrun.marketplaces.fal.wire import FalWire

_RUN, _QUEUE, _REST, _API = "FAL_RUN_HOST", "FAL_QUEUE_RUN_HOST", "FAL_REST_HOST", "FAL_API_HOST"
"""Variables: the first two are the published client's, the others ours. A host with or without a path, or a whole address."""
_HOST: Final = "fal.run"
_HOSTED: Final = frozenset({_HOST, "falrun.com"})
"""The hosted service, and its backup."""
_SIBLING: Final = "/run"
"""How an address ends whose queue and storage are beside it, at `/queue` and `/rest`."""


class Fal(SchemaMarketplace):
    """The marketplace."""

    marketplace: ClassVar[str] = "fal"
    environment: Environment = Environment(keys=("FAL_KEY",), backend_url=_API, run_url=_RUN)
    key: KeyField = KeyField("Authorization", "Key ")
    default_supplier = "fal-ai"

    def addresses(self, routes: Routes | None, backend_url: str | None, run_url: str | None) -> Addresses:
        """Hosts of the catalog, of direct runs, of the queue and of storage."""
        del routes
        run = _url(said(run_url, _RUN, _HOST))
        beside = run.removesuffix(_SIBLING) if run.endswith(_SIBLING) else None
        queue, rest = said(None, _QUEUE, ""), said(None, _REST, "")
        if beside is not None and (run_url or not queue):
            queue = f"{beside}/queue"
        if beside is not None and (run_url or not rest):
            rest = f"{beside}/rest"
        scheme, _, host = run.partition("://")
        return Addresses(
            backend_url=_url(said(backend_url, _API, "api.fal.ai")).removesuffix("/v1"),
            run_url=run,
            # As the published client: a queue's host is that of runs with a word before it. Storage has a host of its own; whoever
            # runs elsewhere must say where files go, and until then they go nowhere else than runs.
            further=(
                _url(queue or f"{scheme}://queue.{host}"),
                _url(rest or ("rest.fal.ai" if host in _HOSTED else run)),
            ),
        )

    def connect(self, addresses: Addresses, routes: Routes | None) -> FalWire:
        """The wire of one client."""
        from typedrun.marketplaces.fal.wire import FalWire

        del routes
        queue, rest = addresses.further
        return FalWire(addresses.backend_url, addresses.run_url, queue, rest)


def _url(text: str) -> str:
    return (text if "://" in text else f"https://{text}").rstrip("/")


MARKETPLACE: Final = Fal()
