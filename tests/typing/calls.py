"""Calls by attribute: right ones are silent, wrong ones are flagged where they stand."""

from __future__ import annotations

from typing import assert_type

from aixplain_models import Aixplain
from typedrun.job import Job
from typedrun.results import ModelResult
from typedrun.streaming import ModelResponseStreamer

aix = Aixplain(api_key="key")
gpt = aix.models.openai.gpt_5_4
google = aix.models.google.google_cloud_translation

# Right uses.
assert_type(gpt.run(text="Hello"), ModelResult[str])
assert_type(gpt.run(text="Hello", temperature=0.2, max_tokens=100), ModelResult[str])
assert_type(gpt.run(text="Hello", temperature=None, reasoning_effort="low"), ModelResult[str])
assert_type(gpt.run(text=[{"role": "user", "content": "Hello"}], timeout=60), ModelResult[str])
assert_type(gpt.run(text="Hello", extra={"top_k": 3, "options": {"includeRawData": True}}), ModelResult[str])
assert_type(gpt.run(text="Hello", identifier="me", session_id="talk", run_retries=2), ModelResult[str])
assert_type(gpt.run(text="Hello", stream=True), ModelResponseStreamer)
assert_type(gpt.run(text="Hello", stream=False), ModelResult[str])
assert_type(gpt.run(text="Hello", stream=bool(input())), ModelResult[str] | ModelResponseStreamer)
assert_type(gpt.run_async(text="Hello"), Job[str])
assert_type(gpt.run_async(text="Hello").wait(timeout=10), ModelResult[str])
assert_type(google.run(text="Hello", sourcelanguage="en", targetlanguage="fr").data, str)
with gpt.run_stream(text="Hello") as streamer:
    assert_type(streamer, ModelResponseStreamer)
gpt.run(text="Hello", response_format={"type": "json_object"}, tools=[{"type": "function"}])

# Wrong parameter names.
gpt.run(text="Hello", temprature=0.2)  # E: mypy[call-overload] pyright[reportCallIssue]
gpt.run_async(text="Hello", temprature=0.2)  # E: mypy[call-arg] pyright[reportCallIssue]
google.run(text="Hello", sourcelanguage="en", target="fr")  # E: mypy[call-arg] pyright[reportCallIssue]

# Wrong types.
gpt.run(text="Hello", temperature="warm")  # E: mypy[call-overload] pyright[reportArgumentType]
gpt.run(text=42)  # E: mypy[call-overload] pyright[reportArgumentType]
gpt.run_async(text=42)  # E: mypy[arg-type] pyright[reportArgumentType]
google.run(text=["Hello"], sourcelanguage="en", targetlanguage="fr")  # E: mypy[arg-type] pyright[reportArgumentType]

# Wrong options.
gpt.run(text="Hello", reasoning_effort="extreme")  # E: mypy[call-overload] pyright[reportArgumentType]
google.run(text="Hello", sourcelanguage="en", targetlanguage="xx")  # E: mypy[arg-type] pyright[reportArgumentType]

# Missing required arguments.
gpt.run()  # E: mypy[call-overload] pyright[reportCallIssue]
gpt.run_async(temperature=0.2)  # E: mypy[call-arg] pyright[reportCallIssue]
google.run(text="Hello", sourcelanguage="en")  # E: mypy[call-arg] pyright[reportCallIssue]

# Positional arguments: there is no order to remember.
gpt.run("Hello")  # E: mypy[call-overload] pyright[reportCallIssue]
google.run("Hello")  # E: mypy[call-arg] pyright[reportCallIssue]

# Streaming a model that cannot stream.
google.run(text="", sourcelanguage="en", targetlanguage="fr", stream=True)  # E: mypy[call-arg] pyright[reportCallIssue]
google.run_stream(text="Hello")  # E: mypy[call-arg] pyright[reportCallIssue]

# Run controls are checked too.
gpt.run(text="Hello", timeout="long")  # E: mypy[call-overload] pyright[reportArgumentType]
gpt.run_async(text="Hello", identifier=7)  # E: mypy[arg-type] pyright[reportArgumentType]
