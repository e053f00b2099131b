"""One request and its answer: key check, log, faults, then the endpoint's own function.

Every wire endpoint is an `Endpoint`; it turns the request into a `Call` and the function's `Response` into bytes, or into
the bytes that the fault leaves of it.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TypeAlias, cast
from urllib.parse import unquote

from attrs import define, frozen
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from typedrun_sandbox.engine.backend import Backend
from typedrun_sandbox.engine.connection import HANG_UP, RESET, way_out
from typedrun_sandbox.engine.faults import Fault
from typedrun_sandbox.engine.keys import KeyPlaces, is_authorized
from typedrun_sandbox.engine.refusals import Refusal, json_response
from typedrun_sandbox.engine.requestlog import LoggedRequest
from typedrun_sandbox.jsontypes import JSON, JSONObject


@frozen
class Call:
    """What an endpoint's function gets."""

    request: Request
    body: bytes
    name: str | None
    """The part of the path that names the model, the token or the file, decoded; empty where there is none, None where it is malformed."""

    @property
    def base_url(self) -> str:
        """Scheme, host and port as the client spelled them, so that links in answers lead back here."""
        return str(self.request.base_url).rstrip("/")

    def part(self, name: str) -> str:
        """Another named part of the path, decoded; empty where there is none."""
        return str(self.request.path_params.get(name, ""))

    def json(self) -> JSONObject:
        """The body as a JSON object; an empty body counts as an empty object.

        Raises:
            Refusal: 400, it is something else.
        """
        if not self.body:
            return {}
        try:
            value = cast("JSON", json.loads(self.body))
        except (ValueError, RecursionError):
            raise Refusal(400, "The request body is not JSON") from None
        if not isinstance(value, dict):
            raise Refusal(400, "The request body is not a JSON object")
        return value


Handler: TypeAlias = "Callable[[Call], Response | Awaitable[Response]]"

Operation: TypeAlias = "str | Callable[[Call], str]"
"""What faults and the log call a request; a function where its body tells."""

About: TypeAlias = "Callable[[Call], str | None]"
"""Which model, job or file a request is about."""


def route(
    backend: Backend,
    method: str,
    path: str,
    handler: Handler,
    *,
    keys: KeyPlaces | None,
    operation: Operation = "",
    about: About | None = None,
    has_slashes: bool = False,
) -> Route:
    """A route to an endpoint. In `path`, `{name}` stands for one segment that may hold an encoded slash.

    Args:
        backend: what the sandbox remembers.
        method: HTTP method.
        path: path; `{name}` at most once. Where it may hold slashes, further parts may have names of their own (`call.part`).
        handler: what answers.
        keys: where the key may be; None asks for none.
        operation: what faults and the log call it; empty for control endpoints, which meet no faults.
        about: what says which model, job or file it is about, where the path does not; None for what `{name}` stands for.
        has_slashes: whether the named segment may hold bare slashes, as the key of a file does.
    """
    before, _, after = path.partition("{name}")
    endpoint = Endpoint(backend, handler, operation, keys, (before, after), has_slashes, about or _named)
    return Route(path.replace("{name}", "{name:path}"), endpoint, methods=[method])


def _named(call: Call) -> str | None:
    return call.name


@define
class Endpoint:
    """The ASGI application of one route."""

    backend: Backend
    handler: Handler
    operation: Operation
    keys: KeyPlaces | None
    around: tuple[str, str]
    has_slashes: bool
    about: About

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            body = await request.body()
        except ClientDisconnect:
            return
        call = Call(request, body, self._name(scope))
        operation = self.operation if isinstance(self.operation, str) else self.operation(call)
        model = self.backend.model_of(self.about(call))
        delivery = Delivery(scope, send, None)
        if operation:  # control endpoints have none
            delivery.entry = self._log(call, operation, model.id if model else "")
        try:
            self._authorize(call)
            if operation:
                delivery.fault = self.backend.faults.take(operation, (model.id, model.path) if model else ())
            response = await self._respond(call, delivery.fault)
        except Refusal as refusal:
            response = refusal.response(self.backend.wire)
        if delivery.fault is not None and delivery.fault.breaks_at_once:
            delivery.hang_up()
        else:
            await response(scope, receive, delivery.send)
        while delivery.is_broken and (await receive())["type"] != "http.disconnect":
            pass

    async def _respond(self, call: Call, fault: Fault | None) -> Response:
        if fault is not None:
            await self.backend.pause(fault.latency)
            if fault.status is not None or fault.breaks_at_once:
                return self._faulty(fault)
        if call.name is None:
            raise Refusal(404, f"Cannot {call.request.method} {call.request.url.path}")
        answer = self.handler(call)
        return answer if isinstance(answer, Response) else await answer

    def _authorize(self, call: Call) -> None:
        if not is_authorized(call.request.headers, self.keys, self.backend.keys):
            raise Refusal(401, "Unauthorized")

    def _faulty(self, fault: Fault) -> Response:
        """The answer of a fault with a status: its own body, or a message in the marketplace's shape."""
        status = fault.status or 500
        own = {} if fault.retry_after is None else {"Retry-After": fault.retry_after}
        own |= fault.headers
        if isinstance(fault.body, str):
            return PlainTextResponse(fault.body, status, own)
        if fault.body is None:
            return Refusal(status, _phrase(status), headers=own).response(self.backend.wire)
        return json_response(fault.body, status, own)

    def _log(self, call: Call, operation: str, model: str) -> LoggedRequest:
        request = call.request
        query = request.url.query
        return self.backend.log.add(
            operation=operation,
            method=request.method,
            path=raw_path(request.scope) + (f"?{query}" if query else ""),
            headers=request.headers,
            body=call.body,
            model=model,
        )

    def _name(self, scope: Scope) -> str | None:
        """The named segment from the path as sent; None when it holds a bare slash, which no client may send."""
        if self.has_slashes:
            return cast("dict[str, str]", scope["path_params"]).get("name", "")
        path = raw_path(scope)
        before, after = self.around
        segment = path[len(before) : len(path) - len(after)]
        return None if "/" in segment else unquote(segment)


def raw_path(scope: Scope) -> str:
    """The path as sent, still percent-encoded."""
    return cast("bytes", scope["raw_path"]).decode("ascii", "replace")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"


@define
class Delivery:
    """Sends an answer, or what a fault leaves of it, and notes its status."""

    scope: Scope
    raw_send: Send
    fault: Fault | None
    entry: LoggedRequest | None = None
    _bytes: int = 0
    _frames: int = 0
    _over: bool = False
    is_broken: bool = False
    """Whether the connection was ended on purpose."""

    async def send(self, message: Message) -> None:
        """Pass one ASGI message on."""
        if self._over:
            return  # the connection is gone; the application learns of it through `receive`
        if message["type"] == "http.response.start" and self.entry is not None:
            self.entry.status = message["status"]
        fault, body = self.fault, message.get("body", b"")
        if fault is None or not body:
            await self.raw_send(message)
        elif fault.truncate is not None and self._bytes + len(body) > fault.truncate:
            await self._break_off(body[: fault.truncate - self._bytes])
        elif fault.cut is not None and self._frames >= fault.cut:
            await self._break_off(body[: len(body) // 2])
        elif fault.end is not None and self._frames >= fault.end:
            self._over = True
            await self.raw_send({"type": "http.response.body", "body": b"", "more_body": False})
        else:
            self._bytes += len(body)
            self._frames += 1
            await self.raw_send(message)

    async def _break_off(self, rest: bytes) -> None:
        await self.raw_send({"type": "http.response.body", "body": rest, "more_body": True})
        self.hang_up()

    def hang_up(self) -> None:
        """End the connection: by RST when the fault says so, else by closing it after what was sent."""
        self._over = self.is_broken = True
        is_reset = self.fault is not None and self.fault.reset
        way_out(self.scope, RESET if is_reset else HANG_UP)()
