"""What a running sandbox remembers: jobs, files, faults, scripted replies, the request log."""

from __future__ import annotations

import asyncio
import secrets

from attrs import define, field, frozen

from typedrun_sandbox.engine.faults import ANY, Fault, FaultPlan
from typedrun_sandbox.engine.files import FileStore, LinkedFiles
from typedrun_sandbox.engine.jobs import Jobs
from typedrun_sandbox.engine.outgoing import Outgoing
from typedrun_sandbox.engine.protocol import Catalog, Model, Wire
from typedrun_sandbox.engine.requestlog import RequestLog
from typedrun_sandbox.engine.scripts import Scripts
from typedrun_sandbox.settings import Settings


class UnknownTarget(ValueError):
    """A fault or a reply that would never come: for a model or an operation that the sandbox does not have."""


@frozen
class Package:
    """A generated package, for the call that the page shows."""

    name: str
    """Import name."""
    client: str
    """Class of its client."""


@define
class Backend:
    """The state behind the endpoints."""

    wire: Wire
    settings: Settings
    package: Package | None = None
    """What was generated from the snapshot, when that is known."""
    jobs: Jobs = field(factory=Jobs)
    faults: FaultPlan = field(factory=FaultPlan)
    log: RequestLog = field(init=False)
    scripts: Scripts = field(factory=Scripts)
    files: FileStore = field(factory=FileStore)
    outgoing: Outgoing = field(factory=Outgoing)
    page_key: str = field(factory=lambda: secrets.token_urlsafe(18))
    """A key for the page at `/`, so that the real one never reaches a browser."""
    closing: asyncio.Event = field(factory=asyncio.Event)

    def __attrs_post_init__(self) -> None:
        self.log = RequestLog(self.wire.keys.names)

    @property
    def catalog(self) -> Catalog:
        """The models that are served."""
        return self.wire.catalog

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that is accepted."""
        return (self.settings.api_key, self.page_key)

    def model_of(self, name: str | None) -> Model | None:
        """The model that a path segment means: an id, a path, or a job's token."""
        if not name:
            return None
        job = self.jobs.find(name)
        return self.catalog.find(job.model if job else name)

    def expect(self, fault: Fault) -> None:
        """Queue a fault.

        Raises:
            UnknownTarget: it waits for a model or an operation that the sandbox does not have.
        """
        if fault.on not in (*self.wire.operations, ANY):
            known = ", ".join(self.wire.operations)
            raise UnknownTarget(f"a fault cannot wait for {fault.on!r}; choose {ANY} or one of {known}")
        if fault.model is not None:
            self.known(fault.model)
        self.faults.add(fault)

    def known(self, name: str) -> Model:
        """The model of this id or path.

        Raises:
            UnknownTarget: the snapshot has no such model.
        """
        model = self.catalog.find(name)
        if model is None:
            raise UnknownTarget(f"the sandbox has no model {name!r}; its snapshot holds {len(self.catalog.models)}")
        return model

    def script(self, name: str, data: object) -> Model:
        """Queue an answer for the model of this id or path.

        Raises:
            UnknownTarget: the snapshot has no such model.
            BadScript: the answer can never be one.
        """
        model = self.known(name)
        self.scripts.add(model.id, name, data)
        return model

    def files_at(self, base_url: str) -> LinkedFiles:
        """The file store, giving out links that begin with this URL."""
        return LinkedFiles(self.files, base_url)

    async def pause(self, seconds: float) -> None:
        """Wait, but not longer than the sandbox lives."""
        if seconds <= 0:
            return
        try:
            await asyncio.wait_for(self.closing.wait(), seconds)
        except TimeoutError:
            return

    def reset(self) -> None:
        """Go back to the state after the start: every model, no jobs, files, faults, replies or log entries."""
        self.wire.reset()
        self.jobs.clear()
        self.outgoing.clear()
        self.faults.clear()
        self.log.clear()
        self.files.clear()
        self.scripts.clear()
