"""Runs while the client waits: the output, or a stream of outputs that grow. There is no word for the end of a stream."""

from __future__ import annotations

from collections.abc import AsyncIterator

from attrs import define
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from typedrun_sandbox.engine.backend import Backend
from typedrun_sandbox.engine.exchange import Call, route
from typedrun_sandbox.engine.refusals import Refusal, encode, json_response
from typedrun_sandbox.marketplaces.fal.errors import request_error
from typedrun_sandbox.marketplaces.fal.keys import KEY
from typedrun_sandbox.marketplaces.fal.queue import limit_of_start
from typedrun_sandbox.marketplaces.fal.running import Runner, partial_outputs


def routes(direct: Direct) -> list[Route]:
    """The endpoints of the host for direct runs."""
    backend = direct.backend
    return [
        route(backend, "POST", "/run/{name}/stream", direct.stream, keys=KEY, operation="stream", has_slashes=True),
        route(backend, "POST", "/run/{name}", direct.run, keys=KEY, operation="run", has_slashes=True),
    ]


@define
class Direct:
    """The functions behind direct runs."""

    backend: Backend
    runner: Runner

    async def run(self, call: Call) -> Response:
        """`POST run/{id}`: the output."""
        model = self.runner.model(call.name)
        limit = limit_of_start(call)
        seconds = self.backend.settings.job_seconds
        if limit is not None and seconds / 2 > limit:  # a run waits for half of its time
            await self.backend.pause(limit)
            raise request_error("request_timeout", "Request timed out before it started", by_user=True)
        await self.backend.pause(seconds)
        return json_response(self.runner.run(model, call.json(), call.base_url).output)

    def stream(self, call: Call) -> Response:
        """`POST run/{id}/stream`: each event is an output, and the last one is whole."""
        model = self.runner.model(call.name)
        if not model.can_stream:
            raise Refusal(404, body={"detail": f"Path /stream not found for {model.id}"})
        run = self.runner.run(model, call.json(), call.base_url)

        async def paced() -> AsyncIterator[bytes]:
            for output in partial_outputs(run.output):
                await self.backend.pause(self.backend.settings.token_seconds)
                yield b"data: " + encode(output, (",", ":")) + b"\n\n"

        return StreamingResponse(paced(), headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
