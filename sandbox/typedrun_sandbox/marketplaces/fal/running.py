"""Running an endpoint once: scripts, checks, answers; for the queue, direct runs and streams alike."""

from __future__ import annotations

from attrs import define

from typedrun_sandbox.answers.answer import Answer, Question
from typedrun_sandbox.answers.functions import answer
from typedrun_sandbox.answers.tokens import split
from typedrun_sandbox.engine.backend import Backend
from typedrun_sandbox.engine.refusals import Refusal
from typedrun_sandbox.jsontypes import JSON, JSONObject, as_object, as_text
from typedrun_sandbox.marketplaces.fal.catalog import Catalog, CatalogModel
from typedrun_sandbox.marketplaces.fal.errors import scripted_error
from typedrun_sandbox.marketplaces.fal.requests import IN_PROGRESS, IN_QUEUE, Run
from typedrun_sandbox.marketplaces.fal.validation import check_input

_TEXTS = ("output", "text", "response", "content", "result", "answer")
"""Outputs that are written piece by piece, where a model streams them."""


@define
class Runner:
    """Runs the endpoints of one catalog."""

    backend: Backend
    catalog: Catalog

    def model(self, name: str | None) -> CatalogModel:
        """The endpoint of an id.

        Raises:
            Refusal: 404, there is none.
        """
        model = self.catalog.find(name or "")
        if model is None or model.id != name:
            raise Refusal(404, body={"detail": f'Application "{name}" not found'}, headers={"X-Fal-Retryable": "false"})
        return model

    def run_or_hold(self, model: CatalogModel, body: JSONObject, base_url: str) -> tuple[Run, bool]:
        """Run a model; the second says whether its script wants it to go on for ever."""
        reply = self.backend.scripts.take(model.id, body)
        if reply is not None and as_object(reply.data).get("status") in (IN_QUEUE, IN_PROGRESS):
            return Run(None, Answer()), True
        if reply is not None and "detail" in as_object(reply.data):
            return Run(None, Answer(), scripted_error(as_object(reply.data))), False
        try:
            if self.backend.settings.validate:
                check_input(model, body)
        except Refusal as refusal:
            return Run(None, Answer(), refusal), False
        if reply is not None:
            return Run(reply.data, Answer(data=reply.data)), False
        made = answer(Question(model=model, body=body, files=self.backend.files_at(base_url)))
        return Run(made.data, made), False

    def run(self, model: CatalogModel, body: JSONObject, base_url: str) -> Run:
        """Run a model while its client waits.

        Raises:
            Refusal: the run failed, or its script lets it run for ever.
        """
        run, is_held = self.run_or_hold(model, body, base_url)
        if is_held:
            raise Refusal(504, "Request timed out")
        if run.error is not None:
            raise run.error
        return run


def partial_outputs(output: JSON) -> list[JSON]:
    """What a stream of this output sends: a text that grows, or what a model without one sends, its output at once."""
    whole = as_object(output)
    name = next((name for name in _TEXTS if len(split(as_text(whole.get(name)))) > 1), "")
    if not name:
        return [output]
    pieces = split(as_text(whole[name]))
    partial: list[JSON] = [
        {**whole, name: "".join(pieces[:count]), **({"partial": True} if "partial" in whole else {})}
        for count in range(1, len(pieces))
    ]
    return [*partial, {**whole, **({"partial": False} if "partial" in whole else {})}]
