"""What a JSON Schema says of one value of a call: whether it fits, what travels, how a text is read, where its files are.

    standard(schema)         the schema in the words that are checked, and no others (JSON Schema 2020-12)
    problems_of(shape, …)    what is wrong with a value, each with its place
    to_wire(shape, value)    the value as it travels
    read_text(shape, text)   the value that a word of a command line means

A `shape` is a schema in its standard form. A file is a text of `format: uri`, `file` or `binary`; a secret is one of `format: password`.

This is the door; the rooms behind it, each importing only those before it: shapes, words, checks, values.
"""

from __future__ import annotations

from typedrun.schemas.checks import fits, problems_of, same
from typedrun.schemas.shapes import (
    Shape,
    has_files,
    inlined,
    is_file,
    is_secret,
    item_shape,
    standard,
    takes,
    type_words,
)
from typedrun.schemas.values import files_in, read_text, to_wire

__all__ = [
    "Shape",
    "files_in",
    "fits",
    "has_files",
    "inlined",
    "is_file",
    "is_secret",
    "item_shape",
    "problems_of",
    "read_text",
    "same",
    "standard",
    "takes",
    "to_wire",
    "type_words",
]
