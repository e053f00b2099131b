"""What a run gave back, as content for a language model."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from typedrun.answers.outputs import as_json
from typedrun.jsontypes import is_array, is_object
from typedrun.results import ModelResult
from typedrun.transfers.media import is_url

_LONGEST_ADDRESS: Final = 8192
"""A longer text that begins like an address is data that only looks like one."""

_DEEPEST: Final = 100
"""Levels of a value that readers of JSON can be asked to follow."""


def text_of(result: ModelResult[Any]) -> str:
    """The output as text: itself where it is one, else JSON."""
    data = output_of(result)
    return data if isinstance(data, str) else json.dumps(plain_json(data), ensure_ascii=False)


def output_of(result: ModelResult[Any]) -> Any:
    """The output of a run as JSON: `data`, or the messages where the model called tools instead."""
    if result.data is not None:
        return as_json(result.data)
    messages = [choice.message.to_dict() for choice in result.choices]
    return messages or None


def addresses_of(result: ModelResult[Any]) -> list[str]:
    """The addresses of an output's files; where they are plain texts, of an output that is one, or a list of nothing else."""
    if files := result.files:
        return [file.url for file in files]
    data = result.data
    if described := list(_described_files(data)):
        return described
    listed: Sequence[Any] = data if is_array(data) else [data]
    found = [item for item in listed if isinstance(item, str) and _is_address(item)]
    return found if len(found) == len(listed) else []


def _described_files(data: object, depth: int = 0) -> Iterator[str]:
    """The addresses of objects that say of what type what lies there is: files of an output whose type nobody declared."""
    if depth > _DEEPEST:
        return
    if is_object(data):
        url = data.get("url")
        if isinstance(url, str) and "content_type" in data and _is_address(url):
            yield url
            return
        data = list(data.values())
    if is_array(data):
        for inner in data:
            yield from _described_files(inner, depth + 1)


def _is_address(text: str) -> bool:
    if text.lower().startswith("data:"):
        return is_url(text) and "," in text and not any(letter.isspace() for letter in text[:100])
    if not is_url(text) or len(text) > _LONGEST_ADDRESS or any(letter.isspace() for letter in text):
        return False
    try:
        return bool(urlsplit(text).netloc)
    except ValueError:  # "https://[::1/x"
        return False


def content_blocks(result: ModelResult[Any]) -> list[dict[str, Any]]:
    """The output as content of the Model Context Protocol: media as links, everything else as text."""
    links = [address for address in addresses_of(result) if not address.lower().startswith("data:")]
    if links:
        return [{"type": "resource_link", "uri": uri, "name": file_name(uri) or uri} for uri in links]
    return [{"type": "text", "text": text_of(result)}]


def plain_json(value: Any, depth: int = 0) -> Any:
    """A value as every reader of JSON takes it: half characters, numbers without an end and what lies too deep are none of theirs."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if depth > _DEEPEST:
        return None
    if is_object(value):
        return {plain_json(name): plain_json(inner, depth + 1) for name, inner in value.items()}
    if is_array(value):
        return [plain_json(inner, depth + 1) for inner in value]
    return value


def file_name(address: str) -> str:
    """The last part of an address, without its query: what a file from there is called; empty for a bare host."""
    return urlsplit(address).path.rstrip("/").rpartition("/")[2]


def structured_output(result: ModelResult[Any]) -> dict[str, Any]:
    """The output as an object: what `output_schema` describes."""
    known = {"cost": result.used_credits, "request_id": result.request_id}
    return {"data": output_of(result), **{name: value for name, value in known.items() if value is not None}}


def output_schema() -> dict[str, Any]:
    """What `structured_output` gives, for any model: catalogs do not say of what form an output is."""
    return {
        "type": "object",
        "properties": {
            "data": {
                "type": ["string", "number", "boolean", "object", "array", "null"],
                "description": "The model's output: a text, an address, or JSON.",
            },
            "cost": {"type": "number", "description": "Credits that the run used."},
            "request_id": {"type": "string", "description": "What the backend calls this run."},
        },
        "required": ["data"],
        "additionalProperties": False,
    }
