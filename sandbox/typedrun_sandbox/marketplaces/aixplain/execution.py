"""Running models: v2 and v1 execute, polls, streams."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from attrs import define, frozen
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from typedrun_sandbox.answers.answer import Answer
from typedrun_sandbox.answers.functions import scripted_answer
from typedrun_sandbox.answers.tokens import split
from typedrun_sandbox.engine.backend import Backend
from typedrun_sandbox.engine.exchange import Call, route
from typedrun_sandbox.engine.refusals import json_response
from typedrun_sandbox.engine.requestlog import show_body
from typedrun_sandbox.jsontypes import JSON, JSONObject, as_object
from typedrun_sandbox.marketplaces.aixplain.answering import answer
from typedrun_sandbox.marketplaces.aixplain.catalog import Catalog, CatalogModel
from typedrun_sandbox.marketplaces.aixplain.envelope import envelope
from typedrun_sandbox.marketplaces.aixplain.errors import bad_request, not_found
from typedrun_sandbox.marketplaces.aixplain.frames import frames
from typedrun_sandbox.marketplaces.aixplain.keys import KEY
from typedrun_sandbox.marketplaces.aixplain.runs import Run
from typedrun_sandbox.marketplaces.aixplain.settings import AixplainSettings, PollForm
from typedrun_sandbox.marketplaces.aixplain.validation import find_errors, find_unreachable

EXECUTE = "/api/v2/execute"

POLL_PATHS: dict[PollForm, str] = {
    "v1-data": "{base}/api/v1/data/{token}",
    "v2-data": "{base}/api/v2/data/{token}",
    "sdk-models": "{base}/sdk/models/{token}",
    "sdk-models-result": "{base}/sdk/models/{token}/result",
    "sdk-runs": "{base}/sdk/runs/{token}",
    "sdk-runs-result": "{base}/sdk/runs/{token}/result",
    "relative": "api/v1/data/{token}",
}
"""Every form of poll URL that backends have answered with."""

_POLLED = (
    "/api/v1/data/{name}",
    "/api/v2/data/{name}",
    "/sdk/runs/{name}/result",
    "/sdk/runs/{name}",
    "/sdk/models/{name}/result",
)
"""Where they are answered; `sdk/models/{name}` also names a model (platform.py)."""


def routes(execution: Execution) -> list[Route]:
    """The endpoints of the models host, and every form of poll URL."""
    backend = execution.backend
    return [
        route(backend, "POST", f"{EXECUTE}/{{name}}", execution.run_v2, keys=KEY, operation=run_or_stream),
        route(backend, "POST", "/api/v1/execute/{name}", execution.run_v1, keys=KEY, operation=run_or_stream),
        *(route(backend, "GET", path, execution.poll, keys=KEY, operation="poll") for path in _POLLED),
    ]


def run_or_stream(call: Call) -> str:
    """What faults and the log call a run."""
    return "stream" if asks_stream(call.body) else "run"


def asks_stream(body: bytes) -> bool:
    """Whether a run's body asks for a stream: `options.stream`, or `stream` at the top."""
    value = as_object(show_body(body))
    return as_object(value.get("options")).get("stream") is True or value.get("stream") is True


@frozen
class Outcome:
    """A run that was computed: the answer and its envelope."""

    run: Run
    answer: Answer
    envelope: JSONObject

    @property
    def is_verbatim(self) -> bool:
        """Whether this is a scripted start of a job: it is sent as it is, poll URL and all."""
        return self.envelope.get("status") == "IN_PROGRESS"


@define
class Execution:
    """The functions behind the execute and poll endpoints."""

    backend: Backend
    catalog: Catalog
    settings: AixplainSettings
    documents: dict[str, dict[str, JSONObject]]
    """What was ingested into each index, by model and document id."""

    def run_v2(self, call: Call) -> Response:
        """`POST /api/v2/execute/{id}`: an answer, a stream, or a job, as the model is made."""
        model = self._model(call)
        outcome = self._compute(call, model, _without_nulls(call.json()))
        if outcome.is_verbatim:
            return json_response(outcome.envelope)
        if asks_stream(call.body) and model.can_stream:
            return self._stream(outcome)
        if model.is_asynchronous:
            return self._start(call, outcome, {"status": "IN_PROGRESS", "completed": False})
        return json_response(outcome.envelope)

    def run_v1(self, call: Call) -> Response:
        """`POST /api/v1/execute/{id}`: always a job; `data` stands for the model's main input."""
        model = self._model(call)
        outcome = self._compute(call, model, _without_nulls(call.json()))
        if outcome.is_verbatim:
            return json_response(outcome.envelope)
        return self._start(call, outcome, {"status": "IN_PROGRESS", "completed": True})

    def poll(self, call: Call) -> Response:
        """`GET` of a poll URL, whatever its form."""
        job = self.backend.jobs.find(call.name or "")
        if job is None:
            raise not_found("Run")
        return json_response(job.ask(time.monotonic()) or {"status": "IN_PROGRESS", "completed": False})

    def _model(self, call: Call) -> CatalogModel:
        model = self.catalog.find(call.name or "")
        if model is None:
            raise not_found()
        return model

    def _compute(self, call: Call, model: CatalogModel, body: JSONObject) -> Outcome:
        if self.settings.validate:
            errors = find_errors(model, body)
            if errors:
                raise bad_request("; ".join(str(e["message"]) for e in errors), list(errors))
            find_unreachable(model, body, self.backend.files_at(call.base_url).is_missing)
        run = Run(
            model=model,
            body=body,
            files=self.backend.files_at(call.base_url),
            documents=self.documents.setdefault(model.id, {}),
        )
        reply = self.backend.scripts.take(model.id, body)
        whole = _envelope(reply.data) if reply else None
        if whole is not None:
            return Outcome(run, _as_answer(whole), whole)
        given = answer(run) if reply is None else scripted_answer(run, reply.data)
        return Outcome(run, given, envelope(run, given))

    def _start(self, call: Call, outcome: Outcome, head: JSONObject) -> Response:
        settings = self.settings
        # The request's id is in the first answer only.
        result = {key: value for key, value in outcome.envelope.items() if key != "requestId"}
        job = self.backend.jobs.start(
            outcome.run.model.id, result, seconds=settings.job_seconds, polls=settings.job_polls
        )
        url = POLL_PATHS[settings.poll_form].format(base=call.base_url, token=job.token)
        return json_response(head | {"data": url, "requestId": job.token})

    def _stream(self, outcome: Outcome) -> Response:
        options = as_object(outcome.run.body.get("options"))
        made = frames(outcome.answer, outcome.envelope, self.settings.dialect, raw=options.get("raw") is True)

        async def paced() -> AsyncIterator[bytes]:
            for frame in made:
                await self.backend.pause(self.settings.token_seconds)
                yield frame

        # Set as a header because the media type would gain a charset, which the backend does not send.
        return StreamingResponse(paced(), headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})


def _without_nulls(body: JSONObject) -> JSONObject:
    """The older client sends null for what was not given."""
    return {name: value for name, value in body.items() if value is not None}


def _envelope(scripted: JSON) -> JSONObject | None:
    """The whole envelope, when that is what was scripted."""
    is_whole = isinstance(scripted, dict) and bool({"status", "completed"} & scripted.keys())
    return as_object(scripted) if is_whole else None


def _as_answer(reply: JSONObject) -> Answer:
    """A scripted envelope as an answer, for streaming it."""
    data = reply.get("data")
    pieces = split(data) if isinstance(data, str) else ()
    return Answer(data=data, pieces=pieces, failure="scripted" if reply.get("status") == "FAILED" else "")
