"""Frameworks that build tools from functions read signatures at run time; they get what the editor shows."""

import inspect
import typing

from aixplain_models import Aixplain
from typedrun.results import ModelResult


def test_type_hints_of_every_generated_run_resolve() -> None:
    models = Aixplain(api_key="canary-introspection").models
    for model in models:
        for method in (type(model).run, type(model).run_async):
            hints = typing.get_type_hints(method)
            assert set(hints) >= set(inspect.signature(method).parameters) - {"self"}, type(model).__name__


def test_the_hints_are_those_of_the_declaration() -> None:
    gpt = Aixplain(api_key="canary-introspection").models.openai.gpt_5_4
    hints = typing.get_type_hints(gpt.run)
    assert hints["temperature"] == float | None
    assert typing.get_args(hints["reasoning_effort"])[0] == typing.Literal["none", "low", "medium", "high"]
    assert ModelResult in {typing.get_origin(part) for part in typing.get_args(hints["return"])}
    assert inspect.signature(gpt.run).parameters["temperature"].default == 0.7
