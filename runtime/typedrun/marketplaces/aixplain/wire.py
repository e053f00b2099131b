"""The wire: runs, jobs, uploads and the catalog as requests, and their replies as values (docs/architecture.md has the seam)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from typedrun.core.encoding import encode_body
from typedrun.core.exchange import open_stream
from typedrun.core.reply import Reply, decode_object
from typedrun.core.request import Kind, Request
from typedrun.core.routes import Routes, fill, quote_id
from typedrun.errors import APIError, DecodingError
from typedrun.jsontypes import JSON, is_array, is_object
from typedrun.marketplaces.aixplain.answers import FAILED, IN_PROGRESS, operation_error, read_count, read_result
from typedrun.marketplaces.aixplain.bodies import (
    IDENTITY_HEADERS,
    PASS_THROUGH,
    run_headers,
    stream_payload,
    v1_fallback_payload,
)
from typedrun.marketplaces.aixplain.polls import is_hostile_place, is_poll_url, resolve_poll_url
from typedrun.marketplaces.orders import Done, Order, Running, State
from typedrun.records import evolve, frozen
from typedrun.results import ModelResult

if TYPE_CHECKING:
    from typedrun.cancellations import Cancellation
    from typedrun.core.course import Rules, Terms
    from typedrun.core.effects import Flow
    from typedrun.core.exchange import Opened
    from typedrun.core.outgoing import Outgoing
    from typedrun.marketplaces.aixplain.dialects import ChunkReader
    from typedrun.marketplaces.aixplain.jobs import Jobs
    from typedrun.marketplaces.listings import Listing


@frozen()
class AixplainWire:
    """aiXplain's wire, at the addresses of one client."""

    backend_url: str
    """Base of the metadata endpoints and of relative poll addresses."""
    models_url: str
    """Where runs are sent, without the id."""
    routes: Routes

    @property
    def marketplace(self) -> str:
        """Its name."""
        return "aixplain"

    @property
    def origins(self) -> tuple[str, ...]:
        """None but the client's own."""
        return ()

    def read_error(self, reply: Reply, *, model: str | None = None) -> APIError | None:
        """The error that a reply stands for."""
        from typedrun.marketplaces.aixplain.failures import read_error

        return read_error(reply, model=model)

    @property
    def stage_of(self) -> None:
        """The status says it all."""

    # --- runs ---

    def run_url(self, model: str) -> str:
        """Where runs of a model go, by its id."""
        return f"{self.models_url}/{quote_id(model)}"

    def start(self, order: Order) -> Request:
        """Start a run, and wait for the answer or for the place to ask.

        The run endpoint has no asynchronous mode for models that only run synchronously; the older one has (PROTOCOL 9.2).
        """
        if order.is_sync_only and not order.waits:
            return self.start_older(order.model, v1_fallback_payload(order.body), order.label)
        return _run(self.run_url(order.model), order.body, order.headers, order.label)

    def start_older(self, model: str, body: Mapping[str, Any], label: str) -> Request:
        """Start a run at the older endpoint, which answers at once, with a body of its own form."""
        return _run(self.older_url(model), body, {}, label)

    def older_url(self, model: str) -> str:
        """Where the older endpoint is; with an empty id, without one."""
        url = self.routes.as_start_url(self.models_url)
        return f"{url}/{quote_id(model)}" if model else url

    def started(self, order: Order, reply: Reply) -> State:
        """What the answer to `start` says."""
        answer = read_answer(reply, model=order.label)
        if not answer.completed and order.waits and order.is_sync_only:
            answer = _as_said(answer)
        # A state that this client does not know and that names no place to ask is the end of a run that was waited for.
        is_over = answer.completed or (order.waits and not answer.url)
        return Done(answer) if is_over else self.going_on(answer)

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
        return _run(url, body, order.headers, order.label, accept="text/event-stream")

    def answer_reader(self) -> ChunkReader:
        """What reads the events of one streamed answer."""
        from typedrun.marketplaces.aixplain.dialects import ChunkReader

        return ChunkReader()

    @property
    def undeclared(self) -> frozenset[str]:
        """Body members that the backend takes although no model lists them."""
        return PASS_THROUGH

    @property
    def own_controls(self) -> frozenset[str]:
        """The run controls that say on whose behalf a model runs."""
        return frozenset(IDENTITY_HEADERS)

    def check_controls(self, controls: Mapping[str, object]) -> list[tuple[str, str]]:
        """Nothing: those of its own travel in headers, and are checked there."""
        del controls
        return []

    def control_headers(self, controls: Mapping[str, object]) -> dict[str, str]:
        """The headers of the run controls that say on whose behalf a model runs."""
        return run_headers(controls)

    # --- jobs ---

    def ask(self, handle: JSON, label: str | None) -> Request:
        """Ask once what became of a run."""
        return self._jobs.ask(handle, label)

    def asked(self, handle: JSON, reply: Reply, label: str | None) -> State:
        """What a poll brought."""
        return self._jobs.asked(handle, reply, label)

    def cancel(self, handle: JSON, label: str | None) -> None:
        """The backend has no such request."""

    def cancelled(self, reply: Reply) -> Cancellation:
        """Nothing answers a request that there is not."""
        raise NotImplementedError

    def resume(self, said: JSON, label: str | None) -> Running:
        """A run by its handle, or by a poll address."""
        return self._jobs.resume(said, label)

    def name_of(self, handle: JSON) -> str:
        """The backend's token for the run, from its poll address."""
        return self._jobs.name_of(handle)

    def read(self, answer: Mapping[str, Any]) -> ModelResult[Any]:
        """An answer, by what it says."""
        return read_result(answer)

    @property
    def _jobs(self) -> Jobs:
        from typedrun.marketplaces.aixplain.jobs import Jobs  # with the first job

        return Jobs(self.backend_url, self.models_url)

    # --- files ---

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

    # --- the catalog ---

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
        """The documents of a page, and how many models the search found (PROTOCOL 4.1)."""
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
        """What a document says of a model, by the name of the field of `Model`."""
        from typedrun.marketplaces.aixplain.documents import read_fields

        return read_fields(document, function)

    def _backend(self, path: str) -> str:
        return f"{self.backend_url}/{path.lstrip('/')}"


def _run(
    url: str, body: Mapping[str, Any], headers: Mapping[str, str], label: str, *, accept: str = "application/json"
) -> Request:
    return Request("POST", url, headers, encode_body(body, model=label), Kind.UNSAFE, accept=accept, model=label)


def read_answer(reply: Reply, *, model: str) -> ModelResult[Any]:
    """Read the answer to a run: finished, or with a place to ask.

    Raises:
        OperationFailedError: the run failed.
        DecodingError: the run is unfinished, and the answer does not say where to ask for it.
    """
    answer = decode_object(reply)
    result = read_result(answer)
    result.request_id = result.request_id or reply.request_id
    if result.status == FAILED:
        raise operation_error(answer, model=model, url=reply.url, request_id=reply.request_id)
    if result.status == IN_PROGRESS and not result.url:
        raise DecodingError(
            "The run goes on, but the answer does not say where to ask for its result",
            model=model,
            url=reply.url,
            response_data=answer,
            request_id=result.request_id,
        )
    return result


def _as_said(result: ModelResult[Any]) -> ModelResult[Any]:
    """An unfinished answer of a model that has no jobs: a text that is no poll address is what it answers with (PROTOCOL 6.5).

    Asking a medium's address would download it again and again, with the key. An address that hides where it leads stays one to
    be asked, and is refused.
    """
    place = result.url
    if place is None or is_poll_url(place) or place != result.raw.get("data") or is_hostile_place(place):
        return result
    return evolve(result, url=None, data=place)
