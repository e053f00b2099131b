"""fal as the sandbox serves it: the door of this folder. One port plays all of its hosts, each below a path of its own."""

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
from typedrun_sandbox.jsontypes import JSON
from typedrun_sandbox.marketplaces.fal import direct, errors, platform, queue, storage
from typedrun_sandbox.marketplaces.fal.cards import card_of
from typedrun_sandbox.marketplaces.fal.catalog import Catalog
from typedrun_sandbox.marketplaces.fal.direct import Direct
from typedrun_sandbox.marketplaces.fal.keys import ALL
from typedrun_sandbox.marketplaces.fal.platform import Platform
from typedrun_sandbox.marketplaces.fal.queue import Queue
from typedrun_sandbox.marketplaces.fal.requests import QueuedRequest
from typedrun_sandbox.marketplaces.fal.running import Runner
from typedrun_sandbox.marketplaces.fal.storage import Storage, Uploads
from typedrun_sandbox.settings import Settings


def open_catalog(snapshot: Snapshot, settings: Settings) -> Fal:  # noqa: ARG001  # it has no settings of its own
    """Serve a snapshot as fal would."""
    return Fal(Catalog(snapshot))


@define
class Fal:
    """fal's wire over one catalog."""

    catalog: Catalog
    requests: dict[str, QueuedRequest] = field(factory=dict[str, QueuedRequest])
    """Every request of the queue so far, by id."""
    uploads: Uploads = field(factory=Uploads)

    @property
    def operations(self) -> tuple[str, ...]:
        """What its endpoints do."""
        return ("get", "list", "pricing", "run", "stream", "poll", "result", "cancel", "upload", "put", "download")

    @property
    def keys(self) -> KeyPlaces:
        """The key, and the tokens for uploads."""
        return ALL

    @property
    def key_variable(self) -> str:
        """What its clients read."""
        return "FAL_KEY"

    @property
    def hints(self) -> tuple[str, ...]:
        """What its published client asks for."""
        return ("the fal_client package speaks https alone (--tls), and uploads to addresses that are constants in it",)

    @property
    def page_script(self) -> str:
        """The wire for the page."""
        return resources("typedrun_sandbox.marketplaces.fal").joinpath("wire.js").read_text(encoding="utf-8")

    def error_body(self, status: int, message: str) -> JSON:
        """`detail`, and `error_type` where the platform failed."""
        return errors.error_body(status, message)

    def error_headers(self, status: int) -> Mapping[str, str]:
        """Whether a retry may help."""
        return errors.error_headers(status)

    def addresses(self, url: str) -> Addresses:
        """The platform's API, and the host for direct runs."""
        return Addresses(backend=url, model=f"{url}/run")

    def environment(self, url: str, key: str) -> dict[str, str]:
        """What its clients read. They put `https://` before a host; where that is wrong, the generated one takes a whole URL."""
        base = url.removeprefix("https://")
        return {
            self.key_variable: key,
            "FAL_RUN_HOST": f"{base}/run",
            "FAL_QUEUE_RUN_HOST": f"{base}/queue",
            "FAL_REST_HOST": f"{base}/rest",
            "FAL_API_HOST": base,
        }

    def cards(self) -> list[Card]:
        """Every endpoint, by name."""
        return [card_of(model) for model in sorted(self.catalog.models, key=lambda model: model.name.casefold())]

    def reset(self) -> None:
        """Forget requests and uploads."""
        self.requests.clear()
        self.uploads.clear()

    def routes(self, backend: Backend) -> list[BaseRoute]:
        """The queue, direct runs, uploads, the platform."""
        runner = Runner(backend, self.catalog)
        return [
            *queue.routes(Queue(backend, runner, self.requests)),
            *direct.routes(Direct(backend, runner)),
            *storage.routes(Storage(backend, self.uploads)),
            *platform.routes(Platform(backend, self.catalog)),
        ]
