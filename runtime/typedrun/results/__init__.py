"""What a run gives back: value classes and nothing else (decoding is in marketplaces).

Every class keeps the JSON object it was read from in `raw`; a field that a newer backend added is therefore never lost, and can
also be read as an attribute (`result.rawData`). Type checkers do not see that door, so a misspelt name is still an error to them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypedDict

from typedrun.lazymembers import later
from typedrun.openenums import ResponseStatus
from typedrun.records import define, field
from typedrun.results.wirevalues import JSON as JSON
from typedrun.results.wirevalues import KeepsUnknown

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    from typedrun.results.doors import FromWire as FromWire
    from typedrun.results.doors import ResultDoors, UsageDoors

    DataT = TypeVar("DataT", default=Any)
else:
    from typing import TypeVar

    # The default (PEP 696) exists for checkers only: typing_extensions is not a run-time dependency.
    DataT = TypeVar("DataT")
    FromWire = later("typedrun.results.doors:FromWire", "to_dict to_json", KeepsUnknown)
    UsageDoors = later(
        "typedrun.results.doors:UsageDoors", "__getitem__ __iter__ get keys to_dict to_json", KeepsUnknown
    )
    ResultDoors = later("typedrun.results.doors:ResultDoors", "_repr_html_ files save to_dict to_json", KeepsUnknown)


class ToolFunction(TypedDict, total=False):
    """The function that a model wants called."""

    name: str
    """Name of the function."""
    arguments: str
    """Arguments as JSON text; a fragment of it in a stream."""


class ToolCall(TypedDict, total=False):
    """One tool call of an assistant message, or a fragment of one in a stream."""

    index: int
    """Position among the calls of the answer; only in a stream, where it says which fragments belong together."""
    id: str
    """Identifier to quote when the tool's answer is sent back."""
    type: str
    """`"function"`."""
    function: ToolFunction
    """What to call."""


@define()
class Usage(UsageDoors):
    """Tokens that a run consumed. Also readable like a mapping of wire names: `usage["total_tokens"]`."""

    prompt_tokens: int | None = None
    """Tokens read. None when the backend did not say. Wire: `usage.prompt_tokens`."""
    completion_tokens: int | None = None
    """Tokens written. None when the backend did not say. Wire: `usage.completion_tokens`."""
    total_tokens: int | None = None
    """Both together, as the backend counts. Wire: `usage.total_tokens`."""
    raw: Mapping[str, JSON] = field(factory=dict[str, JSON], repr=False, eq=False)
    """The object as received; newer backends add `prompt_tokens_details` and `completion_tokens_details`."""


@define()
class Message(FromWire):
    """An assistant message of a language model."""

    role: str = "assistant"
    """Who speaks. Wire: `message.role`."""
    content: str | None = None
    """The text; None when the model calls tools instead. Wire: `message.content`."""
    reasoning_content: str | None = None
    """The model's reasoning under one name. Wire: `reasoning_content`, else `reasoning`, else `reasoning_details`."""
    tool_calls: list[ToolCall] | None = None
    """Calls that the model asks for; None when there are none. Wire: `message.tool_calls`."""
    refusal: str | None = None
    """Why the model declined. Wire: `message.refusal`."""
    annotations: list[JSON] = field(factory=list[JSON])
    """Citations and the like, as received. Wire: `message.annotations`."""
    raw: Mapping[str, JSON] = field(factory=dict[str, JSON], repr=False, eq=False)
    """The object as received."""

    @property
    def reasoning(self) -> JSON:
        """Reasoning under the wire name that some suppliers use; `reasoning_content` has it under any."""
        return self.raw.get("reasoning")

    @property
    def reasoning_details(self) -> JSON:
        """Reasoning in blocks, as some suppliers send it; `reasoning_content` has their text."""
        return self.raw.get("reasoning_details")


@define()
class Detail(FromWire):
    """One choice of a language model's answer."""

    index: int = 0
    """Position of the choice, from 0. Wire: `details[].index`."""
    message: Message = field(factory=Message)
    """What the model said. Wire: `details[].message`."""
    logprobs: JSON = None
    """Token probabilities if they were asked for. Wire: `details[].logprobs`."""
    finish_reason: str | None = None
    """Why it stopped: `stop`, `length`, `tool_calls`, or a newer word. Wire: `details[].finish_reason`."""
    raw: Mapping[str, JSON] = field(factory=dict[str, JSON], repr=False, eq=False)
    """The object as received."""


_NONE_MEASURED: Mapping[str, JSON] = {}

Details: TypeAlias = "list[Detail] | dict[str, JSON] | list[JSON]"
"""Choices of a language model; an object for guardrails; a list of hits for an index search."""


@define()
class ModelResult(ResultDoors, Generic[DataT]):
    """The outcome of a run, finished or (with a `url` to poll) not yet."""

    status: str
    """`SUCCESS`, `FAILED`, `IN_PROGRESS`, or a newer word as received. Wire: `status`; derived where it is missing."""
    completed: bool
    """Whether the run is finished. Never true while the status is `IN_PROGRESS`. Wire: `completed`; derived where it is missing."""
    error_message: str | None = None
    """Why the run failed. Wire: the first of the error fields that says something."""
    url: str | None = None
    """Where to poll an unfinished run. Wire: `url`, or `data` of an unfinished answer."""
    result: JSON = None
    """Wire: `result`; rarely used by the backend."""
    supplier_error: str | None = None
    """The supplier's own words, often JSON text. Wire: `supplierError` or `supplier_error`."""
    data: DataT = None  # type: ignore[assignment]  # absent data is None for every DataT; None in the type would burden each reader
    """The model's output. None when there is none (yet), e.g. when the model calls tools. Wire: `data`."""
    details: Details | None = None
    """Choices of a language model, or what other functions send here as received. Wire: `details`."""
    run_time: float | None = None
    """Seconds. None when the backend did not say."""
    used_credits: float | None = None
    """Credits; 1 credit = 1 USD. None when not reported."""
    usage: Usage | None = None
    """Tokens. None when not reported. Wire: `usage`."""
    asset: dict[str, JSON] | None = None
    """What ran, as received: the model's id and its path."""
    request_id: str | None = None
    """Quote it to the backend's support. Wire: `requestId`, often only in the first answer."""
    model: str | None = None
    """The supplier's name of the model. Wire: `model`."""
    session_id: str | None = None
    """The conversation that the run belongs to. Wire: `sessionId`."""
    raw: Mapping[str, JSON] = field(factory=dict[str, JSON], repr=False, eq=False)
    """The whole answer as received."""
    logs: str = ""
    """What the model wrote while it ran; empty where the backend passes nothing on."""
    metrics: Mapping[str, JSON] = _NONE_MEASURED
    """What the backend measured of the run, by its own names."""

    def __repr__(self) -> str:
        show: Callable[..., str] = import_module("typedrun.display").fields_line
        return show(self)

    @property
    def choices(self) -> list[Detail]:
        """`details` where they are a language model's choices, else empty."""
        return [entry for entry in self.details if isinstance(entry, Detail)] if isinstance(self.details, list) else []


@define()
class StreamChunk(KeepsUnknown):
    """One piece of a streamed answer."""

    status: ResponseStatus
    """`IN_PROGRESS`, or `SUCCESS` on a chunk that came with the final result."""
    data: str = ""
    """The text of this piece; empty when it carries something else."""
    reasoning_content: str | None = None
    """Reasoning text of this piece."""
    tool_calls: list[ToolCall] | None = None
    """Fragments of tool calls; those with the same `index` belong together."""
    usage: Usage | None = None
    """Tokens of the whole run, normally on the last piece only."""
    finish_reason: str | None = None
    """Why the model stopped, on the last piece with text."""
    raw: Mapping[str, JSON] | None = field(default=None, repr=False, eq=False)
    """The frame as received; None when it was plain text."""
