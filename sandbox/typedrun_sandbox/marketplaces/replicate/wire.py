"""Replicate as the sandbox serves it: the door of this folder."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files as resources

from attrs import define, field
from starlette.routing import BaseRoute

from typedrun_codegen.ir.snapshot import Snapshot
from typedrun_sandbox.engine.backend import Backend
from typedrun_sandbox.engine.cards import Card
from typedrun_sandbox.engine.keys import KeyPlaces
from typedrun_sandbox.engine.protocol import Addresses
from typedrun_sandbox.jsontypes import JSON, JSONObject
from typedrun_sandbox.marketplaces.replicate import errors, files, models, runs
from typedrun_sandbox.marketplaces.replicate.cards import card_of
from typedrun_sandbox.marketplaces.replicate.catalog import Catalog
from typedrun_sandbox.marketplaces.replicate.files import Files
from typedrun_sandbox.marketplaces.replicate.keys import TOKEN
from typedrun_sandbox.marketplaces.replicate.predictions import Prediction
from typedrun_sandbox.marketplaces.replicate.runs import Runs
from typedrun_sandbox.settings import Settings


def open_catalog(snapshot: Snapshot, settings: Settings) -> Replicate:  # noqa: ARG001  # it has no settings of its own
    """Serve a snapshot as Replicate would."""
    return Replicate(Catalog(snapshot))


@define
class Replicate:
    """Replicate's wire over one catalog."""

    catalog: Catalog
    predictions: dict[str, Prediction] = field(factory=dict[str, Prediction])
    """Every run so far, by id."""
    uploads: dict[str, JSONObject] = field(factory=dict[str, JSONObject])
    """What is told of each uploaded file, by id."""

    @property
    def operations(self) -> tuple[str, ...]:
        """What its endpoints do."""
        return ("get", "search", "list", "run", "stream", "poll", "cancel", "upload", "delete", "deploy", "download")

    @property
    def keys(self) -> KeyPlaces:
        """A bearer's token."""
        return TOKEN

    @property
    def key_variable(self) -> str:
        """What its clients read."""
        return "REPLICATE_API_TOKEN"

    @property
    def hints(self) -> tuple[str, ...]:
        """Nothing to say."""
        return ()

    @property
    def page_script(self) -> str:
        """The wire for the page."""
        return resources("typedrun_sandbox.marketplaces.replicate").joinpath("wire.js").read_text(encoding="utf-8")

    def error_body(self, status: int, message: str) -> JSON:
        """`title`, `detail`, `status`."""
        return errors.error_body(status, message)

    def error_headers(self, status: int) -> Mapping[str, str]:  # noqa: ARG002  # the same for every status
        """The content type of problems."""
        return errors.HEADERS

    def addresses(self, url: str) -> Addresses:
        """One host; paths begin with `/v1`."""
        return Addresses(backend=url, model=url)

    def environment(self, url: str, key: str) -> dict[str, str]:
        """What its clients read, the generated one as the published one."""
        return {self.key_variable: key, "REPLICATE_BASE_URL": url}

    def cards(self) -> list[Card]:
        """Every model, by name."""
        return [card_of(model) for model in sorted(self.catalog.models, key=lambda model: model.id.casefold())]

    def reset(self) -> None:
        """Forget predictions, uploads and deployments."""
        self.catalog.deployments.clear()
        self.predictions.clear()
        self.uploads.clear()

    def routes(self, backend: Backend) -> list[BaseRoute]:
        """Predictions, the files API, the catalog."""
        return [
            *runs.routes(Runs(backend, self.catalog, self.predictions)),
            *files.routes(Files(backend, self.uploads)),
            *models.routes(backend, self.catalog),
        ]
