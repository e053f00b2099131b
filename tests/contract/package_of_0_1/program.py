"""A program as users of 0.1 wrote it, against a backend: argv = base URL. Prints one JSON object.

It runs in a process of its own, where `aixplain_models` is the package beside it: some modules of what 0.1 generated, unchanged.
"""

import json
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import aixplain_models
from aixplain_models import LLM, Aixplain, Function, Job, Model, ModelResult, Page, ParameterError
from aixplain_models.models.google.google_cloud_translation import GoogleCloudTranslation
from aixplain_models.models.openai.gpt_5_4 import Gpt54

base = sys.argv[1]
package = Path(aixplain_models.__file__).parent
found: dict[str, object] = {}


def raises(call: Callable[[], object], error: type[Exception]) -> bool:
    try:
        call()
    except error:
        return True
    return False


for path in sorted(package.rglob("*.py")):
    name = ".".join(path.relative_to(package.parent).with_suffix("").parts).removesuffix(".__init__")
    import_module(name)
for name in aixplain_models.__all__:
    getattr(aixplain_models, name)

with Aixplain("typedrun-sandbox-key", backend_url=base, model_url=f"{base}/api/v2/execute") as aix:
    gpt = aix.models.openai.gpt_5_4
    result = gpt.run(text="Hello", temperature=0.2)
    found["run"] = [type(result) is ModelResult, result.status, result.completed, isinstance(result.data, str)]
    job = gpt.run_async(text="Hello")
    found["job"] = [isinstance(job, Job), job.wait().status, aix.job(job.token()).poll().id == job.id]
    with gpt.run_stream(text="Hello") as stream:
        chunks = [chunk.data for chunk in stream]
        found["stream"] = [bool(chunks), stream.final().data == "".join(chunks)]
    gpt.inputs.temperature = 0.7
    found["inputs"] = [gpt.inputs["temperature"], gpt.inputs.max_tokens is None or gpt.inputs.max_tokens > 0]
    found["refused"] = raises(lambda: gpt.run(text="Hello", temprature=1), ParameterError)
    found["by id"] = [aix.models[gpt.id] is gpt, isinstance(gpt, Gpt54), isinstance(gpt, Model)]
    found["no stream"] = raises(lambda: GoogleCloudTranslation(aix).run_stream(), Exception)
    fetched = aix.Model.get(gpt.id)
    found["get"] = [type(fetched) is Gpt54, isinstance(fetched, aix.Model), fetched.raw["id"] == gpt.id]
    page = aix.Model.search("gpt", functions=[Function.TEXT_GENERATION], page_size=2)
    found["search"] = [isinstance(page, Page), len(page), page.results[0].function == Function.TEXT_GENERATION]
    llm = aix.LLM(gpt.id, gpt.name, function=Function.TEXT_GENERATION)
    response = llm.run("Hello")
    found["llm"] = [isinstance(llm, LLM), response.status, response["completed"]]
    found["api"] = [type(one).__name__ for one in aix.api.list_suppliers()][:1]
print(json.dumps(found))
