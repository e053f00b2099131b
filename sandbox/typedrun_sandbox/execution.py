"""Running models: v2 and v1 execute, polls, streams."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from attrs import define, frozen
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from typedrun_sandbox.answers.answer import Answer, Question
from typedrun_sandbox.answers.functions import answer, scripted_answer
from typedrun_sandbox.answers.tokens import split
from typedrun_sandbox.backend import Backend
from typedrun_sandbox.catalog import CatalogModel
from typedrun_sandbox.envelope import envelope
from typedrun_sandbox.exchange import Call, asks_stream, route
from typedrun_sandbox.frames import frames
from typedrun_sandbox.jobs import POLL_PATHS
from typedrun_sandbox.jsontypes import JSONObject, as_object
from typedrun_sandbox.refusals import bad_request, json_response, not_found
from typedrun_sandbox.validation import find_errors, find_unreachable


def routes(backend: Backend) -> list[Route]:
    """The endpoints of the models host, and every form of poll URL."""
    execution = Execution(backend)
    poll = execution.poll
    return [
        route(backend, "POST", "/api/v2/execute/{name}", execution.run_v2, operation="run"),
        route(backend, "POST", "/api/v1/execute/{name}", execution.run_v1, operation="run"),
        route(backend, "GET", "/api/v1/data/{name}", poll, operation="poll"),
        route(backend, "GET", "/api/v2/data/{name}", poll, operation="poll"),
        route(backend, "GET", "/sdk/runs/{name}/result", poll, operation="poll"),
        route(backend, "GET", "/sdk/runs/{name}", poll, operation="poll"),
        route(backend, "GET", "/sdk/models/{name}/result", poll, operation="poll"),
    ]


@frozen
class Outcome:
    """A run that was computed: the answer and its envelope."""

    question: Question
    answer: Answer
    envelope: JSONObject

    @property
    def is_verbatim(self) -> bool:
        """Is this a scripted start of a job? It is sent as it is, poll URL and all."""
        return self.envelope.get("status") == "IN_PROGRESS"


@define
class Execution:
    """The functions behind the execute and poll endpoints."""

    backend: Backend

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
        return json_response(job.poll(time.monotonic()))

    def _model(self, call: Call) -> CatalogModel:
        model = self.backend.catalog.find(call.name or "")
        if model is None:
            raise not_found()
        return model

    def _compute(self, call: Call, model: CatalogModel, body: JSONObject) -> Outcome:
        if self.backend.settings.validate:
            errors = find_errors(model, body)
            if errors:
                raise bad_request("; ".join(str(e["message"]) for e in errors), list(errors))
            find_unreachable(model, body, self.backend.files_at(call.base_url).is_missing)
        question = Question(
            model=model,
            body=body,
            files=self.backend.files_at(call.base_url),
            documents=self.backend.documents.setdefault(model.id, {}),
        )
        reply = self.backend.scripted(model.id, body)
        if reply is not None and reply.envelope is not None:
            return Outcome(question, _as_answer(reply.envelope), reply.envelope)
        output = self.backend.catalog.output_type(model.function)
        given = answer(question, output) if reply is None else scripted_answer(question, reply.data)
        return Outcome(question, given, envelope(question, given))

    def _start(self, call: Call, outcome: Outcome, head: JSONObject) -> Response:
        settings = self.backend.settings
        # The request's id is in the first answer only (PROTOCOL §16, 33).
        result = {key: value for key, value in outcome.envelope.items() if key != "requestId"}
        job = self.backend.jobs.start(
            outcome.question.model.id, result, seconds=settings.job_seconds, polls=settings.job_polls
        )
        url = POLL_PATHS[settings.poll_form].format(base=call.base_url, token=job.token)
        return json_response(head | {"data": url, "requestId": job.token})

    def _stream(self, outcome: Outcome) -> Response:
        options = as_object(outcome.question.body.get("options"))
        made = frames(outcome.answer, outcome.envelope, self.backend.settings.dialect, raw=options.get("raw") is True)

        async def paced() -> AsyncIterator[bytes]:
            for frame in made:
                await self.backend.pause(self.backend.settings.token_seconds)
                yield frame

        # Set as a header because the media type would gain a charset, which the backend does not send.
        return StreamingResponse(paced(), headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})


def _without_nulls(body: JSONObject) -> JSONObject:
    """The older client sends null for what was not given."""
    return {name: value for name, value in body.items() if value is not None}


def _as_answer(reply: JSONObject) -> Answer:
    """A scripted envelope as an answer, for streaming it."""
    data = reply.get("data")
    pieces = split(data) if isinstance(data, str) else ()
    return Answer(data=data, pieces=pieces, failure="scripted" if reply.get("status") == "FAILED" else "")
