"""Running models: new predictions by model, version and deployment, and what becomes of them."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from attrs import define
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from typedrun_sandbox.answers.answer import Answer, Question
from typedrun_sandbox.answers.functions import answer
from typedrun_sandbox.answers.tokens import split
from typedrun_sandbox.engine.backend import Backend
from typedrun_sandbox.engine.exchange import Call, route
from typedrun_sandbox.engine.refusals import json_response
from typedrun_sandbox.engine.requestlog import show_body
from typedrun_sandbox.jsontypes import JSON, JSONObject, as_list, as_object, as_text
from typedrun_sandbox.marketplaces.replicate import webhooks
from typedrun_sandbox.marketplaces.replicate.catalog import Catalog, CatalogModel
from typedrun_sandbox.marketplaces.replicate.errors import invalid, not_found, unknown_version
from typedrun_sandbox.marketplaces.replicate.keys import TOKEN
from typedrun_sandbox.marketplaces.replicate.pages import page
from typedrun_sandbox.marketplaces.replicate.predictions import (
    ENDED,
    STATUSES,
    Prediction,
    seconds_of_life,
    seconds_to_wait,
    spell_id,
)
from typedrun_sandbox.marketplaces.replicate.streams import frames
from typedrun_sandbox.marketplaces.replicate.validation import check_body, check_input

CREATED, UNFINISHED = 201, 202


def routes(runs: Runs) -> list[Route]:
    """The endpoints of predictions."""
    backend = runs.backend
    post, get = "POST", "GET"
    return [
        route(backend, post, "/v1/predictions", runs.by_version, keys=TOKEN, operation="run", about=runs.model_in_body),
        route(backend, get, "/v1/predictions", runs.list_all, keys=TOKEN, operation="list"),
        route(backend, get, "/v1/predictions/{name}", runs.get, keys=TOKEN, operation="poll"),
        route(backend, post, "/v1/predictions/{name}/cancel", runs.cancel, keys=TOKEN, operation="cancel"),
        # The address is the permission: it is given out with the prediction, and leads to another host at the service.
        route(backend, get, "/stream/v1/predictions/{name}", runs.stream, keys=None, operation="stream"),
        route(
            backend,
            post,
            "/v1/models/{name}/predictions",
            runs.by_name,
            keys=TOKEN,
            operation="run",
            has_slashes=True,
        ),
        route(
            backend,
            post,
            "/v1/deployments/{name}/predictions",
            runs.by_deployment,
            keys=TOKEN,
            operation="run",
            has_slashes=True,
        ),
    ]


@define
class Runs:
    """The functions behind the endpoints of predictions."""

    backend: Backend
    catalog: Catalog
    predictions: dict[str, Prediction]

    def model_in_body(self, call: Call) -> str | None:
        """The model that a body's `version` means, for faults and the log."""
        model = self.catalog.find_version(as_text(as_object(show_body(call.body)).get("version")))
        return model.id if model else None

    async def by_version(self, call: Call) -> Response:
        """`POST /v1/predictions`: the version is in the body."""
        body = call.json()
        version = as_text(body.get("version"))
        if not version:
            raise invalid([("required", "", "version is required")])
        model = self.catalog.find_version(version)
        if model is None:
            raise unknown_version()
        return await self._create(call, model, body)

    async def by_name(self, call: Call) -> Response:
        """`POST /v1/models/{owner}/{name}/predictions`: official models only."""
        model = self.catalog.find(call.name or "")
        if model is None or not model.is_official:
            raise not_found()
        return await self._create(call, model, call.json())

    async def by_deployment(self, call: Call) -> Response:
        """`POST /v1/deployments/{owner}/{name}/predictions`."""
        deployment = self.catalog.deployment(call.name or "")
        if deployment is None:
            raise not_found()
        return await self._create(
            call, deployment.model, call.json(), deployment=f"{deployment.owner}/{deployment.name}"
        )

    def get(self, call: Call) -> Response:
        """`GET /v1/predictions/{id}`: how far it is; each question counts as a poll."""
        prediction = self._found(call)
        prediction.ask()
        return json_response(prediction.show())

    def cancel(self, call: Call) -> Response:
        """`POST /v1/predictions/{id}/cancel`; one that has ended stays as it is."""
        prediction = self._found(call)
        prediction.cancel()
        return json_response(prediction.show())

    def list_all(self, call: Call) -> Response:
        """`GET /v1/predictions`: newest first, a page at a time."""
        found: list[JSON] = [prediction.show() for prediction in reversed(self.predictions.values())]
        return json_response(page(call, "/v1/predictions", found))

    def stream(self, call: Call) -> Response:
        """`GET` of `urls.stream`: the events of a run, which has ended when they have."""
        prediction = self._found(call)
        if not prediction.model.can_stream:
            raise not_found()

        async def paced() -> AsyncIterator[bytes]:
            is_stopped = prediction.is_stopped
            for frame in frames(prediction, call.request.headers.get("last-event-id")):
                await self.backend.pause(self.backend.settings.token_seconds)
                if prediction.is_stopped and not is_stopped:  # meanwhile: what is left is its end
                    yield list(frames(prediction))[-1]
                    return
                yield frame
            prediction.job.finish()

        return StreamingResponse(paced(), headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})

    def _found(self, call: Call) -> Prediction:
        prediction = self.predictions.get(call.name or "")
        if prediction is None or self.backend.jobs.find(prediction.id) is None:
            raise not_found()
        return prediction

    async def _create(self, call: Call, model: CatalogModel, body: JSONObject, deployment: str = "") -> Response:
        if self.backend.settings.validate:
            check_body(body)
            check_input(model, as_object(body.get("input")))
        try:
            life = seconds_of_life(call.request.headers.get("cancel-after"))
        except ValueError as error:
            raise invalid([("format", "Cancel-After", str(error))]) from None
        prediction = self._start(call, model, as_object(body.get("input")), deployment, life)
        if as_text(body.get("webhook")):
            self.backend.outgoing.start(webhooks.tell(self.backend, prediction, body))
        wait = seconds_to_wait(call.request.headers.get("prefer"))
        if wait:
            await self._wait(prediction, wait)
        is_late = bool(wait) and prediction.status() not in ENDED
        return json_response(prediction.show(), UNFINISHED if is_late else CREATED)

    def _start(
        self, call: Call, model: CatalogModel, given: JSONObject, deployment: str, life: float | None
    ) -> Prediction:
        settings = self.backend.settings
        made, result = self._answer(call, model, given)
        job = self.backend.jobs.start(
            model.id, {}, seconds=settings.job_seconds, polls=settings.job_polls, spell=spell_id
        )
        is_held = as_text(result.get("status")) in STATUSES - ENDED
        prediction = Prediction(
            job, model, call.base_url, given, made, {} if is_held else result, deployment, life, is_held
        )
        self.predictions[job.token] = prediction
        return prediction

    def _answer(self, call: Call, model: CatalogModel, given: JSONObject) -> tuple[Answer, JSONObject]:
        """The answer, and the members that a script gives the ended prediction besides."""
        question = Question(model=model, body=given, files=self.backend.files_at(call.base_url))
        reply = self.backend.scripts.take(model.id, {"input": given})
        if reply is None:
            return answer(question), {}
        whole = as_object(reply.data)
        if as_text(whole.get("status")) in STATUSES:
            failure = as_text(whole.get("error"))
            return Answer(data=whole.get("output"), pieces=_pieces(whole.get("output")), failure=failure), whole
        data: JSON = reply.data
        if model.yields_text and isinstance(data, str):
            data = list(split(data))
        return Answer(data=data, pieces=_pieces(data)), {}

    async def _wait(self, prediction: Prediction, seconds: int) -> None:
        """Keep the request open for as long as the run takes, or its client wants to wait; here no polls are needed."""
        if prediction.is_held:
            return
        left = prediction.job.ready_at - time.monotonic()
        await self.backend.pause(min(left, seconds))
        if left <= seconds:
            prediction.job.finish()


def _pieces(data: JSON) -> tuple[str, ...]:
    return tuple(as_text(item) for item in as_list(data)) or (split(data) if isinstance(data, str) else ())
