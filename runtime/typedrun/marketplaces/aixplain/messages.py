"""What a message has beside plain text: parts, reasoning, tool calls, a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from typedrun.core.failures import text_or_none
from typedrun.results import JSON, Message, ToolCall


def read_extras(role: str, message: dict[str, JSON]) -> Message:
    """Read a message that is more than a plain text."""
    content, annotations, calls = message.get("content"), message.get("annotations"), message.get("tool_calls")
    return Message(
        role,
        None if content is None else read_content(content),
        read_reasoning(message),
        read_tool_calls(calls) if calls else None,
        text_or_none(message.get("refusal")),
        annotations if isinstance(annotations, list) else [],
        message,
    )


def read_content(content: JSON) -> str:
    """Message text that comes as a list of parts (`{"type": "text", "text": …}`)."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = (part if isinstance(part, str) else part.get("text") for part in parts if isinstance(part, str | dict))
    return "".join(text for text in texts if isinstance(text, str))


def read_tool_calls(value: JSON) -> list[ToolCall] | None:
    """Read a list of tool calls or fragments; a single object is wrapped, nothing usable is None."""
    entries = value if isinstance(value, list) else [value]
    return cast("list[ToolCall]", [entry for entry in entries if isinstance(entry, dict)]) or None


def read_reasoning(message: Mapping[str, JSON]) -> str | None:
    """Reasoning text, which suppliers put under three names; the same text under two of them counts once."""
    for key in ("reasoning_content", "reasoning"):
        text = message.get(key)
        if text and isinstance(text, str):
            return text
    blocks = message.get("reasoning_details")
    if not blocks:
        return None
    parts = (_reasoning_of_block(block) for block in (blocks if isinstance(blocks, list) else [blocks]))
    return "".join(parts) or None


_REASONING_TEXT = {"reasoning.text": "text", "reasoning.summary": "summary"}  # "reasoning.encrypted" is for machines


def _reasoning_of_block(block: JSON) -> str:
    if not isinstance(block, dict):
        return ""
    text = block.get(_REASONING_TEXT.get(str(block.get("type")), ""))
    return text if isinstance(text, str) else ""
