"""Tools that are no models: their schemas, and arguments read by them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from typedrun.errors import ParameterError
from typedrun.exports.content import output_schema
from typedrun.exports.jsonschema import Schema
from typedrun.records import frozen
from typedrun.wording import closest


@frozen()
class Tool:
    """One tool."""

    name: str
    title: str
    description: str
    input_schema: Schema
    output_schema: Schema
    only_reads: bool = False
    """Whether calling it changes nothing and costs nothing."""


def closed(properties: Mapping[str, Schema], required: Sequence[str] = ()) -> Schema:
    """An object of these members and no others."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


def job_schema() -> Schema:
    """An output, or a job that will have one."""
    schema = output_schema()
    more = {"status": {"type": "string"}, "job": {"type": "string", "description": "To be asked for with get_job."}}
    return schema | {"properties": {**schema["properties"], **more}, "required": []}


_TYPES: Final[Mapping[str, tuple[type, str]]] = {
    "string": (str, "a text"),
    "integer": (int, "a whole number"),
    "boolean": (bool, "true or false"),
    "object": (dict, "an object"),
}


def read_arguments(tool: Tool, given: Mapping[str, Any]) -> dict[str, Any]:
    """Read the arguments of one of our own tools.

    Raises:
        ParameterError: some do not fit the tool's schema; one error for all of them.
    """
    properties: Mapping[str, Schema] = tool.input_schema["properties"]
    problems = [f"'{name}' is missing" for name in tool.input_schema["required"] if name not in given]
    for name, value in given.items():
        if name not in properties:
            near = closest(name, properties)
            problems.append(f"'{name}' is no argument" + (f": did you mean '{near}'?" if near else ""))
        elif (wrong := _wrong(properties[name], value)) is not None:
            problems.append(f"'{name}' must be {wrong}")
    if problems:
        raise ParameterError(f"{tool.name}: {'; '.join(problems)}", problems=problems)
    return dict(given)


def _wrong(schema: Schema, value: object) -> str | None:
    kind, words = _TYPES[schema["type"]]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        return words
    low, high = schema.get("minimum"), schema.get("maximum")
    if isinstance(value, int) and ((low is not None and value < low) or (high is not None and value > high)):
        return f"{words} of at least {low}" + ("" if high is None else f" and at most {high}")
    return None
