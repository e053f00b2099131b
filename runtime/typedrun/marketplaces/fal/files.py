"""Which texts of an input are the addresses of files: what their schemas say of it, else what their names and descriptions say.

The documents seldom have a format. Many have a hint for the form on the website (`_fal_ui_field`, `ui.field`) or limits of a file; all
have names that end in `url` or `urls`, and so have addresses that are called or looked at: webhooks, pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from typedrun.jsontypes import JSON, is_array, is_object, members

_HINTS: Final = frozenset({"archive", "audio", "file", "image", "mask", "media", "pdf", "video", "zip"})
"""Hints for a form that mean a file; any other (`text`, `textarea`, `url` …) means none by itself."""
_FORMATS: Final = frozenset({"binary", "byte", "data-url", "file"})
_LIMITS: Final = frozenset(
    {"contentMediaType", "max_file_size", "max_pixels", "min_width", "max_width", "max_duration"}
)
"""What a schema says of a file and of nothing else."""
_URL: Final = re.compile(r"(?:.*_)?ur[il]s?", re.IGNORECASE)
_ELSEWHERE: Final = re.compile(
    r"(?:^|_)(?:api|callbacks?|domain|endpoint|git|home(?:page)?|hook|notif\w*|page|proxy|redirect|repo(?:sitory)?|return|server|site"
    r"|webhook|webpage|website)_",
    re.IGNORECASE,
)
"""Names of addresses that are called or looked at."""
_VISITED: Final = re.compile(r"\b(?:call ?backs?|web ?hooks?|web ?pages?|web ?sites?)\b", re.IGNORECASE)
_MADE: Final = re.compile(
    r"\b(?:archive|audio|document|files?|fonts?|frames?|images?|lora|mask|model|pdf|photo|picture|video|weights|zip)\b",
    re.IGNORECASE,
)
"""Words for what a file is."""


def is_file(name: str, schema: Mapping[str, JSON]) -> bool:
    """Whether a text is the address of a file.

    Args:
        name: Of the property.
        schema: Of the text, or of what it is an item of, or a form of.
    """
    parts = tuple(_parts(schema))
    if any(_hint(part) in _HINTS or part.get("format") in _FORMATS or _LIMITS & part.keys() for part in parts):
        return True
    has_format = any(part.get("format") in {"uri", "url"} for part in parts)
    if not (has_format or _URL.fullmatch(name)) or _ELSEWHERE.search(name):
        return False
    said = " ".join(text for part in parts if isinstance(text := part.get("description"), str))
    return not _VISITED.search(said) or _MADE.search(f"{name.replace('_', ' ')} {said}") is not None


def _hint(schema: Mapping[str, JSON]) -> JSON:
    found = schema.get("_fal_ui_field") or members(schema.get("ui")).get("field")
    return found.lower() if isinstance(found, str) else None


def _parts(schema: Mapping[str, JSON]) -> Iterator[Mapping[str, JSON]]:
    """A schema, that of its items, and its forms; not those of properties, which have names of their own."""
    yield schema
    for word in ("items", "additionalProperties"):
        if is_object(inner := schema.get(word)):
            yield from _parts(inner)
    for word in ("anyOf", "oneOf", "allOf"):
        if is_array(forms := schema.get(word)):
            for form in forms:
                if is_object(form):
                    yield from _parts(form)
