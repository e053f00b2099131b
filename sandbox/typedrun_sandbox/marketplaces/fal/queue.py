"""The queue: submit, status, status as a stream, result, cancel."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from attrs import define
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from typedrun_sandbox.engine.backend import Backend
from typedrun_sandbox.engine.exchange import Call, route
from typedrun_sandbox.engine.refusals import Refusal, encode, json_response
from typedrun_sandbox.marketplaces.fal import webhooks
from typedrun_sandbox.marketplaces.fal.errors import request_error
from typedrun_sandbox.marketplaces.fal.keys import KEY
from typedrun_sandbox.marketplaces.fal.requests import COMPLETED, QueuedRequest
from typedrun_sandbox.marketplaces.fal.running import Runner

SHORTEST_START = 0.1
"""Seconds; a limit for the start must be longer."""

_UNFINISHED = 202

_LIMITS = ("x-fal-request-start-timeout", "x-fal-request-timeout")
"""The header of the limit for the start, and its older name, which the published client sends."""


def routes(queue: Queue) -> list[Route]:
    """The endpoints of the queue's host; more parts come before fewer."""
    backend = queue.backend
    request = "/queue/{name}/requests/{request}"
    return [
        route(backend, method, path, make, keys=KEY, operation=word, has_slashes=True, about=about)
        for method, path, make, word, about in (
            ("GET", f"{request}/status/stream", queue.status_stream, "poll", queue.model_of_request),
            ("GET", f"{request}/status", queue.status, "poll", queue.model_of_request),
            ("PUT", f"{request}/cancel", queue.cancel, "cancel", queue.model_of_request),
            ("GET", request, queue.result, "result", queue.model_of_request),
            ("POST", "/queue/{name}", queue.submit, "run", None),
        )
    ]


@define
class Queue:
    """The functions behind the endpoints of the queue."""

    backend: Backend
    runner: Runner
    requests: dict[str, QueuedRequest]

    def model_of_request(self, call: Call) -> str | None:
        """The endpoint whose request the path names, for faults and the log."""
        found = self.requests.get(call.part("request"))
        return found.model.id if found else None

    def submit(self, call: Call) -> Response:
        """`POST queue/{id}`: into the queue. What is wrong with the input is told with the result."""
        model = self.runner.model(call.name)
        body = call.json()
        start_limit = limit_of_start(call)
        priority = call.request.headers.get("x-fal-queue-priority", "normal")
        if priority not in ("normal", "low"):
            raise request_error("bad_request", "X-Fal-Queue-Priority must be normal or low")
        run, is_held = self.runner.run_or_hold(model, body, call.base_url)
        settings = self.backend.settings
        job = self.backend.jobs.start(model.id, {}, seconds=settings.job_seconds, polls=settings.job_polls)
        request = QueuedRequest(job, model, call.base_url, run, start_limit, is_held)
        self.requests[request.id] = request
        target = webhook_of(call)
        if target:
            self.backend.outgoing.start(webhooks.tell(self.backend, request, target))
        return json_response(request.submitted())

    def status(self, call: Call) -> Response:
        """`GET status_url`: 202 until it has completed; each question counts as a poll."""
        request = self._found(call)
        request.job.ask(time.monotonic())
        shown = request.show(with_logs=wants_logs(call))
        return json_response(shown, 200 if shown["status"] == COMPLETED else _UNFINISHED)

    def status_stream(self, call: Call) -> Response:
        """`GET status_url/stream`: the same as events, until it has completed."""
        request, with_logs = self._found(call), wants_logs(call)

        async def paced() -> AsyncIterator[bytes]:
            while True:
                shown = request.show(with_logs=with_logs)
                yield b"data: " + encode(shown, (",", ":")) + b"\n\n"
                if shown["status"] == COMPLETED or self.backend.closing.is_set():
                    return
                request.job.ask(time.monotonic())
                await self.backend.pause(max(self.backend.settings.token_seconds, 0.01))

        return StreamingResponse(paced(), headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})

    def result(self, call: Call) -> Response:
        """`GET response_url`: the output itself, or the error of the run."""
        request = self._found(call)
        if request.status() != COMPLETED:
            raise Refusal(400, body={"detail": "Request is still in progress"}, headers={"X-Fal-Retryable": "true"})
        error = request.error()
        if error is not None:
            raise error
        return json_response(request.run.output, headers={"X-Fal-Request-Id": request.id})

    def cancel(self, call: Call) -> Response:
        """`PUT cancel_url`: removed while it waits, asked to stop while it runs, too late afterwards."""
        request = self.requests.get(call.part("request"))
        if request is None or not self._is_below(call, request):
            return json_response({"status": "NOT_FOUND"}, 404)
        stage = request.stage()
        if stage in ("finished", "cancelled"):
            return json_response({"status": "ALREADY_COMPLETED"}, 400)
        request.job.is_cancelled = True
        return (
            json_response({"status": "OK"})
            if stage == "waiting"
            else json_response({"status": "CANCELLATION_REQUESTED"}, 202)
        )

    def _found(self, call: Call) -> QueuedRequest:
        request = self.requests.get(call.part("request"))
        if request is None or not self._is_below(call, request):
            raise Refusal(404, body={"detail": "Request not found"})
        return request

    def _is_below(self, call: Call, request: QueuedRequest) -> bool:
        """Whether the path has the application alone before the request: longer ids are not where requests are."""
        return call.name == request.model.application


def wants_logs(call: Call) -> bool:
    """Whether `logs` asks for them; the published client writes `true`."""
    return call.request.query_params.get("logs", "").lower() in ("1", "true")


def webhook_of(call: Call) -> str:
    """The address that `fal_webhook` names; empty when there is none."""
    return call.request.query_params.get("fal_webhook", "")


def limit_of_start(call: Call) -> float | None:
    """Seconds within which the run has to start.

    Raises:
        Refusal: 400, it is no number above a tenth.
    """
    text = next((given for name in _LIMITS if (given := call.request.headers.get(name)) is not None), None)
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not SHORTEST_START < seconds < float("inf"):
        raise request_error("bad_request", f"The request timeout must be a number above {SHORTEST_START}")
    return seconds
