"""aiXplain: its wire, its answers, its documents. What stands here is known before there is a client, and costs next to nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from typedrun.core.routes import Routes
from typedrun.marketplaces.variables import Environment

if TYPE_CHECKING:
    from typedrun.jsontypes import JSON
    from typedrun.marketplaces.aixplain.dialects import ChunkReader
    from typedrun.marketplaces.aixplain.wire import AixplainWire


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
    pipelines_path = "/assets/pipeline/execution/run"

    def answer_reader(self) -> ChunkReader:
        """What reads the events of one streamed answer."""
        from typedrun.marketplaces.aixplain.dialects import ChunkReader

        return ChunkReader()

    def write_document(self, field_of: Callable[[str], Any]) -> dict[str, JSON]:
        """What a model knows of itself, as a document of the catalog."""
        from typedrun.marketplaces.aixplain.written import write_document

        return write_document(field_of)

    def connect(self, *, backend_url: str, run_url: str, routes: Routes) -> AixplainWire:
        """The wire of one client."""
        from typedrun.marketplaces.aixplain.wire import AixplainWire

        return AixplainWire(backend_url, run_url, routes)


MARKETPLACE: Final = Aixplain()
