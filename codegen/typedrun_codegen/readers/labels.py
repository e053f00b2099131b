"""A word for each member of a union, from what it is: classes that have no name of their own are called by it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from typedrun_codegen.readers import forms
from typedrun_codegen.readers.forms import Node
from typedrun_codegen.readers.pieces import BadSchema, Piece, Pieces

_TELLING: Final = ("type", "kind", "object", "role", "event")
"""Properties whose constant tells what an object is, where no discriminator says so."""
_KINDS: Final = {"array": "List", "object": "Object", "string": "Text"}


def labels_of(pieces: Pieces, members: Sequence[Piece], schema: Node) -> list[str]:
    """One word a member; its position only where two would be the same."""
    discriminator = schema.get("discriminator")
    tag = discriminator.get("propertyName") if isinstance(discriminator, dict) else None
    telling = (*((tag,) if isinstance(tag, str) else ()), *_TELLING)
    words = [_label(pieces, one, telling) for one in members]
    return [word if words.count(word) == 1 else f"{word}{index + 1}" for index, word in enumerate(words)]


def _label(pieces: Pieces, member: Piece, telling: Sequence[str]) -> str:
    schema = member.schema
    if isinstance(ref := schema.get("$ref"), str):
        return ref.rpartition("/")[2]
    if isinstance(title := schema.get("title"), str) and title.strip():
        return title
    for name in telling:
        values = next((forms.constants(one) for _, one in descriptions(pieces, member, name)), ())
        if len(values) == 1:
            return str(values[0])
    kind = schema.get("type")
    return _KINDS.get(kind if isinstance(kind, str) else "", "Option")


def descriptions(pieces: Pieces, schema: Piece, name: str) -> Iterator[tuple[Piece, Node]]:
    """What a schema says of one of its properties: the piece that says it and the words, the outermost first."""
    try:
        found = pieces.behind(schema)
    except BadSchema:
        return  # reported where its type is read
    for piece in reversed(found):
        if isinstance(one := forms.properties(piece.schema).get(name), dict):
            yield piece, one
