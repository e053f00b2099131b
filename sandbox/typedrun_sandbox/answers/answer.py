"""A run as a question and an answer, before either takes its wire form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from attrs import frozen

from typedrun_sandbox.jsontypes import JSON, JSONObject, as_list, as_object, as_text

ABSENT = "\0absent"
"""Marks an answer that has no `data` key at all (a tool call)."""


class Files(Protocol):
    """Where an answer leaves the media that it made."""

    def store(self, name: str, content_type: str, content: bytes, about: str) -> str:
        """Keep bytes under a name, with the text they were made from; returns the URL they can be fetched from."""
        ...

    def about(self, url: str) -> str:
        """The text that a file was made from; empty for any other URL."""
        ...


class Subject(Protocol):
    """What answers may depend on of a model. Whoever reads a catalog says it in these words."""

    @property
    def id(self) -> str:
        """Its id."""
        ...

    @property
    def name(self) -> str:
        """The display name."""
        ...

    @property
    def function(self) -> str:
        """What it does: `text-generation`, `translation` …"""
        ...

    @property
    def output(self) -> str:
        """Kind of what it answers: audio, image, video, label, embedding, number or text; empty when nobody says."""
        ...

    @property
    def output_schema(self) -> JSONObject | None:
        """JSON Schema of its answers, where it publishes one."""
        ...

    @property
    def vector_size(self) -> int | None:
        """How long its embeddings are."""
        ...

    def preset(self, parameter: str, /) -> str:
        """The text that a parameter has when nobody sends it; empty for none."""
        ...


@frozen(kw_only=True)
class Question:
    """One run: which model, with what."""

    model: Subject
    body: Mapping[str, JSON]
    """The flat body as sent, nulls dropped."""
    files: Files

    @property
    def text(self) -> str:
        """What the run is about, in words: the prompt, the text, or every string in the body."""
        for name in ("text", "data", "prompt", "query", "question", "messages"):
            words = words_of(self.body.get(name))
            if words:
                return words
        return " ".join(words_of(value) for name, value in sorted(self.body.items()) if name != "options").strip()

    def value(self, *names: str) -> JSON:
        """The first of these parameters that was sent."""
        return next((self.body[name] for name in names if name in self.body), None)


def words_of(value: JSON) -> str:
    """The text in a value: a string, the last user message of a chat, the text parts of a multimodal message."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return str(value)
    if isinstance(value, dict):
        return words_of(value.get("content", value.get("text")))
    messages = as_list(value)
    asked = [message for message in map(as_object, messages) if message.get("role") == "user"]
    if asked:
        return words_of(asked[-1].get("content"))
    return " ".join(filter(None, (words_of(part) for part in messages)))


@frozen
class Usage:
    """Tokens in and out."""

    prompt: int
    completion: int

    def show(self) -> JSONObject:
        """Show the `usage` object."""
        return {
            "prompt_tokens": self.prompt,
            "completion_tokens": self.completion,
            "total_tokens": self.prompt + self.completion,
        }


@frozen(kw_only=True)
class Answer:
    """What a model says."""

    data: JSON = None
    """The payload; `ABSENT` leaves the key out."""
    details: JSON = None
    """`details` of the envelope; None leaves the key out."""
    usage: Usage | None = None
    raw: JSON = None
    """The supplier's own payload, shown with `options.includeRawData`."""
    pieces: tuple[str, ...] = ()
    """The text as it streams."""
    reasoning: str = ""
    tool_calls: tuple[JSONObject, ...] = ()
    finish_reason: str = "stop"
    failure: str = ""
    """A supplier's error text; the run then ends FAILED."""
    has_completed: bool = True
    """Whether the answer says that it is complete; those of an index do not."""

    @property
    def stream_pieces(self) -> tuple[str, ...]:
        """The pieces, or the whole text as one."""
        return self.pieces or ((as_text(self.data),) if isinstance(self.data, str) and self.data != ABSENT else ())
