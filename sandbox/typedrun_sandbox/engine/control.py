"""The control endpoints, for tests in any language and for the page. They meet no faults and are not logged."""

from __future__ import annotations

from attrs import asdict, define
from starlette.responses import Response
from starlette.routing import Route

from typedrun_sandbox.engine.backend import Backend, UnknownTarget
from typedrun_sandbox.engine.exchange import Call, Handler, route
from typedrun_sandbox.engine.faults import fault_fields, make_fault, parse_fault
from typedrun_sandbox.engine.keys import KeyPlaces
from typedrun_sandbox.engine.refusals import Refusal, json_response
from typedrun_sandbox.engine.scripts import BadScript
from typedrun_sandbox.jsontypes import JSON, as_text

KEYS = KeyPlaces(headers=("x-api-key",))
"""How the key arrives here, whatever the marketplace."""


def routes(backend: Backend) -> list[Route]:
    """The endpoints below `/sandbox/`."""
    control = Control(backend)
    table: tuple[tuple[str, str, Handler], ...] = (
        ("GET", "models", control.models),
        ("GET", "requests", control.requests),
        ("DELETE", "requests", control.clear_requests),
        ("GET", "faults", control.faults),
        ("POST", "faults", control.add_fault),
        ("DELETE", "faults", control.clear_faults),
        ("POST", "replies", control.add_reply),
        ("POST", "reset", control.reset),
    )
    return [route(backend, method, f"/sandbox/{name}", handler, keys=KEYS) for method, name, handler in table]


@define
class Control:
    """The functions behind the control endpoints."""

    backend: Backend

    def models(self, _call: Call) -> Response:
        """`GET /sandbox/models`: what the page shows, and the package that was generated from it when that is known."""
        package = self.backend.package
        cards: list[JSON] = [card.show() for card in self.backend.wire.cards()]
        return json_response({"package": asdict(package) if package else None, "models": cards})

    def requests(self, _call: Call) -> Response:
        """`GET /sandbox/requests`: what was asked, oldest first."""
        return json_response([entry.show() for entry in self.backend.log.entries()])

    def clear_requests(self, _call: Call) -> Response:
        """`DELETE /sandbox/requests`."""
        self.backend.log.clear()
        return Response(status_code=204)

    def faults(self, _call: Call) -> Response:
        """`GET /sandbox/faults`: what is still to come."""
        return json_response([fault_fields(fault) for fault in self.backend.faults.pending()])

    def add_fault(self, call: Call) -> Response:
        """`POST /sandbox/faults`: the fields of a fault, or `{"fault": "status=503,times=2"}` in the words of `--fault`."""
        body = call.json()
        text = as_text(body.get("fault"))
        try:
            fault = parse_fault(text) if text else make_fault(dict(body))
            self.backend.expect(fault)
        except ValueError as error:
            raise Refusal(400, str(error)) from None
        return json_response(fault_fields(fault), 201)

    def clear_faults(self, _call: Call) -> Response:
        """`DELETE /sandbox/faults`."""
        self.backend.faults.clear()
        return Response(status_code=204)

    def add_reply(self, call: Call) -> Response:
        """`POST /sandbox/replies`: `{"model": id or path, "data": …}`, as `Sandbox.reply` takes it."""
        body = call.json()
        try:
            model = self.backend.script(as_text(body.get("model")), body.get("data"))
        except UnknownTarget as error:
            raise Refusal(404, str(error)) from None
        except BadScript as error:
            raise Refusal(400, str(error)) from None
        return json_response({"model": model.id}, 201)

    def reset(self, _call: Call) -> Response:
        """`POST /sandbox/reset`: back to the state after the start."""
        self.backend.reset()
        return Response(status_code=204)
