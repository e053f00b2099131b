"""The wire: runs in the queue and direct ones, streams, files and the catalog as requests, and their replies as values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import quote, urlencode

from typedrun.core.encoding import encode_body
from typedrun.core.opening import open_stream
from typedrun.core.origins import origin_of
from typedrun.core.reply import Reply, decode_json, decode_object
from typedrun.core.request import Kind, Request
from typedrun.errors import DecodingError, NotFoundError, ParameterError
from typedrun.jsontypes import JSON, is_array, members
from typedrun.marketplaces.cancellations import Cancellation, CancelOutcome
from typedrun.marketplaces.fal.requests import (
    address_of,
    asked,
    direct,
    handle_of_address,
    read_status,
    submitted,
    with_output,
)
from typedrun.marketplaces.listings import Listing, check_known
from typedrun.marketplaces.orders import Fetch, Order, Running, State
from typedrun.marketplaces.schemawire import SchemaWire
from typedrun.marketplaces.unfollowed import no_place
from typedrun.prices import Basis, Cost
from typedrun.records import frozen
from typedrun.results import ModelResult

if TYPE_CHECKING:
    from typedrun.core.course import Rules, Terms
    from typedrun.core.effects import Flow
    from typedrun.core.opening import Opened
    from typedrun.core.outgoing import Outgoing
    from typedrun.core.request import Stage

_MOST_EMBEDDED: Final = 128 * 1024
_FILTERS: Final = frozenset({"query", "q", "functions", "status"})
_OUTCOMES: Final = {
    200: CancelOutcome.CANCELLED,
    202: CancelOutcome.REQUESTED,
    400: CancelOutcome.ALREADY_COMPLETED,
    404: CancelOutcome.NOT_FOUND,
}


@frozen()
class FalWire(SchemaWire):
    """fal's wire, at the addresses of one client."""

    marketplace: ClassVar[str] = "fal"

    api: str
    """The Platform API, without its version."""
    runs: str
    """Direct runs and streams."""
    queue: str
    rest: str
    """Storage."""

    @property
    def origins(self) -> tuple[str, ...]:
        """The queue and the storage endpoints."""
        return (self.queue, self.rest)

    def stage_of(self, status: int, headers: Mapping[str, str], retry_after: float | None) -> Stage | None:
        """How far a try got, by the head of its reply."""
        from typedrun.marketplaces.fal.failures import stage_of

        return stage_of(status, headers, retry_after)

    # --- runs

    def run_url(self, model: str) -> str:
        """Where runs of a model are submitted."""
        return f"{self.queue}/{_path(model)}"

    def start(self, order: Order) -> Request:
        """Submit a run to the queue, or run it in this very request."""
        controls = order.controls
        url, webhook = self.run_url(order.model), controls.get("webhook")
        if controls.get("mode") == "direct":
            if not order.waits:
                raise ParameterError(
                    f"Model {order.label} cannot be started with mode='direct': such a run has no job. Nothing was sent."
                    " Next: leave the mode out, or use run",
                    model=order.label,
                    parameter="mode",
                )
            url = f"{self.runs}/{_path(order.model)}"
        elif webhook is not None:
            url += f"?{urlencode({'fal_webhook': webhook})}"
        return _run(url, order, _headers(controls))

    def started(self, order: Order, reply: Reply) -> State:
        """What the answer to `start` says."""
        if order.controls.get("mode") == "direct":
            return direct(reply)
        return submitted(decode_object(reply), order.label)

    def stream(self, order: Order, rules: Rules, terms: Terms) -> Flow[Opened]:
        """Run a model whose answer is read as it is written."""
        return open_stream(self.stream_request(order), rules, terms)

    def stream_request(self, order: Order) -> Request:
        """A run at the path of its own that streams have."""
        timeout = {name: value for name, value in _headers(order.controls).items() if name != _PRIORITY}
        return _run(f"{self.runs}/{_path(order.model)}/stream", order, timeout, accept="text/event-stream")

    # --- jobs

    def ask(self, handle: JSON, label: str | None) -> Request:
        """Ask for the status, with what the run has logged."""
        place = address_of(handle, "status")
        if place is None:
            raise no_place(label)
        return Request("GET", f"{place}{'&' if '?' in place else '?'}logs=1", content_type=None, model=label)

    def asked(self, handle: JSON, reply: Reply, label: str | None) -> State | Fetch:
        """What the status says; 202 while the run waits or goes on."""
        return asked(handle, decode_object(reply), label)

    def cancel(self, handle: JSON, label: str | None) -> Request | None:
        """Ask the queue to stop the run. A repetition changes nothing."""
        place = address_of(handle, "cancel")
        if place is None:
            return None
        return Request("PUT", place, content_type=None, kind=Kind.SAFE, model=label, kept=frozenset({400, 404}))

    def cancelled(self, reply: Reply) -> Cancellation:
        """What the queue says to that, in one of four ways."""
        try:
            answer = decode_json(reply)
        except DecodingError:  # the status says enough
            answer = None
        known = answer if isinstance(answer, dict) else {}
        said = known.get("status")
        status = said if isinstance(said, str) else ""
        return Cancellation(_OUTCOMES.get(reply.status, CancelOutcome.REQUESTED), status, known)

    def stopped(self, reply: Reply, label: str | None) -> None:
        """Nothing beside the four ways: a cancelled run has no result."""

    def resume(self, said: JSON, label: str | None) -> Running:
        """Resume a run by its handle, or by the address of its status or its result."""
        del label
        from typedrun.marketplaces.tokens import no_token

        handle = handle_of_address(said) if isinstance(said, str) else said
        place, result = address_of(handle, "status"), address_of(handle, "response")
        if place is None or result is None or origin_of(place) is None or origin_of(result) is None:
            raise no_token()
        return Running(handle, read_status({"request_id": self.name_of(handle)}, url=place))

    def name_of(self, handle: JSON) -> str:
        """The id of the request."""
        return address_of(handle, "id") or ""

    def read(self, answer: Mapping[str, Any]) -> ModelResult[Any]:
        """Read an output as a result."""
        return with_output(read_status({}), dict(answer))

    # --- prices

    def quote(self, model: str, calls: int | None, units: float | None) -> Request:
        """Ask for an estimate: by what calls have cost, or by units and their price."""
        kind: str = "historical_api_price"
        amount: dict[str, float | None] = {"call_quantity": calls}
        if units is not None:
            kind, amount = "unit_price", {"unit_quantity": units}
        body = encode_body({"estimate_type": kind, "endpoints": {model: amount}}, model=model)
        return Request("POST", f"{self.api}/v1/models/pricing/estimate", body=body, kind=Kind.SAFE, model=model)

    def quoted(self, reply: Reply) -> Cost:
        """The total of the estimate, in US dollars."""
        said = decode_object(reply)
        total, currency = said.get("total_cost"), said.get("currency")
        if not isinstance(total, int | float) or isinstance(total, bool):
            raise DecodingError("The estimate names no total cost", response_data=said)
        if currency != "USD":
            return Cost(note=f"the estimate is in another currency: {total} {currency}")
        return Cost(float(total), Basis.QUOTED)

    # --- files

    @property
    def most_embedded(self) -> int:
        """Bytes of the largest file that travels as a data URL."""
        return _MOST_EMBEDDED

    def size_limit(self, content_type: str, name: str) -> None:
        """None that is known."""

    def upload(self, file: Outgoing, rules: Rules, terms: Terms) -> Flow[str]:
        """Put a file into storage."""
        from typedrun.marketplaces.fal.uploads import upload

        return upload(self.rest, file, rules, terms)

    # --- the catalog

    def find(self, model: str, host: str | None) -> Request:
        """Ask for one endpoint by its id."""
        del host
        query = urlencode({"endpoint_id": model, "expand": "openapi-3.0"})
        return Request("GET", f"{self.api}/v1/models?{query}", content_type=None, model=model)

    def found(self, answer: JSON) -> JSON:
        """The one document of the listing.

        Raises:
            NotFoundError: There is none.
        """
        models = members(answer).get("models")
        if is_array(models) and not models:
            raise NotFoundError("The catalog has no such endpoint", 404)
        return models[0] if is_array(models) else None

    def search(self, filters: Mapping[str, Any]) -> Request:
        """Ask for a page of endpoints."""
        check_known(filters, _FILTERS, "fal's search")
        words = filters.get("q") if filters.get("query") is None else filters.get("query")
        asked_for = {"q": words, "category": filters.get("functions"), "status": filters.get("status")}
        query = {name: str(getattr(value, "value", value)) for name, value in asked_for.items() if value is not None}
        query |= {"limit": str(filters.get("page_size") or 20), "expand": "openapi-3.0"}
        query |= {"cursor": str(filters["cursor"])} if filters.get("cursor") is not None else {}
        return Request("GET", f"{self.api}/v1/models?{urlencode(query)}", content_type=None)

    def read_listing(self, answer: JSON) -> Listing:
        """Read a page, and the cursor of the next one."""
        found = members(answer)
        models, cursor = found.get("models"), found.get("next_cursor")
        return Listing(
            documents=models if is_array(models) else None,
            has_cursors=True,
            cursor=cursor if isinstance(cursor, str) and found.get("has_more") is not False else None,
        )


_PRIORITY: Final = "X-Fal-Queue-Priority"


def _headers(controls: Mapping[str, Any]) -> dict[str, str]:
    start, priority = controls.get("start_timeout"), controls.get("priority")
    # The published client still sends the older of the two names that the documentation has, so the service takes that.
    headers = {} if start is None else {"X-Fal-Request-Timeout": str(float(start))}
    return headers if priority is None else {**headers, _PRIORITY: priority}


def _run(url: str, order: Order, headers: Mapping[str, str], *, accept: str = "application/json") -> Request:
    body = encode_body(order.body, model=order.label)
    return Request("POST", url, {**headers, **order.headers}, body, Kind.UNSAFE, accept=accept, model=order.label)


def _path(endpoint: str) -> str:
    return quote(endpoint.strip("/"), safe="/")
