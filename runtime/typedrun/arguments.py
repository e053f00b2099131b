"""Types of arguments that are more than a scalar: media, and chat messages. Types only, so that importing costs nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import BinaryIO, Literal, Required, TypeAlias, TypedDict

from typedrun.jsontypes import JSON

Media: TypeAlias = str | os.PathLike[str] | bytes | BinaryIO
"""Audio, image, video or document: a URL (a text, sent as it is), or a local file: a path object, bytes or an open binary file
(uploaded first). A plain text never names a local file, unless the client was made with `local_paths=True`."""


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


MessagePart: TypeAlias = TextPart | ImagePart | Mapping[str, JSON]
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
