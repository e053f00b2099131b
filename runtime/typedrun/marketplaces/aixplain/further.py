"""What a first plain run does without: streams, jobs, files, the catalog, the older endpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from typedrun.core.encoding import encode_body
from typedrun.core.opening import open_stream
from typedrun.core.reply import Reply
from typedrun.core.request import Kind, Request
from typedrun.core.routes import quote_id
from typedrun.jsontypes import JSON, is_array, is_object
from typedrun.marketplaces.aixplain.answers import read_result
from typedrun.marketplaces.aixplain.bodies import PASS_THROUGH, stream_payload
from typedrun.marketplaces.aixplain.numbers import read_count
from typedrun.marketplaces.aixplain.places import Places, as_start_url, fill, run_request
from typedrun.marketplaces.aixplain.polls import resolve_poll_url
from typedrun.marketplaces.orders import Order, Running, State
from typedrun.results import ModelResult

if TYPE_CHECKING:
    from typedrun.core.course import Rules, Terms
    from typedrun.core.effects import Flow
    from typedrun.core.opening import Opened
    from typedrun.core.outgoing import Outgoing
    from typedrun.marketplaces.aixplain.dialects import ChunkReader
    from typedrun.marketplaces.aixplain.jobs import Jobs
    from typedrun.marketplaces.cancellations import Cancellation
    from typedrun.marketplaces.listings import Listing
    from typedrun.prices import Cost


class FurtherWire(Places):
    """The rest of aiXplain's wire."""

    __slots__ = ()

    def start_older(self, model: str, body: Mapping[str, Any], label: str) -> Request:
        """Start a run at the older endpoint, which answers at once, with a body of its own form."""
        return run_request(self.older_url(model), body, {}, label)

    def older_url(self, model: str) -> str:
        """Where the older endpoint is; with an empty id, without one."""
        url = as_start_url(self.routes, self.models_url)
        return f"{url}/{quote_id(model)}" if model else url

    def going_on(self, answer: ModelResult[Any]) -> Running:
        """An unfinished answer, with the place to ask in full."""
        if answer.url is None:
            return Running(None, answer)
        handle: JSON = {"url": answer.url, "request": answer.request_id}
        answer.url = resolve_poll_url(answer.url, backend_url=self.backend_url, run_url=self.models_url)
        return Running(handle, answer)

    def stream(self, order: Order, rules: Rules, terms: Terms) -> Flow[Opened]:
        """Start a run, and open its answer while it is written."""
        return open_stream(self.stream_request(order), rules, terms)

    def stream_request(self, order: Order) -> Request:
        """A run whose body asks for a stream."""
        url, body = self.run_url(order.model), stream_payload(order.body)
        return run_request(url, body, order.headers, order.label, accept="text/event-stream")

    def answer_reader(self, is_list: bool | None = None) -> ChunkReader:
        """What reads the events of one streamed answer."""
        del is_list  # pieces are of a text
        from typedrun.marketplaces.aixplain.dialects import ChunkReader

        return ChunkReader()

    @property
    def undeclared(self) -> frozenset[str]:
        """Body members that the backend takes although no model lists them."""
        return PASS_THROUGH

    # --- jobs

    def ask(self, handle: JSON, label: str | None) -> Request:
        """Ask once what became of a run."""
        return self._jobs.ask(handle, label)

    def asked(self, handle: JSON, reply: Reply, label: str | None) -> State:
        """What a poll brought."""
        return self._jobs.asked(handle, reply, label)

    def cancel(self, handle: JSON, label: str | None) -> None:
        """Refuse: the backend has no such request."""

    def cancelled(self, reply: Reply) -> Cancellation:
        """Nothing answers a request that there is not."""
        raise NotImplementedError

    def stopped(self, reply: Reply, label: str | None) -> None:
        """Nothing answers a request that there is not."""
        raise NotImplementedError

    def resume(self, said: JSON, label: str | None) -> Running:
        """Resume a run by its handle, or by a poll address."""
        return self._jobs.resume(said, label)

    def name_of(self, handle: JSON) -> str:
        """The backend's token for the run, from its poll address."""
        return self._jobs.name_of(handle)

    def read(self, answer: Mapping[str, Any]) -> ModelResult[Any]:
        """Read an answer, by what it says."""
        return read_result(answer)

    @property
    def _jobs(self) -> Jobs:
        return _jobs_of(self.backend_url, self.models_url)

    # --- prices

    def quote(self, model: str, calls: int | None, units: float | None) -> None:
        """Nobody can be asked."""

    def quoted(self, reply: Reply) -> Cost:
        """Nothing answers a question that there is not."""
        raise NotImplementedError

    # --- files

    @property
    def most_embedded(self) -> int:
        """The backend takes data URLs, but no model promises to."""
        return 0

    def size_limit(self, content_type: str, name: str) -> int:
        """Largest size in bytes for a file of this type."""
        from typedrun.marketplaces.aixplain.uploads import size_limit

        return size_limit(content_type, name)

    def upload(self, file: Outgoing, rules: Rules, terms: Terms) -> Flow[str]:
        """Put a file into temporary storage."""
        from typedrun.marketplaces.aixplain.uploads import upload

        return upload(self._backend(self.routes.request_temporary_upload), file, rules, terms)

    # --- the catalog

    def find(self, model: str, host: str | None) -> Request:
        """Ask for one model by id or path."""
        query = f"?{urlencode({'host': host})}" if host else ""
        return Request("GET", self._backend(fill(self.routes.get_model, model)) + query, model=model)

    def found(self, answer: JSON) -> JSON:
        """The answer itself."""
        return answer

    def further(self, model: str) -> None:
        """An id names a model and no more."""

    def completed(self, document: Mapping[str, JSON], answer: JSON) -> JSON:
        """What is whole already."""
        del answer
        return document

    def search(self, filters: Mapping[str, Any]) -> Request:
        """Ask for one page of a search."""
        from typedrun.marketplaces.aixplain.searches import search_payload

        body = encode_body(search_payload(filters))
        return Request("POST", self._backend(self.routes.search_models), body=body, kind=Kind.SAFE)

    def read_listing(self, answer: JSON) -> Listing:
        """Read the documents of a page, and how many models the search found."""
        from typedrun.marketplaces.listings import Listing

        items = answer.get("results", answer.get("items")) if is_object(answer) else answer
        count = answer.get("total") if is_object(answer) else None
        return Listing(
            documents=items if is_array(items) else None,
            total=read_count(count) if isinstance(count, int | float | str) else None,
        )

    def identity(self, document: Mapping[str, JSON]) -> str | None:
        """The id of the model that a document describes."""
        identity = document.get("id")
        return identity if isinstance(identity, str) and identity else None

    def read_fields(self, document: Mapping[str, JSON], function: Callable[[str], Any]) -> dict[str, Any]:
        """Read what a document says of a model, by the name of the field of `Model`."""
        from typedrun.marketplaces.aixplain.documents import read_fields

        return read_fields(document, function)

    def _backend(self, path: str) -> str:
        return f"{self.backend_url}/{path.lstrip('/')}"


@lru_cache(maxsize=64)
def _jobs_of(backend_url: str, models_url: str) -> Jobs:
    from typedrun.marketplaces.aixplain.jobs import Jobs  # with the first job

    return Jobs(backend_url, models_url)
