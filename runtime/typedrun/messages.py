"""Chat messages: what a text generation takes as `text` instead of a prompt, for conversations and for pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Required, TypeAlias, TypedDict

from typedrun.core.jsontypes import JSON


class TextPart(TypedDict):
    """A piece of text in a message."""

    type: Literal["text"]
    text: str


class ImageURL(TypedDict, total=False):
    """Where a picture is."""

    url: Required[str]
    """Public URL, or a `data:` URL."""
    detail: Literal["auto", "low", "high"]


class ImagePart(TypedDict):
    """A picture in a message."""

    type: Literal["image_url"]
    image_url: ImageURL


MessagePart: TypeAlias = "TextPart | ImagePart | Mapping[str, JSON]"
"""One piece of a message; suppliers know more kinds than these two."""


class ChatMessage(TypedDict, total=False):
    """One turn of a conversation."""

    role: Required[Literal["system", "developer", "user", "assistant", "tool"]]
    """Who speaks."""
    content: str | Sequence[MessagePart] | None
    """What is said; None when an assistant calls tools."""
    name: str
    """Tells speakers of one role apart."""
    tool_calls: Sequence[Mapping[str, JSON]]
    """Calls that the assistant asked for, as a result's message has them."""
    tool_call_id: str
    """In a tool's message: the call that it answers."""
