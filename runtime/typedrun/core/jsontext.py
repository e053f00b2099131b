"""JSON text -> values: by orjson where it is installed (the `fast` extra), else by the standard library.

Either way the standard library decides what is JSON: what orjson refuses (bare `NaN`, lone surrogates) is given to it. The one
difference left is that orjson reads integers beyond 64 bits as floats.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from json.scanner import make_scanner
from typing import Any, TypeAlias, cast

from typedrun.results import JSON

Loads: TypeAlias = "Callable[[str | bytes], Any]"

# What json.loads ends up calling; its own way there costs a small answer a fifth of its time.
_scan = make_scanner(cast("Any", json.JSONDecoder()))  # typeshed takes its argument for a scanner


def decode_text(body: bytes) -> str:
    """UTF-8 text without a byte order mark; never fails."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = body.decode(errors="replace")
    return text.removeprefix("\ufeff")


def make_parser(fast: Loads | None) -> Callable[[str | bytes], JSON]:
    """Make a JSON parser for text or UTF-8 bytes.

    Args:
        fast: What is asked first, like `orjson.loads`; a ValueError from it means "ask the other one".

    Returns:
        A function that raises ValueError for what is no JSON, and RecursionError for what is nested too deeply.
    """
    if fast is None:
        return _parse

    def parse(text: str | bytes) -> JSON:
        try:
            return cast("JSON", fast(text))
        except ValueError:
            return _parse(text)

    return parse


def _parse(text: str | bytes) -> JSON:
    """`json.loads` without the way there: it looks for a mark and for white space on both sides."""
    try:
        read = text if isinstance(text, str) else text.decode()
        value, end = _scan(read, 0)
    except (ValueError, StopIteration):  # no UTF-8, something before it, or an error that json.loads words best
        return cast("JSON", json.loads(text if isinstance(text, str) else decode_text(text)))
    if end != len(read) and not read[end:].isspace():
        return cast("JSON", json.loads(read))
    return cast("JSON", value)


def _find_fast() -> Loads | None:
    try:
        return cast("Loads", import_module("orjson").loads)
    except ImportError:
        return None


parse_json: Callable[[str | bytes], JSON] = make_parser(_find_fast())


def parse_object(text: str) -> dict[str, JSON] | None:
    """Parse a JSON object; None for anything else."""
    if not text.startswith("{"):
        text = text.lstrip()
        if not text.startswith("{"):
            return None
    try:
        return cast("dict[str, JSON]", parse_json(text))
    except (ValueError, RecursionError):
        return None
