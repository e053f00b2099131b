"""aiXplain as the sandbox serves it: the door of this folder."""

from __future__ import annotations

from importlib.resources import files

from attrs import field, frozen
from starlette.routing import BaseRoute

from typedrun_codegen.ir.snapshot import Snapshot
from typedrun_sandbox.engine.backend import Backend
from typedrun_sandbox.engine.cards import Card
from typedrun_sandbox.engine.keys import KeyPlaces
from typedrun_sandbox.engine.protocol import Addresses
from typedrun_sandbox.jsontypes import JSON, JSONObject
from typedrun_sandbox.marketplaces.aixplain import errors, execution, platform, uploads
from typedrun_sandbox.marketplaces.aixplain.cards import card_of
from typedrun_sandbox.marketplaces.aixplain.catalog import Catalog
from typedrun_sandbox.marketplaces.aixplain.execution import EXECUTE, Execution
from typedrun_sandbox.marketplaces.aixplain.keys import KEY_OR_TOKEN
from typedrun_sandbox.marketplaces.aixplain.settings import AixplainSettings, own_settings
from typedrun_sandbox.settings import Settings


def open_catalog(snapshot: Snapshot, settings: Settings) -> Aixplain:
    """Serve a snapshot as aiXplain would."""
    return Aixplain(Catalog(snapshot), own_settings(settings))


@frozen
class Aixplain:
    """aiXplain's wire over one catalog."""

    catalog: Catalog
    settings: AixplainSettings
    documents: dict[str, dict[str, JSONObject]] = field(factory=dict[str, dict[str, JSONObject]])
    """What was ingested into each index, by model and document id."""

    @property
    def operations(self) -> tuple[str, ...]:
        """What its endpoints do."""
        return ("get", "search", "list", "delete", "run", "stream", "poll", "upload", "put", "download")

    @property
    def keys(self) -> KeyPlaces:
        """The two headers for keys, and the token."""
        return KEY_OR_TOKEN

    @property
    def key_variable(self) -> str:
        """What its clients read."""
        return "TEAM_API_KEY"

    @property
    def hints(self) -> tuple[str, ...]:
        """What its published client asks for."""
        return ("the aixplain package refuses plain http unless: export AIXPLAIN_ALLOW_INSECURE_URLS=1",)

    @property
    def page_script(self) -> str:
        """The wire for the page."""
        return files("typedrun_sandbox.marketplaces.aixplain").joinpath("wire.js").read_text(encoding="utf-8")

    def error_body(self, status: int, message: str) -> JSON:
        """`statusCode`, `message`, `error`."""
        return errors.error_body(status, message)

    def error_headers(self, status: int) -> dict[str, str]:  # noqa: ARG002  # the same for every status
        """Nothing."""
        return {}

    def addresses(self, url: str) -> Addresses:
        """The platform host and the models host are one here."""
        return Addresses(backend=url, model=url + EXECUTE)

    def environment(self, url: str, key: str) -> dict[str, str]:
        """What its clients read, the generated one as the published one."""
        at = self.addresses(url)
        return {self.key_variable: key, "BACKEND_URL": at.backend, "MODELS_RUN_URL": at.model}

    def cards(self) -> list[Card]:
        """Every model, by name."""
        return [card_of(model) for model in sorted(self.catalog.models, key=lambda model: model.name.casefold())]

    def reset(self) -> None:
        """Bring deleted models back and empty every index."""
        self.catalog.restore()
        self.documents.clear()

    def routes(self, backend: Backend) -> list[BaseRoute]:
        """Running models, metadata, uploads."""
        runs = Execution(backend, self.catalog, self.settings, self.documents)
        return [*execution.routes(runs), *platform.routes(backend, self.catalog, runs), *uploads.routes(backend)]
