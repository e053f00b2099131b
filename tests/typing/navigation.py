"""Ways to a model: by attribute, by class, by id, by function; its inputs and its metadata."""

from __future__ import annotations

from typing import Any, assert_type

from aixplain_models import Aixplain, Function, Model
from aixplain_models.functions import TextEmbedding, TextGeneration, Translation
from aixplain_models.models import openai
from aixplain_models.models.openai import Gpt54
from typedrun.arguments import ChatMessage
from typedrun.results import ModelResult

aix = Aixplain(api_key="key")

# Right uses.
gpt = Gpt54(aix)
assert_type(aix.models.openai.gpt_5_4, Gpt54)
assert_type(aix.models["openai/gpt-5.4/openai"], Gpt54)  # pinned in pyproject.toml
assert_type(aix.models["openai/gpt-5.2/openai"], Model[Any])
assert_type(gpt.id, str)
assert_type(gpt.inputs.temperature, float | None)
assert_type(gpt.inputs["temperature"], float | None)
assert_type(len(aix.models), int)
gpt.inputs.temperature = 0.3
gpt.inputs["temperature"] = 0.3
gpt.inputs["tools"] = None
gpt.inputs.update({"temperature": 0.3})
gpt.actions["run"].inputs["temperature"] = 0.3
gpt.inputs.reset_all_parameters()
message: ChatMessage = {"role": "user", "content": [{"type": "text", "text": "Hello"}]}
gpt.run(text=[message])


def summarise(model: TextGeneration, text: str) -> str | None:
    """Any model of text generation will do."""
    result = model.run(text=f"Summarise: {text}", timeout=60, session_id="notes")
    assert_type(result, ModelResult[str])
    return result.data


summarise(gpt, "…")
summarise(aix.models.anthropic.claude_opus_4_6, "…")
summarise(aix.models.openai.gpt_5_2, "…")
assert_type(aix.models.by_function("text-generation"), tuple[TextGeneration, ...])
assert_type(aix.models.by_function(Function.TEXT_GENERATION), tuple[TextGeneration, ...])


def embed(model: TextEmbedding) -> list[float]:
    """Any model of text embedding that takes one text."""
    return model.run(text="Hello").data


embed(aix.models.openai.open_ai_ada_002)
for either in aix.models.by_function("text-embedding"):  # one of them takes lists of texts only
    assert_type(either, Model[list[float]])

# Names that do not exist.
print(openai.Gpt55)  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
print(aix.models.opnai)  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
print(aix.models.openai.gpt_5_5)  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
print(gpt.inputs.temprature)  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
gpt.inputs.temperature = "warm"  # E: mypy[assignment] pyright[reportAttributeAccessIssue]
gpt.inputs["temperature"] = "hot"  # E: mypy[call-overload] pyright[reportArgumentType,reportCallIssue]
gpt.inputs["temprature"] = 0.3  # E: mypy[call-overload] pyright[reportArgumentType,reportCallIssue]
aix.models.openai.open_ai_ada_002.inputs["text"] = 3  # E: mypy[assignment] pyright[reportArgumentType]

# A model of another function.
summarise(aix.models.google.google_cloud_translation, "…")  # E: mypy[arg-type] pyright[reportArgumentType]
translator: Translation = gpt  # E: mypy[assignment] pyright[reportAssignmentType]
