"""Counting and cutting text in token-like pieces: words and punctuation, each with the blank before it."""

from __future__ import annotations

import re

_PIECE = re.compile(r"\s*(?:\w+|[^\w\s])")


def split(text: str) -> tuple[str, ...]:
    """The pieces of a text; joined they are the text again."""
    pieces = _PIECE.findall(text)
    rest = text[sum(map(len, pieces)) :]
    if rest and pieces:
        pieces[-1] += rest
    return tuple(pieces) or ((text,) if text else ())


def count(text: str) -> int:
    """How many pieces a text has."""
    return len(split(text))


def cut(text: str, limit: int | None, stops: tuple[str, ...]) -> tuple[str, str]:
    """The text up to a stop word or the token limit, and the finish reason."""
    ends = [at for at in (text.find(stop) for stop in stops if stop) if at >= 0]
    text = text[: min(ends)] if ends else text
    pieces = split(text)
    if limit is None or len(pieces) <= limit:
        return text, "stop"
    return "".join(pieces[:limit]), "length"
