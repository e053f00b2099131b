"""What an error says: what was found, what was expected, and where, in the words of the wire.

cattrs collects errors with notes of their places; `note_place` writes such a note, `reasons_of` reads them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, cast, get_args, get_origin

from typedrun.structure.hints import fields_of, is_object, is_union


def shown(value: object) -> str:
    """What was found, short: values of a reply may be long or private."""
    if isinstance(value, Mapping):
        return f"an object with {', '.join(sorted(map(str, cast('Mapping[str, object]', value)))[:6]) or 'no fields'}"
    if isinstance(value, list):
        return f"a list of {len(cast('list[object]', value))}"
    text = repr(value)
    return "null" if value is None else text if len(text) <= 60 else f"{text[:57]}…"


def spelling(type_: Any) -> str:
    """A type as an error names it."""
    return "null" if type_ is type(None) else str(getattr(type_, "__name__", type_))


def union_spelling(type_: Any) -> str:
    """A type as an error names it; of a union its first members."""
    if get_origin(type_) is Annotated:
        return union_spelling(get_args(type_)[0])
    if not is_union(type_):
        return spelling(type_)
    names = [union_spelling(one) for one in get_args(type_)]
    return " | ".join(names[:6]) + (" | …" if len(names) > 6 else "")


def note_place(error: Exception, place: int | str, type_: Any) -> None:
    """Note the position or the key of an item, and the item's type, in the error that it caused."""
    from cattrs.errors import IterableValidationNote

    make_note = cast("Any", IterableValidationNote)  # a str whose constructor the checkers do not follow
    # The list itself, because add_note takes plain text only; this is how cattrs marks a place, too.
    error.__notes__ = [*getattr(error, "__notes__", ()), make_note(f"@ {place!r}", place, type_)]


def reasons_of(error: BaseException, path: str = "$") -> Iterator[str]:
    """What is wrong and where, in wire names (cattrs' own report has the Python names of fields)."""
    from cattrs.errors import ClassValidationError, IterableValidationError

    if isinstance(error, ClassValidationError):
        located, others = error.group_exceptions()
        wires = _wires_of(error.cl)
        for inner, note in located:
            yield from reasons_of(inner, f"{path}{_step(wires.get(note.name, note.name))}")
    elif isinstance(error, IterableValidationError):
        located_items, others = error.group_exceptions()
        for inner, item in located_items:
            yield from reasons_of(inner, f"{path}{_step(item.index)}")
    else:
        yield f"{_reason(error)} @ {path}"
        return
    for inner in others:
        yield from reasons_of(inner, path)


def _wires_of(cls: Any) -> dict[str, str]:
    return {one.name: one.wire for one in fields_of(cls)} if is_object(cls) else {}


def _step(key: int | str) -> str:
    return f".{key}" if isinstance(key, str) and key.isidentifier() else f"[{key!r}]"


def _reason(error: BaseException) -> str:
    if isinstance(error, KeyError):
        return "a required field is missing"
    return str(error) or type(error).__name__
