"""The control endpoints for tests in any language: faults, replies, the request log. They meet no faults and are not logged."""

from __future__ import annotations

from attrs import define
from starlette.responses import Response
from starlette.routing import Route

from typedrun_sandbox.backend import Backend
from typedrun_sandbox.exchange import Call, route
from typedrun_sandbox.faults import fault_fields, make_fault, parse_fault
from typedrun_sandbox.jsontypes import as_text
from typedrun_sandbox.refusals import bad_request, json_response, not_found


def routes(backend: Backend) -> list[Route]:
    """The endpoints below `/sandbox/`; each wants the key."""
    control = Control(backend)
    return [
        route(backend, "GET", "/sandbox/requests", control.requests),
        route(backend, "DELETE", "/sandbox/requests", control.clear_requests),
        route(backend, "GET", "/sandbox/faults", control.faults),
        route(backend, "POST", "/sandbox/faults", control.add_fault),
        route(backend, "DELETE", "/sandbox/faults", control.clear_faults),
        route(backend, "POST", "/sandbox/replies", control.add_reply),
        route(backend, "POST", "/sandbox/reset", control.reset),
    ]


@define
class Control:
    """The functions behind the control endpoints."""

    backend: Backend

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
            raise bad_request(str(error)) from None
        return json_response(fault_fields(fault), 201)

    def clear_faults(self, _call: Call) -> Response:
        """`DELETE /sandbox/faults`."""
        self.backend.faults.clear()
        return Response(status_code=204)

    def add_reply(self, call: Call) -> Response:
        """`POST /sandbox/replies`: `{"model": id or path, "data": …}`, as `Sandbox.reply` takes it."""
        body = call.json()
        model = self.backend.catalog.find(as_text(body.get("model")))
        if model is None:
            raise not_found()
        self.backend.script(model.id, body.get("data"))
        return json_response({"model": model.id}, 201)

    def reset(self, _call: Call) -> Response:
        """`POST /sandbox/reset`: back to the state after the start."""
        self.backend.reset()
        return Response(status_code=204)
