"""The table of parameter kinds: the catalog's words → what a caller may give, how Python reads it, what travels.

The generator (signatures), the runtime (checks before a byte is sent) and the sandbox (checks of what arrived) read this one table.
A new word is a new row of `ROWS`; a new sort of value is a new `Kind`.

A text that spells a value is that value: "0.7" is a number, "true" a boolean, '{"a": 1}' JSON. So do catalogs write their defaults, and
so does the backend take them.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from typedrun.jsontypes import is_array
from typedrun.records import frozen


def read_number(text: str) -> int | float | None:
    """Read the number that a text spells; None when it spells none. White space around it is no part of it, `_` no digit."""
    spelt = text.strip()
    if not _NUMBER.fullmatch(spelt):
        return None
    number = float(spelt)
    return int(spelt) if _WHOLE.fullmatch(spelt) else number if math.isfinite(number) else None


def read_boolean(text: str) -> bool | None:
    """Read the boolean that a text spells, in any case; None when it spells none."""
    return {"true": True, "false": False}.get(text.strip().lower())


_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", re.ASCII)
_WHOLE = re.compile(r"[-+]?\d{1,4000}", re.ASCII)  # Python itself reads no longer ones


@frozen()
class Kind:
    """One sort of value."""

    name: str
    one: str
    """In words: "a number"."""
    many: str
    """"numbers"."""
    takes: Callable[[object], bool]
    """Whether a caller may give this value."""
    travels: Callable[[object], bool]
    """Whether this JSON value may arrive."""
    json_types: tuple[str, ...]
    """The types of JSON Schema that it has where JSON is all there is; "null" is one where it is a value, not an absence."""
    read: Callable[[str], Any] = str
    """The value that a text of the catalog means; the text itself when it means no other."""


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_number(value: object) -> bool:
    if isinstance(value, str):
        return read_number(value) is not None
    return (isinstance(value, float) and math.isfinite(value)) or (
        isinstance(value, int) and not isinstance(value, bool)  # no float holds the longest ones
    )


def _is_integer(value: object) -> bool:
    if isinstance(value, str):
        number = read_number(value)
        return isinstance(number, int) or (number is not None and number.is_integer())
    return _is_number(value) and (isinstance(value, int) or (isinstance(value, float) and value.is_integer()))


def _is_boolean(value: object) -> bool:
    return isinstance(value, bool) or (isinstance(value, str) and read_boolean(value) is not None)


def _is_label(value: object) -> bool:
    return isinstance(value, str | int | float | bool)


def _is_value(value: object) -> bool:
    return value is None or isinstance(value, str | bool | int | float | Mapping) or is_array(value)


def _is_json(value: object) -> bool:
    """Whether this is JSON. A text must be JSON itself: `tools="not json"` is a mistake."""
    if not isinstance(value, str):
        return _is_value(value)
    try:
        json.loads(value)
    except (ValueError, RecursionError):
        return False
    return True


def _is_media(value: object) -> bool:
    is_file = isinstance(value, os.PathLike | bytes | bytearray | memoryview) or hasattr(value, "read")
    return is_file or isinstance(value, str | Mapping)


def _is_anything(value: object) -> bool:
    del value
    return True


def _number_or_text(text: str) -> int | float | str:
    number = read_number(text)
    return text if number is None else number


def _boolean_or_text(text: str) -> bool | str:
    boolean = read_boolean(text)
    return text if boolean is None else boolean


_EVERY: Final = ("string", "number", "boolean", "object", "array", "null")

KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind("text", "a text", "texts", _is_text, _is_text, ("string",)),
        Kind("label", "a text", "texts", _is_label, _is_label, ("string", "number", "boolean")),
        Kind("number", "a number", "numbers", _is_number, _is_number, ("number",), read=_number_or_text),
        Kind(
            "integer",
            "a whole number",
            "whole numbers",
            _is_integer,
            _is_integer,
            ("integer",),
            read=_number_or_text,
        ),
        Kind(
            "boolean",
            "True or False",
            "booleans",
            _is_boolean,
            _is_boolean,
            ("boolean",),
            read=_boolean_or_text,
        ),
        Kind("json", "a JSON value", "JSON values", _is_json, _is_anything, _EVERY[1:]),
        # In lists, where a text is a text.
        Kind("value", "a JSON value", "JSON values", _is_value, _is_anything, _EVERY),
        Kind(
            "media",
            "a URL, a path, bytes or an open file",
            "URLs, paths, bytes or open files",
            _is_media,
            _is_text,
            ("string", "object"),
        ),
        Kind("any", "any value", "values", _is_anything, _is_anything, _EVERY),
    )
}


@frozen()
class Row:
    """What one pair of the catalog's words means."""

    name: str
    """What `typedrun show MODEL --why` calls it."""
    data_type: str | None
    data_sub_type: str | None
    """`ANY` stands for every sub type without a row of its own, and for none."""
    kind: str
    why: str
    is_list: bool = False


ANY: Final = "*"
_FILE: Final = "a URL, or a local file or bytes that are uploaded"
_LIST: Final = "a list of JSON values"

ROWS: Final = (
    Row("text", "text", ANY, "text", "text is a string"),
    Row("text-label", "text", "label", "label", "text that is usually one of the options"),
    Row("text-number", "text", "number", "number", "a number that the catalog spells as text; sent as a number"),
    Row("text-integer", "text", "integer", "integer", "a whole number that the catalog spells as text"),
    Row("text-float", "text", "float", "number", "a number that the catalog spells as text"),
    Row("text-boolean", "text", "boolean", "boolean", 'a boolean; travels as the text "true" or "false"'),
    Row("text-json", "text", "json", "json", "any JSON value: object, list or text"),
    Row("text-array", "text", "array", "value", _LIST, is_list=True),
    Row("label", "label", ANY, "label", "a label is a string, usually one of the options"),
    Row("label-number", "label", "number", "number", "labels that are numbers"),
    Row("label-integer", "label", "integer", "integer", "labels that are whole numbers"),
    Row("label-boolean", "label", "boolean", "boolean", "labels that are true and false"),
    Row("number", "number", ANY, "number", "a number, whole or not"),
    Row("number-integer", "number", "integer", "integer", "a whole number"),
    Row("float", "float", ANY, "number", "a number, whole or not"),
    Row("integer", "integer", ANY, "integer", "a whole number"),
    Row("boolean", "boolean", ANY, "boolean", "true or false"),
    Row("json", "json", ANY, "json", "any JSON value"),
    Row("array", "array", ANY, "value", _LIST, is_list=True),
    Row("array-text", "array", "text", "text", "a list of strings", is_list=True),
    Row("array-label", "array", "label", "label", "a list of strings", is_list=True),
    Row("array-number", "array", "number", "number", "a list of numbers", is_list=True),
    Row("array-integer", "array", "integer", "integer", "a list of whole numbers", is_list=True),
    Row("array-boolean", "array", "boolean", "boolean", "a list of booleans", is_list=True),
    Row("audio", "audio", ANY, "media", _FILE),
    Row("image", "image", ANY, "media", _FILE),
    Row("video", "video", ANY, "media", _FILE),
    Row("document", "document", ANY, "media", _FILE),
    Row("text-audio", "text", "audio", "media", _FILE),
    Row("text-image", "text", "image", "media", _FILE),
    Row("text-video", "text", "video", "media", _FILE),
    Row("text-document", "text", "document", "media", _FILE),
    Row("tensor", "tensor", ANY, "value", "nested lists of numbers", is_list=True),
    Row("embedding", "embedding", ANY, "number", "a vector of numbers", is_list=True),
    Row("absent", None, ANY, "any", "the catalog gives no type word: any JSON value"),
)
"""The words that catalogs are written in."""

UNKNOWN: Final = Row("unknown", ANY, ANY, "any", "a type word that this version does not know: any JSON value")

_BY_PAIR: Final = {(row.data_type, row.data_sub_type): row for row in ROWS}


def row_for(data_type: str | None, data_sub_type: str | None) -> Row:
    """The row of a type word and its sub type: that of the pair, else that of the type word, else the one for the unknown."""
    return _BY_PAIR.get((data_type, data_sub_type)) or _BY_PAIR.get((data_type, ANY)) or UNKNOWN
