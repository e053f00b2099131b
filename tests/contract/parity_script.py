"""One script, three SDKs: started with `reference`, `typedrun` or `asyncio` (ours, awaited), it takes the name of a step on each line and prints its result as JSON.

It runs in two environments, so it imports nothing but the SDK it was told to drive. The test decides what the backend answers
and looks at what it received, step by step.
"""

import functools
import inspect
import json
import os
import sys
import warnings

LLM_ID = "67fd9ddfef0365783d06e2ef"
SYNC_ID = "66aa869f6eb56342c26057e1"
ASYNC_ID = "bcc4d3e9ef0510a16ed90ac7"


class Reference:
    """The published package."""

    def __init__(self):
        os.environ["AIXPLAIN_ALLOW_INSECURE_URLS"] = "1"
        os.environ["AIXPLAIN_SUPPRESS_V1_DEPRECATION"] = "1"
        import logging

        logging.disable(logging.CRITICAL)
        from aixplain.v2.core import Aixplain

        self.aix = Aixplain()

    def llm(self, identity, **fields):
        from aixplain.v1.enums import Function
        from aixplain.v1.modules.model.llm_model import LLM

        model = LLM(identity, "Model", function=Function.TEXT_GENERATION, api_key=os.environ["TEAM_API_KEY"], **fields)
        model.url = model.url.replace(
            "/api/v2/", "/api/v1/"
        )  # its own default; the variable is meant for the newer layer
        return model

    def llm_class(self):
        from aixplain.v1.modules.model.llm_model import LLM

        return LLM


class Typedrun:
    """Ours: the same names."""

    def __init__(self):
        warnings.simplefilter("ignore")
        from aixplain_models import Aixplain

        self.aix = Aixplain()

    def llm(self, identity, **fields):
        from aixplain_models import LLM, Function

        return LLM(identity, "Model", function=Function.TEXT_GENERATION, api_key=os.environ["TEAM_API_KEY"], **fields)

    def llm_class(self):
        from aixplain_models import LLM

        return LLM


class Awaited:
    """Ours with await: an object of the asyncio client whose doors are waited for, so that the steps are those of the others."""

    def __init__(self, value, loop):
        object.__setattr__(self, "_it", (value, loop))

    def __getattr__(self, name):
        value, loop = self._it
        return settled(getattr(value, name), loop)

    def __setattr__(self, name, value):
        setattr(self._it[0], name, value)

    def __call__(self, *given, **named):
        value, loop = self._it
        return settled(value(*given, **named), loop)

    def __iter__(self):
        value, loop = self._it

        async def collect():
            async with value as stream:
                return [chunk async for chunk in stream]

        return iter(loop.run_until_complete(collect()))


def settled(value, loop):
    """A value as the blocking client would give it."""
    from typedrun.aio import AsyncModel, AsyncStream
    from typedrun.client.bound import BoundClass

    if hasattr(value, "__await__"):
        return settled(loop.run_until_complete(value), loop)
    if isinstance(value, (AsyncModel, AsyncStream, BoundClass)) or inspect.ismethod(value):
        return Awaited(value, loop)
    return value


class Asyncio:
    """Ours on an event loop."""

    def __init__(self):
        import asyncio

        warnings.simplefilter("ignore")
        from aixplain_models import AsyncAixplain

        self.loop = asyncio.new_event_loop()
        self.own = AsyncAixplain()
        self.aix = Awaited(self.own, self.loop)

    def llm(self, identity, **fields):
        from aixplain_models import Function

        fields = {"function": Function.TEXT_GENERATION, "api_key": os.environ["TEAM_API_KEY"], **fields}
        return Awaited(self.llm_class()(identity, "Model", **fields), self.loop)

    def llm_class(self):
        from typedrun.aio.llm import AsyncLLM

        return AsyncLLM


# --- what is compared


def plain(value):
    """A value as both sides can write it."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return str(getattr(value, "value", value))
    if isinstance(value, dict):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "value") and type(value).__name__ != "Input":
        return plain(value.value)
    return {name: plain(item) for name, item in fields_of(value).items()}


def fields_of(value):
    if hasattr(value, "__attrs_attrs__"):
        return {field.name: getattr(value, field.name) for field in value.__attrs_attrs__ if field.name != "raw"}
    return {name: item for name, item in vars(value).items() if not name.startswith("_")}


def show_result(result):
    return {
        name: plain(getattr(result, name, None))
        for name in (
            "status",
            "completed",
            "data",
            "error_message",
            "url",
            "used_credits",
            "run_time",
            "supplier_error",
        )
    } | {"usage": show_usage(result.usage), "choices": show_choices(result.details)}


def show_usage(usage):
    names = ("prompt_tokens", "completion_tokens", "total_tokens")
    return usage and {name: usage.get(name) if isinstance(usage, dict) else getattr(usage, name) for name in names}


def show_choices(details):
    if not isinstance(details, list):
        return plain(details)
    return [
        {
            "index": item.index,
            "finish_reason": item.finish_reason,
            "content": item.message.content,
            "role": item.message.role,
        }
        if hasattr(item, "message")
        else plain(item)
        for item in details
    ]


def show_started(job):
    return {name: plain(getattr(job, name)) for name in ("status", "completed", "url")}


def show_response(response):
    return plain(response.to_dict()) | {"data by item": plain(response["data"])}


def show_model(model):
    names = (
        "id name description path service_name status host developer function_type type created_at updated_at "
        "supports_streaming supports_byoc is_sync_only is_async_capable supports_tool_calling supports_structured_output "
        "encoded_id is_deleted"
    )
    shown = {name: plain(getattr(model, name)) for name in names.split()}
    for name, fields in (
        ("vendor", "id name code"),
        ("pricing", "price unit_type unit_type_scale"),
        ("version", "name id"),
    ):
        value = getattr(model, name)
        shown[name] = value and {field: plain(getattr(value, field)) for field in fields.split()}
    shown["connection_type"] = plain(model.connection_type)
    shown["params"] = [
        {
            name: plain(getattr(one, name))
            for name in ["name", "required", "multiple_values", "is_fixed", "data_type", "data_sub_type"]
        }
        for one in model.params or []
    ]
    return shown


def show_inputs(inputs):
    return {
        "keys": list(inputs.keys()),
        "values": plain(list(inputs.values())),
        "len": len(inputs),
        "has text": "text" in inputs,
        "has nope": "nope" in inputs,
        "required": list(inputs.required),
        "copy": plain(inputs.copy()),
    }


def show_page(page):
    return {
        "ids": [model.id for model in page.results],
        "page_number": page.page_number,
        "total": page.total,
        "skipped": page.skipped,
        "page_total": page.page_total,
    }


def show_chunks(stream):
    chunks = list(stream)
    return {
        "text": "".join(chunk.data for chunk in chunks),
        "reasoning": "".join(chunk.reasoning_content or "" for chunk in chunks),
        "tool_calls": [plain(chunk.tool_calls) for chunk in chunks if chunk.tool_calls],
        "usage": [show_usage(chunk.usage) for chunk in chunks if chunk.usage],
        "finish_reason": [chunk.finish_reason for chunk in chunks if chunk.finish_reason],
    }


def show_error(error):
    families = (
        "AuthenticationError",
        "ResourceError",
        "APIError",
        "TimeoutError",
        "ValueError",
        "ValidationError",
        "AssertionError",
    )
    names = [cls.__name__ for cls in type(error).__mro__]
    return {
        "families": [name for name in families if name in names],
        "status_code": getattr(error, "status_code", None) or None,
        "error": getattr(error, "error", None),
        "message": str(getattr(error, "message", None) or error),
    }


# --- the steps


def inputs_story(sdk):
    model = sdk.aix.Model.get(LLM_ID)
    story = [show_inputs(model.inputs)]
    model.inputs.temperature = 0.25
    model.inputs["max_tokens"] = 64
    model.inputs.update(top_p=0.5)
    story.append(show_inputs(model.inputs))
    model.inputs = {"temperature": 0.5}
    story.append(show_inputs(model.inputs))
    model.inputs.reset()
    story.append(show_inputs(model.inputs))
    for broken in (
        lambda: model.inputs["nope"],
        lambda: setattr(model.inputs, "temperature", []),
        lambda: model.inputs.nope,
    ):
        try:
            story.append(plain(broken()))
        except (KeyError, AttributeError, ValueError) as error:
            story.append(
                [name.__name__ for name in type(error).__mro__ if name in (KeyError, AttributeError, ValueError)]
            )
    return story


def collected(call):
    """The result of a call, or its error."""
    try:
        return call()
    except Exception as error:  # noqa: BLE001  # whatever an SDK raises is its result
        return {"raised": show_error(error)}


def run(identity, **arguments):
    return lambda sdk: show_result(sdk.aix.Model.get(identity).run(**arguments))


def llm_run(*arguments, identity=LLM_ID, **named):
    return lambda sdk: show_response(sdk.llm(identity, temperature=0.5).run(*arguments, **named))


STEPS = {
    "get by id": lambda sdk: show_model(sdk.aix.Model.get(LLM_ID)),
    "get by path": lambda sdk: show_model(sdk.aix.Model.get("openai/gpt-4.1-mini/openai")),
    "get a synchronous model": lambda sdk: show_model(sdk.aix.Model.get(SYNC_ID)),
    "get what is missing": lambda sdk: show_model(sdk.aix.Model.get("000000000000000000000000")),
    "get with a host": lambda sdk: show_model(sdk.aix.Model.get(LLM_ID, host="OpenAI")),
    "search": lambda sdk: show_page(sdk.aix.Model.search("gpt")),
    "search page by page": lambda sdk: show_page(sdk.aix.Model.search("gpt", page_number=1, page_size=2)),
    "search by function": lambda sdk: show_page(sdk.aix.Model.search(functions=["translation"], page_size=3)),
    "search by supplier": lambda sdk: show_page(sdk.aix.Model.search(vendors=["openai"], page_size=2)),
    "search by host, developer, path": lambda sdk: show_page(
        sdk.aix.Model.search(host="OpenAI", developer="OpenAI", path="openai/gpt", page_size=2)
    ),
    "search by status and language": lambda sdk: show_page(
        sdk.aix.Model.search(status=["onboarded"], source_languages=["en"], target_languages=["es"], page_size=2)
    ),
    "search saved": lambda sdk: show_page(sdk.aix.Model.search(saved=True, is_finetunable=False, page_size=2)),
    "search in an order": lambda sdk: show_page(
        sdk.aix.Model.search(sort_by=sdk.aix.SortBy.NAME, sort_order=sdk.aix.SortOrder.DESC, page_size=2)
    ),
    "search by enumerations": lambda sdk: show_page(
        sdk.aix.Model.search(functions=[sdk.aix.Function.TRANSLATION], vendors=[sdk.aix.Supplier.OPENAI], page_size=2)
    ),
    "inputs": inputs_story,
    "tool": lambda sdk: plain(sdk.aix.Model.get(LLM_ID).as_tool()),
    "parameters": lambda sdk: plain(sdk.aix.Model.get(LLM_ID).get_parameters()),
    "address": lambda sdk: sdk.aix.Model.get(LLM_ID).build_run_url().rpartition("/api/")[2],
    "payload": lambda sdk: sdk.aix.Model.get(LLM_ID).build_run_payload(text="Hi", timeout=3, temperature=0.5),
    "run": run(LLM_ID, text="Hello"),
    "run with options": run(LLM_ID, text="Hello", temperature=0.5, max_tokens=5),
    "run without a default": run(LLM_ID, text="Hello", temperature=None, max_tokens=None),
    "run with tools": run(
        LLM_ID, text="Hello", tools=[{"type": "function", "function": {"name": "f", "parameters": {}}}]
    ),
    "run with data": run(LLM_ID, data="Hello"),
    "run with an unlisted member": run(LLM_ID, text="Hello", seed=7),
    "run with identity": run(LLM_ID, text="Hello", session_id="s-1", agent_name="a-1", identifier="u-1"),
    "run with controls": run(
        LLM_ID, text="Hello", timeout=30, wait_time=0.2, run_retries=1, run_retry_wait=0.1, show_progress=False
    ),
    "run a synchronous model": run(SYNC_ID, text="Hello", sourcelanguage="en", targetlanguage="es"),
    "run until it is finished": run(ASYNC_ID, text="Hello", wait_time=0.2),
    "run that fails": run(LLM_ID, text="Hello"),
    "run that fails while it is polled": run(ASYNC_ID, text="Hello", wait_time=0.2),
    "run with a final address": run(LLM_ID, text="Hello"),
    "run with odd numbers": run(LLM_ID, text="Hello"),
    "run refused": run(LLM_ID, text="Hello"),
    "run unauthorized": run(LLM_ID, text="Hello"),
    "run without what is required": run(SYNC_ID, sourcelanguage="en", targetlanguage="es"),
    "run with a wrong type": run(LLM_ID, text="Hello", temperature=[]),
    "run with two mistakes": run(SYNC_ID, text=3, targetlanguage="es"),
    "start an asynchronous model": lambda sdk: show_started(sdk.aix.Model.get(ASYNC_ID).run_async(text="Hello")),
    "start": lambda sdk: show_started(sdk.aix.Model.get(LLM_ID).run_async(text="Hello")),
    "start a synchronous model": lambda sdk: show_started(
        sdk.aix.Model.get(SYNC_ID).run_async(text="Hello", sourcelanguage="en", targetlanguage="es")
    ),
    "start with a wrong type": lambda sdk: show_started(sdk.aix.Model.get(LLM_ID).run_async(text=3)),
    "stream": lambda sdk: show_chunks(sdk.aix.Model.get(LLM_ID).run_stream(text="Hello")),
    "stream by keyword": lambda sdk: show_chunks(sdk.aix.Model.get(LLM_ID).run(text="Hello", stream=True)),
    "stream with tools": lambda sdk: show_chunks(
        sdk.aix.Model.get(LLM_ID).run_stream(text="Hello", tools=[{"type": "function", "function": {"name": "f"}}])
    ),
    "stream with options": lambda sdk: show_chunks(
        sdk.aix.Model.get(LLM_ID).run_stream(text="Hello", options={"x": 1})
    ),
    "stream with identity": lambda sdk: show_chunks(
        sdk.aix.Model.get(LLM_ID).run_stream(text="Hello", session_id="s-1")
    ),
    "stream what cannot": lambda sdk: show_chunks(sdk.aix.Model.get(SYNC_ID).run_stream(text="Hello")),
    "delete mark": lambda sdk: [
        (lambda model: (model.mark_as_deleted(), model.is_deleted, plain(model.status))[1:])(sdk.aix.Model.get(LLM_ID))
    ],
    "llm": llm_run("Hello"),
    "llm with everything": llm_run(
        "Hello", "Be kind.", "Say:", [{"role": "user", "content": "a"}], 0.1, 5, 0.9, "run-1", 30, {"seed": 1}, 0.2
    ),
    "llm with an object": llm_run({"data": "Hello", "context": "c"}, top_p=1.0),
    "llm with a number": llm_run("12", top_p=1.0),
    "llm with json text": llm_run('["a", 1]', top_p=1.0),
    "llm until it is finished": llm_run("Hello", identity=ASYNC_ID, top_p=1.0, wait_time=0.2),
    "llm that fails": llm_run("Hello", top_p=1.0),
    "llm unauthorized": llm_run("Hello", top_p=1.0),
    "llm start": lambda sdk: show_response(sdk.llm(LLM_ID, temperature=0.5).run_async("Hello", top_p=1.0)),
    "llm that is none": lambda sdk: wrong_llm(sdk),
}


def wrong_llm(sdk):
    return plain(sdk.llm_class()("x", "X"))


def main():
    sdk = {"reference": Reference, "typedrun": Typedrun, "asyncio": Asyncio}[sys.argv[1]]()
    out, sys.stdout = sys.stdout, sys.stderr  # what an SDK prints is not a result
    print("ready", file=out, flush=True)
    for line in sys.stdin:
        result = collected(functools.partial(STEPS[line.strip()], sdk))
        print(json.dumps(result, default=repr), file=out, flush=True)


if __name__ == "__main__":
    main()
