"""Models that are met at run time, and the surface of the reference: typed as far as can be known."""

from __future__ import annotations

from typing import Any, assert_type

from aixplain_models import LLM, Aixplain, AnyModel, Function, InputsProxy, Model, ModelResponse, ModelResult, Page
from aixplain_models.models.google import GoogleCloudTranslation
from aixplain_models.models.openai import Gpt54
from typedrun.job import Job
from typedrun.streaming import ModelResponseStreamer

aix = Aixplain(api_key="key")
model = aix.Model.get("669a63646eb56306647e1091")

# Running.
assert_type(model.run(text="Explain LLMs"), ModelResult[Any])
assert_type(model.run(text="Explain LLMs", stream=True), ModelResponseStreamer)
assert_type(model.run(text="Explain LLMs", stream=bool(input())), ModelResult[Any] | ModelResponseStreamer)
assert_type(model.run_async(text="Explain LLMs"), Job[Any])
for chunk in model.run(text="Explain LLMs", stream=True):
    print(chunk.data, end="", flush=True)
with model.run_stream(text="Hello") as stream:
    for chunk in stream:
        print(chunk.data, end="", flush=True)
model.run("Hello")  # E: mypy[call-overload] pyright[reportCallIssue]

# Inputs: any name, by dot and by item; a mapping is assigned, an InputsProxy is read.
model.inputs.temperature = 0.7
model.inputs["temperature"] = 0.7
model.inputs = {"temperature": 0.5}
proxy: InputsProxy = model.inputs
model.inputs.reset_all_parameters()

# Metadata.
print(model.vendor.code if model.vendor else None, model.is_sync_only, model.as_tool()["assetId"])
print(model.vender)  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
print(model.as_tool()["nope"])  # E: mypy[typeddict-item] pyright[reportGeneralTypeIssues]

# Search.
assert_type(aix.Model.search("gpt", functions=["text-generation", Function.TRANSLATION], page_size=5), Page[AnyModel])
assert_type(next(aix.Model.search("gpt").all()), AnyModel)
assert_type(aix.Model.search("gpt")[0], AnyModel)
aix.Model.search("gpt", vendor="openai")  # E: mypy[call-arg] pyright[reportCallIssue]


# One function for fetched and generated models.
def summarise(some: Model) -> str:
    return str(some.run(text="…").data)


summarise(model)
summarise(aix.models.openai.gpt_5_4)
summarise(aix.models.google.google_cloud_translation)


# isinstance narrows a fetched model to its generated class, and the code below it is checked.
def narrow(fetched: AnyModel, some: Model) -> None:
    if isinstance(fetched, Gpt54):
        print(fetched.vender)  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    if isinstance(fetched, GoogleCloudTranslation):
        print(fetched.vender)  # E: mypy[attr-defined] pyright[reportAttributeAccessIssue]
    if isinstance(some, Gpt54):
        assert_type(some.run(text="Hello"), ModelResult[str])


# The older surface.
llm = LLM("669a63646eb56306647e1091", "GPT", function=Function.TEXT_GENERATION)
assert_type(llm.run("Hello", max_tokens=5), ModelResponse)
assert_type(llm.run("Hello", stream=True), ModelResponseStreamer)
assert_type(llm.run_async("Hello"), ModelResponse)
assert_type(aix.LLM("x", "GPT", function=Function.TEXT_GENERATION).run("Hello"), ModelResponse)
llm.run(text="Hello")  # E: mypy[call-overload] pyright[reportCallIssue]
