"""The wire: runs, jobs, uploads and the catalog as requests, and their replies as values (docs/architecture.md has the seam)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from attrs import evolve

from typedrun.core.encoding import encode_body
from typedrun.core.reply import Reply, decode_object
from typedrun.core.request import Auth, Kind, Request
from typedrun.core.routes import Routes, fill, quote_id
from typedrun.errors import DecodingError, OperationFailedError
from typedrun.jsontypes import JSON, is_array, is_object
from typedrun.marketplaces.aixplain.answers import FAILED, IN_PROGRESS, operation_error, read_count, read_result
from typedrun.marketplaces.aixplain.bodies import PASS_THROUGH, run_headers, stream_payload, v1_fallback_payload
from typedrun.marketplaces.aixplain.polls import is_hostile_place, is_poll_url, resolve_poll_url
from typedrun.records import frozen
from typedrun.results import ModelResult

if TYPE_CHECKING:
    from typedrun.marketplaces.aixplain.dialects import ChunkReader


@frozen()
class AixplainWire:
    """aiXplain's wire, at the addresses of one client."""

    backend_url: str
    """Base of the metadata endpoints and of relative poll addresses."""
    models_url: str
    """Where runs are sent, without the id."""
    routes: Routes

    # --- runs ---

    def run_url(self, model: str) -> str:
        """Where runs of a model go, by its id."""
        return f"{self.models_url}/{quote_id(model)}"

    def run(self, model: str, body: Mapping[str, Any], headers: Mapping[str, str], label: str) -> Request:
        """Run a model and wait for the answer, or for the place to ask."""
        return _run(self.run_url(model), body, headers, label)

    def stream(self, model: str, body: Mapping[str, Any], headers: Mapping[str, str], label: str) -> Request:
        """Run a model and have its answer as it is written."""
        return _run(self.run_url(model), stream_payload(body), headers, label, accept="text/event-stream")

    def submit(
        self, model: str, body: Mapping[str, Any], headers: Mapping[str, str], label: str, *, is_sync_only: bool
    ) -> Request:
        """Start a run that goes on at the backend.

        The run endpoint has no asynchronous mode for models that only run synchronously; the older one has (PROTOCOL 9.2).
        """
        if not is_sync_only:
            return self.run(model, body, headers, label)
        return self.start(model, v1_fallback_payload(body), label)

    def start_url(self, model: str) -> str:
        """Where the older endpoint is, which starts a run and answers at once; with an empty id, without one."""
        url = self.routes.as_start_url(self.models_url)
        return f"{url}/{quote_id(model)}" if model else url

    def start(self, model: str, body: Mapping[str, Any], label: str) -> Request:
        """Start a run at the older endpoint, with a body of its own form."""
        return _run(self.start_url(model), body, {}, label)

    @property
    def undeclared(self) -> frozenset[str]:
        """Body members that the backend takes although no model lists them."""
        return PASS_THROUGH

    def identity_headers(self, controls: Mapping[str, object]) -> dict[str, str]:
        """The headers of the run controls that say on whose behalf a model runs."""
        return run_headers(controls)

    def read_run(self, reply: Reply, label: str, *, is_sync_only: bool = False) -> ModelResult[Any]:
        """The answer to a run: finished, or with a place to ask."""
        result = read_answer(reply, model=label)
        return _as_said(result) if is_sync_only and not result.completed else result

    def answer_reader(self) -> ChunkReader:
        """What reads the events of one streamed answer."""
        from typedrun.marketplaces.aixplain.dialects import ChunkReader

        return ChunkReader()

    # --- jobs ---

    def place(self, text: str) -> str | None:
        """The address to ask for a job, from what an answer names; None if this is none."""
        return resolve_poll_url(text, backend_url=self.backend_url, run_url=self.models_url)

    def is_hostile(self, text: str) -> bool:
        """Whether a place is an address that may lead elsewhere than it seems to."""
        return is_hostile_place(text)

    def read(self, answer: Mapping[str, Any]) -> ModelResult[Any]:
        """An answer, by what it says."""
        return read_result(answer)

    def started(self, place: str, request_id: str | None) -> ModelResult[Any]:
        """The unfinished answer of a run that is only known by the place to ask."""
        return read_result({"status": IN_PROGRESS, "url": place}, request_id=request_id)

    def ask(self, place: str, label: str | None) -> Request:
        """Ask once what became of a run."""
        return Request("GET", place, model=label)

    def read_poll(self, reply: Reply, request_id: str | None) -> ModelResult[Any]:
        """What a poll brought."""
        return read_result(decode_object(reply), request_id=request_id or reply.request_id)

    def failure(self, answer: ModelResult[Any], *, label: str | None) -> OperationFailedError | None:
        """The error for an answer that says that the run failed; None for any other."""
        if not answer.completed or answer.status != FAILED:
            return None
        return operation_error(answer.raw, model=label, url=answer.url, request_id=answer.request_id)

    # --- uploads ---

    def ask_for_storage(self, name: str, content_type: str, label: str | None) -> Request:
        """Ask where to put a file."""
        return Request(
            "POST",
            self._backend(self.routes.request_temporary_upload),
            body=urlencode({"contentType": content_type, "originalName": name}).encode(),
            kind=Kind.KEYED,  # asking twice gives two addresses, of which one stays unused
            content_type="application/x-www-form-urlencoded",
            auth=Auth.TOKEN,
            model=label,
        )

    def read_storage(self, reply: Reply) -> tuple[JSON, JSON]:
        """Where to send the bytes, and where they can be fetched afterwards."""
        answer = decode_object(reply)
        return answer.get("uploadUrl"), answer.get("downloadUrl")

    # --- the catalog ---

    def find(self, model: str, host: str | None) -> Request:
        """Ask for one model by id or path."""
        query = f"?{urlencode({'host': host})}" if host else ""
        return Request("GET", self._backend(fill(self.routes.get_model, model)) + query, model=model)

    def search(self, filters: Mapping[str, Any]) -> Request:
        """Ask for one page of a search."""
        from typedrun.marketplaces.aixplain.searches import search_payload

        body = encode_body(search_payload(filters))
        return Request("POST", self._backend(self.routes.search_models), body=body, kind=Kind.SAFE)

    def read_listing(self, answer: JSON) -> tuple[Sequence[JSON] | None, int | None]:
        """The documents of a page, and how many models the search found (PROTOCOL 4.1)."""
        items = answer.get("results", answer.get("items")) if is_object(answer) else answer
        count = answer.get("total") if is_object(answer) else None
        return (
            items if is_array(items) else None,
            read_count(count) if isinstance(count, int | float | str) else None,
        )

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
