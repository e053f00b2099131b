"""Fragments of tool calls -> the calls of an answer."""

from __future__ import annotations

import json
from typing import cast

from typedrun.core.streams import MAX_GATHERED
from typedrun.results import JSON, ToolCall, ToolFunction


class ToolCalls:
    """Assembles tool calls from their fragments, in linear time."""

    def __init__(self) -> None:
        self._calls: dict[int, ToolCall] = {}
        self._functions: dict[int, dict[str, JSON]] = {}
        self._arguments: dict[int, list[str]] = {}
        self._last = -1

    def __len__(self) -> int:
        return len(self._calls)

    def add(self, fragments: list[ToolCall], room: int = MAX_GATHERED) -> int:
        """Take the fragments of one chunk.

        Args:
            fragments: What a chunk has as `tool_calls`.
            room: Characters of arguments that may be kept.

        Returns:
            How many characters of arguments they had; those beyond the room are left out.
        """
        size = 0
        for fragment in fragments:
            self._last = index = self._index_of(fragment)
            call = cast("dict[str, JSON]", self._calls.setdefault(index, {}))
            function = self._functions.setdefault(index, {})
            arguments = self._arguments.setdefault(index, [])
            for key, value in cast("dict[str, JSON]", fragment).items():
                if key == "function" and isinstance(value, dict):
                    _merge(function, {name: part for name, part in value.items() if name != "arguments"})
                    text = _arguments_text(value.get("arguments"))
                    size += len(text)
                    if text and size <= room:
                        arguments.append(text)
                elif key != "index":
                    _merge(call, {key: value})
        return size

    def _index_of(self, fragment: ToolCall) -> int:
        """Its `index`; without one, a new `id` begins a new call and anything else continues the last one."""
        index = fragment.get("index")
        if isinstance(index, int):
            return index
        known = self._calls.get(self._last)
        begins = known is None or (fragment.get("id") and fragment.get("id") != known.get("id", fragment.get("id")))
        return max(self._calls, default=-1) + 1 if begins else self._last

    def assembled(self) -> list[ToolCall]:
        """The calls in the order of their index, without it, as a run without streaming has them."""
        return [
            {
                **self._calls[index],
                "function": cast(
                    "ToolFunction", {**self._functions[index], "arguments": "".join(self._arguments[index])}
                ),
            }
            for index in sorted(self._calls)
        ]


def _merge(known: dict[str, JSON], news: dict[str, JSON]) -> None:
    """Merge a fragment. Id, type and name come in the first; later ones may repeat them empty."""
    for key, value in news.items():
        if value is not None and not known.get(key):
            known[key] = value


def _arguments_text(arguments: JSON) -> str:
    if isinstance(arguments, str):
        return arguments
    return "" if arguments is None else json.dumps(arguments)
