"""A run as a question and an answer, before either takes its wire form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from attrs import frozen

from typedrun_sandbox.catalog import CatalogModel
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


@frozen(kw_only=True)
class Question:
    """One run: which model, with what."""

    model: CatalogModel
    body: Mapping[str, JSON]
    """The flat body as sent, nulls dropped."""
    files: Files
    documents: dict[str, JSONObject]
    """What this model's index holds, by document id."""

    @property
    def text(self) -> str:
        """What the run is about, in words: the prompt, the text, or every string in the body."""
        for name in ("text", "data", "prompt", "query", "question"):
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
        """The `usage` object."""
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
    """Some real answers (an index) lack the `completed` key."""

    @property
    def stream_pieces(self) -> tuple[str, ...]:
        """The pieces, or the whole text as one."""
        return self.pieces or ((as_text(self.data),) if isinstance(self.data, str) and self.data != ABSENT else ())
