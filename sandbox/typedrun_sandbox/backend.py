"""What a running sandbox remembers: catalog, jobs, files, documents, faults, scripted replies, the request log."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable
from typing import TypeAlias

from attrs import define, field, frozen

from typedrun_sandbox.catalog import Catalog, CatalogModel
from typedrun_sandbox.faults import Fault, FaultPlan
from typedrun_sandbox.files import FileStore, LinkedFiles
from typedrun_sandbox.jobs import Jobs
from typedrun_sandbox.jsontypes import JSON, JSONObject, as_object
from typedrun_sandbox.requestlog import RequestLog
from typedrun_sandbox.settings import Settings

Scripted: TypeAlias = "JSON | Callable[[JSONObject], JSON]"
"""An answer, or what computes one from the body of the request."""


class UnknownModel(ValueError):
    """A fault or a reply for a model that the snapshot does not hold."""


@frozen
class Reply:
    """A scripted answer."""

    data: JSON

    @property
    def envelope(self) -> JSONObject | None:
        """The whole envelope, when that is what was scripted."""
        is_whole = isinstance(self.data, dict) and bool({"status", "completed"} & self.data.keys())
        return as_object(self.data) if is_whole else None


@define
class Backend:
    """The state behind the endpoints."""

    catalog: Catalog
    settings: Settings
    jobs: Jobs = field(factory=Jobs)
    faults: FaultPlan = field(factory=FaultPlan)
    log: RequestLog = field(factory=RequestLog)
    replies: dict[str, deque[Scripted]] = field(factory=dict[str, deque[Scripted]])
    """Scripted answers by model id, oldest first; the last one stays."""
    files: FileStore = field(factory=FileStore)
    documents: dict[str, dict[str, JSONObject]] = field(factory=dict[str, dict[str, JSONObject]])
    """What was ingested into each search model, by document id."""
    page_key: str = field(factory=lambda: secrets.token_urlsafe(18))
    """A key for the page at `/`, so that the real one never reaches a browser."""
    closing: asyncio.Event = field(factory=asyncio.Event)

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that is accepted."""
        return (self.settings.api_key, self.page_key)

    def model_of(self, name: str | None) -> CatalogModel | None:
        """The model that a path segment means: an id, a path, or a job's token."""
        if not name:
            return None
        job = self.jobs.find(name)
        return self.catalog.find(job.model if job else name)

    def expect(self, fault: Fault) -> None:
        """Queue a fault.

        Raises:
            UnknownModel: it waits for a model that the snapshot does not hold, so it would never come.
        """
        if fault.model is not None:
            self.known(fault.model)
        self.faults.add(fault)

    def known(self, name: str) -> CatalogModel:
        """The model of this id or path.

        Raises:
            UnknownModel: the snapshot has no such model.
        """
        model = self.catalog.find(name)
        if model is None:
            raise UnknownModel(f"the sandbox has no model {name!r}; its snapshot holds {len(self.catalog.models)}")
        return model

    def script(self, model: str, data: Scripted) -> None:
        """Queue an answer for a model: its `data`, or with `status` or `completed` in it a whole envelope."""
        self.replies.setdefault(model, deque()).append(data)

    def scripted(self, model: str, body: JSONObject) -> Reply | None:
        """The next scripted answer to a request of this body; the last one answers every later run too."""
        queue = self.replies.get(model)
        if not queue:
            return None
        data = queue.popleft() if len(queue) > 1 else queue[0]
        return Reply(data(body) if callable(data) else data)

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
        """Back to the state after the start: every model, no jobs, files, documents, faults, replies or log entries."""
        self.catalog.restore()
        self.jobs.clear()
        self.faults.clear()
        self.log.clear()
        self.files.clear()
        self.replies.clear()
        self.documents.clear()
