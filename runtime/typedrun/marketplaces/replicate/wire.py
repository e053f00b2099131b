"""The wire: predictions, files and the catalog as requests, and their replies as values."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import quote, urlencode

from attrs import evolve

from typedrun.core.effects import Ended, Sleep
from typedrun.core.encoding import encode_body
from typedrun.core.exchange import send
from typedrun.core.opening import open_stream
from typedrun.core.reply import Reply, decode_object
from typedrun.core.request import Kind, Request
from typedrun.errors import TypedrunError, ValidationError
from typedrun.jsontypes import JSON, is_array, is_object, members
from typedrun.marketplaces.cancellations import Cancellation, CancelOutcome
from typedrun.marketplaces.listings import Listing, check_known
from typedrun.marketplaces.orders import Order, Running, State
from typedrun.marketplaces.replicate.documents import split_version, with_version
from typedrun.marketplaces.replicate.predictions import (
    address_of,
    handle_of,
    handle_of_id,
    read_prediction,
    state_of,
    stream_of,
)
from typedrun.marketplaces.schemawire import SchemaWire
from typedrun.marketplaces.unfollowed import Unfollowed, no_place
from typedrun.records import frozen
from typedrun.results import ModelResult

if TYPE_CHECKING:
    from typedrun.core.course import Rules, Terms
    from typedrun.core.effects import Flow
    from typedrun.core.opening import Opened
    from typedrun.core.outgoing import Outgoing

_LONGEST_WAIT: Final = 60
"""Seconds that the service holds a request open at most."""
_SHORTEST_LIFE: Final = 5
"""Seconds that it lets a run have at least before it cancels it."""
_MOST_EMBEDDED: Final = 190_000
"""Bytes whose data URL stays below the 256 kB that the documentation advises."""
_LARGEST_FILE: Final = 100 * 2**20
_FILTERS: Final = frozenset({"query", "q"})


@frozen()
class ReplicateWire(SchemaWire):
    """Replicate's wire, at the addresses of one client."""

    marketplace: ClassVar[str] = "replicate"

    backend_url: str
    """Base of the API, without its version."""
    run_url_base: str
    """Base of the addresses of runs, without the version of the API."""
    origins: tuple[str, ...] = ()
    """Further hosts that may see the key: that of streams."""

    @property
    def stage_of(self) -> None:
        """The status says it all."""

    # --- runs

    def run_url(self, model: str) -> str:
        """Where runs of a model go that the marketplace chooses the version of."""
        return f"{self.run_url_base}/v1/models/{_path(model)}/predictions"

    def start(self, order: Order) -> Request:
        """Create a prediction, and wait for its output as long as the service lets one."""
        return self._create(order, _prefer(order))

    def _create(self, order: Order, prefer: str | None) -> Request:
        controls = order.controls
        body: dict[str, Any] = {"input": order.body}
        body |= {
            name: controls[name] for name in ("webhook", "webhook_events_filter") if controls.get(name) is not None
        }
        deployment = controls.get("deployment")
        url = self.run_url(order.model)
        if deployment is not None:
            url = f"{self.run_url_base}/v1/deployments/{_path(deployment)}/predictions"
        elif order.version:
            url, body = f"{self.run_url_base}/v1/predictions", {**body, "version": order.version}
        own = {"Prefer": prefer, "Cancel-After": _life(order)}
        headers = {**{name: value for name, value in own.items() if value is not None}, **order.headers}
        return Request("POST", url, headers, encode_body(body, model=order.label), Kind.UNSAFE, model=order.label)

    def started(self, order: Order, reply: Reply) -> State:
        """What the answer to `start` says: 201, and 202 where the time to wait was over before the run was."""
        return state_of(decode_object(reply), order.label, self.run_url_base)

    def stream(self, order: Order, rules: Rules, terms: Terms) -> Flow[Opened]:
        """Create a prediction, and open the stream that its answer names."""
        reply = yield from send(self.stream_request(order), rules, terms)
        prediction = decode_object(reply)
        running = Running(handle_of(prediction, self.run_url_base), read_prediction(prediction))
        place = stream_of(prediction)
        if place is None:
            raise Unfollowed(
                ValidationError(
                    f"Model {order.label} does not stream: the answer to its run names no stream. The run goes on."
                    " Next: wait for it with client.job(error.job_token), or run the model without stream",
                    model=order.label,
                ),
                running,
            )
        follow = Request(
            "GET",
            place,
            {"Cache-Control": "no-store"},
            accept="text/event-stream",
            content_type=None,
            model=order.label,
        )
        try:
            opened = yield from open_stream(follow, rules, terms)
        except TypedrunError as error:
            raise Unfollowed(error, running) from error
        except Ended as ended:
            ended.leaves = running
            raise
        opened.course.tally = evolve(opened.course.tally, resends=reply.resends)

        def again(last: str, wait: float) -> Flow[Opened]:
            """Read on behind an event: that starts no run."""
            yield Sleep(wait)
            request = evolve(follow, headers={**follow.headers, **({"Last-Event-ID": last} if last else {})})
            return (yield from open_stream(request, rules, terms))

        return evolve(opened, request_id=running.answer.request_id, run=running, again=again)

    def stream_request(self, order: Order) -> Request:
        """The request that creates a prediction whose output is streamed."""
        wait = order.controls.get("prefer_wait", False)
        return self._create(order, _prefer(order) if wait else None)

    # --- jobs

    def ask(self, handle: JSON, label: str | None) -> Request:
        """Ask for the prediction."""
        place = address_of(handle, "get")
        if place is None:
            raise no_place(label)
        return Request("GET", place, content_type=None, model=label)

    def asked(self, handle: JSON, reply: Reply, label: str | None) -> State:
        """What the prediction says now."""
        return state_of(decode_object(reply), label, self.run_url_base, handle)

    def cancel(self, handle: JSON, label: str | None) -> Request | None:
        """Ask the service to stop it. A repetition changes nothing."""
        place = address_of(handle, "cancel")
        if place is None:
            return None
        return Request("POST", place, content_type=None, kind=Kind.SAFE, model=label, kept=frozenset({404}))

    def cancelled(self, reply: Reply) -> Cancellation:
        """The prediction as it is after that, or 404."""
        answer = decode_object(reply)
        said = answer.get("status")
        status = said if isinstance(said, str) else ""
        if reply.status == 404:
            return Cancellation(CancelOutcome.NOT_FOUND, "", answer)
        if status in {"canceled", "aborted"}:
            return Cancellation(CancelOutcome.CANCELLED, status, answer)
        is_over = status in {"succeeded", "failed"}
        return Cancellation(CancelOutcome.ALREADY_COMPLETED if is_over else CancelOutcome.REQUESTED, status, answer)

    def stopped(self, reply: Reply, label: str | None) -> State | None:
        """The prediction, where it has ended."""
        prediction = decode_object(reply)
        return state_of(prediction, label, self.run_url_base) if read_prediction(prediction).completed else None

    def resume(self, said: JSON, label: str | None) -> Running:
        """Resume a run by its handle, its address or its id."""
        del label
        from typedrun.core.origins import origin_of
        from typedrun.marketplaces.tokens import no_token

        handle = said
        if isinstance(said, str) and said.isascii() and said.isalnum():
            handle = handle_of_id(said, self.run_url_base)
        elif isinstance(said, str):
            identity = said.rstrip("/").rpartition("/")[2]
            handle = {"id": identity, "get": said, "cancel": f"{said.rstrip('/')}/cancel"}
        place = address_of(handle, "get")
        if place is None or origin_of(place) is None:
            raise no_token()
        answer = read_prediction({"id": self.name_of(handle), "status": "processing", "urls": {"get": place}})
        return Running(handle, answer)

    def name_of(self, handle: JSON) -> str:
        """The id of the prediction."""
        return address_of(handle, "id") or ""

    def read(self, answer: Mapping[str, Any]) -> ModelResult[Any]:
        """Read a prediction as a result."""
        return read_prediction(answer)

    # --- files

    @property
    def most_embedded(self) -> int:
        """Bytes of the largest file that travels as a data URL."""
        return _MOST_EMBEDDED

    def size_limit(self, content_type: str, name: str) -> int:
        """Bytes of the largest file, whatever its type."""
        del content_type, name
        return _LARGEST_FILE

    def upload(self, file: Outgoing, rules: Rules, terms: Terms) -> Flow[str]:
        """Put a file into the files API."""
        from typedrun.marketplaces.replicate.uploads import upload

        return upload(f"{self.backend_url}/v1/files", file, rules, terms)

    # --- the catalog

    def find(self, model: str, host: str | None) -> Request:
        """Ask for one model by `owner/name`, a version of it left aside."""
        del host
        name = split_version(model)[0]
        return Request("GET", f"{self.backend_url}/v1/models/{_path(name)}", content_type=None, model=model)

    def further(self, model: str) -> Request | None:
        """Ask for the version that `owner/name:version` names."""
        name, version = split_version(model)
        url = f"{self.backend_url}/v1/models/{_path(name)}/versions/{quote(version, safe='')}"
        return Request("GET", url, content_type=None, model=model) if version else None

    def completed(self, document: Mapping[str, JSON], answer: JSON) -> JSON:
        """The model with that version in the place of its newest one."""
        return with_version(document, answer) if is_object(answer) else None

    def search(self, filters: Mapping[str, Any]) -> Request:
        """Ask for models by words, or for a page of all."""
        check_known(filters, _FILTERS, "Replicate's search")
        if (cursor := filters.get("cursor")) is not None:
            return Request("GET", str(cursor), content_type=None)
        words = filters.get("q") if filters.get("query") is None else filters.get("query")
        if words is None:
            return Request("GET", f"{self.backend_url}/v1/models", content_type=None)
        query = urlencode({"query": str(words), "limit": min(int(filters.get("page_size") or 20), 50)})
        return Request("GET", f"{self.backend_url}/v1/search?{query}", content_type=None)

    def read_listing(self, answer: JSON) -> Listing:
        """Read a page of all models, or what a search found, which has no further pages."""
        found = members(answer)
        results, models, cursor = found.get("results"), found.get("models"), found.get("next")
        if is_array(models):
            documents = [one.get("model", one) if is_object(one) else one for one in models]
            return Listing(documents=documents, total=len(documents), has_cursors=True)
        return Listing(
            documents=results if is_array(results) else None,
            has_cursors=True,
            cursor=cursor if isinstance(cursor, str) else None,
        )


def _path(name: str) -> str:
    return quote(name, safe="/")


def _prefer(order: Order) -> str | None:
    """How long the request is held open: no longer than the caller waits, so that the run is known by then.

    Not at all, unless the caller says so, for a run that the caller may want cancelled: until the answer is there nobody knows its id.
    """
    asked = order.controls.get("prefer_wait", order.waits and not order.controls.get("cancel_on_timeout"))
    if asked is False:
        return None
    most = _LONGEST_WAIT if asked is True else int(asked)
    left = most if order.seconds is None else int(order.seconds * 0.8)  # the rest is for the way there and back
    if left >= most:
        return "wait" if asked is True else f"wait={most}"
    return f"wait={left}" if left >= 1 else None


def _life(order: Order) -> str | None:
    """The time after which the service itself cancels the run, where the caller wants that; None where not."""
    after = order.controls.get("cancel_after")
    if after is None and order.controls.get("cancel_on_timeout") and order.waits:
        after = order.seconds
    return None if after is None else f"{max(_SHORTEST_LIFE, ceil(after))}s"
