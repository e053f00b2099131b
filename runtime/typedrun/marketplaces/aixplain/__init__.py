"""aiXplain: its wire, its answers, its documents. What stands here is known before there is a client, and costs next to nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from typedrun.core.request import KeyField
from typedrun.core.routes import Routes
from typedrun.marketplaces.variables import Addresses, Environment, said

if TYPE_CHECKING:
    from typedrun.jsontypes import JSON
    from typedrun.marketplaces.aixplain.dialects import ChunkReader
    from typedrun.marketplaces.aixplain.wire import AixplainWire


_PIPELINES: Final = "/assets/pipeline/execution/run"


class Aixplain:
    """The marketplace."""

    environment: Environment = Environment(
        keys=("TEAM_API_KEY", "AIXPLAIN_API_KEY"),
        backend_url="BACKEND_URL",
        pipeline_url="PIPELINES_RUN_URL",
        run_url="MODELS_RUN_URL",
        trusted_hosts="AIXPLAIN_TRUSTED_HOSTS",
        connect_timeout="AIXPLAIN_HTTP_CONNECT_TIMEOUT",
        idle_timeout="AIXPLAIN_HTTP_READ_TIMEOUT",
    )
    key: KeyField = KeyField("x-api-key")
    routes: Routes = Routes(
        backend_url="https://platform-api.aixplain.com",
        models_url="https://models.aixplain.com",
        get_model="/v2/models/{id}",
        search_models="/v2/models/paginate",
        request_temporary_upload="/sdk/file/upload/temp-url",
        run_model="/api/v2/execute/{id}",
        start_run="/api/v1/execute/{id}",
    )
    default_supplier = "aixplain"

    @property
    def run_controls(self) -> frozenset[str]:
        """The names of the run controls of its models."""
        from typedrun.marketplaces.aixplain.controls import CONTROLS

        return CONTROLS

    def answer_reader(self) -> ChunkReader:
        """What reads the events of one streamed answer."""
        from typedrun.marketplaces.aixplain.dialects import ChunkReader

        return ChunkReader()

    def write_document(self, field_of: Callable[[str], Any]) -> dict[str, JSON]:
        """Write what a model knows of itself, as a document of the catalog."""
        from typedrun.marketplaces.aixplain.written import write_document

        return write_document(field_of)

    def addresses(self, routes: Routes | None, backend_url: str | None, run_url: str | None) -> Addresses:
        """Where things are."""
        from typedrun.marketplaces.aixplain.places import as_run_url
        from typedrun.marketplaces.aixplain.places import run_url as usual

        routes = routes or self.routes
        environment = self.environment
        return Addresses(
            backend_url=said(backend_url, environment.backend_url, routes.backend_url),
            run_url=as_run_url(routes, said(run_url, environment.run_url, usual(routes))),
            pipeline_url=said(None, environment.pipeline_url, routes.backend_url + _PIPELINES),
        )

    def connect(self, addresses: Addresses, routes: Routes | None) -> AixplainWire:
        """The wire of one client."""
        from typedrun.marketplaces.aixplain.wire import AixplainWire

        return AixplainWire(addresses.backend_url, addresses.run_url, routes or self.routes)


MARKETPLACE: Final = Aixplain()
