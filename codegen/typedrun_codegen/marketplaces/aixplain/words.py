"""The type table: which Python type a parameter has, as data. A new dataType is a new row of `typedrun.kinds` or of `OUTPUTS`.

A row is chosen by dataType and dataSubType: an exact pair first, then the dataType alone, else the row for the unknown.
Every row has a name, which `typedrun show MODEL --why NAME` prints.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from typedrun.kinds import ANY, ROWS, Row
from typedrun.kinds import UNKNOWN as UNKNOWN_ROW
from typedrun_codegen.ir.api import ANYTHING, ListOf, TypeExpr, UnionOf
from typedrun_codegen.ir.jsontypes import JSON
from typedrun_codegen.ir.values import BOOLEAN, INTEGER, MEDIA, MESSAGES, NUMBER, OBJECT, TEXT
from typedrun_codegen.marketplaces.protocol import MAY_STREAM, NEVER_STREAMS


@frozen
class Rule:
    """A row of the table: what the catalog says → the type, and why."""

    name: str
    data_type: str | None
    data_sub_type: str | None
    type: TypeExpr
    why: str


_TYPES = {
    "text": TEXT,
    "label": TEXT,
    "number": NUMBER,
    "integer": INTEGER,
    "boolean": BOOLEAN,
    "media": MEDIA,
    **dict.fromkeys(("json", "value", "any"), ANYTHING),
}
"""Kind of the runtime's table → the type in a signature."""


def _rule(row: Row) -> Rule:
    type_ = _TYPES[row.kind]
    return Rule(row.name, row.data_type, row.data_sub_type, ListOf(type_) if row.is_list else type_, row.why)


RULES = tuple(map(_rule, ROWS))
"""The rows that the runtime and the sandbox have, too (`typedrun.kinds`)."""

UNKNOWN = _rule(UNKNOWN_ROW)

MESSAGES_RULE = Rule("text-messages", "text", "text", UnionOf((TEXT, MESSAGES)), "a prompt, or a list of chat messages")

_BY_PAIR = {(rule.data_type, rule.data_sub_type): rule for rule in RULES}


def rule_for(data_type: str | None, data_sub_type: str | None, *, conversation: bool = False) -> Rule:
    """The row for a dataType and dataSubType.

    Args:
        data_type: the parameter's dataType; None when absent.
        data_sub_type: the parameter's dataSubType; None when absent.
        conversation: the parameter is the prompt of a text generation, which also takes chat messages.
    """
    rule = _BY_PAIR.get((data_type, data_sub_type)) or _BY_PAIR.get((data_type, ANY)) or UNKNOWN
    return MESSAGES_RULE if conversation and rule.name == "text" else rule


OUTPUTS = (
    Rule("output-text", "text", ANY, TEXT, "the function answers text"),
    Rule("output-label", "label", ANY, ANYTHING, "labels come as text, as a list or as an object: any JSON value"),
    Rule("output-audio", "audio", ANY, TEXT, "audio comes as its URL"),
    Rule("output-image", "image", ANY, TEXT, "an image comes as its URL"),
    Rule("output-video", "video", ANY, TEXT, "a video comes as its URL"),
    Rule("output-document", "document", ANY, TEXT, "a document comes as its URL"),
    Rule("output-number", "number", ANY, NUMBER, "the function answers a number"),
    Rule("output-integer", "integer", ANY, INTEGER, "the function answers a whole number"),
    Rule("output-boolean", "boolean", ANY, BOOLEAN, "the function answers true or false"),
    Rule("output-embedding", "embedding", ANY, ListOf(NUMBER), "a vector of numbers"),
    Rule("output-tensor", "tensor", ANY, ANYTHING, "numbers nested to any depth: any JSON value"),
    Rule("output-json", "json", ANY, ANYTHING, "any JSON value"),
    Rule("output-array", "array", ANY, ListOf(ANYTHING), "a list of JSON values"),
)
"""Type of a result's data by the dataType of the function's one output."""

OUTPUTS_BY_FUNCTION = {
    "guardrails": Rule("output-guardrail", ANY, ANY, OBJECT, "guardrails answer an object, whatever the metadata says"),
    "search": Rule("output-search", ANY, ANY, ANYTHING, "an index answers what it was filled with: any JSON value"),
    "utilities": Rule("output-utility", ANY, ANY, ANYTHING, "users' own code answers what it likes: any JSON value"),
    "connection": Rule("output-connection", ANY, ANY, ANYTHING, "each action of a tool answers in its own form"),
    "connector": Rule("output-connector", ANY, ANY, ANYTHING, "each action of a tool answers in its own form"),
    "text-embedding": Rule("output-text-embedding", ANY, ANY, ListOf(NUMBER), "embeddings are vectors of numbers"),
}
"""Functions whose metadata says less than their answers do: guardrails, index search, tools, embeddings."""

OUTPUT_SEVERAL = Rule("output-several", ANY, ANY, ANYTHING, "the function has several outputs: any JSON value")
OUTPUT_UNKNOWN = Rule("output-unknown", ANY, ANY, ANYTHING, "the metadata does not tell the output: any JSON value")

_OUTPUT_BY_TYPE = {rule.data_type: rule for rule in OUTPUTS}


def output_rule(function: str, data_types: Sequence[JSON]) -> Rule:
    """The row for a result's data.

    Args:
        function: the function's id.
        data_types: dataType of each output that its metadata lists.
    """
    if function in OUTPUTS_BY_FUNCTION:
        return OUTPUTS_BY_FUNCTION[function]
    if len(data_types) > 1:
        return OUTPUT_SEVERAL
    return _OUTPUT_BY_TYPE.get(str(data_types[0]), OUTPUT_UNKNOWN) if data_types else OUTPUT_UNKNOWN


STREAMING = {
    MAY_STREAM: "supportsStreaming is not false: it may stream",
    NEVER_STREAMS: "supportsStreaming is false",
}
"""Why a model's class can stream, or cannot."""

REASONS = STREAMING | {
    rule.name: rule.why
    for rule in (
        *RULES,
        UNKNOWN,
        MESSAGES_RULE,
        *OUTPUTS,
        *OUTPUTS_BY_FUNCTION.values(),
        OUTPUT_SEVERAL,
        OUTPUT_UNKNOWN,
    )
}
"""Name of a row → why it gives its type."""
